package io.quickstudy.suite;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Product;
import io.quickstudy.graph.Product.Form;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.util.ArrayList;
import java.util.List;

final class ProductSamples {
  private ProductSamples() {}

  static List<Sample> all() {
    List<Sample> out = new ArrayList<>();
    products(out);
    factors(out);
    solutions(out);
    return out;
  }

  private static void products(List<Sample> out) {
    int[][] cases = { // m, k, n, then the batch
      {1, 1, 1},
      {3, 4, 2},
      {1, 17, 5},
      {7, 1, 9},
      {5, 13, 1},
      {19, 33, 18},
      {3, 4, 5, 2},
      {1, 6, 1, 3},
      {2, 3, 4, 2, 3}
    };
    for (int[] c : cases) {
      int[] batch = java.util.Arrays.copyOfRange(c, 3, c.length);
      Shape a = Shape.of(batch).append(c[0], c[1]);
      Shape b = Shape.of(batch).append(c[1], c[2]);
      Shape y = Shape.of(batch).append(c[0], c[2]);
      out.add(
          Sample.of("dot " + a + " " + b, Product.Dot.class, p -> dot(p.get("a"), p.get("b")))
              .arg("a", a, Draw.any())
              .arg("b", b, Draw.any())
              .linearIn("a", "b")
              .order(c[1] == 4 ? 3 : 2)
              .equalTo(
                  x ->
                      Close.index(
                          y,
                          i -> {
                            double sum = 0;
                            int[] left = i.clone();
                            int[] right = i.clone();
                            for (int q = 0; q < c[1]; q++) {
                              left[i.length - 1] = q;
                              right[i.length - 2] = q;
                              sum += Close.at(x.get("a"), a, left) * Close.at(x.get("b"), b, right);
                            }
                            return sum;
                          })));
    }
    out.add(
        Sample.of(
                "dot with its own transpose",
                Product.Dot.class,
                p -> dot(p.get("a"), t(p.get("a"))))
            .arg("a", Shape.of(3, 5), Draw.any())
            .order(3));
  }

  /** The result times its transpose gives the matrix back, and its upper half is 0. */
  private static void factors(List<Sample> out) {
    out.add(
        Sample.of("cholesky by hand", Product.Cholesky.class, p -> cholesky(p.get("a")))
            .given("a", DType.F32, Shape.of(3, 3), Draw.fixed(4, 99, 99, 12, 37, 99, -16, -43, 98))
            .equalTo(x -> new double[] {2, 0, 0, 6, 1, 0, -8, 5, 3}));
    for (Shape s :
        List.of(
            Shape.of(1, 1),
            Shape.of(2, 2),
            Shape.of(5, 5),
            Shape.of(9, 9),
            Shape.of(2, 3, 3),
            Shape.of(2, 2, 4, 4))) {
      out.add(
          Sample.of("cholesky " + s, Product.Cholesky.class, p -> cholesky(definite(p.get("m"))))
              .arg("m", s, Draw.any())
              .order(s.rank() == 2 && s.dim(0) < 9 ? 3 : 2)
              .holds((x, l) -> factor(s, x.get("m"), l)));
    }
  }

  /** M M' + n I. */
  private static Tensor definite(Tensor m) {
    return add(dot(m, t(m)), scale(diagonal(m.shape()), m.dim(-1)));
  }

  private static void factor(Shape s, double[] m, double[] l) {
    int n = s.dim(-1);
    double[] a = new double[l.length];
    double[] back = new double[l.length];
    for (int at = 0; at < l.length; at += n * n) {
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          int p = at + i * n + j;
          a[p] = i == j ? n : 0;
          for (int q = 0; q < n; q++) {
            a[p] += m[at + i * n + q] * m[at + j * n + q];
            back[p] += l[at + i * n + q] * l[at + j * n + q];
          }
          if (j > i ? l[p] != 0 : i == j && !(l[p] > 0)) {
            throw new AssertionError("element " + i + ", " + j + " of the factor is " + l[p]);
          }
        }
      }
    }
    Close.check("L L' against the matrix", a, back, Close.DOUBLE);
  }

  private static void solutions(List<Sample> out) {
    out.add(
        Sample.of(
                "solve by hand",
                Product.TriangularSolve.class,
                p -> triangularSolve(p.get("l"), p.get("b"), Form.PLAIN))
            .given("l", DType.F32, Shape.of(2, 2), Draw.fixed(2, 99, -1, 4))
            .given("b", DType.F32, Shape.of(2, 1), Draw.fixed(6, 5))
            .equalTo(x -> new double[] {3, 2}));
    out.add(
        Sample.of(
                "solve transposed by hand",
                Product.TriangularSolve.class,
                p -> triangularSolve(p.get("l"), p.get("b"), Form.TRANSPOSED))
            .given("l", DType.F32, Shape.of(2, 2), Draw.fixed(2, 99, -1, 4))
            .given("b", DType.F32, Shape.of(2, 1), Draw.fixed(4, 8))
            .equalTo(x -> new double[] {3, 2}));
    int[][] cases = { // n, m, then the batch
      {1, 1}, {2, 3}, {5, 1}, {9, 7}, {3, 2, 2}, {4, 1, 3}, {3, 2, 2, 2}
    };
    for (Form form : Form.values()) {
      for (int[] c : cases) {
        Shape batch = Shape.of(java.util.Arrays.copyOfRange(c, 2, c.length));
        Shape l = batch.append(c[0], c[0]);
        Shape b = batch.append(c[0], c[1]);
        out.add(
            Sample.of(
                    "solve " + form + " " + l + " " + b,
                    Product.TriangularSolve.class,
                    p ->
                        triangularSolve(add(p.get("l"), scale(diagonal(l), 2.5)), p.get("b"), form))
                .arg("l", l, Draw.any())
                .arg("b", b, Draw.any())
                .linearIn("b")
                .order(c.length == 2 && c[0] < 5 ? 3 : 2)
                .holds((x, y) -> product(form, c[0], c[1], x.get("l"), y, x.get("b"))));
      }
    }
  }

  /** Multiplies the solution with the lower half of the matrix. */
  private static void product(Form form, int n, int m, double[] l, double[] x, double[] b) {
    double[] back = new double[b.length];
    for (int s = 0; s < b.length / (n * m); s++) {
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < m; j++) {
          for (int q = 0; q < n; q++) {
            int row = form == Form.PLAIN ? i : q;
            int col = form == Form.PLAIN ? q : i;
            double v = row < col ? 0 : l[(s * n + row) * n + col] + (row == col ? 2.5 : 0);
            back[(s * n + i) * m + j] += v * x[(s * n + q) * m + j];
          }
        }
      }
    }
    Close.check("L X against B", b, back, Close.DOUBLE);
  }
}
