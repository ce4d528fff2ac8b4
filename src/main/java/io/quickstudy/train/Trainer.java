package io.quickstudy.train;

import io.quickstudy.backend.FactorException;
import io.quickstudy.backend.MemoryUse;
import io.quickstudy.exchange.weights.Weights;
import io.quickstudy.learner.Learner;
import io.quickstudy.run.Checkpoint;
import io.quickstudy.run.Components;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunData;
import io.quickstudy.run.RunException;
import io.quickstudy.run.RunFolder;
import io.quickstudy.runtime.Array;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.settings.Values;
import io.quickstudy.text.Text;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/** Trains: one compiled meta-step, again and again, with checkpoints and measurements between. */
public final class Trainer implements AutoCloseable {
  private final Session session;
  private final RunConfig config;
  private final RunFolder folder;
  private final TrainListener listener;
  private final TaskSource source;
  private final Learner learner;
  private Learner trained;
  private Compiled compiled;
  private final Evaluator validation;
  private final Optional<RunData> data;
  private final double secondsBefore;
  private final Losses losses;
  private int step;
  private int checkpointed = -1;
  private long start;
  private double measuring;

  /**
   * How training ended.
   *
   * @param step steps done
   * @param finished whether these are all, or somebody asked to stop
   * @param theta the parameters
   */
  public record Result(int step, boolean finished, Map<String, Array> theta) {}

  /**
   * Compiles the step, and goes on from the newest whole checkpoint where there is one.
   *
   * @throws ConfigException if the data does not have such tasks, or weights to start from do not
   *     fit
   * @throws RunException if the folder's checkpoints do not fit its configuration, or the data is
   *     no longer that with which the run began
   */
  public Trainer(Session session, RunFolder folder, TrainListener listener) {
    this.session = session;
    this.config = session.config();
    this.folder = folder;
    this.listener = listener;
    this.source = session.training();
    this.data = session.data();
    folder.data().ifPresent(this::recognise);
    session.engine().repeat(folder.choices());
    Map<String, Array> first = MetaStep.start(config, session.classes(), session.engine());
    Checkpoint from =
        folder.checkpoints().newest(listener::message).orElseGet(() -> beginning(first));
    fits(from.state(), first);
    this.step = from.step();
    this.secondsBefore = from.seconds();
    this.losses = new Losses(step, from.unlogged());
    this.learner = Components.trained(config, session.classes());
    this.trained = learner.trainedAt(step);
    this.compiled = MetaStep.compile(session, source, trained, from.state());
    listener.message("planned memory: " + compiled.memory());
    this.validation = config.evaluation().evalEvery() == 0 ? null : validation(from);
    if (step > 0) {
      checkpointed = step;
      listener.message("going on from step " + step);
    }
  }

  private void recognise(RunData then) {
    data.filter(now -> !now.sha256().equals(then.sha256()))
        .ifPresent(
            now -> {
              throw new RunException(
                  ("The data of run '%s' changed since it began (%s): expected the same data and"
                          + " split, which a resumed run needs for the same result; put them back,"
                          + " begin a new run in another --out, or delete its data.json to go on"
                          + " with what is there now.")
                      .formatted(folder.path(), then.change(now.data())));
            });
  }

  /** The state before the first step, if the run was never further. */
  private Checkpoint beginning(Map<String, Array> first) {
    int reached =
        Math.max(folder.logged(), folder.checkpoints().steps().stream().findFirst().orElse(0));
    if (reached > 0) {
      throw new RunException(
          ("Run '%s' was at step %s and has no whole checkpoint: expected one in its folder "
                  + "checkpoints; put one back, or begin a new run in another --out.")
              .formatted(folder.path(), reached));
    }
    return new Checkpoint(0, 0, Weights.start(config, first, listener::message));
  }

  private Evaluator validation(Checkpoint from) {
    try {
      return new Evaluator(session, EvalSpec.validation(config), from.theta());
    } catch (RuntimeException | Error e) {
      compiled.close();
      throw e;
    }
  }

  private void fits(Map<String, Array> found, Map<String, Array> expected) {
    for (String name : expected.keySet()) {
      Array a = found.get(name);
      if (a == null || !a.shape().equals(expected.get(name).shape())) {
        throw new RunException(
            "The checkpoint of '%s' has %s for '%s': expected shape %s; start a new run."
                .formatted(
                    folder.path(),
                    a == null ? "nothing" : "shape " + a.shape(),
                    name,
                    expected.get(name).shape()));
      }
    }
    if (found.size() != expected.size()) {
      throw new RunException(
          "The checkpoint of '%s' has %s: expected %s; start a new run."
              .formatted(folder.path(), Text.count(found.size(), "tensor"), expected.size()));
    }
  }

  /**
   * Trains to the end, or until asked to stop; then there is a checkpoint of the last step.
   *
   * @param stop asked after every step
   * @throws RunException if the loss is no longer finite, or the folder cannot be written
   */
  public Result run(BooleanSupplier stop) {
    folder.begin();
    if (folder.data().isEmpty()) {
      data.ifPresent(folder::keep);
    }
    folder.keep(session.engine().choices());
    folder.checkpoints().forgetAfter(step);
    folder.forgetAfter(step);
    folder.log(planned());
    start = System.nanoTime();
    int from = step;
    if (checkpointed < 0) {
      checkpoint();
    }
    if (step > 0 && validates() && !folder.isValidated(step)) {
      validate(); // it was stopped before that
    }
    prepare();
    try {
      steps(from, stop);
    } catch (FactorException e) {
      throw unsolved(e);
    }
    if (checkpointed != step) {
      checkpoint();
    }
    return new Result(step, step >= config.run().steps(), present().theta());
  }

  private void steps(int from, BooleanSupplier stop) {
    while (step < config.run().steps() && !stop.getAsBoolean()) {
      change();
      compiled.run();
      step++;
      prepare(); // the next step, while the device computes this one
      losses.read(step - 1);
      if (step == from + 1 || isDue()) {
        losses.read(step);
      }
      double speed = (step - from) / (seconds() - measuring);
      double left = (config.run().steps() - step) * seconds() / (step - from);
      listener.step(
          new TrainListener.Progress(
              step, config.run().steps(), losses.loss, losses.accuracy, speed, left));
      if (logs()) {
        log(speed);
      }
      if (step % config.run().checkpointEvery() == 0) {
        checkpoint();
      }
      if (validates() && !stop.getAsBoolean()) {
        validate();
      }
    }
    losses.read(step);
  }

  /** Compiles the step anew where the learner's rule is another one from here on. */
  private void change() {
    Learner now = learner.trainedAt(step);
    if (!now.equals(trained)) {
      losses.read(step);
      Map<String, Array> state = compiled.state();
      compiled.close();
      compiled = MetaStep.compile(session, source, now, state);
      trained = now;
      folder.keep(session.engine().choices());
      prepare();
    }
  }

  private void prepare() {
    if (step < config.run().steps()) {
      source.fill((long) step * config.tasks().metaBatch(), config.tasks().metaBatch(), compiled);
    }
  }

  /** Whether something is written about this step, for which the device has to be done with it. */
  private boolean isDue() {
    return logs() || validates() || step % config.run().checkpointEvery() == 0;
  }

  private boolean logs() {
    return step % config.run().logEvery() == 0 || step == config.run().steps();
  }

  private boolean validates() {
    return validation != null
        && step % config.evaluation().evalEvery() == 0
        && step < config.run().steps();
  }

  /**
   * The losses of all steps since the last line of metrics, read as late as the step behind theirs,
   * so that the device need not wait.
   */
  private final class Losses {
    private final boolean classes = config.classifies();
    private int read;
    private Checkpoint.Window since;
    private double loss = Double.NaN;
    private double accuracy = Double.NaN;

    /** Behind a step whose loss is known. */
    Losses(int read, Checkpoint.Window since) {
      this.read = read;
      this.since = since;
    }

    /** Reads what a step, the last one or the one before, left, if that was not done. */
    void read(int of) {
      if (of <= read) {
        return;
      }
      read = of;
      loss = scalar("loss");
      accuracy = classes ? scalar("accuracy") : Double.NaN;
      if (!Double.isFinite(loss)) {
        withdraw(of - 1);
        throw diverged("The loss became " + loss, of);
      }
      since = since.and(loss, classes ? accuracy : 0);
    }

    private double scalar(String name) {
      return read == step ? compiled.scalar(name) : compiled.scalarBefore(name);
    }
  }

  /** The line that says on what, and in how much memory, the steps behind it were computed. */
  private Map<String, Object> planned() {
    MemoryUse m = compiled.memory();
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("step", step);
    line.put("device", session.device());
    line.put("memory_bytes", m.bytes());
    line.put("tasks", m.tasks());
    line.put("tasks_at_once", m.atOnce());
    line.put("memory_workers", m.workers());
    line.put("repeated_steps", m.repeated());
    return line;
  }

  private double seconds() {
    return (System.nanoTime() - start) / 1e9;
  }

  private void log(double speed) {
    Checkpoint.Window w = losses.since;
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("step", step);
    line.put("steps", w.steps());
    line.put("loss", w.loss() / w.steps());
    if (losses.classes) {
      line.put("accuracy", w.accuracy() / w.steps());
    }
    line.put("rate", compiled.scalar("rate"));
    watched(line);
    line.put("steps_per_second", speed);
    line.put("seconds", secondsBefore + seconds());
    folder.log(line);
    losses.since = Checkpoint.Window.NONE;
  }

  /** What the learner and its optimiser watch, refused where the learner objects. */
  private void watched(Map<String, Object> line) {
    String before = MetaStep.WATCHED + ".";
    Map<String, Double> values = new LinkedHashMap<>();
    for (String n : compiled.outputs()) {
      if (n.startsWith(before)) {
        values.put(n.substring(before.length()), (double) compiled.scalar(n));
      }
    }
    trained
        .objection(values)
        .ifPresent(
            why -> {
              throw new RunException("At step %s: %s".formatted(step, why));
            });
    if (!values.isEmpty()) {
      line.put("watched", values);
    }
  }

  private void validate() {
    Evaluation e = validation.measure(present().theta(), listener);
    measuring += e.seconds();
    folder.log(Results.logged(step, e));
    listener.validation(step, e);
  }

  private Checkpoint present() {
    return new Checkpoint(step, secondsBefore + seconds(), compiled.state(), losses.since);
  }

  private void checkpoint() {
    Checkpoint c = present();
    if (!c.finite()) {
      throw diverged("A parameter became infinite or no number", step);
    }
    folder.checkpoints().write(c);
    checkpointed = step;
  }

  /** A checkpoint whose very next loss is not finite is no good one, if there is one before it. */
  private void withdraw(int bad) {
    List<Integer> kept = folder.checkpoints().steps();
    if (checkpointed == bad && kept.size() > 1) {
      folder.checkpoints().withdraw(bad);
      checkpointed = kept.get(1);
    }
  }

  /** A device that computes beside the host says it a step later. */
  private DivergedException unsolved(FactorException e) {
    if (checkpointed >= step - 1) {
      withdraw(checkpointed);
    }
    return new DivergedException(
        "By step %s of '%s', whose last good checkpoint is that of step %s: %s"
            .formatted(step + 1, folder.path(), checkpointed, e.sentence()));
  }

  private DivergedException diverged(String what, int at) {
    String inner =
        Values.values(config.options()).entrySet().stream()
            .filter(o -> o.getKey().endsWith("-rate"))
            .map(o -> " or --%s (%s)".formatted(o.getKey(), Values.format(o.getValue())))
            .collect(Collectors.joining());
    return new DivergedException(
        ("%s at step %s of '%s', whose last good checkpoint is that of step %s: try a smaller "
                + "--rate (%s)%s, or --clip-norm 10.")
            .formatted(
                what,
                at,
                folder.path(),
                checkpointed,
                Values.format(config.optimiser().rate()),
                inner));
  }

  @Override
  public void close() {
    compiled.close();
    if (validation != null) {
      validation.close();
    }
  }
}
