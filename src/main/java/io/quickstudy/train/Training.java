package io.quickstudy.train;

import io.quickstudy.backend.BackendException;
import io.quickstudy.exchange.weights.Weights;
import io.quickstudy.run.Checkpoint;
import io.quickstudy.run.Overrides;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunFolder;
import io.quickstudy.run.RunLock;
import io.quickstudy.settings.ConfigException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * A run from its beginning, or from where it stopped, to its measurement: {@link #train}, then
 * {@link #measure}. What can be refused is, before anything is written; from the first write on,
 * and for a run that goes on from before anything is read, no other process trains into its folder.
 */
public final class Training implements AutoCloseable {
  private static final String DEVICE = "device";

  private final RunFolder folder;
  private final RunLock lock;
  private final TrainListener listener;
  private final Session session;
  private Trainer.Result result;
  private Checkpoint chosen;

  /**
   * Opens the device and the data.
   *
   * @param config the folder's, perhaps on a device of its own
   * @param data what another session loaded, which is taken if it is the same
   */
  private Training(
      RunFolder folder,
      RunConfig config,
      RunLock lock,
      Optional<Session.Loaded> data,
      TrainListener listener) {
    this.lock = lock;
    this.listener = listener;
    this.session = Session.open(config, data, listener);
    Map<String, String> measured = session.measured();
    this.folder = measured.isEmpty() ? folder : folder.with(folder.config().with(measured));
    session.deviceNote().ifPresent(listener::message); // where the choice means hours
    try {
      session.checked();
    } catch (RuntimeException | Error e) {
      session.close();
      throw e;
    }
  }

  /**
   * A new run.
   *
   * @throws ConfigException if the folder holds one already, or the data does not have such tasks
   * @throws io.quickstudy.data.DataException if the data cannot be found or read
   * @throws io.quickstudy.backend.BackendException if the device cannot be used
   */
  public static Training begin(Path path, RunConfig config, TrainListener listener) {
    return begin(path, config, Optional.empty(), listener);
  }

  /** As {@link #begin(Path, RunConfig, TrainListener)}, with what another session loaded. */
  public static Training begin(
      Path path, RunConfig config, Optional<Session.Loaded> data, TrainListener listener) {
    RunFolder folder = RunFolder.create(path, config); // before anything takes time
    Weights.check(config);
    return locked(new RunLock(path), lock -> new Training(folder, config, lock, data, listener));
  }

  /**
   * The run in a folder, from where it stopped. Where it left the device to us, it goes on with the
   * one that it had, since another would round otherwise; {@code device: auto} among what is given
   * looks for the best one anew.
   *
   * @param given texts by key that are to be other than they were
   * @throws ConfigException as {@link #begin}, or if these would make it another run
   * @throws io.quickstudy.run.RunException if another process trains it
   */
  public static Training resume(Path path, Map<String, String> given, TrainListener listener) {
    return resume(path, given, Optional.empty(), listener);
  }

  /** As {@link #resume(Path, Map, TrainListener)}, with what another session loaded. */
  public static Training resume(
      Path path, Map<String, String> given, Optional<Session.Loaded> data, TrainListener listener) {
    return locked(
        new RunLock(path),
        lock -> {
          lock.take(listener::message); // before anything is read that another process may write
          RunFolder was = RunFolder.open(path);
          RunFolder folder = was.with(Overrides.resume(was.config(), given));
          Optional<String> device =
              given.containsKey(DEVICE) || !folder.config().run().device().equals("auto")
                  ? Optional.empty()
                  : was.device();
          RunConfig config =
              device
                  .map(d -> Overrides.resume(folder.config(), Map.of(DEVICE, d)))
                  .orElse(folder.config());
          try {
            return new Training(folder, config, lock, data, listener);
          } catch (BackendException e) {
            throw device.isEmpty() || device.get().equals("cpu") ? e : lost(path, device.get(), e);
          }
        });
  }

  private static BackendException lost(Path path, String device, BackendException e) {
    return new BackendException(
        "Run '%s' computed on %s: expected it, for the same result, and it cannot be used (%s); say --device auto to go on with what is there."
            .formatted(path, device, e.getMessage().replaceFirst("\\.$", "")),
        e);
  }

  private static Training locked(
      RunLock lock, java.util.function.Function<RunLock, Training> made) {
    try {
      return made.apply(lock);
    } catch (RuntimeException | Error e) {
      lock.close();
      throw e;
    }
  }

  /** The run's folder. */
  public RunFolder folder() {
    return folder;
  }

  /** The device and the data. */
  public Session session() {
    return session;
  }

  /**
   * Trains to the end, or until asked to stop.
   *
   * @param stop asked after every step
   * @throws io.quickstudy.run.RunException if the loss is no longer finite, the folder cannot be
   *     written, its checkpoints do not fit, or the data is no longer what it was
   */
  public Trainer.Result train(BooleanSupplier stop) {
    try (Trainer trainer = new Trainer(session, folder, listener)) {
      if (!lock.isTaken()) { // a new run, of which nothing is written before it can begin
        lock.take(listener::message);
        RunFolder.refuseIfHeld(folder.path());
      }
      chosen = null;
      result = trainer.run(stop);
      return result;
    }
  }

  /**
   * Finds on validation classes how sure the answers of a run that classifies may be, keeps that in
   * its folder, measures on test classes and logs the result.
   */
  public Evaluation measure() {
    calibrate();
    return measure(EvalSpec.test(folder.config()));
  }

  /** Measures what was trained on other tasks, and logs it. */
  public Evaluation measure(EvalSpec spec) {
    Checkpoint c = chosen();
    try (Evaluator evaluator = new Evaluator(session, spec, c.theta())) {
      Evaluation e =
          evaluator.measure(
              c.theta(), Calibrator.temperature(folder, config(), c.step()), listener);
      folder.log(Results.logged(c.step(), e));
      return e;
    }
  }

  /** The checkpoint of what was trained that is measured and put to work: the best. */
  public Checkpoint chosen() {
    if (result == null) {
      throw new IllegalStateException("nothing to measure: expected train() before that");
    }
    if (chosen == null) {
      chosen = folder.trained(listener::message);
    }
    return chosen;
  }

  private RunConfig config() {
    return session.config();
  }

  /**
   * Finds on validation classes how sure the answers of what was trained may be, and keeps it in
   * the folder. Where there is nothing to find it on, that is said.
   */
  public void calibrate() {
    Checkpoint c = chosen();
    if (!Calibrator.applies(config())) {
      return;
    }
    try {
      folder.keep(Calibrator.of(session, c.step(), c.theta(), listener));
    } catch (ConfigException e) {
      listener.message(
          "not calibrated, so that probabilities are the learner's own (temperature 1): "
              + e.getMessage());
    }
  }

  @Override
  public void close() {
    try {
      session.close();
    } finally {
      lock.close();
    }
  }
}
