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
   * @param x where: one number for each point, or as many as the run's data has inputs, point by
   *     point; finite
   * @return one value for each point, or as many as the run's data has, point by point
   * @throws IllegalArgumentException if an x is not finite, or a point is not whole
   * @throws IllegalStateException if the adapter is closed
   */
  public float[] predict(float... x) {
    int n = points(x);
    return n == 0 ? new float[0] : finite(compute.predict(adapted, x));
  }

  /** Whether {@link #estimate} has an answer: the learner says how sure it is. */
  public boolean estimates() {
    return compute.predictive();
  }

  /**
   * The function's values, and how sure each is.
   *
   * @param x where: one number for each point, or as many as the run's data has inputs, point by
   *     point; finite
   * @return one estimate for each value that {@link #predict} gives
   * @throws IllegalArgumentException if an x is not finite, or a point is not whole
   * @throws UnsupportedOperationException if the learner does not say, as {@link #estimates} tells
   * @throws IllegalStateException if the adapter is closed
   */
  public List<Estimate> estimate(float... x) {
    if (!estimates()) {
      throw new UnsupportedOperationException(
          "This run's learner does not say how sure it is: expected one that does, such as cnp; ask"
              + " for predictions alone.");
    }
    if (points(x) == 0) {
      return List.of();
    }
    float[] y = finite(compute.predictive(adapted, x));
    int m = compute.outputs();
    return IntStream.range(0, y.length / 2)
        .mapToObj(i -> new Estimate(y[i / m * 2 * m + i % m], y[i / m * 2 * m + m + i % m]))
        .toList();
  }

  /**
   * What each of the models says that the learner has sampled: functions that fit the points alike.
   * {@link #predict} is their mean.
   *
   * @param x where: one number for each point, or as many as the run's data has inputs, point by
   *     point; finite
   * @return a row of values as {@link #predict} gives them, for each model
   * @throws IllegalArgumentException if an x is not finite, or a point is not whole
   * @throws UnsupportedOperationException if the learner has one model alone
   * @throws IllegalStateException if the adapter is closed
   */
  public List<float[]> samples(float... x) {
    int n = points(x);
    if (n == 0) {
      return List.of();
    }
    float[] y = finite(compute.samples(adapted, x));
    int outputs = compute.outputs();
    int models = y.length / (n * outputs);
    return IntStream.range(0, models)
        .mapToObj(
            m -> {
              float[] row = new float[n * outputs];
              for (int i = 0; i < n; i++) {
                System.arraycopy(y, (i * models + m) * outputs, row, i * outputs, outputs);
              }
              return row;
            })
        .toList();
  }

  /** How many points there are. */
  private int points(float[] x) {
    Finite.check("Points", x);
    return Adapter.points(x, compute.size(), "points");
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
