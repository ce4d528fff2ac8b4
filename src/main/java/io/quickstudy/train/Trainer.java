package io.quickstudy.train;

import io.quickstudy.backend.FactorException;
import io.quickstudy.backend.MemoryUse;
import io.quickstudy.learner.Learner;
import io.quickstudy.nn.Frozen;
import io.quickstudy.run.Checkpoint;
import io.quickstudy.run.Components;
import io.quickstudy.run.Metrics;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunData;
import io.quickstudy.run.RunException;
import io.quickstudy.run.RunFolder;
import io.quickstudy.runtime.Array;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.settings.Values;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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
  private final Map<String, Array> frozen;
  private final Learner learner;
  private Learner trained;
  private Compiled compiled;
  private final Validations validations;
  private final Optional<RunData> data;
  private final double secondsBefore;
  private final Losses losses;
  private int step;
  private int checkpointed = -1;
  private long start;
  private final RunningLosses lately = new RunningLosses();

  /** Why training ended. */
  public enum Ending {
    /** All steps are done. */
    STEPS,
    /** The last {@code patience} measurements on validation classes were no better. */
    PATIENCE,
    /** The {@code minutes} are over. */
    MINUTES,
    /** Somebody asked to stop. */
    STOPPED;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * How training ended.
   *
   * @param step steps done
   * @param ending why
   * @param theta the parameters after the last of them, or their moving average
   */
  public record Result(int step, Ending ending, Map<String, Array> theta) {
    /** Whether it came to its end, so that the run is to be measured. */
    public boolean finished() {
      return ending != Ending.STOPPED;
    }
  }

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
    this.data = session.data();
    Checkpoint from = new StartingPoint(session, folder, listener).checkpoint();
    this.frozen = frozen(session, from.state());
    this.source = session.tasks().training();
    this.step = from.step();
    this.secondsBefore = from.seconds();
    this.losses = new Losses(step, from.unlogged());
    this.learner = Components.trained(config, session.classes());
    this.trained = learner.trainedAt(step);
    Map<String, Array> moved = new LinkedHashMap<>(from.state());
    moved.keySet().removeAll(frozen.keySet());
    this.compiled = MetaStep.compile(session, source, trained, moved);
    listener.message("planned memory: " + compiled.memory());
    try {
      this.validations = new Validations(session, folder, from.theta(), listener);
    } catch (RuntimeException | Error e) {
      compiled.close();
      throw e;
    }
    if (step > 0) {
      checkpointed = step;
      listener.message("going on from step " + step);
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
    validations.remember();
    if (step > 0 && validates() && !folder.isValidated(step)) {
      validate(); // it was stopped before that
    }
    prepare();
    Ending ending;
    try {
      ending = steps(from, stop);
    } catch (FactorException e) {
      throw unsolved(e);
    }
    checkpointed();
    if (ending != Ending.STOPPED && step > 0 && !stop.getAsBoolean()) {
      validations.last(step, present().theta(), this::checkpointed);
      Map<String, Object> line = new LinkedHashMap<>(); // of another order in each process: Map.of
      line.put("step", step);
      line.put(Metrics.ENDED, ending.toString());
      folder.log(line);
    }
    return new Result(step, ending, present().theta());
  }

  /** Why there is no further step to do; nothing where there is one. */
  private Optional<Ending> ending() {
    if (step >= config.run().steps()) {
      return Optional.of(Ending.STEPS);
    }
    if (validations.isOutOfPatience()) {
      return Optional.of(Ending.PATIENCE);
    }
    return secondsGiven() <= 0 ? Optional.of(Ending.MINUTES) : Optional.empty();
  }

  /** How much is left of the minutes; no end of them where none are given. */
  private double secondsGiven() {
    double minutes = config.run().minutes();
    return minutes > 0 ? 60 * minutes - secondsBefore - seconds() : Double.POSITIVE_INFINITY;
  }

  private Ending steps(int from, BooleanSupplier stop) {
    while (true) {
      Optional<Ending> ending = ending();
      if (ending.isPresent() || stop.getAsBoolean()) {
        losses.read(step);
        return ending.orElse(Ending.STOPPED);
      }
      change();
      compiled.run();
      step++;
      prepare(); // the next step, while the device computes this one
      losses.read(step - 1);
      if (step == from + 1 || isDue()) {
        losses.read(step);
      }
      double speed = (step - from) / (seconds() - validations.seconds());
      listener.step(progress(speed));
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
  }

  /** Where it stands, and how long it will take: steps, and measurements between them. */
  private TrainListener.Progress progress(double speed) {
    int steps = config.run().steps();
    double left = (steps - step) / speed + validations.secondsLeft(step);
    boolean bounded = left > secondsGiven();
    return new TrainListener.Progress(
        step,
        steps,
        lately.loss(),
        lately.accuracy(),
        speed,
        bounded ? Math.max(0, secondsGiven()) : left,
        bounded ? 0 : validations.unknown(step),
        config.data().kind().metric(),
        validations.best());
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
    return validations.isDue(step);
  }

  private void validate() {
    validations.make(step, present().theta(), this::checkpointed);
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
      lately.add(loss, accuracy);
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

  private Checkpoint present() {
    Map<String, Array> state = new LinkedHashMap<>(compiled.state());
    state.putAll(frozen);
    return new Checkpoint(step, secondsBefore + seconds(), state, losses.since);
  }

  /**
   * What of a state no step moves or needs, once the session has features of its images; nothing
   * where the model is trained.
   */
  private static Map<String, Array> frozen(Session session, Map<String, Array> state) {
    Map<String, Array> kept = new LinkedHashMap<>();
    if (!session.config().network().isFrozen()) {
      return kept;
    }
    Map<String, Array> model = new LinkedHashMap<>();
    Map<String, String> names = new LinkedHashMap<>();
    for (String name : state.keySet()) {
      if (name.startsWith(Checkpoint.THETA) && Frozen.holds(name)) {
        kept.put(name, state.get(name));
        int own = name.indexOf(Frozen.PREFIX + ".") + Frozen.PREFIX.length() + 1;
        model.put(name.substring(own), state.get(name));
        names.put(name.substring(own), name);
      } else if (name.startsWith(Checkpoint.AVERAGE) && Frozen.holds(name)) {
        kept.put(name, state.get(name)); // that of what never moves
      }
    }
    session
        .freeze(model)
        .forEach(
            (own, a) -> {
              String name = names.get(own);
              kept.put(name, a);
              String average = Checkpoint.AVERAGE + name.substring(Checkpoint.THETA.length());
              kept.computeIfPresent(average, (n, drawn) -> a);
            });
    return kept;
  }

  private void checkpoint() {
    Checkpoint c = present();
    if (!c.finite()) {
      throw diverged("A parameter became infinite or no number", step);
    }
    folder.checkpoints().write(c);
    checkpointed = step;
  }

  /** There is one of this step. */
  private void checkpointed() {
    if (checkpointed != step) {
      checkpoint();
    }
  }

  /** A checkpoint whose very next loss is not finite is no good one, if there is one before it. */
  private void withdraw(int bad) {
    List<Integer> kept = folder.checkpoints().steps();
    if (checkpointed == bad && kept.size() > 1 && validations.best().step() != bad) {
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
    validations.close();
  }
}
