package io.quickstudy.data.source;

/** Small symmetric positive definite matrices, on the host. */
final class Cholesky {
  private Cholesky() {}

  /**
   * The lower factor L of a = L L^T.
   *
   * @throws ArithmeticException if a is not positive definite
   */
  static double[][] factor(double[][] a) {
    int n = a.length;
    double[][] l = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        double s = a[i][j];
        for (int k = 0; k < j; k++) {
          s -= l[i][k] * l[j][k];
        }
        if (i > j) {
          l[i][j] = s / l[j][j];
        } else if (s > 0) {
          l[i][i] = Math.sqrt(s);
        } else {
          throw new ArithmeticException(
              "A matrix with pivot %s in row %s: expected it positive definite.".formatted(s, i));
        }
      }
    }
    return l;
  }

  /** L^-1 b. */
  static double[] solve(double[][] l, double[] b) {
    double[] x = b.clone();
    for (int i = 0; i < x.length; i++) {
      for (int k = 0; k < i; k++) {
        x[i] -= l[i][k] * x[k];
      }
      x[i] /= l[i][i];
    }
    return x;
  }

  /** L^-T b. */
  static double[] solveTransposed(double[][] l, double[] b) {
    double[] x = b.clone();
    for (int i = x.length - 1; i >= 0; i--) {
      for (int k = i + 1; k < x.length; k++) {
        x[i] -= l[k][i] * x[k];
      }
      x[i] /= l[i][i];
    }
    return x;
  }
}
