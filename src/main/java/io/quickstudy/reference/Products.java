package io.quickstudy.reference;

import io.quickstudy.graph.Product;
import io.quickstudy.graph.Tensor;

/** Matrix products, factors and solves, one matrix of the batch after the other. */
final class Products {
  private Products() {}

  static double[] dot(Tensor t, double[] a, double[] b) {
    int m = t.dim(-2);
    int n = t.dim(-1);
    int k = t.input(0).dim(-1);
    double[] y = new double[t.shape().size()];
    for (int s = 0; s < y.length / (m * n); s++) {
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          double sum = 0;
          for (int q = 0; q < k; q++) {
            sum += a[(s * m + i) * k + q] * b[(s * k + q) * n + j];
          }
          y[(s * m + i) * n + j] = sum;
        }
      }
    }
    return y;
  }

  /**
   * L_ij = (A_ij - sum_q&lt;j L_iq L_jq) / L_jj, and on the diagonal the square root of the
   * bracket.
   */
  static double[] cholesky(Tensor t, double[] a) {
    int n = t.dim(-1);
    double[] l = new double[a.length];
    for (int at = 0; at < a.length; at += n * n) {
      for (int i = 0; i < n; i++) {
        for (int j = 0; j <= i; j++) {
          double s = a[at + i * n + j];
          for (int q = 0; q < j; q++) {
            s -= l[at + i * n + q] * l[at + j * n + q];
          }
          l[at + i * n + j] = i == j ? root(s, n) : s / l[at + j * n + j];
        }
      }
    }
    return l;
  }

  /** Of a pivot; an error where there is none, as on every device. */
  private static double root(double pivot, int n) {
    if (pivot > 0 && pivot < Double.POSITIVE_INFINITY) {
      return Math.sqrt(pivot);
    }
    throw new IllegalArgumentException(
        ("The matrix [%s, %s] "
                + (pivot <= 0
                    ? "is not positive definite: expected one that is; raise what is added to its"
                        + " diagonal."
                    : "holds no numbers or infinite ones: expected finite ones; see what makes"
                        + " them."))
            .formatted(n, n));
  }

  static double[] solve(Tensor t, Product.Form form, double[] l, double[] b) {
    int n = t.dim(-2);
    int m = t.dim(-1);
    double[] x = b.clone();
    for (int s = 0; s < b.length / (n * m); s++) {
      for (int c = 0; c < m; c++) {
        for (int step = 0; step < n; step++) {
          int i = form == Product.Form.PLAIN ? step : n - 1 - step;
          double v = x[(s * n + i) * m + c];
          for (int done = 0; done < step; done++) {
            int j = form == Product.Form.PLAIN ? done : n - 1 - done;
            int row = form == Product.Form.PLAIN ? i : j;
            int col = form == Product.Form.PLAIN ? j : i;
            v -= l[(s * n + row) * n + col] * x[(s * n + j) * m + c];
          }
          x[(s * n + i) * m + c] = v / l[(s * n + i) * n + i];
        }
      }
    }
    return x;
  }
}
