package io.quickstudy.cli;

import io.quickstudy.report.TensorBoard;
import io.quickstudy.run.Configurations;
import io.quickstudy.run.Recipes;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunFolder;
import io.quickstudy.run.ScheduleName;
import io.quickstudy.run.TaskSettings;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.settings.Values;
import io.quickstudy.text.Text;
import io.quickstudy.train.Evaluation;
import io.quickstudy.train.Results;
import io.quickstudy.train.Session;
import io.quickstudy.train.Trainer;
import io.quickstudy.train.Training;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
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
    /** Data is loaded and the step compiled; nothing is trained yet. */
    PREPARING,
    TRAINING,
    /** A step and a checkpoint are still to be finished. */
    STOPPING,
    MEASURING
  }

  private static final String WHOLE = "stopped; the run is whole, and quickstudy eval measures it";

  private final Console console;
  private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.PREPARING);
  private boolean told; // to end, by a signal that means that

  @Spec private CommandSpec spec;

  @Option(
      names = "--config",
      paramLabel = "NAME|FILE",
      description = "a ready configuration ('quickstudy list'), or YAML with any of these values")
  private String configuration;

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
  public Integer call() {
    Map<String, String> given = given();
    if (resume && out == null) {
      throw new ConfigException(
          "Option --resume without --out: expected the run's folder; say '--out DIR --resume'.");
    }
    try {
      if (resume && RunFolder.holdsRun(out)) {
        return train(() -> Training.resume(out, given, console));
      }
      RunConfig config = Recipes.complete(given);
      Path path = out == null ? RunFolder.fresh(config) : out;
      return train(() -> Training.begin(path, config, console));
    } finally {
      console.endBar();
    }
  }

  @SuppressWarnings("try") // the signals are needed for being there alone
  private int train(Supplier<Training> opened) {
    try (Signals signals = Signals.onStop(this::stop);
        Training training = opened.get()) {
      title(training);
      RunFolder folder = training.folder();
      try (TensorBoard events = new TensorBoard(folder.path())) {
        if (tensorboard || TensorBoard.isIn(folder.path())) {
          folder.watch(events);
        }
        return run(training);
      }
    }
  }

  private Map<String, String> given() {
    Map<String, String> given = new LinkedHashMap<>();
    if (configuration != null) {
      given.putAll(Recipes.normalise(Configurations.find(configuration)));
    }
    given.putAll(Recipes.normalise(ConfigOptions.given(spec)));
    return given;
  }

  /**
   * Asks training to stop, and ends at once if that was asked before by a signal that asks for an
   * end; before and behind training nothing is lost by leaving at once.
   */
  private synchronized void stop(Signals.Name signal) {
    switch (phase.get()) {
      case PREPARING ->
          leave(
              resume ? 0 : signal.exitCode(),
              resume ? "stopped before a step; --resume goes on" : "stopped before the first step");
      case MEASURING -> leave(0, WHOLE);
      case TRAINING, STOPPING -> {
        if (told && signal != Signals.Name.USR1) {
          leave(signal.exitCode(), "stopped at once; --resume goes on from the last checkpoint");
        }
        told |= signal != Signals.Name.USR1;
        if (phase.getAndSet(Phase.STOPPING) != Phase.STOPPING) {
          console.message("stopping behind this step; once more stops at once");
        }
      }
    }
  }

  /** Ends the process where it is. */
  private void leave(int code, String why) {
    console.endBar();
    console.message(why);
    java.lang.Runtime.getRuntime().halt(code);
  }

  /** Asked after every step, and before the first. */
  private boolean isToStop() {
    phase.compareAndSet(Phase.PREPARING, Phase.TRAINING);
    return phase.get() == Phase.STOPPING;
  }

  private int run(Training training) {
    RunFolder folder = training.folder();
    Trainer.Result result = training.train(this::isToStop);
    console.endBar();
    if (!result.finished()) {
      console.message(
          "stopped after step %s; quickstudy train --out %s --resume goes on"
              .formatted(result.step(), folder.path()));
      return 0;
    }
    ended(result, folder);
    isToStop(); // where no step was left to do, nobody asked
    if (!phase.compareAndSet(Phase.TRAINING, Phase.MEASURING)) {
      console.message(WHOLE);
      return 0;
    }
    RunConfig config = folder.config();
    Evaluation e = training.measure();
    console.endBar();
    if (json) {
      String path = folder.path().toString();
      Map<String, Object> json = Results.json(config, path, training.chosen().step(), e);
      CheckpointOption.role(folder, training.chosen().step(), json);
      console.json(json);
    } else {
      Results.text(config, e).forEach(console.out()::println);
      String step = folder.inWords(training.chosen().step());
      console.out().println("  run %s, %s".formatted(folder.path(), step));
    }
    return 0;
  }

  /** Says what ended the training before its last step. */
  private void ended(Trainer.Result result, RunFolder folder) {
    RunConfig c = folder.config();
    switch (result.ending()) {
      case PATIENCE ->
          console.message(
              "ended behind step %s of %s: %s in a row no better; --resume with a larger --patience goes on"
                  .formatted(
                      result.step(),
                      c.run().steps(),
                      Text.count(c.evaluation().patience(), "validation")));
      case MINUTES ->
          console.message(
              "ended behind step %s of %s: the %s minutes are over; --resume with more --minutes goes on"
                  .formatted(result.step(), c.run().steps(), Values.format(c.run().minutes())));
      case STEPS, STOPPED -> {
        // nothing to say
      }
    }
  }

  /** What becomes of a schedule that ends at --steps where minutes may end the run before. */
  private static Optional<String> unfinished(RunConfig c) {
    boolean falls =
        c.optimiser().schedule() == ScheduleName.COSINE
            || c.optimiser().schedule() == ScheduleName.LINEAR;
    boolean early = c.run().minutes() > 0 || c.evaluation().patience() > 0;
    return falls && early
        ? Optional.of(
            "the rate comes to its end at step %s; where training ends before, it is still larger"
                .formatted(c.run().steps()))
        : Optional.empty();
  }

  private void title(Training training) {
    Session session = training.session();
    RunConfig c = session.config();
    TaskSettings t = c.tasks();
    String tasks =
        switch (c.taskKind()) {
          case SEQUENCES ->
              "%s %s".formatted(Text.count(t.ways(), "class"), Text.count(t.shots(), "time"));
          case EPISODES -> "%s-way %s-shot".formatted(t.ways(), t.shots());
          case ATTRIBUTES -> "%s-way zero-shot".formatted(t.ways());
          case REGRESSION -> Text.count(t.shots(), "shot");
          case SIGNALS -> "up to " + Text.count(t.shots(), "item");
          case PAIRS -> Text.count(t.shots(), "pair");
          case BATCHES -> Text.count(t.shots(), "image");
        };
    console.message("training %s on %s".formatted(c.learner(), session.describe()));
    console.message(
        "%s of %s, %s; %s in %s with %s; run %s"
            .formatted(
                Text.count(c.run().steps(), "step"),
                Text.count(t.metaBatch(), "task"),
                tasks,
                session.device(),
                Values.format(c.run().precision()),
                Text.count(c.run().workers(), "worker"),
                training.folder().path()));
    unfinished(c).ifPresent(console::message);
  }
}
