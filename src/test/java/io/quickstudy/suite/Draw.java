package io.quickstudy.suite;

import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** Where the numbers of an argument come from. All are exact as 32-bit floats or integers. */
@FunctionalInterface
public interface Draw {
  /** So many numbers. */
  double[] of(SplittableRandom random, int count);

  /** Uniform between two bounds. */
  static Draw uniform(double low, double high) {
    return (r, n) -> floats(() -> low + (high - low) * r.nextDouble(), n);
  }

  /** Uniform in [-1, 1). */
  static Draw any() {
    return uniform(-1, 1);
  }

  /** Of either sign, the size between two bounds. */
  static Draw either(double low, double high) {
    return (r, n) ->
        floats(() -> (r.nextBoolean() ? 1 : -1) * (low + (high - low) * r.nextDouble()), n);
  }

  /** Between whole numbers, at least 0.1 from each. */
  static Draw fractions() {
    return (r, n) -> floats(() -> r.nextInt(-3, 3) + 0.1 + 0.8 * r.nextDouble(), n);
  }

  /** In random order, any two at least 0.06 apart, so that no small step changes their order. */
  static Draw apart() {
    return (r, n) -> {
      double[] x = IntStream.range(0, n).mapToDouble(i -> 0.1 * (i - n / 2)).toArray();
      for (int i = n - 1; i > 0; i--) {
        int j = r.nextInt(i + 1);
        double swap = x[i];
        x[i] = x[j];
        x[j] = swap;
      }
      return DoubleStream.of(x).map(v -> (float) (v + 0.04 * r.nextDouble())).toArray();
    };
  }

  /** Whole numbers from 0 below a bound. */
  static Draw below(int bound) {
    return (r, n) -> r.ints(n, 0, bound).asDoubleStream().toArray();
  }

  /** Whole numbers of 32 bits. */
  static Draw words() {
    return (r, n) -> r.ints(n).asDoubleStream().toArray();
  }

  /** Always these. */
  static Draw fixed(double... values) {
    return (r, n) -> values.clone();
  }

  private static double[] floats(java.util.function.DoubleSupplier next, int n) {
    return DoubleStream.generate(next).limit(n).map(v -> (float) v).toArray();
  }
}
