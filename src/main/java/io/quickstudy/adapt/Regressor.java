package io.quickstudy.adapt;

import io.quickstudy.run.RunException;
import java.util.List;
import java.util.stream.IntStream;

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
    return x.length == 0 ? x : finite(compute.predict(adapted, x));
  }

  /** Whether {@link #estimate} has an answer: the learner says how sure it is. */
  public boolean estimates() {
    return compute.predictive();
  }

  /**
   * The function's values, and how sure each is.
   *
   * @param x where; finite
   * @return one estimate for each x; its value is that of {@link #predict}
   * @throws IllegalArgumentException if an x is not finite
   * @throws UnsupportedOperationException if the learner does not say, as {@link #estimates} tells
   * @throws IllegalStateException if the adapter is closed
   */
  public List<Estimate> estimate(float... x) {
    if (!estimates()) {
      throw new UnsupportedOperationException(
          "This run's learner does not say how sure it is: expected one that does, such as cnp; ask"
              + " for predictions alone.");
    }
    Finite.check("Points", x);
    if (x.length == 0) {
      return List.of();
    }
    float[] y = finite(compute.predictive(adapted, x));
    return IntStream.range(0, x.length)
        .mapToObj(i -> new Estimate(y[2 * i], y[2 * i + 1]))
        .toList();
  }

  /**
   * What each of the models says that the learner has sampled: functions that fit the points alike.
   * {@link #predict} is their mean.
   *
   * @param x where; finite
   * @return a row of one value for each x, for each model
   * @throws IllegalArgumentException if an x is not finite
   * @throws UnsupportedOperationException if the learner has one model alone
   * @throws IllegalStateException if the adapter is closed
   */
  public List<float[]> samples(float... x) {
    Finite.check("Points", x);
    if (x.length == 0) {
      return List.of();
    }
    float[] y = finite(compute.samples(adapted, x));
    int models = y.length / x.length;
    return IntStream.range(0, models)
        .mapToObj(
            m -> {
              float[] row = new float[x.length];
              for (int i = 0; i < x.length; i++) {
                row[i] = y[i * models + m];
              }
              return row;
            })
        .toList();
  }

  private static float[] finite(float[] y) {
    if (!Finite.all(y)) {
      throw new RunException(
          "A prediction is infinite: expected finite numbers; try fewer inner steps, or points in"
              + " the range of training.");
    }
    return y;
  }
}
