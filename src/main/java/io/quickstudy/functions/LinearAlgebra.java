package io.quickstudy.functions;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Product.Form;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.util.List;

/**
 * Matrices [B..., n, n] that are symmetric and positive definite, by their Cholesky factor. Where
 * one is not, in the precision of the device, a run ends with an error that names its task. Systems
 * of other kinds: {@code transform.Implicit.solve}.
 */
public final class LinearAlgebra {
  private LinearAlgebra() {}

  /** X [B..., n, m] with A X = B. */
  public static Tensor solvePositiveDefinite(Tensor a, Tensor b) {
    Tensor l = cholesky(a);
    return triangularSolve(l, triangularSolve(l, b, Form.PLAIN), Form.TRANSPOSED);
  }

  /** The logarithm of the determinant: [B...]. */
  public static Tensor logDeterminant(Tensor a) {
    Tensor logs = log(diagonalOf(cholesky(a)));
    return scale(sum(logs, List.of(logs.rank() - 1)), 2);
  }

  /** The elements on the diagonal of the last two axes: [B..., n]. */
  public static Tensor diagonalOf(Tensor a) {
    if (a.rank() < 2 || a.dim(-1) != a.dim(-2)) {
      throw new IllegalArgumentException(
          "diagonal of shape " + a.shape() + ": expected square matrices [B..., n, n]");
    }
    // chosen rather than multiplied, so that what is not on the diagonal may be anything
    Tensor only = where(diagonal(a.shape()), a, scalar(0));
    return sum(only, List.of(a.rank() - 1));
  }

  /** A with c added to its diagonal: A + c I. */
  public static Tensor addToDiagonal(Tensor a, Tensor c) {
    return add(a, mul(diagonal(a.shape()), c));
  }

  /** Vectors [B..., n] as matrices [B..., n, n] with these on the diagonal. */
  public static Tensor diagonalMatrix(Tensor d) {
    Shape s = d.shape().append(d.dim(-1));
    return mul(diagonal(s), broadcast(d, s, List.of(s.rank() - 1)));
  }
}
