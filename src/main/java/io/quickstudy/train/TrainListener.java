package io.quickstudy.train;

import io.quickstudy.data.LoadListener;

/** Told how a run goes; every method may be ignored. */
public interface TrainListener extends LoadListener {
  /** Ignores everything. */
  TrainListener NONE = new TrainListener() {};

  /**
   * How training stands.
   *
   * @param step steps done
   * @param steps steps to do
   * @param loss of the newest step whose loss is known: this one or the one before
   * @param accuracy of that step on its queries, NaN for a regression
   * @param stepsPerSecond how fast the steps of this session go, measurements between them apart
   * @param secondsLeft how long the rest will take, measurements included
   */
  record Progress(
      int step,
      int steps,
      double loss,
      double accuracy,
      double stepsPerSecond,
      double secondsLeft) {}

  /** A step is done. */
  default void step(Progress progress) {}

  /** Some tasks of a measurement are done. */
  default void measured(int episodes, int total) {}

  /** The validation classes were measured after so many steps. */
  default void validation(int step, Evaluation evaluation) {}
}
