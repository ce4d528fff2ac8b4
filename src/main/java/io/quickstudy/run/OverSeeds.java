package io.quickstudy.run;

import java.util.List;

/**
 * The mean of a value over runs that differ by their seed alone.
 *
 * @param n how many
 * @param mean theirs
 * @param ci95 half the width of the 95% interval of Student's t: t(0.975, n - 1) s / sqrt(n), where
 *     s is their standard deviation; NaN of one
 */
public record OverSeeds(int n, double mean, double ci95) {
  /** The quantiles at 0.975 of 1, 2, ... 30 degrees of freedom. */
  private static final double[] T = {
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
    2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
    2.052, 2.048, 2.045, 2.042
  };

  /** Of some values, at least one. */
  public static OverSeeds of(List<Double> values) {
    int n = values.size();
    double mean = values.stream().mapToDouble(v -> v).average().orElseThrow();
    double squares = values.stream().mapToDouble(v -> (v - mean) * (v - mean)).sum();
    double deviation = Math.sqrt(squares / (n - 1));
    return new OverSeeds(n, mean, n == 1 ? Double.NaN : t(n - 1) * deviation / Math.sqrt(n));
  }

  /** Beyond the table it is the normal distribution's, with the first term of its expansion. */
  private static double t(int freedom) {
    return freedom <= T.length ? T[freedom - 1] : 1.96 + 2.4 / freedom;
  }
}
