package io.quickstudy.suite;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Convolution;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Elementwise;
import io.quickstudy.graph.Elementwise.Binary;
import io.quickstudy.graph.Elementwise.Unary;
import io.quickstudy.graph.Indexing;
import io.quickstudy.graph.Layout;
import io.quickstudy.graph.Pooling;
import io.quickstudy.graph.Product;
import io.quickstudy.graph.Product.Form;
import io.quickstudy.graph.Reduction;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Window;
import io.quickstudy.transform.Grad;
import io.quickstudy.transform.Params;
import java.util.ArrayList;
import java.util.List;

/** Several ops together, as learners use them, and what a simplifier looks for. */
final class CompositeSamples {
  private CompositeSamples() {}

  static List<Sample> all() {
    List<Sample> out = new ArrayList<>();
    wrappers(out);
    models(out);
    redundant(out);
    joined(out);
    return out;
  }

  /** Values that are computed where a concatenation wants them, and read there by others. */
  private static void joined(List<Sample> out) {
    out.add(
        Sample.of(
                "loops into nested concatenations",
                Layout.Concatenate.class,
                p -> {
                  Tensor a = exp(p.get("x"));
                  Tensor b = tanh(p.get("y"));
                  Tensor inner = concatenate(1, a, b, a);
                  Tensor read = dot(a, transpose(b, List.of(1, 0)));
                  Tensor wide = concatenate(1, inner, read, b);
                  return stack(1, List.of(wide, mul(wide, wide)));
                })
            .arg("x", Shape.of(3, 4), Draw.any())
            .arg("y", Shape.of(3, 4), Draw.any())
            .equalTo(
                in ->
                    Close.index(
                        Shape.of(3, 2, 19),
                        i -> {
                          double v = nested(in.get("x"), in.get("y"), i[0], i[2]);
                          return i[1] == 0 ? v : v * v;
                        })));
    out.add(
        Sample.of(
                "gates of an elementwise op",
                Layout.Slice.class,
                p -> {
                  Tensor z = add(p.get("x"), p.get("y"));
                  Tensor gate = sigmoid(slice(z, 1, 0, 3));
                  return concatenate(1, slice(z, 1, 3, 6), mul(gate, slice(z, 1, 3, 6)));
                })
            .arg("x", Shape.of(2, 6), Draw.any())
            .arg("y", Shape.of(2, 6), Draw.any())
            .equalTo(
                in ->
                    Close.index(
                        Shape.of(2, 6),
                        i -> {
                          int at = i[0] * 6 + 3 + i[1] % 3;
                          double z = in.get("x")[at] + in.get("y")[at];
                          double g = in.get("x")[at - 3] + in.get("y")[at - 3];
                          return i[1] < 3 ? z : z / (1 + Math.exp(-g));
                        })));
  }

  /** An element of the rows (a, b, a, a b', b) of a = exp x and b = tanh y, all [3, 4]. */
  private static double nested(double[] x, double[] y, int row, int column) {
    if (column >= 12 && column < 15) {
      double sum = 0;
      for (int k = 0; k < 4; k++) {
        sum += Math.exp(x[row * 4 + k]) * Math.tanh(y[(column - 12) * 4 + k]);
      }
      return sum;
    }
    int k = row * 4 + (column < 12 ? column % 4 : column - 15);
    return column / 4 == 1 || column >= 15 ? Math.tanh(y[k]) : Math.exp(x[k]);
  }

  private static void wrappers(List<Sample> out) {
    out.add(
        Sample.of("one hot", Binary.EQUAL, p -> oneHot(p.get("k"), 4))
            .given("k", DType.I32, Shape.of(2, 3), Draw.below(4))
            .equalTo(x -> Close.index(Shape.of(6, 4), i -> x.get("k")[i[0]] == i[1] ? 1 : 0)));
    out.add(
        Sample.of("arg max", Indexing.TopK.class, p -> argMax(p.get("x")))
            .given("x", DType.F32, Shape.of(2, 3), Draw.fixed(1, 5, 5, -1, -3, -2))
            .equalTo(x -> new double[] {1, 0}));
    for (int axis = 0; axis < 3; axis++) {
      int a = axis;
      out.add(
          Sample.of(
                  "stack axis " + a,
                  Layout.Concatenate.class,
                  p -> stack(a, List.of(p.get("a"), p.get("b"))))
              .arg("a", Shape.of(2, 3), Draw.any())
              .arg("b", Shape.of(2, 3), Draw.any())
              .equalTo(
                  x ->
                      Close.index(
                          Shape.of(2, a == 2 ? 3 : 2, a == 2 ? 2 : 3),
                          i -> {
                            String part = i[a] == 0 ? "a" : "b";
                            int row = i[a == 0 ? 1 : 0];
                            int col = i[a == 2 ? 1 : 2];
                            return x.get(part)[row * 3 + col];
                          })));
    }
    out.add(
        Sample.of(
                "average pool",
                Pooling.PoolSum.class,
                p -> averagePool(p.get("x"), Window.square(2, 2, 0)))
            .arg("x", Shape.of(1, 2, 4, 1), Draw.any())
            .linearIn("x")
            .equalTo(
                v -> {
                  double[] x = v.get("x");
                  return new double[] {
                    (x[0] + x[1] + x[4] + x[5]) / 4, (x[2] + x[3] + x[6] + x[7]) / 4
                  };
                }));
    out.add(
        Sample.of("mean", Reduction.Sum.class, p -> mean(p.get("x")))
            .arg("x", Shape.of(2, 2), Draw.any())
            .linearIn("x")
            .equalTo(
                v -> {
                  double[] x = v.get("x");
                  return new double[] {(x[0] + x[1] + x[2] + x[3]) / 4};
                }));
    out.add(
        Sample.of("mask of a triangle", Binary.LESS_EQUAL, p -> lowerMask(Shape.of(2, 3)))
            .equalTo(x -> new double[] {1, 0, 0, 1, 1, 0}));
  }

  private static void models(List<Sample> out) {
    out.add(
        Sample.of("cross-entropy", Reduction.Max.class, CompositeSamples::crossEntropy)
            .arg("x", Shape.of(4, 5), Draw.apart())
            .given("k", DType.I32, Shape.of(4), Draw.below(5))
            .order(3));
    out.add(
        Sample.of(
                "convolution, batch norm, tanh, pool",
                Convolution.Conv.class,
                p -> {
                  Tensor y = conv(p.get("x"), p.get("f"), Window.square(3, 1, 1));
                  List<Integer> axes = List.of(0, 1, 2);
                  Tensor centred = sub(y, mean(y, axes));
                  Tensor variance = mean(mul(centred, centred), axes);
                  Tensor normed = mul(centred, rsqrt(add(variance, scalar(0.1))));
                  Tensor scaled = add(mul(normed, p.get("gamma")), p.get("beta"));
                  return averagePool(tanh(scaled), Window.square(2, 2, 0));
                })
            .arg("x", Shape.of(2, 4, 4, 2), Draw.any())
            .arg("f", Shape.of(3, 3, 2, 3), Draw.any())
            .arg("gamma", Shape.of(3), Draw.uniform(0.5, 1.5))
            .arg("beta", Shape.of(3), Draw.any()));
    out.add(
        Sample.of(
                "one inner step",
                Product.Dot.class,
                p -> {
                  Params w = Params.of("w", p.get("w"));
                  Params g = Grad.grad(q -> squared(q.get("w"), p.get("x"), p.get("t")), w);
                  return squared(w.minus(g.times(0.25)).get("w"), p.get("x"), p.get("t"));
                })
            .arg("w", Shape.of(3, 2), Draw.any())
            .arg("x", Shape.of(4, 3), Draw.any())
            .given("t", DType.F32, Shape.of(4, 2), Draw.any()));
    out.add(
        Sample.of(
                "ridge regression",
                Product.TriangularSolve.class,
                p -> {
                  Tensor x = p.get("x");
                  Tensor gram = dot(t(x), x);
                  Tensor l = cholesky(add(gram, diagonal(gram.shape())));
                  Tensor half = triangularSolve(l, dot(t(x), p.get("t")), Form.PLAIN);
                  return triangularSolve(l, half, Form.TRANSPOSED);
                })
            .arg("x", Shape.of(5, 3), Draw.any())
            .arg("t", Shape.of(5, 2), Draw.any())
            .linearIn("t"));
    out.add(
        Sample.of(
                "LSTM cell",
                Unary.SIGMOID,
                p -> {
                  Tensor z = dot(p.get("h"), p.get("w"));
                  Tensor c = p.get("c");
                  Tensor kept = mul(sigmoid(slice(z, 1, 0, 2)), c);
                  Tensor added = mul(sigmoid(slice(z, 1, 2, 4)), tanh(slice(z, 1, 4, 6)));
                  return mul(sigmoid(slice(z, 1, 6, 8)), tanh(add(kept, added)));
                })
            .arg("h", Shape.of(3, 4), Draw.any())
            .arg("w", Shape.of(4, 8), Draw.any())
            .arg("c", Shape.of(3, 2), Draw.any()));
    out.add(
        Sample.of(
                "a table read twice and averaged",
                Indexing.Gather.class,
                p -> {
                  Tensor rows = gather(p.get("x"), p.get("k"), 0);
                  return dot(sub(rows, mean(p.get("x"), List.of(0))), t(rows));
                })
            .arg("x", Shape.of(4, 3), Draw.any())
            .given("k", DType.I32, Shape.of(5), Draw.below(4)));
    out.add(
        Sample.of(
                "weighted neighbours",
                Unary.EXP,
                p -> {
                  Tensor s = scale(dot(p.get("q"), t(p.get("k"))), 0.5);
                  Tensor e = exp(sub(s, stop(top(s))));
                  Tensor total = reshape(sum(e, List.of(1)), Shape.of(3, 1));
                  return dot(div(e, total), p.get("v"));
                })
            .arg("q", Shape.of(3, 4), Draw.any())
            .arg("k", Shape.of(5, 4), Draw.any())
            .arg("v", Shape.of(5, 2), Draw.any())
            .linearIn("v"));
  }

  private static Tensor top(Tensor s) {
    return reshape(max(s, List.of(1)), s.shape().with(1, 1));
  }

  private static Tensor crossEntropy(Params p) {
    Tensor x = p.get("x");
    Tensor shifted = sub(x, top(x));
    Tensor logs = sub(shifted, reshape(log(sum(exp(shifted), List.of(1))), Shape.of(4, 1)));
    return neg(mean(sum(mul(oneHot(p.get("k"), 5), logs), List.of(1))));
  }

  private static Tensor squared(Tensor w, Tensor x, Tensor t) {
    Tensor off = sub(tanh(dot(x, w)), t);
    return mean(mul(off, off));
  }

  /** Graphs with something to take away. */
  private static void redundant(List<Sample> out) {
    Shape s = Shape.of(3, 4);
    out.add(
        Sample.of(
                "zeros and ones",
                Binary.ADD,
                p -> {
                  Tensor x = p.get("x");
                  Tensor zero = fill(0, s);
                  Tensor one = fill(1, s);
                  Tensor y = add(mul(x, one), mul(zero, x));
                  return sub(div(add(zero, y), one), sub(zero, pow(exp(x), one)));
                })
            .arg("x", s, Draw.any())
            .equalTo(
                v ->
                    Close.index(Shape.of(12), i -> v.get("x")[i[0]] + Math.exp(v.get("x")[i[0]]))));
    out.add(
        Sample.of(
                "chains that cancel",
                Layout.Transpose.class,
                p -> {
                  Tensor x = p.get("x");
                  Tensor y = t(t(reshape(reshape(neg(neg(x)), Shape.of(12)), s)));
                  return slice(
                      pad(y, List.of(1, 2), List.of(0, 1)),
                      List.of(1, 2),
                      List.of(4, 6),
                      List.of(1, 1));
                })
            .arg("x", s, Draw.any())
            .linearIn("x")
            .equalTo(v -> v.get("x")));
    out.add(
        Sample.of(
                "sum of a broadcast",
                Layout.Broadcast.class,
                p ->
                    sum(
                        mul(
                            broadcast(p.get("x"), Shape.of(2, 3, 4), List.of(0)),
                            broadcast(p.get("z"), Shape.of(2, 3, 4), List.of(1, 2))),
                        List.of(0, 2)))
            .arg("x", s, Draw.any())
            .arg("z", Shape.of(2), Draw.any())
            .linearIn("x", "z"));
    out.add(
        Sample.of(
                "constants alone",
                Unary.LOG,
                p ->
                    add(
                        p.get("x"),
                        log(add(mul(fill(2, s), fill(3, s)), convert(iota(s, 1), DType.F32)))))
            .arg("x", s, Draw.any())
            .equalTo(
                v -> Close.index(Shape.of(12), i -> v.get("x")[i[0]] + Math.log(6 + i[0] % 4))));
    out.add(
        Sample.of(
                "a choice made of constants",
                Elementwise.Select.class,
                p -> where(lowerMask(s), mul(p.get("x"), diagonal(s)), scale(p.get("x"), -1)))
            .arg("x", s, Draw.any())
            .linearIn("x")
            .equalTo(
                v ->
                    Close.index(
                        s,
                        i -> {
                          double x = Close.at(v.get("x"), s, i);
                          return i[0] == i[1] ? x : i[0] > i[1] ? 0 * x : -x;
                        })));
    out.add(
        Sample.of(
                "the same product three times",
                Unary.TANH,
                p -> {
                  Tensor a = tanh(dot(p.get("x"), p.get("w")));
                  Tensor b = tanh(dot(p.get("x"), p.get("w")));
                  return add(mul(a, b), dot(p.get("x"), p.get("w")));
                })
            .arg("x", s, Draw.any())
            .arg("w", Shape.of(4, 2), Draw.any()));
  }
}
