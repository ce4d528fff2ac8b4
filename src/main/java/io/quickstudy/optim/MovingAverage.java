package io.quickstudy.optim;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Params;

/**
 * A moving average of parameters (Polyak and Juditsky 1992), which is often better than the last of
 * them: a = d a + (1 - d) theta behind every step. The first steps have a smaller d, min(decay, (1
 * + t) / (10 + t)), as TensorFlow's ExponentialMovingAverage has it, so that little is left of the
 * parameters as they were drawn.
 *
 * @param decay d at last, from 0 to below 1
 */
public record MovingAverage(double decay) {
  /** Checks the decay. */
  public MovingAverage {
    if (!(decay >= 0 && decay < 1)) {
      throw new IllegalArgumentException(
          "moving average with decay " + decay + "; expected one from 0 to below 1");
    }
  }

  /**
   * The average behind a step.
   *
   * @param average that before it
   * @param theta the parameters behind it, and running statistics, which are averaged likewise:
   *     those of the last parameters alone would fit no average
   * @param t how many steps were done before it, an F32 scalar
   */
  public Params step(Params average, Params theta, Tensor t) {
    Tensor young = div(add(t, scalar(1)), add(t, scalar(10)));
    Tensor moved = sub(scalar(1), minimum(young, scalar(decay)));
    return average.plus(theta.minus(average).times(moved));
  }
}
