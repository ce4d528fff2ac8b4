package io.quickstudy.train;

import io.quickstudy.data.LoadListener;
import io.quickstudy.data.Metric;
import io.quickstudy.run.BestSoFar;

/** Told how a run goes; every method may be ignored. */
public interface TrainListener extends LoadListener {
  /** Ignores everything. */
  TrainListener NONE = new TrainListener() {};

  /**
   * How training stands.
   *
   * @param step steps done
   * @param steps steps to do
   * @param loss its mean over about the last {@link RunningLosses#SPAN} steps of this session
   * @param accuracy on the queries of these steps, NaN for a regression
   * @param stepsPerSecond how fast the steps of this session go, measurements between them apart
   * @param secondsLeft how long the rest will take, with all measurements on the way once one of
   *     them was made
   * @param unknown how many measurements on the way are to come that are not in {@code secondsLeft}
   * @param metric what is measured on validation classes
   * @param best the best of that
   */
  record Progress(
      int step,
      int steps,
      double loss,
      double accuracy,
      double stepsPerSecond,
      double secondsLeft,
      int unknown,
      Metric metric,
      BestSoFar best) {}

  /** A step is done. */
  default void step(Progress progress) {}

  /** Some tasks of a measurement are done. */
  default void measured(int episodes, int total) {}

  /** The validation classes are going to be measured after so many steps. */
  default void validating(int step) {}

  /**
   * The validation classes were measured after so many steps.
   *
   * @param best the best until now, which may be this one
   */
  default void validation(int step, Evaluation evaluation, BestSoFar best) {}
}
