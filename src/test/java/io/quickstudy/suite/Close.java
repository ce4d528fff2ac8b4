package io.quickstudy.suite;

import io.quickstudy.graph.Shape;
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
   * A backend whose products take operands in TF32, relative to 1 plus the largest number of the
   * result. Rounding moves an operand by up to 2^-11 of itself and a term of a sum by 2^-10. The
   * samples' gradients have up to four products in a row, whose errors add up, and their terms up
   * to four times the size of what is left of them: 4 * 4 * 2^-10.
   */
  static final double TF32 = 0x1p-6;

  private Close() {}

  /**
   * Fails unless every |a - b| is at most tolerance (1 + max |a|); NaN and infinities must agree.
   */
  static void check(String what, double[] expected, double[] actual, double tolerance) {
    if (expected.length != actual.length) {
      throw new AssertionError(
          what + ": " + actual.length + " numbers, expected " + expected.length);
    }
    double largest = 0;
    for (double v : expected) {
      largest = Double.isFinite(v) ? Math.max(largest, Math.abs(v)) : largest;
    }
    double bound = tolerance * (1 + largest);
    for (int i = 0; i < expected.length; i++) {
      boolean same = Double.compare(expected[i] + 0.0, actual[i] + 0.0) == 0;
      if (!same && !(Math.abs(expected[i] - actual[i]) <= bound)) {
        throw new AssertionError(
            String.format(
                Locale.ROOT,
                "%s: number %s of %s is %s, expected %s (largest %.3g, off by %.2g, allowed %.2g)",
                what,
                i,
                expected.length,
                actual[i],
                expected[i],
                largest,
                Math.abs(expected[i] - actual[i]),
                bound));
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
