package io.quickstudy.functions;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Tensor;

/** Distribution functions. */
public final class Distributions {
  /** Of the polynomial in t, from its first power to its fifth. */
  private static final double[] B = {
    0.319381530, -0.356563782, 1.781477937, -1.821255978, 1.330274429
  };

  private Distributions() {}

  /**
   * The probability that a standard normal number is at most z, to within 7.5e-8: 1 - phi(z) (b1 t
   * + ... + b5 t^5) with t = 1 / (1 + 0.2316419 z) for z from 0, and one less that of -z below
   * (Abramowitz and Stegun, Handbook of Mathematical Functions, 1964, 26.2.17).
   */
  public static Tensor normalCumulative(Tensor z) {
    Tensor a = abs(z);
    Tensor t = reciprocal(add(scalar(1), scale(a, 0.2316419)));
    Tensor polynomial = scalar(0);
    for (int k = B.length - 1; k >= 0; k--) {
      polynomial = mul(t, add(scalar(B[k]), polynomial));
    }
    Tensor density = scale(exp(scale(mul(a, a), -0.5)), 1 / Math.sqrt(2 * Math.PI));
    Tensor tail = mul(density, polynomial);
    return where(less(z, scalar(0)), tail, sub(scalar(1), tail));
  }
}
