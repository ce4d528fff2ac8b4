package io.quickstudy.cli;

import io.quickstudy.data.Split;
import io.quickstudy.run.Checkpoint;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunFolder;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.train.EvalSpec;
import io.quickstudy.train.Evaluator;
import io.quickstudy.train.Session;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code quickstudy eval}. */
@Command(
    name = "eval",
    description = "Measures a run on tasks of held-out classes.",
    sortOptions = false,
    footer = {"", "What is not given is as the run's config.yaml says; --episodes is 600."})
final class EvalCommand implements Callable<Integer> {
  private final Console console;

  @Spec private CommandSpec command;

  @Parameters(index = "0", paramLabel = "RUN", description = "the run's folder")
  private Path run;

  @Option(names = "--ways", paramLabel = "N[,N...]", description = "classes of a task")
  private String ways;

  @Option(
      names = "--shots",
      paramLabel = "N[,N...]",
      description = "labelled examples of each class; of several each is measured")
  private String shots;

  @Option(names = "--queries", paramLabel = "N", description = "examples of each class to predict")
  private String queries;

  @Option(
      names = "--unlabelled",
      paramLabel = "N",
      description = "support images of each class whose label is not told")
  private String unlabelled;

  @Option(
      names = "--distractors",
      paramLabel = "N",
      description = "classes of unlabelled images that are none of the task's")
  private String distractors;

  @Option(
      names = "--within",
      paramLabel = "NAME",
      description = "draw the classes of a task from all, or from one group")
  private String within;

  @Option(
      names = "--classes",
      paramLabel = "NAME",
      description = "a class is each class, or one of their groups as a whole")
  private String classes;

  @Option(
      names = "--rotations",
      paramLabel = "NAME",
      description = "turn images by 90 degrees: none, classes, per-class, per-episode")
  private String rotations;

  @Option(
      names = "--batch-norm",
      paramLabel = "NAME",
      description = "whose statistics normalise: transductive, support")
  private String batchNorm;

  @Option(names = "--split-part", paramLabel = "NAME", description = "classes: test, val, train")
  private String part = "test";

  @Option(
      names = "--by-step",
      description = "also accuracy and loss before adaptation and after each of its steps")
  private boolean byStep;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "other tasks of the same classes, from 0 (those of the run) to 65535")
  private String seed = "0";

  @Mixin private CheckpointOption checkpoint = new CheckpointOption();

  @Mixin private MeasuringOptions measuring;

  @Option(
      names = "--json",
      description = "print JSON: an object, or of several ways or shots an array")
  private boolean json;

  EvalCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    RunFolder folder = checkpoint.open(run);
    int tasks = WorkOptions.number("--seed", seed, 0);
    List<String> everyWays = several("--ways", ways);
    List<String> everyShots = several("--shots", shots);
    List<EvalTable.Row> rows = new ArrayList<>();
    try {
      Checkpoint trained = folder.trained(console::message);
      Evaluator.Detail detail = byStep ? Evaluator.Detail.BY_STEP : Evaluator.Detail.RESULT;
      List<RunConfig> configs = new ArrayList<>();
      everyWays.forEach(
          w -> everyShots.forEach(s -> configs.add(configured(folder.config(), w, s))));
      Optional<Session.Loaded> data = Optional.empty();
      for (int i = 1; i < configs.size(); i++) { // before the first takes time
        try (Session session = Session.open(configs.get(i), data, console)) {
          session.check(spec(configs.get(i), tasks));
          data = Optional.of(session.loaded());
        }
      }
      for (RunConfig config : configs) {
        EvalSpec spec = spec(config, tasks);
        Evaluator.OfRun m = Evaluator.measure(folder, trained, config, spec, detail, data, console);
        data = Optional.of(m.data());
        rows.add(new EvalTable.Row(config, m));
      }
    } catch (ConfigException wrong) {
      // here the option has no such prefix
      throw new ConfigException(wrong.getMessage().replace("--eval-ways", "--ways"), wrong);
    } finally {
      console.endBar();
    }
    EvalTable table = new EvalTable(folder, rows);
    boolean many = isList(ways) || isList(shots);
    if (json) {
      console.json(many ? table.json() : table.json().getFirst());
    } else {
      (many ? table.lines() : table.text()).forEach(console.out()::println);
    }
    return 0;
  }

  private EvalSpec spec(RunConfig config, int tasks) {
    return EvalSpec.test(config).on(part()).seed(tasks);
  }

  private static boolean isList(String text) {
    return text != null && text.contains(",");
  }

  /** The parts of a list with commas; one that is not given stands for itself. */
  private static List<String> several(String option, String text) {
    if (text == null) {
      return Collections.singletonList(null);
    }
    List<String> all = Arrays.stream(text.split(",", -1)).map(String::strip).toList();
    if (all.stream().anyMatch(String::isEmpty) || all.stream().distinct().count() < all.size()) {
      throw new ConfigException(
          "Option %s is '%s': expected one number, or different ones with commas; change it."
              .formatted(option, text));
    }
    return all;
  }

  private Split.Part part() {
    try {
      return Split.Part.of(part);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(e.getMessage(), e);
    }
  }

  private RunConfig configured(RunConfig own, String itsWays, String itsShots) {
    Map<String, String> given = LearnerOptions.given(command);
    given.put("eval-episodes", "600");
    given.put("eval-ways", itsWays);
    given.put("eval-shots", itsShots);
    given.put("eval-queries", queries);
    given.put("eval-unlabelled", unlabelled);
    given.put("distractors", distractors);
    given.put("eval-rotations", rotations);
    given.put("batch-norm", batchNorm);
    given.put("within", within);
    given.put("classes", classes);
    return measuring.of(own, given);
  }
}
