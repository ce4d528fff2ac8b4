package io.quickstudy.train;

import io.quickstudy.data.Metric;
import io.quickstudy.run.BestSoFar;
import io.quickstudy.run.Metrics;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunFolder;
import io.quickstudy.runtime.Array;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * The measurements on validation classes that training makes on the way: when, what was the best of
 * them, and whether there is patience for more. Regular ones come every so many steps, however long
 * the run is; another comes where training ends between them.
 */
final class Validations implements AutoCloseable {
  private final RunConfig config;
  private final RunFolder folder;
  private final TrainListener listener;
  private final Optional<Evaluator> evaluator;
  private final int every;
  private BestSoFar best = BestSoFar.NONE;
  private BestSoFar regular = BestSoFar.NONE;
  private double seconds;
  private int made;

  /**
   * Compiles the measurement, if there is to be one.
   *
   * @param theta parameters, for their shapes
   */
  Validations(Session session, RunFolder folder, Map<String, Array> theta, TrainListener listener) {
    this.config = session.config();
    this.folder = folder;
    this.listener = listener;
    this.every = config.evaluation().evalEvery();
    this.evaluator =
        every == 0
            ? Optional.empty()
            : Optional.of(new Evaluator(session, EvalSpec.validation(config), theta));
  }

  /** What sessions before this one found, so that it goes on as if there had been one alone. */
  void remember() {
    if (evaluator.isPresent()) {
      best = stand(step -> true);
      regular = stand(this::isRegular);
      folder.checkpoints().keep(metric(), best, regular);
    }
  }

  private BestSoFar stand(IntPredicate which) {
    Map<String, Object> protocol = Results.protocol(config, EvalSpec.validation(config));
    return folder.metrics().best(metric(), protocol, which);
  }

  private Metric metric() {
    return config.data().kind().metric();
  }

  /** Whether one is to be made behind a step on the way. */
  boolean isDue(int step) {
    return evaluator.isPresent() && isRegular(step);
  }

  private boolean isRegular(int step) {
    return step % every == 0;
  }

  /**
   * Makes one.
   *
   * @param checkpoint keeps a checkpoint of this step
   */
  void make(int step, Map<String, Array> theta, Runnable checkpoint) {
    listener.validating(step);
    Evaluation e = evaluator.orElseThrow().measure(theta, listener);
    seconds += e.seconds();
    made++;
    best = best.and(e.metric(), step, e.value(), e.ci95());
    if (isRegular(step)) {
      regular = regular.and(e.metric(), step, e.value(), e.ci95());
    }
    if (best.step() == step) {
      checkpoint.run(); // before its line: a run that goes on from an earlier one drops that
    }
    Map<String, Object> line = Results.logged(step, e);
    line.putAll(Results.protocol(config, e.spec()));
    if (!isRegular(step)) {
      line.put(Metrics.AT_THE_END, true);
    }
    folder.log(line);
    if (best.step() == step) {
      folder.checkpoints().keep(metric(), best, regular);
    }
    listener.validation(step, e, best);
  }

  /** As {@link #make}, where training ends, unless it was made: the last is perhaps the best. */
  void last(int step, Map<String, Array> theta, Runnable checkpoint) {
    if (evaluator.isPresent() && !folder.isValidated(step)) {
      make(step, theta, checkpoint);
    }
  }

  /** Whether so many of them were no better that training is to end. */
  boolean isOutOfPatience() {
    int patience = config.evaluation().patience();
    return evaluator.isPresent() && patience > 0 && regular.since() >= patience;
  }

  /** How they stand. */
  BestSoFar best() {
    return best;
  }

  /** How long those of this session took. */
  double seconds() {
    return seconds;
  }

  /** How long those will take that are still to come; 0 before one was made. */
  double secondsLeft(int step) {
    return made == 0 ? 0 : seconds / made * toCome(step);
  }

  /** How many are to come of which nobody knows how long they take. */
  int unknown(int step) {
    return made == 0 ? toCome(step) : 0;
  }

  /** Those behind this step and later ones. */
  private int toCome(int step) {
    return evaluator.isEmpty()
        ? 0
        : Math.ceilDiv(config.run().steps(), every) - Math.max(0, step - 1) / every;
  }

  @Override
  public void close() {
    evaluator.ifPresent(Evaluator::close);
  }
}
