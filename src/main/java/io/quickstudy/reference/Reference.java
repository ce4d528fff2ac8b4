package io.quickstudy.reference;

import io.quickstudy.graph.Convolution;
import io.quickstudy.graph.CustomVjp;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Elementwise;
import io.quickstudy.graph.Indexing;
import io.quickstudy.graph.Layout;
import io.quickstudy.graph.Leaf;
import io.quickstudy.graph.Pooling;
import io.quickstudy.graph.Product;
import io.quickstudy.graph.Recurrence;
import io.quickstudy.graph.Reduction;
import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Graphs;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/**
 * The slow, obviously right interpreter that every backend is compared with. It holds every kind of
 * number as double; {@link DType#F32} is computed in double precision.
 */
public final class Reference {
  private Reference() {}

  /** How the results of F32 ops are kept. */
  public enum Precision {
    /** As they are. */
    DOUBLE,
    /** Each op computed in double precision, then rounded: what a backend can hope for at best. */
    ROUNDED,
    /**
     * As they are, but convolutions and matrix products take the nearest numbers with a significand
     * of 11 bits, halves away from zero: TF32.
     */
    TF32,
    /**
     * The same, but each operand becomes either of its two neighbours in TF32, as its bits fall:
     * what a library may do that rounds in a way of its own.
     */
    TF32_EITHER;

    /** The operand of a convolution or matrix product. */
    private double[] operand(double[] x) {
      return switch (this) {
        case DOUBLE, ROUNDED -> x;
        case TF32 -> narrowed(x);
        case TF32_EITHER -> either(x);
      };
    }
  }

  /** The value of one node without arguments. */
  public static double[] eval(Tensor root) {
    return eval(root, Map.of());
  }

  /** The value of one node. */
  public static double[] eval(Tensor root, Map<Tensor, double[]> arguments) {
    return eval(List.of(root), arguments).get(root);
  }

  /** The values of the roots, row-major. */
  public static Map<Tensor, double[]> eval(
      Collection<Tensor> roots, Map<Tensor, double[]> arguments) {
    return eval(roots, arguments, Precision.DOUBLE);
  }

  /**
   * The values of the roots, row-major.
   *
   * @throws IllegalArgumentException if an argument has no value or one of the wrong size
   * @throws IndexOutOfBoundsException if a gather or scatter-add meets an index out of range
   */
  public static Map<Tensor, double[]> eval(
      Collection<Tensor> roots, Map<Tensor, double[]> arguments, Precision precision) {
    Map<Tensor, double[]> known = new HashMap<>();
    for (Tensor t : Graphs.order(roots)) {
      boolean multiplies = multiplies(t);
      List<double[]> x =
          t.inputs().stream()
              .map(known::get)
              .map(v -> multiplies ? precision.operand(v) : v)
              .toList();
      double[] y =
          t.op() instanceof Recurrence r
              ? Recurrences.run(r, t, x, precision)
              : run(t, x, arguments);
      if (y.length != t.shape().size()) {
        throw new IllegalArgumentException(t + " has " + y.length + " numbers");
      }
      known.put(t, precision == Precision.ROUNDED && t.dtype() == DType.F32 ? rounded(y) : y);
    }
    Map<Tensor, double[]> out = new HashMap<>();
    for (Tensor r : roots) {
      out.put(r, known.get(r));
    }
    return out;
  }

  /** The nearest 32-bit floats. */
  public static double[] rounded(double[] x) {
    return Arrays.stream(x).map(v -> (float) v).toArray();
  }

  private static boolean multiplies(Tensor t) {
    return t.op() instanceof Convolution || t.op() instanceof Product.Dot;
  }

  /** The nearest numbers of TF32. */
  public static double[] narrowed(double[] x) {
    return Arrays.stream(x).map(v -> narrowed(v, 0.5)).toArray();
  }

  /** Numbers of TF32 beside them; a number of TF32 stays. */
  private static double[] either(double[] x) {
    return Arrays.stream(x)
        .map(
            v -> {
              long bits = Double.doubleToLongBits(v) * 0x9E3779B97F4A7C15L; // 2^64 / golden ratio
              return narrowed(v, (double) ((bits ^ bits >>> 32) & 1));
            })
        .toArray();
  }

  /** A number of TF32: up (away from zero) from a remainder of 1 less that part of a place on. */
  private static double narrowed(double v, double up) {
    double ulp = Math.scalb(1.0, Math.getExponent(v) - 10);
    double places = Math.abs(v) / ulp;
    double whole = up == 1 ? Math.ceil(places) : Math.floor(places + up);
    return Math.signum(v) * whole * ulp;
  }

  private static double[] run(Tensor t, List<double[]> x, Map<Tensor, double[]> arguments) {
    return switch (t.op()) {
      case Leaf.Argument a -> argument(t, arguments);
      case Leaf.Fill f -> {
        double[] y = new double[t.shape().size()];
        Arrays.fill(y, f.value());
        yield y;
      }
      case Leaf.Literal l -> l.values().numbers();
      case Leaf.Iota i -> Layouts.iota(i);
      case Leaf.Random r -> ReferencePhilox.uniform(x.get(0), r.shape().size());
      case Elementwise.Unary u -> each(x.get(0), unary(u));
      case Elementwise.Binary b -> both(x.get(0), x.get(1), binary(b));
      case Elementwise.Select s -> select(x.get(0), x.get(1), x.get(2));
      case Elementwise.Alias a -> x.get(0);
      case Elementwise.Stop s -> x.get(0);
      case Elementwise.Convert c ->
          switch (c.to()) {
            case F32, U8 -> x.get(0);
            case I32 -> each(x.get(0), v -> (int) v);
          };
      case Reduction.Sum s -> Layouts.sum(t, s.axes(), x.get(0));
      case Reduction.Max m -> Layouts.max(t, m.axes(), x.get(0));
      case Layout.Reshape r -> x.get(0);
      case Layout.Transpose p -> Layouts.transpose(t, p, x.get(0));
      case Layout.Broadcast b -> Layouts.broadcast(t, b, x.get(0));
      case Layout.Slice s -> Layouts.slice(t, s, x.get(0));
      case Layout.Pad p -> Layouts.pad(t, p, x.get(0));
      case Layout.Concatenate c -> Layouts.concatenate(t, c, x);
      case Product.Dot d -> Products.dot(t, x.get(0), x.get(1));
      case Product.Cholesky c -> Products.cholesky(t, x.get(0));
      case Product.TriangularSolve s -> Products.solve(t, s.form(), x.get(0), x.get(1));
      case Convolution.Conv c -> Windows.conv(t, c, x.get(0), x.get(1));
      case Convolution.ConvInputGrad c -> Windows.inputGrad(t, c, x.get(0), x.get(1));
      case Convolution.ConvFilterGrad c -> Windows.filterGrad(t, c, x.get(0), x.get(1));
      case Pooling.PoolArgMax p -> Windows.argMax(t, p, x);
      case Pooling.PoolTake p -> Windows.take(t, p, x.get(0), x.get(1));
      case Pooling.PoolPut p -> Windows.put(t, p, x.get(0), x.get(1));
      case Pooling.PoolSum p -> Windows.sum(t, p, x.get(0));
      case Pooling.PoolSpread p -> Windows.spread(t, p, x.get(0));
      case Indexing.Gather g -> Rows.gather(t, g, x.get(0), x.get(1));
      case Indexing.ScatterAdd s -> Rows.scatterAdd(t, s, x.get(0), x.get(1));
      case Indexing.TopK k -> Rows.topK(t, k, x.get(0));
      case CustomVjp c -> x.get(0);
      case Recurrence r -> throw new IllegalStateException(t + " is evaluated with its precision");
    };
  }

  private static double[] argument(Tensor t, Map<Tensor, double[]> arguments) {
    double[] v = arguments.get(t);
    if (v == null || v.length != t.shape().size()) {
      throw new IllegalArgumentException(
          "Argument '%s' %s%s was given %s: expected %s numbers; bind it, or use the argument that is bound."
              .formatted(
                  ((Leaf.Argument) t.op()).name(),
                  t.dtype(),
                  t.shape(),
                  v == null ? "no value" : v.length + " numbers",
                  t.shape().size()));
    }
    return v;
  }

  private static DoubleUnaryOperator unary(Elementwise.Unary f) {
    return switch (f) {
      case NEG -> v -> -v;
      case EXP -> Math::exp;
      case EXPM1 -> Math::expm1;
      case LOG -> Math::log;
      case LOG1P -> Math::log1p;
      case TANH -> Math::tanh;
      case SIGMOID -> v -> 1 / (1 + Math.exp(-v));
      case SQRT -> Math::sqrt;
      case RSQRT -> v -> 1 / Math.sqrt(v);
      case RECIPROCAL -> v -> 1 / v;
      case SIN -> Math::sin;
      case COS -> Math::cos;
      case ABS -> Math::abs;
      case SIGN -> Math::signum;
      case FLOOR -> Math::floor;
    };
  }

  private static DoubleBinaryOperator binary(Elementwise.Binary f) {
    return switch (f) {
      case ADD -> (a, b) -> a + b;
      case SUB -> (a, b) -> a - b;
      case MUL -> (a, b) -> a * b;
      case DIV -> (a, b) -> a / b;
      case MAX -> Math::max;
      case MIN -> Math::min;
      case POW -> Math::pow;
      case LESS -> (a, b) -> a < b ? 1 : 0;
      case LESS_EQUAL -> (a, b) -> a <= b ? 1 : 0;
      case EQUAL -> (a, b) -> a == b ? 1 : 0;
    };
  }

  private static double[] each(double[] x, DoubleUnaryOperator f) {
    return Arrays.stream(x).map(f).toArray();
  }

  private static double[] both(double[] a, double[] b, DoubleBinaryOperator f) {
    double[] y = new double[a.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = f.applyAsDouble(a[i], b[i]);
    }
    return y;
  }

  private static double[] select(double[] mask, double[] a, double[] b) {
    double[] y = new double[a.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = mask[i] != 0 ? a[i] : b[i];
    }
    return y;
  }
}
