package io.quickstudy.data;

/**
 * The mean and the deviation of each column of a table of numbers. The arrays are not copied and
 * not to be changed.
 *
 * @param mean of each column
 * @param deviation of each column about its mean, divided by the number of rows; 0 where all its
 *     numbers are the same
 */
public record Moments(double[] mean, double[] deviation) {
  /**
   * Those of a set's columns.
   *
   * @param classes numbers of the classes whose rows count, at least one
   */
  public static Moments of(VectorSet set, int... classes) {
    int width = set.width();
    double[] mean = new double[width];
    double[] deviation = new double[width];
    long rows = 0;
    for (int k : classes) {
      ImageClass c = set.classes().get(k);
      rows += c.count();
      for (int i = c.first() * width; i < (c.first() + c.count()) * width; i++) {
        mean[i % width] += set.values()[i];
      }
    }
    for (int i = 0; i < width; i++) {
      mean[i] /= rows;
    }
    for (int k : classes) { // a second time, as squares of large numbers that differ little cancel
      ImageClass c = set.classes().get(k);
      for (int i = c.first() * width; i < (c.first() + c.count()) * width; i++) {
        double off = set.values()[i] - mean[i % width];
        deviation[i % width] += off * off;
      }
    }
    for (int i = 0; i < width; i++) {
      deviation[i] = Math.sqrt(deviation[i] / rows);
    }
    return new Moments(mean, deviation);
  }

  /** Those of all rows of a set. */
  public static Moments of(VectorSet set) {
    int[] all = new int[set.classes().size()];
    java.util.Arrays.setAll(all, k -> k);
    return of(set, all);
  }
}
