package io.quickstudy.cli;

import io.quickstudy.data.Split;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunFolder;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.train.EvalSpec;
import io.quickstudy.train.Evaluation;
import io.quickstudy.train.Evaluator;
import io.quickstudy.train.Results;
import java.nio.file.Path;
import java.util.Map;
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

  @Option(names = "--ways", paramLabel = "N", description = "classes of a task")
  private String ways;

  @Option(names = "--shots", paramLabel = "N", description = "labelled examples of each class")
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

  @Mixin private CheckpointOption checkpoint = new CheckpointOption();

  @Mixin private MeasuringOptions measuring;

  @Option(names = "--json", description = "print the result as one JSON object")
  private boolean json;

  EvalCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    RunFolder folder = checkpoint.open(run);
    RunConfig config = configured(folder.config());
    EvalSpec spec = EvalSpec.test(config).on(part());
    Evaluator.OfRun measured;
    try {
      Evaluator.Detail detail = byStep ? Evaluator.Detail.BY_STEP : Evaluator.Detail.RESULT;
      measured = Evaluator.measure(folder, config, spec, detail, console);
    } catch (ConfigException wrong) {
      // here the option has no such prefix
      throw new ConfigException(wrong.getMessage().replace("--eval-ways", "--ways"), wrong);
    } finally {
      console.endBar();
    }
    Evaluation e = measured.evaluation();
    if (json) {
      Map<String, Object> result = Results.json(config, run.toString(), measured.step(), e);
      CheckpointOption.role(folder, measured.step(), result);
      console.json(result);
    } else {
      Results.text(config, e).forEach(console.out()::println);
      console.out().println("  run %s, %s".formatted(run, folder.inWords(measured.step())));
    }
    return 0;
  }

  private Split.Part part() {
    try {
      return Split.Part.of(part);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(e.getMessage(), e);
    }
  }

  private RunConfig configured(RunConfig own) {
    Map<String, String> given = LearnerOptions.given(command);
    given.put("eval-episodes", "600");
    given.put("eval-ways", ways);
    given.put("eval-shots", shots);
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
