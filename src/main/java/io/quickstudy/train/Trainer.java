package io.quickstudy.train;

import io.quickstudy.runtime.Array;
import io.quickstudy.runtime.Compiled;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** Trains: one compiled meta-step, again and again, with checkpoints and measurements between. */
public final class Trainer implements AutoCloseable {
  private final Session session;
  private final RunConfig config;
  private final RunFolder folder;
  private final TrainListener listener;
  private final TaskSource source;
  private final Compiled compiled;
  private final Evaluator validation;
  private final double secondsBefore;
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
   * @throws ConfigException if the data does not have such tasks
   * @throws RunException if the folder's checkpoints do not fit its configuration
   */
  public Trainer(Session session, RunFolder folder, TrainListener listener) {
    this.session = session;
    this.config = session.config();
    this.folder = folder;
    this.listener = listener;
    this.source = session.training();
    session.engine().repeat(folder.choices());
    Map<String, Array> first = MetaStep.start(config, session.engine());
    Checkpoint from =
        folder.checkpoints().newest(listener::message).orElse(new Checkpoint(0, 0, first));
    fits(from.state(), first);
    this.step = from.step();
    this.secondsBefore = from.seconds();
    this.compiled = MetaStep.compile(session, source, from.state());
    this.validation = config.evalEvery() == 0 ? null : validation(from);
    if (step > 0) {
      checkpointed = step;
      listener.message("going on from step " + step);
    }
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
          "The checkpoint of '%s' has %d tensors: expected %d; start a new run."
              .formatted(folder.path(), found.size(), expected.size()));
    }
  }

  /**
   * Trains to the end, or until asked to stop; then there is a checkpoint of the last step.
   *
   * @param stop asked after every step
   * @throws RunException if the loss is no longer finite
   */
  public Result run(BooleanSupplier stop) {
    folder.begin();
    folder.keep(session.engine().choices());
    folder.forgetAfter(step);
    start = System.nanoTime();
    int from = step;
    if (checkpointed < 0) {
      checkpoint();
    }
    double losses = 0;
    double accuracies = 0;
    int since = 0;
    while (step < config.steps() && !stop.getAsBoolean()) {
      source.fill((long) step * config.metaBatch(), config.metaBatch(), compiled);
      compiled.run();
      step++;
      double loss = compiled.scalar("loss");
      double accuracy = config.data().images() ? compiled.scalar("accuracy") : Double.NaN;
      if (!Double.isFinite(loss)) {
        throw diverged("The loss became " + loss);
      }
      losses += loss;
      accuracies += accuracy;
      since++;
      double speed = (step - from) / (seconds() - measuring);
      double left = (config.steps() - step) * seconds() / (step - from);
      listener.step(new TrainListener.Progress(step, config.steps(), loss, accuracy, speed, left));
      if (step % config.logEvery() == 0 || step == config.steps()) {
        log(losses / since, accuracies / since, speed);
        losses = 0;
        accuracies = 0;
        since = 0;
      }
      if (step % config.checkpointEvery() == 0) {
        checkpoint();
      }
      if (validation != null && step % config.evalEvery() == 0 && step < config.steps()) {
        validate();
      }
    }
    if (checkpointed != step) {
      checkpoint();
    }
    return new Result(step, step >= config.steps(), present().theta());
  }

  private double seconds() {
    return (System.nanoTime() - start) / 1e9;
  }

  private void log(double loss, double accuracy, double speed) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("step", step);
    line.put("loss", loss);
    if (!Double.isNaN(accuracy)) {
      line.put("accuracy", accuracy);
    }
    line.put("rate", compiled.scalar("rate"));
    line.put("steps_per_second", speed);
    line.put("seconds", secondsBefore + seconds());
    folder.log(line);
  }

  private void validate() {
    Evaluation e = validation.measure(present().theta(), listener);
    measuring += e.seconds();
    folder.log(step, e);
    listener.validation(step, e);
  }

  private Checkpoint present() {
    return new Checkpoint(step, secondsBefore + seconds(), compiled.state());
  }

  private void checkpoint() {
    Checkpoint c = present();
    if (!c.finite()) {
      throw diverged("The parameters became infinite");
    }
    folder.checkpoints().write(c);
    checkpointed = step;
  }

  private RunException diverged(String what) {
    String inner =
        config.learner().adapts()
            ? " or --inner-rate (%s)".formatted(ConfigKeys.format(config.innerRate()))
            : "";
    return new RunException(
        ("%s at step %d of '%s', whose last good checkpoint is that of step %d: try a smaller "
                + "--rate (%s)%s, or --clip-norm 10.")
            .formatted(
                what, step, folder.path(), checkpointed, ConfigKeys.format(config.rate()), inner));
  }

  @Override
  public void close() {
    compiled.close();
    if (validation != null) {
      validation.close();
    }
  }
}
