package io.quickstudy.report;

/**
 * Principal components: the directions in which rows of numbers vary most.
 *
 * @param mean of the rows, [d]
 * @param axes of length 1 and at right angles, the strongest first, [k][d]; zeros where the rows
 *     vary in fewer directions
 * @param shares of the rows' variance along each, [k]
 */
record Pca(double[] mean, double[][] axes, double[] shares) {
  private static final int SWEEPS = 60;

  /** So small a part of the largest eigenvalue is rounding. */
  private static final double NOTHING = 1e-12;

  /**
   * The components of some rows.
   *
   * @param rows [n][d], at least one; a few hundred, since the work grows with the cube of n
   * @param k how many components
   */
  static Pca of(float[][] rows, int k) {
    int n = rows.length;
    int d = rows[0].length;
    double[] mean = new double[d];
    for (float[] row : rows) {
      for (int j = 0; j < d; j++) {
        mean[j] += (double) row[j] / n;
      }
    }
    double[][] x = new double[n][d];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < d; j++) {
        x[i][j] = rows[i][j] - mean[j];
      }
    }
    // n rows vary in fewer than n directions, often far fewer than d: X X' has the same eigenvalues
    // as X' X, and of its eigenvector u the axis is X' u / |X' u|
    double[][] gram = new double[n][n];
    double total = 0;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        gram[i][j] = dot(x[i], x[j]);
      }
      total += gram[i][i];
    }
    double[][] u = eigenvectors(gram); // leaves the eigenvalues on the diagonal
    double[][] axes = new double[k][d];
    double[] shares = new double[k];
    boolean[] taken = new boolean[n];
    for (int c = 0; c < Math.min(k, n); c++) {
      int best = -1;
      for (int i = 0; i < n; i++) {
        best = !taken[i] && (best < 0 || gram[i][i] > gram[best][best]) ? i : best;
      }
      taken[best] = true;
      if (gram[best][best] > NOTHING * total) {
        shares[c] = gram[best][best] / total;
        axes[c] = axis(x, u, best);
      }
    }
    return new Pca(mean, axes, shares);
  }

  /** X' u / |X' u|, its largest number positive, so that it is the same everywhere. */
  private static double[] axis(double[][] x, double[][] u, int column) {
    double[] axis = new double[x[0].length];
    double largest = 0;
    for (int j = 0; j < axis.length; j++) {
      for (int i = 0; i < x.length; i++) {
        axis[j] += x[i][j] * u[i][column];
      }
      largest = Math.abs(axis[j]) > Math.abs(largest) ? axis[j] : largest;
    }
    double length = Math.copySign(Math.sqrt(dot(axis, axis)), largest);
    for (int j = 0; j < axis.length; j++) {
      axis[j] /= length;
    }
    return axis;
  }

  /**
   * Jacobi's method (Golub and Van Loan, Matrix Computations, section 8.5): turns pairs of axes
   * until nothing is beside the diagonal.
   *
   * @param a symmetric, [n][n]; afterwards its eigenvalues are on its diagonal
   * @return eigenvectors, as columns
   */
  static double[][] eigenvectors(double[][] a) {
    int n = a.length;
    double[][] v = new double[n][n];
    for (int i = 0; i < n; i++) {
      v[i][i] = 1;
    }
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
      double beside = 0;
      double on = 0;
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          beside += i == j ? 0 : a[i][j] * a[i][j];
        }
        on += a[i][i] * a[i][i];
      }
      if (beside <= NOTHING * NOTHING * on) {
        break;
      }
      for (int p = 0; p < n; p++) {
        for (int q = p + 1; q < n; q++) {
          if (a[p][q] != 0) {
            turn(a, v, p, q);
          }
        }
      }
    }
    return v;
  }

  /** Turns axes p and q so that a[p][q] becomes 0. */
  private static void turn(double[][] a, double[][] v, int p, int q) {
    double tau = (a[q][q] - a[p][p]) / (2 * a[p][q]);
    double t = Math.copySign(1, tau) / (Math.abs(tau) + Math.hypot(1, tau));
    double c = 1 / Math.hypot(1, t);
    double s = t * c;
    for (int i = 0; i < a.length; i++) {
      double ip = a[i][p];
      a[i][p] = c * ip - s * a[i][q];
      a[i][q] = s * ip + c * a[i][q];
      double vp = v[i][p];
      v[i][p] = c * vp - s * v[i][q];
      v[i][q] = s * vp + c * v[i][q];
    }
    for (int i = 0; i < a.length; i++) {
      double pi = a[p][i];
      a[p][i] = c * pi - s * a[q][i];
      a[q][i] = s * pi + c * a[q][i];
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /** A row along each axis, [k]. */
  double[] along(float[] row) {
    double[] out = new double[axes.length];
    for (int c = 0; c < out.length; c++) {
      for (int j = 0; j < mean.length; j++) {
        out[c] += (row[j] - mean[j]) * axes[c][j];
      }
    }
    return out;
  }
}
