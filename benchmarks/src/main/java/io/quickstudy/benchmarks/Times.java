package io.quickstudy.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Times of one side, turn by turn, in milliseconds. */
final class Times {
  private final List<double[]> turns = new ArrayList<>();

  /** Adds those of a turn. */
  void add(double[] ms) {
    turns.add(ms);
  }

  /** The median of all steps. */
  double median() {
    return median(all());
  }

  /** The median of one turn. */
  double median(int turn) {
    return median(turns.get(turn));
  }

  /** The fastest step. */
  double min() {
    return Arrays.stream(all()).min().orElse(Double.NaN);
  }

  /** All steps in order. */
  double[] all() {
    return turns.stream().flatMapToDouble(Arrays::stream).toArray();
  }

  /** How many turns. */
  int turns() {
    return turns.size();
  }

  /** The median of some numbers. */
  static double median(double[] x) {
    double[] sorted = x.clone();
    Arrays.sort(sorted);
    int n = sorted.length;
    return n == 0 ? Double.NaN : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
  }
}
