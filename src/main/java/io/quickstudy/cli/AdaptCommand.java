package io.quickstudy.cli;

import io.quickstudy.adapt.AdaptOptions;
import io.quickstudy.adapt.Adapter;
import io.quickstudy.adapt.Classifier;
import io.quickstudy.adapt.Prediction;
import io.quickstudy.adapt.Support;
import io.quickstudy.settings.ConfigException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code quickstudy adapt}. */
@Command(
    name = "adapt",
    description = {
      "Learns the classes of a few labelled images or rows of numbers, or of what classes are",
      "like, and classifies others."
    },
    sortOptions = false,
    footer = {
      "",
      "A run on glyphs or Omniglot knows bright ink on black: for it, pictures that",
      "are mostly light are inverted, unless --ink says what they are.",
      "What is less probable than --min-confidence is 'none' in the table, null in",
      "JSON and empty in CSV. An image that cannot be read is 'unreadable', with the",
      "reason in JSON and CSV; the others are predicted, and the exit status is 1.",
      "How many of those kept are wrong is told by tasks of validation classes, on which",
      "train, or quickstudy calibrate, finds it.",
    })
final class AdaptCommand implements Callable<Integer> {
  private final Console console;

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "RUN", description = "the run's folder")
  private Path run;

  @Option(
      names = "--support",
      paramLabel = "DIR|FILE",
      description = {
        "what to learn: a folder of image files for each class; for a run on a table",
        "a CSV file with a column class, or a folder with a CSV or NPY file for each"
      })
  private Path support;

  @Option(
      names = "--attributes",
      paramLabel = "FILE",
      description = "in place of --support: a CSV file of what each class is like")
  private Path attributes;

  @Option(
      names = "--unlabelled",
      paramLabel = "DIR",
      description = "examples without a class, for a learner that learns from such too: imp, gnn")
  private Path unlabelled;

  @Option(
      names = "--query",
      paramLabel = "DIR|FILE",
      description = {
        "what to classify: an image file, a folder of them, or one for each class; for a",
        "run on a table a CSV or NPY file, or a folder of them"
      })
  private Path query;

  @Option(
      names = "--min-confidence",
      paramLabel = "X",
      description = "reject predictions that are less probable, from 0 to 1 (0)")
  private String minConfidence;

  @Option(
      names = "--max-error",
      paramLabel = "X",
      description = "reject as many as it takes for at most this part of the others to be wrong")
  private String maxError;

  @Mixin private PictureOptions pictures = new PictureOptions();

  @Option(
      names = "--together",
      description = "normalise all of --query together, as a transductive run was trained")
  private boolean together;

  @Mixin private CheckpointOption checkpoint = new CheckpointOption();

  @Mixin private WorkOptions work = new WorkOptions();

  @Option(names = "--json", description = "print one JSON object")
  private boolean json;

  @Option(names = "--csv", description = "print comma-separated values")
  private boolean csv;

  AdaptCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    thresholds();
    Adapting.oneFormat(json, csv);
    if (support != null && attributes != null) {
      throw new ConfigException(
          "Options --support and --attributes: expected one of them, as the run was trained; leave"
              + " the other out.");
    }
    if (attributes == null) {
      Adapting.given(
          "--support",
          support,
          "a folder of images for each class, or a table with a column class");
    }
    Adapting.given("--query", query, "an image or a folder of them, or a table");
    AdaptOptions options = options();
    try (Adapter adapter = Adapting.load(run, options, console)) {
      Query.Kind kind = Adapting.kind(adapter, run);
      Adapting.noPictureOptions(kind, pictures);
      Support examples =
          attributes == null ? Query.support(kind, support) : Support.ofAttributes(attributes);
      if (unlabelled != null) {
        examples = Query.withUnlabelled(kind, examples, unlabelled);
      }
      List<Query> queries = Query.list(kind, query);
      leftOut(kind);
      noteOnNorm(adapter);
      Rejection rejection = rejection(adapter, examples);
      Classifier classifier = Adapting.adapted(adapter, examples);
      List<PredictionTable.Outcome> predictions = new ArrayList<>();
      boolean parallel = options.workers() > 1;
      ReadQueries.inCalls(
          adapter,
          queries,
          together,
          parallel,
          console,
          read -> predictions.addAll(predicted(classifier, read)));
      PredictionTable all =
          new PredictionTable(run, query, adapter, examples, rejection, queries, predictions);
      if (json) {
        console.json(all.json());
      } else if (csv) {
        console.out().print(all.csv());
        rejection.sentences(run).forEach(console::message);
      } else {
        all.table().forEach(console.out()::println);
      }
      if (all.unreadable() > 0) {
        console.message(all.failure());
      }
      return all.unreadable() > 0 ? 1 : 0;
    } finally {
      console.endBar();
    }
  }

  /** Says what else there is for a run whose learner predicts all queries together. */
  private void noteOnNorm(Adapter adapter) {
    if (adapter.trainedTogether() && !together) {
      console.message(
          "trained with batch norm transductive; here the support set normalises, so that each"
              + " example is predicted on its own (many of all classes may do better with"
              + " --together)");
    }
  }

  private void thresholds() {
    if (minConfidence != null && maxError != null) {
      throw new ConfigException(
          "Options --min-confidence and --max-error: expected one of them; leave the other out.");
    }
    if (minConfidence != null) {
      Rejection.confidence(minConfidence);
    }
    if (maxError != null) {
      Rejection.error(maxError);
    }
  }

  private Rejection rejection(Adapter adapter, Support examples) {
    Map<String, String> options = new LinkedHashMap<>();
    LearnerOptions.given(spec).forEach((k, v) -> options.put(k.substring("eval-".length()), v));
    return Rejection.of(run, adapter, examples, minConfidence, maxError, options);
  }

  private AdaptOptions options() {
    AdaptOptions o = Adapting.options(work, checkpoint, spec);
    o = together ? o.queries(AdaptOptions.Queries.TOGETHER) : o;
    return pictures.in(o);
  }

  /** Says what was left out, and how many files are no images, which nobody would notice. */
  private void leftOut(Query.Kind kind) {
    if (support != null) {
      Query.leftOut(kind, support, console::message);
    }
    if (unlabelled != null) {
      Query.leftOut(kind, unlabelled, console::message);
    }
    Query.leftOut(kind, query, console::message);
  }

  /** What of these can be read is predicted. */
  private static List<PredictionTable.Outcome> predicted(Classifier classifier, ReadQueries read) {
    Iterator<Prediction> predictions = classifier.predict(read.inputs()).iterator();
    return read.errors().stream()
        .map(
            e ->
                e.isEmpty()
                    ? PredictionTable.Outcome.of(predictions.next())
                    : PredictionTable.Outcome.failed(e))
        .toList();
  }
}
