package io.quickstudy.learners.closed;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.reference.Reference;
import io.quickstudy.task.Batch;
import io.quickstudy.transform.Params;
import java.util.Arrays;
import java.util.SplittableRandom;

/** What heads are tested with: examples that are their own features, and plain Java beside them. */
final class Heads {
  private Heads() {}

  /** Features that are the example itself. */
  record Plain() implements Model {
    @Override
    public Params init(Init draw) {
      return Params.empty();
    }

    @Override
    public Pass pass(Params theta, Tensor x, Norm norm) {
      return new Pass(x, Params.empty());
    }
  }

  /** Rows of numbers between -1 and 1. */
  static double[][] numbers(long seed, int rows, int columns) {
    SplittableRandom r = new SplittableRandom(seed);
    double[][] x = new double[rows][];
    Arrays.setAll(x, i -> r.doubles(columns, -1, 1).toArray());
    return x;
  }

  static Tensor matrix(double[][] rows) {
    double[] flat = Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
    return Ops.literal(Shape.of(rows.length, rows[0].length), flat);
  }

  static Batch batch(double[][] x, int... y) {
    double[] labels = Arrays.stream(y).asDoubleStream().toArray();
    return new Batch(matrix(x), Ops.literal(DType.I32, Shape.of(y.length), labels));
  }

  static double[][] rows(Tensor t) {
    double[] v = Reference.eval(t);
    int d = t.dim(1);
    double[][] rows = new double[t.dim(0)][];
    Arrays.setAll(rows, i -> Arrays.copyOfRange(v, i * d, (i + 1) * d));
    return rows;
  }

  /** The same with a 1 behind each row. */
  static double[][] withOnes(double[][] z) {
    double[][] x = new double[z.length][];
    Arrays.setAll(
        x,
        i -> {
          double[] row = Arrays.copyOf(z[i], z[i].length + 1);
          row[z[i].length] = 1;
          return row;
        });
    return x;
  }

  static double dot(double[] a, double[] b) {
    double s = 0;
    for (int i = 0; i < a.length; i++) {
      s += a[i] * b[i];
    }
    return s;
  }

  static double[][] transposed(double[][] a) {
    double[][] t = new double[a[0].length][a.length];
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < a[0].length; j++) {
        t[j][i] = a[i][j];
      }
    }
    return t;
  }

  static double[][] product(double[][] a, double[][] b) {
    double[][] columns = transposed(b);
    double[][] c = new double[a.length][columns.length];
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < columns.length; j++) {
        c[i][j] = dot(a[i], columns[j]);
      }
    }
    return c;
  }

  /** A^-1 B by Gauss's elimination with the largest pivot. */
  static double[][] solved(double[][] a, double[][] b) {
    int n = a.length;
    double[][] l = new double[n][];
    double[][] r = new double[n][];
    for (int i = 0; i < n; i++) {
      l[i] = a[i].clone();
      r[i] = b[i].clone();
    }
    for (int k = 0; k < n; k++) {
      int p = k;
      for (int i = k + 1; i < n; i++) {
        p = Math.abs(l[i][k]) > Math.abs(l[p][k]) ? i : p;
      }
      double[] row = l[k];
      l[k] = l[p];
      l[p] = row;
      row = r[k];
      r[k] = r[p];
      r[p] = row;
      for (int i = 0; i < n; i++) {
        double f = i == k ? 0 : l[i][k] / l[k][k];
        for (int j = k; f != 0 && j < n; j++) {
          l[i][j] -= f * l[k][j];
        }
        for (int j = 0; f != 0 && j < r[i].length; j++) {
          r[i][j] -= f * r[k][j];
        }
      }
    }
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < r[i].length; j++) {
        r[i][j] /= l[i][i];
      }
    }
    return r;
  }
}
