package io.quickstudy.data.source;

import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;

/**
 * Sine waves to regress: {@code y = amplitude * sin(x - phase)} with the amplitude uniform in 0.1
 * to 5, the phase in 0 to pi (radians) and x in -5 to 5 (Finn et al. 2017, section 5.1). Task
 * {@code i} depends on the seed, {@code i} and the numbers of points alone.
 *
 * @param shots labelled points per task
 * @param queries points per task to be predicted
 * @param seed the seed
 */
public record Sinusoids(int shots, int queries, long seed) {
  /** The smallest amplitude. */
  public static final double MIN_AMPLITUDE = 0.1;

  /** The largest amplitude. */
  public static final double MAX_AMPLITUDE = 5;

  /** The largest phase in radians. */
  public static final double MAX_PHASE = Math.PI;

  /** Inputs lie between minus and plus this. */
  public static final double MAX_X = 5;

  /**
   * One wave with its points.
   *
   * @param amplitude the amplitude
   * @param phase the phase in radians
   * @param supportX [shots]
   * @param supportY [shots]
   * @param queryX [queries]
   * @param queryY [queries]
   */
  public record Task(
      double amplitude,
      double phase,
      float[] supportX,
      float[] supportY,
      float[] queryX,
      float[] queryY) {

    /** The wave's value at any input. */
    public double y(double x) {
      return amplitude * StrictMath.sin(x - phase);
    }
  }

  /** Checks that there is at least 1 of each. */
  public Sinusoids {
    if (shots < 1 || queries < 1) {
      throw new IllegalArgumentException(
          "Sinusoids with %d shots and %d queries: expected at least 1 of each."
              .formatted(shots, queries));
    }
  }

  /** Task {@code i}, any number. */
  public Task task(long i) {
    Task task =
        new Task(0, 0, new float[shots], new float[shots], new float[queries], new float[queries]);
    return fill(i, 0, task);
  }

  /**
   * Writes tasks {@code first} to {@code first + tasks - 1} one after the other.
   *
   * @param supportX [tasks, shots], and so on as in {@link Task}
   * @throws IllegalArgumentException if an array is too short
   */
  public void fill(
      long first, int tasks, float[] supportX, float[] supportY, float[] queryX, float[] queryY) {
    int support = Math.min(supportX.length, supportY.length);
    int query = Math.min(queryX.length, queryY.length);
    if (support < (long) tasks * shots || query < (long) tasks * queries) {
      throw new IllegalArgumentException(
          "Arrays of %d support and %d query points: expected %d and %d, for %d tasks."
              .formatted(support, query, (long) tasks * shots, (long) tasks * queries, tasks));
    }
    Task room = new Task(0, 0, supportX, supportY, queryX, queryY);
    for (int task = 0; task < tasks; task++) {
      fill(first + task, task, room);
    }
  }

  private Task fill(long i, int task, Task room) {
    RandomStream random = new RandomStream(seed, RandomUse.SINUSOID, i);
    Task wave =
        new Task(
            random.between(MIN_AMPLITUDE, MAX_AMPLITUDE),
            random.between(0, MAX_PHASE),
            room.supportX(),
            room.supportY(),
            room.queryX(),
            room.queryY());
    for (int k = 0; k < shots; k++) {
      wave.supportX()[task * shots + k] = (float) random.between(-MAX_X, MAX_X);
      wave.supportY()[task * shots + k] = (float) wave.y(wave.supportX()[task * shots + k]);
    }
    for (int k = 0; k < queries; k++) {
      wave.queryX()[task * queries + k] = (float) random.between(-MAX_X, MAX_X);
      wave.queryY()[task * queries + k] = (float) wave.y(wave.queryX()[task * queries + k]);
    }
    return wave;
  }
}
