package io.quickstudy.suite;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.functions.Activations;
import io.quickstudy.functions.Distances;
import io.quickstudy.functions.Einsum;
import io.quickstudy.functions.LinearAlgebra;
import io.quickstudy.functions.Reductions;
import io.quickstudy.functions.Sampling;
import io.quickstudy.functions.Sorting;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Elementwise;
import io.quickstudy.graph.Elementwise.Binary;
import io.quickstudy.graph.Elementwise.Unary;
import io.quickstudy.graph.Indexing;
import io.quickstudy.graph.Leaf;
import io.quickstudy.graph.Product;
import io.quickstudy.graph.Reduction;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;

/** The composites of {@code functions} that are not among other samples. */
final class FunctionSamples {
  private FunctionSamples() {}

  private static final Shape S = Shape.of(2, 5);

  static List<Sample> all() {
    List<Sample> out = new ArrayList<>();
    order(out);
    activations(out);
    reductions(out);
    running(out);
    products(out);
    matrices(out);
    return out;
  }

  private static Sample of(
      String name, Object covers, UnaryOperator<Tensor> f, Draw draw, UnaryOperator<double[]> row) {
    return Sample.of(name, covers, p -> f.apply(p.get("x")))
        .arg("x", S, draw)
        .equalTo(
            v -> {
              double[] first = row.apply(Arrays.copyOfRange(v.get("x"), 0, 5));
              double[] second = row.apply(Arrays.copyOfRange(v.get("x"), 5, 10));
              double[] all = Arrays.copyOf(first, 2 * first.length);
              System.arraycopy(second, 0, all, first.length, second.length);
              return all;
            });
  }

  private static double[] sorted(double[] x) {
    double[] y = x.clone();
    Arrays.sort(y);
    return y;
  }

  private static double[] reversed(double[] x) {
    double[] y = x.clone();
    for (int i = 0; i < y.length; i++) {
      y[i] = x[x.length - 1 - i];
    }
    return y;
  }

  private static double[] positions(double[] x, double[] of) {
    return Arrays.stream(of)
        .map(
            v -> {
              int i = 0;
              while (x[i] != v) {
                i++;
              }
              return i;
            })
        .toArray();
  }

  private static void order(List<Sample> out) {
    Object topK = Indexing.TopK.class;
    out.add(of("sort", topK, Sorting::sort, Draw.apart(), FunctionSamples::sorted));
    out.add(
        of(
            "sort descending",
            topK,
            Sorting::sortDescending,
            Draw.apart(),
            x -> reversed(sorted(x))));
    out.add(
        of(
            "two largest",
            topK,
            x -> Sorting.largest(x, 2),
            Draw.apart(),
            x -> Arrays.copyOf(reversed(sorted(x)), 2)));
    out.add(
        Sample.of("arg sort", topK, p -> Sorting.argSort(p.get("x")))
            .given("x", DType.F32, S, Draw.apart())
            .equalTo(
                v -> {
                  double[] x = v.get("x");
                  double[] a = Arrays.copyOfRange(x, 0, 5);
                  double[] b = Arrays.copyOfRange(x, 5, 10);
                  double[] y = Arrays.copyOf(positions(a, sorted(a)), 10);
                  System.arraycopy(positions(b, sorted(b)), 0, y, 5, 5);
                  return y;
                }));
    out.add(
        Sample.of(
                "arg sort of equal elements",
                topK,
                p ->
                    stack(
                        0,
                        List.of(
                            Sorting.argSort(p.get("x")), Sorting.argSortDescending(p.get("x")))))
            .given("x", DType.F32, Shape.of(4), Draw.fixed(1, 0, 1, 0))
            .equalTo(v -> new double[] {1, 3, 0, 2, 0, 2, 1, 3}));
    out.add(
        Sample.of("arg min", topK, p -> Sorting.argMin(p.get("x")))
            .given("x", DType.F32, Shape.of(2, 3), Draw.fixed(1, -5, -5, -1, 3, 2))
            .equalTo(v -> new double[] {1, 0}));
  }

  private static Sample activation(
      String name, Object covers, UnaryOperator<Tensor> f, Draw draw, DoubleUnaryOperator g) {
    return of(name, covers, f, draw, x -> Arrays.stream(x).map(g).toArray()).order(3);
  }

  private static void activations(List<Sample> out) {
    Draw wide = Draw.either(0.1, 4);
    out.add(
        activation(
            "softplus",
            Unary.LOG1P,
            Activations::softplus,
            wide,
            x -> Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))));
    out.add(
        activation(
            "softplus of large numbers",
            Unary.LOG1P,
            Activations::softplus,
            Draw.fixed(-200, -90, 0, 90, 200, 1, -1, 20, -20, 1e4),
            x -> Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))));
    out.add(
        activation(
            "log sigmoid",
            Unary.LOG1P,
            Activations::logSigmoid,
            wide,
            x -> -Math.log1p(Math.exp(-x))));
    out.add(
        activation(
            "leaky relu",
            Binary.MAX,
            x -> Activations.leakyRelu(x, 0.2),
            wide,
            x -> x > 0 ? x : 0.2 * x));
    out.add(activation("elu", Unary.EXPM1, Activations::elu, wide, x -> x > 0 ? x : Math.expm1(x)));
  }

  private static void reductions(List<Sample> out) {
    List<Integer> last = List.of(1);
    out.add(
        of(
            "min",
            Reduction.Max.class,
            x -> Reductions.min(x, last),
            Draw.apart(),
            x -> new double[] {sorted(x)[0]}));
    out.add(
        of(
            "product of five",
            Binary.MUL,
            x -> Reductions.product(x, -1),
            Draw.any(),
            x -> new double[] {Arrays.stream(x).reduce(1, (a, b) -> a * b)}));
    out.add(
        of(
            "product with zeros",
            Binary.MUL,
            x -> Reductions.product(x, 1),
            Draw.fixed(1, 0, 2, 3, -1, 0, 0, 1, 2, 2),
            x -> new double[] {Arrays.stream(x).reduce(1, (a, b) -> a * b)}));
    out.add(
        of(
            "norm",
            Unary.SQRT,
            x -> Reductions.norm(x, last),
            Draw.either(0.5, 1),
            x -> new double[] {Math.sqrt(Arrays.stream(x).map(v -> v * v).sum())}));
    out.add(
        of(
                "log sum exp",
                Unary.LOG,
                x -> Reductions.logSumExp(x, last),
                Draw.apart(),
                x -> new double[] {Math.log(Arrays.stream(x).map(Math::exp).sum())})
            .order(3));
    out.add(
        of(
            "variance",
            Reduction.Sum.class,
            x -> Reductions.variance(x, last),
            Draw.any(),
            x -> {
              double m = Arrays.stream(x).sum() / 5;
              return new double[] {Arrays.stream(x).map(v -> (v - m) * (v - m)).sum() / 5};
            }));
  }

  private static double[] total(double[] x, DoubleBinaryOperator f) {
    double[] y = x.clone();
    Arrays.parallelPrefix(y, f);
    return y;
  }

  private static void running(List<Sample> out) {
    out.add(
        of(
                "cumulative sum",
                Binary.ADD,
                x -> Reductions.cumulativeSum(x, -1),
                Draw.any(),
                x -> total(x, Double::sum))
            .linearIn("x"));
    out.add(
        of(
            "cumulative product",
            Binary.MUL,
            x -> Reductions.cumulativeProduct(x, 1),
            Draw.any(),
            x -> total(x, (a, b) -> a * b)));
    out.add(
        Sample.of(
                "cumulative sum over rows",
                Binary.ADD,
                p -> Reductions.cumulativeSum(p.get("x"), 0))
            .arg("x", Shape.of(2, 3), Draw.any())
            .linearIn("x")
            .equalTo(
                v ->
                    Close.index(
                        Shape.of(6),
                        i -> v.get("x")[i[0]] + (i[0] > 2 ? v.get("x")[i[0] - 3] : 0))));
  }

  private static Sample einsum(
      String letters, Shape a, Shape b, Shape to, int summed, Factor x, Factor y) {
    return Sample.of(
            "einsum " + letters,
            Product.Dot.class,
            p -> Einsum.einsum(letters, p.get("a"), p.get("b")))
        .arg("a", a, Draw.any())
        .arg("b", b, Draw.any())
        .linearIn("a", "b")
        .equalTo(
            v ->
                Close.index(
                    to,
                    i -> {
                      double sum = 0;
                      for (int k = 0; k < summed; k++) {
                        sum +=
                            Close.at(v.get("a"), a, x.at(i, k))
                                * Close.at(v.get("b"), b, y.at(i, k));
                      }
                      return sum;
                    }));
  }

  /** The index of a factor for an index of the result and one that is summed over. */
  private interface Factor {
    int[] at(int[] i, int k);
  }

  private static int[] ints(int... i) {
    return i;
  }

  private static void products(List<Sample> out) {
    Shape a = Shape.of(2, 3, 4);
    out.add(
        einsum(
            "bik,bjk->bij",
            a,
            Shape.of(2, 5, 4),
            Shape.of(2, 3, 5),
            4,
            (i, k) -> ints(i[0], i[1], k),
            (i, k) -> ints(i[0], i[2], k)));
    out.add(
        einsum(
            "ikj,lk->jli",
            a,
            Shape.of(5, 3),
            Shape.of(4, 5, 2),
            3,
            (i, k) -> ints(i[2], k, i[0]),
            (i, k) -> ints(i[1], k)));
    out.add(
        einsum(
            "i,j->ij",
            Shape.of(3),
            Shape.of(2),
            Shape.of(3, 2),
            1,
            (i, k) -> ints(i[0]),
            (i, k) -> ints(i[1])));
    out.add(
        einsum(
            "i,i->",
            Shape.of(3),
            Shape.of(3),
            Shape.of(),
            3,
            (i, k) -> ints(k),
            (i, k) -> ints(k)));
    out.add(
        einsum(
            "ik,j->j",
            Shape.of(2, 2),
            Shape.of(3),
            Shape.of(3),
            4,
            (i, k) -> ints(k / 2, k % 2),
            (i, k) -> ints(i[0])));
  }

  private static void matrices(List<Sample> out) {
    out.add(
        Sample.of(
                "positive definite system",
                Product.Cholesky.class,
                p -> {
                  Tensor b = p.get("b");
                  Tensor a = LinearAlgebra.addToDiagonal(dot(b, t(b)), scalar(1));
                  return LinearAlgebra.solvePositiveDefinite(a, dot(a, p.get("x")));
                })
            .arg("b", Shape.of(3, 2), Draw.any())
            .arg("x", Shape.of(3, 2), Draw.any())
            .equalTo(v -> v.get("x")));
    out.add(
        Sample.of(
                "log determinant",
                Product.Cholesky.class,
                p -> {
                  Tensor a = mul(p.get("a"), fill(1, Shape.of(2, 2)));
                  Tensor s = dot(a, t(a));
                  return LinearAlgebra.logDeterminant(s);
                })
            .arg("a", Shape.of(2, 2), Draw.fixed(1, 0.25, -0.5, 2))
            .equalTo(
                v -> {
                  double[] a = v.get("a");
                  return new double[] {2 * Math.log(Math.abs(a[0] * a[3] - a[1] * a[2]))};
                }));
    out.add(
        Sample.of(
                "diagonals out and in",
                Elementwise.Select.class,
                p -> LinearAlgebra.diagonalMatrix(LinearAlgebra.diagonalOf(p.get("a"))))
            .arg("a", Shape.of(2, 2, 2), Draw.any())
            .linearIn("a")
            .equalTo(
                v ->
                    Close.index(
                        Shape.of(2, 2, 2),
                        i -> i[1] == i[2] ? v.get("a")[4 * i[0] + 3 * i[1]] : 0)));
    out.add(
        Sample.of(
                "absolute differences",
                Unary.ABS,
                p ->
                    add(
                        Distances.absoluteDifferences(p.get("a"), p.get("b")),
                        reshape(Distances.manhattan(p.get("a"), p.get("b")), Shape.of(2, 2, 1))))
            .arg("a", Shape.of(2, 3), Draw.uniform(0, 1))
            .arg("b", Shape.of(2, 3), Draw.uniform(1.1, 2))
            .equalTo(
                v ->
                    Close.index(
                        Shape.of(2, 2, 3),
                        i -> {
                          double sum = 0;
                          double own = 0;
                          for (int k = 0; k < 3; k++) {
                            double d =
                                Math.abs(v.get("a")[3 * i[0] + k] - v.get("b")[3 * i[1] + k]);
                            sum += d;
                            own = k == i[2] ? d : own;
                          }
                          return own + sum;
                        })));
    out.add(
        Sample.of(
                "normal numbers of a mean and a deviation",
                Leaf.Random.class,
                p ->
                    Sampling.reparametrised(
                        p.get("m"), p.get("s"), Sampling.normal(p.get("key"), Shape.of(3))))
            .arg("m", Shape.of(3), Draw.any())
            .arg("s", Shape.of(3), Draw.any())
            .given("key", DType.I32, Shape.of(2), Draw.words()));
  }
}
