package io.quickstudy.data.source;

import io.quickstudy.data.Curve;
import io.quickstudy.data.CurveFamily;
import io.quickstudy.data.CurveTasks;
import io.quickstudy.data.DataSource;
import io.quickstudy.random.RandomStream;
import java.util.Optional;

/**
 * Functions drawn from a Gaussian process, to regress (Garnelo et al. 2018, section 4.1, with the
 * numbers of the released code): mean 0, covariance {@code exp(-(x - x')^2 / (2 * 0.4^2))}, x
 * uniform in -2 to 2, values seen with normal noise of standard deviation 0.02.
 *
 * <p>Task {@code i} is one function, whatever points of it are asked for: a sum of 33 kernels that
 * stand 0.15 apart, by weights of which its covariance is the process's to within 1e-9, far below
 * the noise.
 */
public final class GaussianProcess {
  /** The data set. */
  public static final DataSource DATA =
      new CurveData(
          "gp",
          "draws of a Gaussian process to regress (Garnelo et al. 2018, section 4.1); built in",
          GaussianProcess::tasks);

  /** The kernel's length scale. */
  public static final double LENGTH = 0.4;

  /** The standard deviation of the noise that values are seen with. */
  public static final double NOISE = 0.02;

  /** Inputs lie between minus and plus this. */
  public static final double MAX_X = 2;

  private GaussianProcess() {}

  /** The functions of a seed. */
  public static CurveTasks tasks(long seed) {
    return new CurveFamily(
        "draws of a Gaussian process, length scale %s, noise %s".formatted(LENGTH, NOISE),
        1,
        1,
        -MAX_X,
        MAX_X,
        seed,
        Realisation::draw,
        NOISE,
        Optional.of(GaussianProcess::posterior));
  }

  /** The covariance of the values at two inputs, without noise; the variance is 1. */
  static double kernel(double a, double b) {
    double d = (a - b) / LENGTH;
    return StrictMath.exp(-0.5 * d * d);
  }

  /**
   * What is known of a function's values from some of them: normal, by Rasmussen and Williams
   * (2006), "Gaussian Processes for Machine Learning", equations 2.25 and 2.26, with the noise of
   * the values themselves.
   */
  private static void posterior(
      float[] supportX, float[] supportY, float[] x, double[] mean, double[] deviation) {
    int n = supportX.length;
    double[][] k = new double[n][n];
    double[] y = new double[n];
    for (int i = 0; i < n; i++) {
      y[i] = supportY[i];
      for (int j = 0; j < n; j++) {
        k[i][j] = kernel(supportX[i], supportX[j]) + (i == j ? NOISE * NOISE : 0);
      }
    }
    double[][] l = Cholesky.factor(k);
    double[] seen = Cholesky.solve(l, y);
    for (int t = 0; t < x.length; t++) {
      double[] near = new double[n];
      for (int i = 0; i < n; i++) {
        near[i] = kernel(supportX[i], x[t]);
      }
      double[] v = Cholesky.solve(l, near);
      double variance = 1 + NOISE * NOISE;
      mean[t] = 0;
      for (int i = 0; i < n; i++) {
        mean[t] += v[i] * seen[i];
        variance -= v[i] * v[i];
      }
      deviation[t] = StrictMath.sqrt(variance);
    }
  }

  /**
   * One function: {@code f(x) = sum over nodes g of k(x, g) w_g} with weights {@code w = L^-T z},
   * where {@code L L^T} are the covariances of the nodes and z is normal. Its covariance is {@code
   * k(x, G) k(G, G)^-1 k(G, x')}: that of the process as far as the nodes' values tell of it, which
   * between nodes so near is all but all.
   */
  private record Realisation(double[] weights) implements Curve {
    private static final int SIDE = 16; // nodes on either side of the one at 0
    private static final double APART = 0.15; // so that they reach beyond the range
    private static final double JITTER = 1e-10;
    private static final double[][] FACTOR = factor();
    private static final double[] SQUARES = squares();

    private static double[][] factor() {
      int n = 2 * SIDE + 1;
      double[][] k = new double[n][n];
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          k[i][j] = kernel(i * APART, j * APART) + (i == j ? JITTER : 0);
        }
      }
      return Cholesky.factor(k);
    }

    private static double[] squares() {
      double[] k = new double[SIDE + 1];
      for (int i = 0; i <= SIDE; i++) {
        k[i] = kernel(i * APART, 0);
      }
      return k;
    }

    static Realisation draw(RandomStream random) {
      double[] z = new double[2 * SIDE + 1];
      for (int i = 0; i < z.length; i++) {
        z[i] = random.nextGaussian();
      }
      return new Realisation(Cholesky.solveTransposed(FACTOR, z));
    }

    /**
     * With nodes at i h, k(x, i h) = k(x, 0) k(i h, 0) e^(x h i / l^2): two exponentials of a
     * point, not one of each node.
     */
    @Override
    public void value(float[] x, int xAt, float[] y, int yAt) {
      double step = StrictMath.exp(x[xAt] * APART / (LENGTH * LENGTH));
      double up = 1;
      double down = 1;
      double sum = weights[SIDE];
      for (int i = 1; i <= SIDE; i++) {
        up *= step;
        down /= step;
        sum += SQUARES[i] * (weights[SIDE + i] * up + weights[SIDE - i] * down);
      }
      y[yAt] = (float) (kernel(x[xAt], 0) * sum);
    }
  }
}
