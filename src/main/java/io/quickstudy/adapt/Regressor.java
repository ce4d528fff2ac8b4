package io.quickstudy.adapt;

import io.quickstudy.run.RunException;

/**
 * A function learnt from points of it. Immutable; any number of threads may predict at once, until
 * its adapter is closed.
 */
public final class Regressor {
  private final Compute compute;
  private final Compute.Adapted adapted;

  Regressor(Compute compute, Compute.Adapted adapted) {
    this.compute = compute;
    this.adapted = adapted;
  }

  /**
   * The function's values.
   *
   * @param x where; finite
   * @return one value for each x
   * @throws IllegalArgumentException if an x is not finite
   * @throws IllegalStateException if the adapter is closed
   */
  public float[] predict(float... x) {
    Finite.check("Points", x);
    if (x.length == 0) {
      return new float[0];
    }
    float[] y = compute.predict(adapted, x);
    if (!Finite.all(y)) {
      throw new RunException(
          "A prediction is infinite: expected finite numbers; try fewer inner steps, or points in"
              + " the range of training.");
    }
    return y;
  }
}
