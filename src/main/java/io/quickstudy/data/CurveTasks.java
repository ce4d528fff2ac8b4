package io.quickstudy.data;

import java.util.List;
import java.util.Optional;

/**
 * Regression tasks without end: task {@code i} is some points of one curve. It depends on {@code i}
 * and the numbers of points alone, so that runs can be replayed. {@link CurveFamily} makes them of
 * a formula; measured curves implement this themselves. Used by one thread at a time.
 */
public interface CurveTasks {
  /** What they are, one line, such as "sinusoid, amplitudes 0.1 to 5.0". */
  String about();

  /** The numbers that a point's input has. */
  int inputs();

  /** The numbers that a point's value has. */
  int outputs();

  /** The smallest input. */
  double from();

  /** The largest input. */
  double to();

  /**
   * Writes tasks {@code first} to {@code first + tasks - 1} one after the other.
   *
   * @param first any number from 0 on
   * @param tasks how many
   * @param shots labelled points of each
   * @param queries points of each to be predicted
   * @param supportX takes [tasks, shots, inputs]
   * @param supportY takes [tasks, shots, outputs]
   * @param queryX takes [tasks, queries, inputs]
   * @param queryY takes [tasks, queries, outputs]
   * @throws IllegalArgumentException if there are not that many points, or an array is too short
   */
  void fill(
      long first,
      int tasks,
      int shots,
      int queries,
      float[] supportX,
      float[] supportY,
      float[] queryX,
      float[] queryY);

  /** The names of what there is to draw from; none where there is no end of curves. */
  default List<String> names() {
    return List.of();
  }

  /**
   * Checks that each of what there is to draw from has so many points.
   *
   * @throws IllegalArgumentException if one has fewer, with its name
   */
  default void enough(int points) {}

  /** The curve of task {@code i} where it is known at every input, as reports show it. */
  default Optional<Curve> curve(long i) {
    return Optional.empty();
  }

  /**
   * What can be known at all of a curve from its support points, where that can be computed: what
   * predictions are compared with. Its deviations are those of the values that are seen, noise
   * included.
   */
  default Optional<Posterior> posterior() {
    return Optional.empty();
  }

  /** The best prediction of a curve, by one who knows how curves are drawn. */
  @FunctionalInterface
  interface Posterior {
    /**
     * Predicts.
     *
     * @param supportX [shots * inputs]
     * @param supportY [shots * outputs]
     * @param x where [n * inputs]
     * @param mean takes the expected values [n * outputs]
     * @param deviation takes their standard deviations, likewise
     */
    void at(float[] supportX, float[] supportY, float[] x, double[] mean, double[] deviation);
  }

  /**
   * Checks what {@link #fill} is given.
   *
   * @throws IllegalArgumentException if it does not fit together
   */
  static void check(
      CurveTasks of,
      int tasks,
      int shots,
      int queries,
      float[] supportX,
      float[] supportY,
      float[] queryX,
      float[] queryY) {
    if (tasks < 1 || shots < 1 || queries < 1) {
      throw new IllegalArgumentException(
          "%s curves with %s shots and %s queries: expected at least 1 of each."
              .formatted(tasks, shots, queries));
    }
    room("support inputs", supportX, tasks, shots, of.inputs());
    room("support values", supportY, tasks, shots, of.outputs());
    room("query inputs", queryX, tasks, queries, of.inputs());
    room("query values", queryY, tasks, queries, of.outputs());
  }

  private static void room(String what, float[] array, int tasks, int points, int numbers) {
    long needed = (long) tasks * points * numbers;
    if (array.length < needed) {
      throw new IllegalArgumentException(
          "An array of %s %s: expected %s, for %s tasks of %s points with %s numbers."
              .formatted(array.length, what, needed, tasks, points, numbers));
    }
  }
}
