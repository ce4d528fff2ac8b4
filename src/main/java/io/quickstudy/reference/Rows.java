package io.quickstudy.reference;

import io.quickstudy.graph.Indexing;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.util.Comparator;
import java.util.Locale;
import java.util.stream.IntStream;

/** Reading, writing and finding rows. */
final class Rows {
  private Rows() {}

  /** Positions of the first element of a row of the table and of the list, and the row's length. */
  interface Visitor {
    void at(int table, int list, int length);
  }

  /** Pairs each index [B..., K...] with its row of the table [B..., n, R...]. */
  private static void rows(Tensor index, double[] k, int batch, int n, Shape row, Visitor visitor) {
    int length = row.size();
    int batches = index.shape().sub(0, batch).size();
    int each = index.shape().size() / batches;
    for (int i = 0; i < k.length; i++) {
      if (!(k[i] >= 0 && k[i] < n)) {
        throw new IndexOutOfBoundsException(
            String.format(
                Locale.ROOT,
                "Index %.0f is outside 0..%s: expected a label or row that there is; correct the"
                    + " input.",
                k[i],
                n - 1));
      }
      visitor.at((i / each * n + (int) k[i]) * length, i * length, length);
    }
  }

  static double[] gather(Tensor t, Indexing.Gather op, double[] x, double[] k) {
    double[] y = new double[t.shape().size()];
    Shape table = t.input(0).shape();
    rows(
        t.input(1),
        k,
        op.batch(),
        table.dim(op.batch()),
        table.sub(op.batch() + 1, table.rank()),
        (a, b, length) -> System.arraycopy(x, a, y, b, length));
    return y;
  }

  static double[] scatterAdd(Tensor t, Indexing.ScatterAdd op, double[] g, double[] k) {
    double[] y = new double[t.shape().size()];
    rows(
        t.input(1),
        k,
        op.batch(),
        op.n(),
        t.shape().sub(op.batch() + 1, t.rank()),
        (a, b, length) -> {
          for (int i = 0; i < length; i++) {
            y[a + i] += g[b + i];
          }
        });
    return y;
  }

  static double[] topK(Tensor t, Indexing.TopK op, double[] x) {
    int n = t.input(0).dim(-1);
    double[] y = new double[t.shape().size()];
    for (int row = 0; row < x.length / n; row++) {
      int at = row * n;
      Comparator<Integer> descending =
          (i, j) -> {
            double a = x[at + i];
            double b = x[at + j];
            if (Double.isNaN(a) || Double.isNaN(b)) {
              return Boolean.compare(Double.isNaN(b), Double.isNaN(a));
            }
            return a > b ? -1 : a < b ? 1 : 0;
          };
      int[] order =
          IntStream.range(0, n).boxed().sorted(descending).mapToInt(i -> i).toArray(); // stable
      for (int i = 0; i < op.k(); i++) {
        y[row * op.k() + i] = order[i];
      }
    }
    return y;
  }
}
