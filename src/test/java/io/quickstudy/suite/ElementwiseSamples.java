package io.quickstudy.suite;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Elementwise;
import io.quickstudy.graph.Elementwise.Binary;
import io.quickstudy.graph.Elementwise.Unary;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Params;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;

final class ElementwiseSamples {
  private static final List<Shape> SHAPES =
      List.of(Shape.of(), Shape.of(1), Shape.of(17), Shape.of(2, 3, 5), Shape.of(2, 1, 2, 2));

  private ElementwiseSamples() {}

  static List<Sample> all() {
    List<Sample> out = new ArrayList<>();
    for (Unary f : Unary.values()) {
      for (Shape s : SHAPES) {
        Sample sample =
            Sample.of(f + " " + s, f, p -> Tensor.of(f, p.get("x")))
                .arg("x", s, domain(f))
                .equalTo(x -> Arrays.stream(x.get("x")).map(formula(f)).toArray());
        out.add(s.rank() == 1 ? sample.order(3) : sample);
      }
    }
    for (Binary f : Binary.values()) {
      for (Shape s : SHAPES) {
        Sample sample =
            Sample.of(f + " " + s, f, p -> Tensor.of(f, p.get("a"), p.get("b")))
                .arg("a", s, left(f))
                .arg("b", s, right(f))
                .equalTo(
                    x ->
                        Close.index(
                            Shape.of(s.size()),
                            i -> formula(f).applyAsDouble(x.get("a")[i[0]], x.get("b")[i[0]])));
        out.add(s.rank() == 1 ? sample.order(3) : sample);
      }
    }
    edges(out);
    aligned(out);
    others(out);
    return out;
  }

  private static Draw domain(Unary f) {
    return switch (f) {
      case NEG, EXP, EXPM1, TANH, SIGMOID, SIN, COS -> Draw.uniform(-2, 2);
      case LOG, SQRT, RSQRT -> Draw.uniform(0.4, 3);
      case LOG1P -> Draw.uniform(-0.5, 2);
      case RECIPROCAL, ABS, SIGN -> Draw.either(0.4, 2);
      case FLOOR -> Draw.fractions();
    };
  }

  private static DoubleUnaryOperator formula(Unary f) {
    return switch (f) {
      case NEG -> v -> 0 - v;
      case EXP -> v -> Math.pow(Math.E, v);
      case EXPM1 -> v -> 2 * Math.sinh(v / 2) * Math.exp(v / 2);
      case LOG -> v -> Math.log10(v) * Math.log(10);
      case LOG1P -> v -> Math.log(1 + v);
      case TANH -> v -> Math.sinh(v) / Math.cosh(v);
      case SIGMOID -> v -> 0.5 + 0.5 * Math.tanh(v / 2);
      case SQRT -> v -> Math.exp(0.5 * Math.log(v));
      case RSQRT -> v -> Math.exp(-0.5 * Math.log(v));
      case RECIPROCAL -> v -> Math.signum(v) * Math.exp(-Math.log(Math.abs(v)));
      case SIN -> v -> Math.cos(v - Math.PI / 2);
      case COS -> v -> 1 - 2 * Math.sin(v / 2) * Math.sin(v / 2);
      case ABS -> v -> v < 0 ? -v : v;
      case SIGN -> v -> v > 0 ? 1 : v < 0 ? -1 : 0;
      case FLOOR -> v -> Math.rint(v - 0.5);
    };
  }

  private static Draw left(Binary f) {
    return switch (f) {
      case ADD, SUB, MUL, DIV -> Draw.any();
      // Halves on the left, quarters between them on the right: never nearer than 0.25.
      case MAX, MIN, LESS, LESS_EQUAL, EQUAL ->
          (r, n) -> r.doubles(n).map(v -> (float) (Math.rint(4 * v - 2) / 2)).toArray();
      case POW -> Draw.uniform(0.5, 2);
    };
  }

  private static Draw right(Binary f) {
    return switch (f) {
      case ADD, SUB, MUL -> Draw.any();
      case DIV -> Draw.either(0.5, 2);
      case MAX, MIN, LESS, LESS_EQUAL, EQUAL ->
          (r, n) -> r.doubles(n).map(v -> (float) (Math.rint(3 * v - 2) / 2 + 0.25)).toArray();
      case POW -> Draw.uniform(-2, 2);
    };
  }

  private static DoubleBinaryOperator formula(Binary f) {
    return switch (f) {
      case ADD -> (a, b) -> b + a;
      case SUB -> (a, b) -> -(b - a);
      case MUL -> (a, b) -> b * a;
      case DIV -> (a, b) -> a * (1 / b);
      case MAX -> (a, b) -> 0.5 * (a + b + Math.abs(a - b));
      case MIN -> (a, b) -> 0.5 * (a + b - Math.abs(a - b));
      case POW -> (a, b) -> Math.exp(b * Math.log(a));
      case LESS -> (a, b) -> b - a > 0 ? 1 : 0;
      case LESS_EQUAL -> (a, b) -> b - a >= 0 ? 1 : 0;
      case EQUAL -> (a, b) -> b - a == 0 ? 1 : 0;
    };
  }

  /** Values at kinks, ties and the ends of the range: no gradients there. */
  private static void edges(List<Sample> out) {
    out.add(edge(Unary.ABS, new double[] {0, -0.0, -3, 3}, new double[] {0, 0, 3, 3}));
    out.add(edge(Unary.SIGN, new double[] {0, -1e-30, 1e-30, -7}, new double[] {0, -1, 1, -1}));
    out.add(
        edge(
            Unary.FLOOR,
            new double[] {-1, -0.5, 0, 0.5, 2, 2.75, 16777215},
            new double[] {-1, -1, 0, 0, 2, 2, 16777215}));
    out.add(edge(Unary.SIGMOID, new double[] {-200, -20, 0, 200}, 0, 2.0611536e-9, 0.5, 1));
    out.add(edge(Unary.TANH, new double[] {-100, -15, 0, 100}, -1, -0.99999999999981, 0, 1));
    out.add(edge(Unary.EXP, new double[] {-200, -1000, 0}, 1.3838965267367376e-87, 0, 1));
    out.add(edge(Unary.SQRT, new double[] {0, 4, 1e8f}, 0, 2, 1e4));
    out.add(edge(Unary.LOG, new double[] {1, 0x1p-100}, 0, -69.31471805599453));
    // Exactness near 0 shows once the result is scaled up.
    out.add(small(Unary.EXPM1, v -> v + v * v / 2));
    out.add(small(Unary.LOG1P, v -> v - v * v / 2));
    out.add(small(Unary.TANH, v -> v));
    out.add(small(Unary.SIN, v -> v));
    double[] a = {1, 1, 1, -2, 0, 0};
    double[] b = {1, 2, 0, -2, -0.0, 1};
    for (Binary f : List.of(Binary.MAX, Binary.MIN, Binary.LESS, Binary.LESS_EQUAL, Binary.EQUAL)) {
      out.add(
          Sample.of(f + " ties", f, p -> Tensor.of(f, p.get("a"), p.get("b")))
              .given("a", DType.F32, Shape.of(6), Draw.fixed(a))
              .given("b", DType.F32, Shape.of(6), Draw.fixed(b))
              .equalTo(
                  x -> Close.index(Shape.of(6), i -> formula(f).applyAsDouble(a[i[0]], b[i[0]]))));
    }
  }

  private static Sample edge(Unary f, double[] x, double... y) {
    return Sample.of(f + " edges", f, p -> Tensor.of(f, p.get("x")))
        .given("x", DType.F32, Shape.of(x.length), Draw.fixed(x))
        .equalTo(v -> y);
  }

  private static Sample small(Unary f, DoubleUnaryOperator series) {
    double[] x = {0x1p-20, -0x1p-21, 3 * 0x1p-22, 0};
    return Sample.of(f + " near 0", f, p -> scale(Tensor.of(f, p.get("x")), 0x1p20))
        .given("x", DType.F32, Shape.of(x.length), Draw.fixed(x))
        .equalTo(v -> Arrays.stream(x).map(series).map(w -> 0x1p20 * w).toArray());
  }

  /** Operands of different shapes. */
  private static void aligned(List<Sample> out) {
    Shape[][] pairs = {
      {Shape.of(3, 1), Shape.of(1, 4)},
      {Shape.of(), Shape.of(2, 3)},
      {Shape.of(2, 3, 4), Shape.of(4)},
      {Shape.of(2, 1, 4), Shape.of(3, 1)}
    };
    for (Shape[] pair : pairs) {
      for (Binary f : List.of(Binary.ADD, Binary.MUL, Binary.DIV)) {
        out.add(
            Sample.of(
                    f + " aligned " + pair[0] + " " + pair[1],
                    f,
                    p ->
                        switch (f) {
                          case ADD -> add(p.get("a"), p.get("b"));
                          case MUL -> mul(p.get("a"), p.get("b"));
                          default -> div(p.get("a"), p.get("b"));
                        })
                .arg("a", pair[0], left(f))
                .arg("b", pair[1], right(f))
                .equalTo(x -> aligned(formula(f), x.get("a"), pair[0], x.get("b"), pair[1])));
      }
    }
  }

  private static double[] aligned(
      DoubleBinaryOperator f, double[] a, Shape as, double[] b, Shape bs) {
    int rank = Math.max(as.rank(), bs.rank());
    int[] dims = new int[rank];
    for (int i = 1; i <= rank; i++) {
      dims[rank - i] = Math.max(i <= as.rank() ? as.dim(-i) : 1, i <= bs.rank() ? bs.dim(-i) : 1);
    }
    return Close.index(Shape.of(dims), i -> f.applyAsDouble(a[last(i, as)], b[last(i, bs)]));
  }

  private static int last(int[] index, Shape s) {
    int p = 0;
    for (int k = 0; k < s.rank(); k++) {
      p = p * s.dim(k) + index[index.length - s.rank() + k] % s.dim(k);
    }
    return p;
  }

  private static void others(List<Sample> out) {
    Draw mask = (r, n) -> r.ints(n, -1, 2).asDoubleStream().toArray();
    for (Shape s : SHAPES) {
      out.add(
          Sample.of(
                  "select " + s,
                  Elementwise.Select.class,
                  p -> where(p.get("m"), p.get("a"), p.get("b")))
              .given("m", DType.F32, s, mask)
              .arg("a", s, Draw.any())
              .arg("b", s, Draw.any())
              .equalTo(
                  x ->
                      Close.index(
                          Shape.of(s.size()),
                          i -> x.get(x.get("m")[i[0]] != 0 ? "a" : "b")[i[0]])));
    }
    out.add(
        Sample.of(
                "select aligned",
                Elementwise.Select.class,
                p -> where(p.get("m"), p.get("a"), p.get("b")))
            .given("m", DType.F32, Shape.of(3, 1), Draw.fixed(0, 1, -2))
            .arg("a", Shape.of(2), Draw.any())
            .arg("b", Shape.of(3, 2), Draw.any())
            .equalTo(
                x -> {
                  double[] a = x.get("a");
                  double[] b = x.get("b");
                  return new double[] {b[0], b[1], a[0], a[1], a[0], a[1]};
                }));
    Function<Params, Tensor> square = p -> mul(alias(p.get("x")), p.get("x"));
    out.add(
        Sample.of("alias", Elementwise.Alias.class, square)
            .arg("x", Shape.of(2, 3), Draw.any())
            .equalTo(x -> Arrays.stream(x.get("x")).map(v -> v * v).toArray()));
    out.add(
        Sample.of("alias I32", Elementwise.Alias.class, p -> alias(p.get("x")))
            .given("x", DType.I32, Shape.of(3), Draw.below(9))
            .equalTo(x -> x.get("x")));
    out.add(
        Sample.of("stop", Elementwise.Stop.class, p -> mul(stop(p.get("k")), p.get("x")))
            .given("k", DType.F32, Shape.of(4), Draw.any())
            .arg("x", Shape.of(4), Draw.any())
            .linearIn("x")
            .equalTo(x -> Close.index(Shape.of(4), i -> x.get("k")[i[0]] * x.get("x")[i[0]])));
    out.add(
        Sample.of("stop I32", Elementwise.Stop.class, p -> stop(p.get("k")))
            .given("k", DType.I32, Shape.of(4), Draw.below(100))
            .equalTo(x -> x.get("k")));
    double[] mixed = {-2.75, -1, -0.5, -0.0, 0.5, 1.99f, 7, 16777216};
    out.add(
        Sample.of(
                "convert F32 to I32",
                Elementwise.Convert.class,
                p -> convert(p.get("x"), DType.I32))
            .given("x", DType.F32, Shape.of(8), Draw.fixed(mixed))
            .equalTo(x -> new double[] {-2, -1, 0, 0, 0, 1, 7, 16777216}));
    for (DType from : List.of(DType.I32, DType.U8)) {
      out.add(
          Sample.of(
                  "convert " + from + " to F32",
                  Elementwise.Convert.class,
                  p -> mul(convert(p.get("k"), DType.F32), p.get("x")))
              .given("k", from, Shape.of(3, 5), Draw.below(256))
              .arg("x", Shape.of(3, 5), Draw.any())
              .linearIn("x")
              .equalTo(x -> Close.index(Shape.of(15), i -> x.get("k")[i[0]] * x.get("x")[i[0]])));
    }
    out.add(
        Sample.of("convert large", Elementwise.Convert.class, p -> convert(p.get("k"), DType.F32))
            .given("k", DType.I32, Shape.of(4), Draw.fixed(-16777216, 16777215, -5, 0))
            .equalTo(x -> x.get("k")));
  }
}
