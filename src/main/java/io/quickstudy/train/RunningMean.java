package io.quickstudy.train;

/** A mean and its error, in one pass (Welford 1962). For one thread. */
public final class RunningMean {
  private static final double NORMAL_95 = 1.96;

  private long n;
  private double mean;
  private double squares;

  /** Counts a number in. */
  public void add(double x) {
    n++;
    double d = x - mean;
    mean += d / n;
    squares += d * (x - mean);
  }

  /** How many numbers there were. */
  public long count() {
    return n;
  }

  /** Their mean; 0 of none. */
  public double mean() {
    return mean;
  }

  /** Half the width of the mean's 95% interval: 1.96 standard errors; NaN of fewer than two. */
  public double ci95() {
    return n < 2 ? Double.NaN : NORMAL_95 * Math.sqrt(squares / (n - 1) / n);
  }
}
