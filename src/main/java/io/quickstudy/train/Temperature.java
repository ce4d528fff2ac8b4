package io.quickstudy.train;

import io.quickstudy.run.RunCalibration.Kept;
import io.quickstudy.train.Reliability.Answer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One number that logits are divided by, so that probabilities are as sure as they are right: Guo,
 * Pleiss, Sun and Weinberger, On calibration of modern neural networks, 2017, section 4.2.
 */
final class Temperature {
  /** The least and the most that is found. */
  static final double LEAST = 0.01;

  static final double MOST = 100;

  private static final int STEPS = 100;
  private static final double CLOSE = 1e-10;

  private Temperature() {}

  /**
   * The temperature with the least negative log-likelihood. That is convex in its reciprocal b,
   * with slope E[sum_k p_k z_k - z_y]: a root of the slope, by Newton's method, and by bisection
   * where a step would leave the interval that holds the root. It is 1 where there is no root: all
   * answers are right, which would ask for certainty, or they are no better than guesses.
   */
  static double of(Answers answers) {
    double low = 1 / MOST;
    double high = 1 / LEAST;
    if (slope(answers, high)[0] <= 0 || slope(answers, low)[0] >= 0) {
      return 1;
    }
    double b = 1;
    for (int i = 0; i < STEPS && high - low > CLOSE * low; i++) {
      double[] s = slope(answers, b);
      if (s[0] > 0) {
        high = b;
      } else {
        low = b;
      }
      double next = b - s[0] / s[1];
      boolean inside = next > low && next < high; // NaN is not
      double to = inside ? next : Math.sqrt(low * high);
      if (Math.abs(to - b) <= CLOSE * b) {
        return 1 / to;
      }
      b = to;
    }
    return 1 / b;
  }

  /** The first and the second derivative by b. */
  private static double[] slope(Answers a, double b) {
    double first = 0;
    double second = 0;
    float[] v = a.values();
    for (int from = 0; from < v.length; from += 1 + a.ways()) {
      double most = v[from + 1];
      for (int k = 1; k < a.ways(); k++) {
        most = Math.max(most, v[from + 1 + k]);
      }
      double sum = 0;
      double mean = 0;
      double square = 0;
      for (int k = 0; k < a.ways(); k++) {
        double z = v[from + 1 + k] - most;
        double e = StrictMath.exp(b * z);
        sum += e;
        mean += e * z;
        square += e * z * z;
      }
      mean /= sum;
      first += mean - (v[from + 1 + (int) v[from]] - most);
      second += square / sum - mean * mean;
    }
    return new double[] {first / a.count(), second / a.count()};
  }

  /** How good the probabilities are with a temperature; as answers of one task. */
  static Reliability reliability(Answers a, double temperature) {
    Reliability.Meter m = new Reliability.Meter(temperature);
    for (int from = 0; from < a.values().length; from += 1 + a.ways()) {
      m.add(a.values(), from, a.ways());
    }
    m.endTask();
    return m.result();
  }

  /** What thresholds keep: every hundredth, thousandths above 0.99, and finer towards 1. */
  static List<Kept> kept(Answers a, double temperature) {
    int n = a.count();
    double[] right = new double[n];
    double[] wrong = new double[n];
    int rights = 0;
    int wrongs = 0;
    for (int i = 0; i < n; i++) {
      Answer one = Answer.of(a.values(), i * (1 + a.ways()), a.ways(), temperature);
      if (one.right()) {
        right[rights++] = one.confidence();
      } else {
        wrong[wrongs++] = one.confidence();
      }
    }
    double[] good = sorted(right, rights);
    double[] bad = sorted(wrong, wrongs);
    List<Kept> all = new ArrayList<>();
    for (double c : thresholds()) {
      int no = above(bad, c);
      all.add(new Kept(c, above(good, c) + no, no));
    }
    return all;
  }

  private static double[] sorted(double[] values, int n) {
    double[] v = Arrays.copyOf(values, n);
    Arrays.sort(v);
    return v;
  }

  /** How many of ascending values are at least c. */
  private static int above(double[] values, double c) {
    int low = 0;
    int high = values.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (values[middle] >= c) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return values.length - low;
  }

  private static double[] thresholds() {
    List<Double> all = new ArrayList<>();
    for (int i = 0; i < 99; i++) {
      all.add(i / 100.0);
    }
    for (int scale = 1000; scale <= 100_000; scale *= 10) {
      for (int i = scale - 10; i < scale - 1; i++) {
        all.add((double) i / scale);
      }
    }
    all.add(1.0);
    return all.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
