package io.quickstudy.transform;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Product.Form;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;

/** Gaussian elimination with partial pivoting, column by column, as graph. Not for gradients. */
final class Elimination {
  private Elimination() {}

  /** X [n, m] with A X = B for A [n, n]; not finite where A is singular. */
  static Tensor solve(Tensor a, Tensor b) {
    int n = a.dim(0);
    Tensor rows = concatenate(1, a, b);
    Tensor position = convert(iota(Shape.of(n), 0), DType.F32);
    for (int k = 0; k < n - 1; k++) {
      Tensor column = at(rows, 1, k);
      // of the rows that are left, the one with the largest number in this column comes first
      Tensor left = lessEqual(scalar(k), position);
      Tensor pivot = convert(argMax(where(left, abs(column), scalar(-1))), DType.F32);
      Tensor swapped =
          where(
              equal(position, scalar(k)),
              pivot,
              where(equal(position, pivot), scalar(k), position));
      rows = gather(rows, convert(swapped, DType.I32), 0);
      Tensor first = slice(rows, 0, k, k + 1);
      Tensor below = less(scalar(k), position);
      Tensor factor = where(below, div(at(rows, 1, k), at(at(rows, 0, k), 0, k)), scalar(0));
      rows = sub(rows, mul(expand(LinearSolver.column(factor), rows.shape()), first));
    }
    Tensor upper = slice(rows, 1, 0, n);
    // the solve reads a lower triangle, U' with U'' X = B
    return triangularSolve(t(upper), slice(rows, 1, n, n + b.dim(1)), Form.TRANSPOSED);
  }
}
