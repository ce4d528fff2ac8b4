package io.quickstudy.suite;

import io.quickstudy.graph.Shape;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** How near two results must be, and results written as formulas of an index. */
public final class Close {
  /** Two ways to the same number in double precision. */
  static final double DOUBLE = 1e-12;

  /**
   * A backend in 32-bit floats, relative to 1 plus the largest number of the result: about 170
   * roundings, which covers the longest sums among the samples.
   */
  public static final double FLOAT = 2e-5;

  /**
   * The most that TF32 may be off, relative to 1 plus the largest number of the result, where the
   * bound that {@link Tf32Bound} works out for each number is wider, since it cannot know what
   * cancels. Rounding moves an operand by up to 2^-11 of itself and a term of a sum by 2^-10. The
   * samples' gradients have up to four products in a row, whose errors add up, and their terms up
   * to four times the size of what is left of them: 4 * 4 * 2^-10.
   */
  private static final double TF32 = 0x1p-6;

  private Close() {}

  /**
   * Fails unless every |a - b| is at most tolerance (1 + max |a|); NaN and infinities must agree.
   */
  static void check(String what, double[] expected, double[] actual, double tolerance) {
    double[] bounds = new double[expected.length];
    Arrays.fill(bounds, tolerance * (1 + largest(expected)));
    check(what, expected, actual, bounds);
  }

  /**
   * Fails unless results are as near as TF32 explains.
   *
   * @param errors what roundings of operands do to each number at most
   */
  static void tf32(String what, double[] expected, double[] actual, double[] errors) {
    double scale = 1 + largest(expected);
    check(
        what,
        expected,
        actual,
        Arrays.stream(errors).map(e -> Math.min(TF32 * scale, FLOAT * scale + e)).toArray());
  }

  private static double largest(double[] numbers) {
    double largest = 0;
    for (double v : numbers) {
      largest = Double.isFinite(v) ? Math.max(largest, Math.abs(v)) : largest;
    }
    return largest;
  }

  private static void check(String what, double[] expected, double[] actual, double[] bounds) {
    if (expected.length != actual.length) {
      throw new AssertionError(
          what + ": " + actual.length + " numbers, expected " + expected.length);
    }
    for (int i = 0; i < expected.length; i++) {
      boolean same = Double.compare(expected[i] + 0.0, actual[i] + 0.0) == 0;
      if (!same && !(Math.abs(expected[i] - actual[i]) <= bounds[i])) {
        throw new AssertionError(
            String.format(
                Locale.ROOT,
                "%s: number %s of %s is %s, expected %s (largest %.3g, off by %.2g, allowed %.2g)",
                what,
                i,
                expected.length,
                actual[i],
                expected[i],
                largest(expected),
                Math.abs(expected[i] - actual[i]),
                bounds[i]));
      }
    }
  }

  /** The numbers of a shape, each from its index. */
  static double[] index(Shape shape, ToDoubleFunction<int[]> value) {
    double[] y = new double[shape.size()];
    int[] at = new int[shape.rank()];
    for (int i = 0; i < y.length; i++) {
      int rest = i;
      for (int k = at.length - 1; k >= 0; k--) {
        at[k] = rest % shape.dim(k);
        rest /= shape.dim(k);
      }
      y[i] = value.applyAsDouble(at.clone());
    }
    return y;
  }

  /** The number at an index. */
  static double at(double[] x, Shape shape, int... index) {
    int p = 0;
    for (int k = 0; k < index.length; k++) {
      p = p * shape.dim(k) + index[k];
    }
    return x[p];
  }
}
