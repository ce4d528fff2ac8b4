package io.quickstudy.functions;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.util.List;

/** Distances and similarities between the rows of two matrices: [n, d] and [k, d] to [n, k]. */
public final class Distances {
  private Distances() {}

  /** ||a_i - b_j||^2, as a sum of squared differences: no cancellation between near points. */
  public static Tensor squaredEuclidean(Tensor a, Tensor b) {
    check("squared distance", a, b);
    Shape s = Shape.of(a.dim(0), b.dim(0), a.dim(1));
    Tensor d = sub(broadcast(a, s, List.of(1)), broadcast(b, s, List.of(0)));
    return sum(mul(d, d), List.of(2));
  }

  /**
   * |a_i - b_j|, feature by feature: [n, k, d] (Koch, Zemel and Salakhutdinov 2015, section 3.1).
   */
  public static Tensor absoluteDifferences(Tensor a, Tensor b) {
    Shape s = Shape.of(a.dim(0), b.dim(0), a.dim(1));
    return abs(sub(broadcast(a, s, List.of(1)), broadcast(b, s, List.of(0))));
  }

  /** The sum of |a_i - b_j| over the features. */
  public static Tensor manhattan(Tensor a, Tensor b) {
    return sum(absoluteDifferences(a, b), List.of(2));
  }

  /** The cosine of the angle between a_i and b_j; 0 where one of them is 0. */
  public static Tensor cosine(Tensor a, Tensor b) {
    check("cosine", a, b);
    return dot(unit(a), t(unit(b)));
  }

  private static void check(String what, Tensor a, Tensor b) {
    if (a.rank() != 2 || b.rank() != 2 || a.dim(1) != b.dim(1)) {
      throw new IllegalArgumentException(
          "%s: %s and %s; expected [n, d] and [k, d]: reshape them"
              .formatted(what, a.shape(), b.shape()));
    }
  }

  /** Vectors along the last axis, each divided by its length; 0 stays 0. */
  public static Tensor unit(Tensor a) {
    List<Integer> last = List.of(a.rank() - 1);
    Tensor squares = sum(mul(a, a), last);
    return mul(a, broadcast(rsqrt(maximum(squares, scalar(1e-12))), a.shape(), last));
  }
}
