package io.quickstudy.functions;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Tensor;

/**
 * Order along the last axis of F32 [B..., n]. Of equal elements the one that stands first comes
 * first, in either direction, and NaN before all. Positions have no gradient; sorted values have
 * that of the elements that they are.
 */
public final class Sorting {
  private Sorting() {}

  /** Positions from the smallest element to the largest: I32 [B..., n]. */
  public static Tensor argSort(Tensor x) {
    return topK(neg(x), x.dim(-1));
  }

  /** Positions from the largest element to the smallest: I32 [B..., n]. */
  public static Tensor argSortDescending(Tensor x) {
    return topK(x, x.dim(-1));
  }

  /** The elements, the smallest first. */
  public static Tensor sort(Tensor x) {
    return take(x, argSort(x));
  }

  /** The elements, the largest first. */
  public static Tensor sortDescending(Tensor x) {
    return take(x, argSortDescending(x));
  }

  /** The k largest elements, descending: [B..., k]. */
  public static Tensor largest(Tensor x, int k) {
    return take(x, topK(x, k));
  }

  /** Position of the smallest element, without the axis: I32 [B...]. */
  public static Tensor argMin(Tensor x) {
    return argMax(neg(x));
  }

  /**
   * The elements of x [B..., n] at positions I32 [B..., k] of its last axis: [B..., k].
   *
   * @throws IllegalArgumentException if the leading axes differ
   */
  public static Tensor take(Tensor x, Tensor positions) {
    if (x.rank() != positions.rank()
        || !x.shape().with(-1, 1).equals(positions.shape().with(-1, 1))) {
      throw new IllegalArgumentException(
          "take: x "
              + x.shape()
              + ", positions "
              + positions.shape()
              + "; expected [B..., n] and [B..., k]");
    }
    return gather(x, positions, x.rank() - 1);
  }
}
