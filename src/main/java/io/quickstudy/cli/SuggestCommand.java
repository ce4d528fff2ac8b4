package io.quickstudy.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import io.quickstudy.adapt.AdaptOptions;
import io.quickstudy.adapt.Adapter;
import io.quickstudy.adapt.Classifier;
import io.quickstudy.adapt.Doubt;
import io.quickstudy.adapt.Input;
import io.quickstudy.adapt.Suggestion;
import io.quickstudy.adapt.Support;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.settings.Values;
import io.quickstudy.text.Names;
import io.quickstudy.text.Text;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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

/** {@code quickstudy suggest}. */
@Command(
    name = "suggest",
    description = {
      "Names the unlabelled images or rows that it would be most useful to label next, to learn the"
          + " classes",
      "of a few labelled ones better."
    },
    sortOptions = false,
    footer = {
      "",
      "--by entropy        the probabilities of the classes are most alike (the default)",
      "--by margin         the two likeliest classes are closest",
      "--by disagreement   its models differ most; for a learner that samples several",
      "Of images that are alike it names one, where the run has features of single images.",
      "An image that cannot be read is left out, which is said, and the exit status is 1.",
    })
final class SuggestCommand implements Callable<Integer> {
  private final Console console;

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "RUN", description = "the run's folder")
  private Path run;

  @Option(
      names = "--support",
      paramLabel = "DIR|FILE",
      description = "what is labelled, as for adapt: class folders, or a table")
  private Path support;

  @Option(
      names = "--pool",
      paramLabel = "DIR|FILE",
      description = "what is not: a folder of image files of any depth, or a table")
  private Path pool;

  @Option(names = "--n", paramLabel = "N", description = "how many to name (5)")
  private String count = "5";

  @Option(names = "--by", paramLabel = "NAME", description = "entropy, margin or disagreement")
  private String by = "entropy";

  @Mixin private PictureOptions pictures = new PictureOptions();

  @Mixin private CheckpointOption checkpoint = new CheckpointOption();

  @Mixin private WorkOptions work = new WorkOptions();

  @Option(names = "--json", description = "print one JSON object")
  private boolean json;

  @Option(names = "--csv", description = "print comma-separated values")
  private boolean csv;

  SuggestCommand(Console console) {
    this.console = console;
  }

  /** What was found: the files that could be read, what is suggested of them, and the others. */
  private record Found(List<Query> read, List<Suggestion> suggested, List<String> errors) {}

  @Override
  public Integer call() {
    int n = WorkOptions.number("--n", count, 1);
    Doubt doubt = doubt();
    Adapting.oneFormat(json, csv);
    Adapting.given(
        "--support", support, "a folder of images for each class, or a table with a column class");
    Adapting.given("--pool", pool, "a folder of unlabelled images, or a table");
    AdaptOptions options = Adapting.options(work, checkpoint, spec);
    try (Adapter adapter = Adapting.load(run, pictures.in(options), console)) {
      Query.Kind kind = Adapting.kind(adapter, run);
      Adapting.noPictureOptions(kind, pictures);
      Support examples = Query.support(kind, support);
      List<Query> files = Query.list(kind, pool);
      Query.leftOut(kind, support, console::message);
      Query.leftOut(kind, pool, console::message);
      Found found = found(adapter, examples, files, n, doubt, options.workers() > 1);
      if (found.suggested.size() < n) {
        console.message(
            "%s of the %s that were asked for: the pool has no more%s"
                .formatted(
                    found.suggested.size(), n, found.errors.isEmpty() ? "" : " that can be read"));
      }
      print(adapter, examples, found, files.size(), doubt);
      if (!found.errors.isEmpty()) {
        console.message(
            "%s of %s cannot be read; the first: %s"
                .formatted(found.errors.size(), kind.count(files.size()), found.errors.getFirst()));
      }
      return found.errors.isEmpty() ? 0 : 1;
    } finally {
      console.endBar();
    }
  }

  private Doubt doubt() {
    List<String> known = Arrays.stream(Doubt.values()).map(Values::format).toList();
    return Arrays.stream(Doubt.values())
        .filter(d -> Values.format(d).equalsIgnoreCase(by))
        .findFirst()
        .orElseThrow(() -> new ConfigException(Names.unknown("doubt", by, known)));
  }

  private Found found(
      Adapter adapter, Support examples, List<Query> files, int n, Doubt doubt, boolean parallel) {
    Classifier classifier = Adapting.adapted(adapter, examples);
    List<Query> read = new ArrayList<>();
    List<String> errors = new ArrayList<>();
    List<Suggestion> all = new ArrayList<>();
    List<float[]> features = new ArrayList<>();
    ReadQueries.inCalls(
        adapter,
        files,
        false,
        parallel,
        console,
        some -> {
          read.addAll(some.readable());
          some.errors().stream().filter(e -> !e.isEmpty()).forEach(errors::add);
          int before = all.size();
          for (Suggestion s : doubts(classifier, some.inputs(), doubt)) {
            all.add(new Suggestion(before + s.index(), s.score(), s.prediction()));
          }
          if (adapter.apart()) {
            features.addAll(adapter.features(some.inputs()));
          }
        });
    return new Found(read, Suggestion.choose(all, features, n), errors);
  }

  private List<Suggestion> doubts(Classifier classifier, List<Input> images, Doubt doubt) {
    try {
      return classifier.doubts(images, doubt);
    } catch (UnsupportedOperationException e) {
      throw new ConfigException(
          "Option --by is 'disagreement' for run '%s', whose learner answers by one model: expected a learner that samples several, such as versa; say --by entropy."
              .formatted(run),
          e);
    }
  }

  private void print(Adapter adapter, Support examples, Found found, int files, Doubt doubt) {
    if (json) {
      Map<String, Object> m = new LinkedHashMap<>();
      m.put("run", run.toString());
      m.put("step", adapter.step());
      m.put("checkpoint", CheckpointOption.word(adapter));
      m.put("learner", adapter.config().learner().name());
      m.put("data", adapter.config().data().name());
      m.put("by", Values.format(doubt));
      m.put("classes", examples.classes());
      m.put(Query.Kind.of(adapter).noun() + "s", files);
      m.put("unreadable", found.errors.size());
      m.put("suggested", found.suggested.stream().map(s -> one(adapter, found, s)).toList());
      console.json(m);
    } else if (csv) {
      console.out().print(csv(adapter, found));
    } else {
      table(adapter, examples, found, files, doubt).forEach(console.out()::println);
    }
  }

  private static Map<String, Object> one(Adapter adapter, Found found, Suggestion s) {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put(Query.Kind.of(adapter).place(), found.read.get(s.index()).name());
    m.put("score", s.score());
    m.put("prediction", s.prediction().label());
    m.put("confidence", s.prediction().confidence());
    m.put("probabilities", s.prediction().probabilities());
    return m;
  }

  private static String csv(Adapter adapter, Found found) {
    CsvSchema.Builder schema = CsvSchema.builder();
    for (String column :
        List.of(Query.Kind.of(adapter).place(), "score", "prediction", "confidence")) {
      schema.addColumn(column);
    }
    List<List<Object>> rows = new ArrayList<>();
    for (Suggestion s : found.suggested) {
      rows.add(
          List.of(
              found.read.get(s.index()).name(),
              s.score(),
              s.prediction().label(),
              s.prediction().confidence()));
    }
    try {
      return new CsvMapper().writer(schema.build().withHeader()).writeValueAsString(rows);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a result that CSV cannot hold", e);
    }
  }

  private List<String> table(
      Adapter adapter, Support examples, Found found, int files, Doubt doubt) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%s on %s: %s learnt from %s, %s in the pool"
            .formatted(
                adapter.config().learner(),
                adapter.config().data().name(),
                Text.count(examples.classes().size(), "class"),
                Query.Kind.of(adapter).count(examples.size()),
                Query.Kind.of(adapter).count(files)));
    lines.add(
        "  run %s, %s, norm %s, device %s"
            .formatted(run, adapter.checkpoint(), adapter.norm(), adapter.device()));
    lines.add("");
    lines.add("label next, by %s:".formatted(Values.format(doubt)));
    for (Suggestion s : found.suggested) {
      lines.add(
          "  %s  %s, perhaps %s (%s%%)"
              .formatted(
                  Text.fixed(s.score(), 3),
                  found.read.get(s.index()).name(),
                  s.prediction().label(),
                  Text.fixed(100 * s.prediction().confidence(), 1)));
    }
    return lines;
  }
}
