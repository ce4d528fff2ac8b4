package io.quickstudy.search;

import io.quickstudy.nn.Cell;
import java.util.List;

/**
 * Predicts the accuracy of cells from those that were measured: ridge regression on how often a
 * cell does what, its depth and its outputs. Kim et al. (2018) and Liu et al. (2018) train an LSTM
 * or an ensemble of networks for this on hundreds of cells; of a few dozen as here a straight line
 * says as much.
 */
final class Surrogate {
  /** Weight of the penalty on the coefficients. */
  private static final double RIDGE = 1;

  private final double[] coefficients;
  private final double mean;

  private Surrogate(double[] coefficients, double mean) {
    this.coefficients = coefficients;
    this.mean = mean;
  }

  /**
   * Fits what was measured.
   *
   * @param accuracy of each cell, 0 to 1
   */
  static Surrogate of(List<Cell> cells, List<Double> accuracy) {
    double mean = accuracy.stream().mapToDouble(Double::doubleValue).average().orElse(0);
    int d = features(cells.getFirst()).length;
    double[][] a = new double[d][d + 1];
    for (int i = 0; i < cells.size(); i++) {
      double[] x = features(cells.get(i));
      for (int r = 0; r < d; r++) {
        for (int c = 0; c < d; c++) {
          a[r][c] += x[r] * x[c];
        }
        a[r][d] += x[r] * (accuracy.get(i) - mean);
      }
    }
    for (int r = 0; r < d; r++) {
      a[r][r] += RIDGE;
    }
    return new Surrogate(solved(a), mean);
  }

  /** Elimination; the matrix is positive definite by its ridge, so that no pivot is 0. */
  private static double[] solved(double[][] a) {
    int d = a.length;
    for (int k = 0; k < d; k++) {
      for (int r = k + 1; r < d; r++) {
        double f = a[r][k] / a[k][k];
        for (int c = k; c <= d; c++) {
          a[r][c] -= f * a[k][c];
        }
      }
    }
    double[] x = new double[d];
    for (int r = d - 1; r >= 0; r--) {
      double s = a[r][d];
      for (int c = r + 1; c < d; c++) {
        s -= a[r][c] * x[c];
      }
      x[r] = s / a[r][r];
    }
    return x;
  }

  /** The accuracy that is expected of a cell. */
  double expected(Cell cell) {
    double[] x = features(cell);
    double y = mean;
    for (int i = 0; i < x.length; i++) {
      y += coefficients[i] * x[i];
    }
    return y;
  }

  /** Shares of each operation, and of each on the cell's own input; blocks, depth and outputs. */
  private static double[] features(Cell cell) {
    List<Cell.Operation> known = List.of(Cell.Operation.values());
    int kinds = known.size();
    double[] x = new double[2 * kinds + 4];
    int[] depth = new int[cell.blocks().size() + 1];
    double share = 1.0 / (2 * cell.blocks().size());
    int deepest = 0;
    for (int k = 1; k < depth.length; k++) {
      Cell.Block b = cell.blocks().get(k - 1);
      for (Cell.Branch branch : List.of(b.left(), b.right())) {
        int kind = known.indexOf(branch.operation());
        x[kind] += share;
        x[kinds + kind] += branch.input() == 0 ? share : 0;
        depth[k] = Math.max(depth[k], depth[branch.input()] + 1);
      }
      deepest = Math.max(deepest, depth[k]);
    }
    x[2 * kinds] = 1;
    x[2 * kinds + 1] = cell.blocks().size();
    x[2 * kinds + 2] = deepest;
    x[2 * kinds + 3] = cell.outputs().size();
    return x;
  }
}
