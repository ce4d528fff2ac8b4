package io.quickstudy.cli;

import io.quickstudy.report.TensorBoard;
import io.quickstudy.run.ConfigException;
import io.quickstudy.run.ConfigFile;
import io.quickstudy.run.ConfigKeys;
import io.quickstudy.run.Overrides;
import io.quickstudy.run.Recipes;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunFolder;
import io.quickstudy.train.EvalSpec;
import io.quickstudy.train.Evaluation;
import io.quickstudy.train.Evaluator;
import io.quickstudy.train.Results;
import io.quickstudy.train.Session;
import io.quickstudy.train.Text;
import io.quickstudy.train.Trainer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code quickstudy train}. */
@Command(
    name = "train",
    description = "Meta-trains a learner and measures it on held-out classes.",
    abbreviateSynopsis = true,
    sortOptions = false,
    footer = {
      "",
      "With no options: prototypical networks on built-in characters.",
      "Defaults follow the learner's paper; 'quickstudy list' shows them.",
    })
final class TrainCommand implements Callable<Integer> {
  /** How far it is; set by signals as well. */
  private enum Phase {
    TRAINING,
    STOPPING,
    MEASURING
  }

  private final Console console;
  private volatile Phase phase = Phase.TRAINING;

  @Spec private CommandSpec spec;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "YAML with any of the values below")
  private Path configFile;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "the run's folder (default: runs/LEARNER-DATA-TIME)")
  private Path out;

  @Option(names = "--resume", description = "go on with the run in --out, if there is one")
  private boolean resume;

  @Option(
      names = "--tensorboard",
      description = "also write TensorBoard's event files into the run, and so when it goes on")
  private boolean tensorboard;

  @Option(names = "--json", description = "print the result as one JSON object")
  private boolean json;

  TrainCommand(Console console) {
    this.console = console;
  }

  @Override
  @SuppressWarnings("try") // the signals are needed for being there alone
  public Integer call() {
    Map<String, String> given = given();
    if (resume && out == null) {
      throw new ConfigException(
          "Option --resume without --out: expected the run's folder; say '--out DIR --resume'.");
    }
    boolean goesOn = resume && RunFolder.holdsRun(out);
    RunConfig config =
        goesOn ? Overrides.resume(RunFolder.open(out).config(), given) : Recipes.complete(given);
    Path path = out == null ? RunFolder.fresh(config) : out;
    if (!goesOn) {
      RunFolder.refuseIfHeld(path); // before anything takes time
    }
    try (Signals signals = Signals.onStop(this::stop);
        Session session = Session.open(config, console)) {
      session.checked();
      RunFolder folder =
          goesOn ? RunFolder.open(path).with(config) : RunFolder.create(path, config);
      title(session, path);
      try (TensorBoard events = new TensorBoard(path)) {
        if (tensorboard || TensorBoard.isIn(path)) {
          folder.watch(events);
        }
        return train(session, folder);
      }
    } finally {
      console.endBar();
    }
  }

  private Map<String, String> given() {
    Map<String, String> given = new LinkedHashMap<>();
    if (configFile != null) {
      given.putAll(Recipes.normalise(ConfigFile.read(configFile)));
    }
    given.putAll(Recipes.normalise(ConfigOptions.given(spec)));
    return given;
  }

  /** Asks training to stop; behind it nothing is lost by leaving at once. */
  private void stop() {
    if (phase == Phase.MEASURING) {
      console.err().println("stopped; the run is whole, and quickstudy eval measures it");
      java.lang.Runtime.getRuntime().halt(0);
    }
    phase = Phase.STOPPING;
  }

  private int train(Session session, RunFolder folder) {
    Trainer.Result result;
    try (Trainer trainer = new Trainer(session, folder, console)) {
      result = trainer.run(() -> phase == Phase.STOPPING);
    }
    console.endBar();
    if (!result.finished()) {
      console.message(
          "stopped after step %d; quickstudy train --out %s --resume goes on"
              .formatted(result.step(), folder.path()));
      return 0;
    }
    phase = Phase.MEASURING;
    RunConfig config = folder.config();
    Evaluation e;
    try (Evaluator evaluator = new Evaluator(session, EvalSpec.test(config), result.theta())) {
      e = evaluator.measure(result.theta(), console);
    }
    console.endBar();
    folder.log(Results.logged(result.step(), e));
    if (json) {
      console.json(Results.json(config, folder.path().toString(), result.step(), e));
    } else {
      Results.text(config, e).forEach(console.out()::println);
      console.out().println("  run " + folder.path());
    }
    return 0;
  }

  private void title(Session session, Path path) {
    RunConfig c = session.config();
    String tasks =
        c.learner().sequential()
            ? "%d classes %d times".formatted(c.ways(), c.shots())
            : c.data().images()
                ? "%d-way %d-shot".formatted(c.ways(), c.shots())
                : Text.count(c.shots(), "shot");
    console.message("training %s on %s".formatted(c.learner(), session.describe()));
    console.message(
        "%s of %s, %s; %s in %s with %s; run %s"
            .formatted(
                Text.count(c.steps(), "step"),
                Text.count(c.metaBatch(), "task"),
                tasks,
                session.device(),
                ConfigKeys.format(c.precision()),
                Text.count(c.workers(), "worker"),
                path));
  }
}
