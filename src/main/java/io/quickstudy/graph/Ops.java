package io.quickstudy.graph;

import io.quickstudy.graph.Elementwise.Binary;
import io.quickstudy.graph.Elementwise.Unary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * The primitives as functions. Operands of the two- and three-operand functions may differ in
 * shape: they are aligned at their last axes, and axes that are missing or have extent 1 are
 * repeated.
 */
public final class Ops {
  private Ops() {}

  // ---- leaves

  /** The same number everywhere. */
  public static Tensor fill(double value, Shape shape) {
    return Tensor.of(new Leaf.Fill(value, new Op.Type(shape, DType.F32)));
  }

  /** One number. */
  public static Tensor scalar(double value) {
    return fill(value, Shape.of());
  }

  /** Given numbers, row-major. */
  public static Tensor literal(Shape shape, double... values) {
    return literal(DType.F32, shape, values);
  }

  /** Given numbers of any kind, row-major. */
  public static Tensor literal(DType dtype, Shape shape, double... values) {
    return Tensor.of(new Leaf.Literal(new Leaf.Values(values), new Op.Type(shape, dtype)));
  }

  /** Positions along one axis, I32. */
  public static Tensor iota(Shape shape, int axis) {
    return Tensor.of(new Leaf.Iota(shape, shape.axis(axis)));
  }

  /** Uniform numbers in [0, 1) for a key I32 [B..., 2]: F32 [B..., shape...]. */
  public static Tensor uniform(Tensor key, Shape shape) {
    return Tensor.of(new Leaf.Random(shape), key);
  }

  // ---- one operand

  /** -a. */
  public static Tensor neg(Tensor a) {
    return Tensor.of(Unary.NEG, a);
  }

  /** e^a. */
  public static Tensor exp(Tensor a) {
    return Tensor.of(Unary.EXP, a);
  }

  /** e^a - 1. */
  public static Tensor expm1(Tensor a) {
    return Tensor.of(Unary.EXPM1, a);
  }

  /** Natural logarithm. */
  public static Tensor log(Tensor a) {
    return Tensor.of(Unary.LOG, a);
  }

  /** log(1 + a). */
  public static Tensor log1p(Tensor a) {
    return Tensor.of(Unary.LOG1P, a);
  }

  /** Hyperbolic tangent. */
  public static Tensor tanh(Tensor a) {
    return Tensor.of(Unary.TANH, a);
  }

  /** 1 / (1 + e^-a). */
  public static Tensor sigmoid(Tensor a) {
    return Tensor.of(Unary.SIGMOID, a);
  }

  /** Square root. */
  public static Tensor sqrt(Tensor a) {
    return Tensor.of(Unary.SQRT, a);
  }

  /** 1 / sqrt(a). */
  public static Tensor rsqrt(Tensor a) {
    return Tensor.of(Unary.RSQRT, a);
  }

  /** 1 / a. */
  public static Tensor reciprocal(Tensor a) {
    return Tensor.of(Unary.RECIPROCAL, a);
  }

  /** Sine. */
  public static Tensor sin(Tensor a) {
    return Tensor.of(Unary.SIN, a);
  }

  /** Cosine. */
  public static Tensor cos(Tensor a) {
    return Tensor.of(Unary.COS, a);
  }

  /** |a|. */
  public static Tensor abs(Tensor a) {
    return Tensor.of(Unary.ABS, a);
  }

  /** -1, 0 or 1. */
  public static Tensor sign(Tensor a) {
    return Tensor.of(Unary.SIGN, a);
  }

  /** The largest whole number not above a. */
  public static Tensor floor(Tensor a) {
    return Tensor.of(Unary.FLOOR, a);
  }

  /** The same value, through which no gradient passes. */
  public static Tensor stop(Tensor a) {
    return Tensor.of(new Elementwise.Stop(), a);
  }

  /** The same value under a new identity. */
  public static Tensor alias(Tensor a) {
    return Tensor.of(new Elementwise.Alias(Op.fresh()), a);
  }

  /** Another kind of number. */
  public static Tensor convert(Tensor a, DType to) {
    return a.dtype() == to ? a : Tensor.of(new Elementwise.Convert(to), a);
  }

  /** c a. */
  public static Tensor scale(Tensor a, double c) {
    return mul(a, fill(c, a.shape()));
  }

  // ---- two and three operands

  /** a + b. */
  public static Tensor add(Tensor a, Tensor b) {
    return binary(Binary.ADD, a, b);
  }

  /** a - b. */
  public static Tensor sub(Tensor a, Tensor b) {
    return binary(Binary.SUB, a, b);
  }

  /** a b. */
  public static Tensor mul(Tensor a, Tensor b) {
    return binary(Binary.MUL, a, b);
  }

  /** a / b. */
  public static Tensor div(Tensor a, Tensor b) {
    return binary(Binary.DIV, a, b);
  }

  /** The larger. */
  public static Tensor maximum(Tensor a, Tensor b) {
    return binary(Binary.MAX, a, b);
  }

  /** The smaller. */
  public static Tensor minimum(Tensor a, Tensor b) {
    return binary(Binary.MIN, a, b);
  }

  /** a^b, a positive. */
  public static Tensor pow(Tensor a, Tensor b) {
    return binary(Binary.POW, a, b);
  }

  /** 1 where a &lt; b. */
  public static Tensor less(Tensor a, Tensor b) {
    return binary(Binary.LESS, a, b);
  }

  /** 1 where a &lt;= b. */
  public static Tensor lessEqual(Tensor a, Tensor b) {
    return binary(Binary.LESS_EQUAL, a, b);
  }

  /** 1 where a = b. */
  public static Tensor equal(Tensor a, Tensor b) {
    return binary(Binary.EQUAL, a, b);
  }

  /** a where the mask is not 0, b where it is. */
  public static Tensor where(Tensor mask, Tensor a, Tensor b) {
    Shape s = common(common(mask.shape(), a.shape()), b.shape());
    return Tensor.of(new Elementwise.Select(), expand(mask, s), expand(a, s), expand(b, s));
  }

  private static Tensor binary(Binary f, Tensor a, Tensor b) {
    Shape s = common(a.shape(), b.shape());
    return Tensor.of(f, expand(a, s), expand(b, s));
  }

  private static Shape common(Shape a, Shape b) {
    if (a.equals(b)) {
      return a;
    }
    int r = Math.max(a.rank(), b.rank());
    int[] d = new int[r];
    for (int i = 1; i <= r; i++) {
      int p = i <= a.rank() ? a.dim(-i) : 1;
      int q = i <= b.rank() ? b.dim(-i) : 1;
      if (p != q && p != 1 && q != 1) {
        throw new IllegalArgumentException(
            "shapes "
                + a
                + " and "
                + b
                + " do not fit: aligned at their last axes, extents must"
                + " agree or be 1");
      }
      d[r - i] = Math.max(p, q);
    }
    return Shape.of(d);
  }

  /** Repeats a along missing axes and axes of extent 1, so that it has the given shape. */
  public static Tensor expand(Tensor a, Shape to) {
    if (a.shape().equals(to)) {
      return a;
    }
    int lead = to.rank() - a.rank();
    for (int i = 0; i < a.rank(); i++) {
      if (lead < 0 || (a.dim(i) != 1 && a.dim(i) != to.dim(i + lead))) {
        throw new IllegalArgumentException(
            "expand: %s cannot fill %s: aligned at their last axes, extents must agree or be 1"
                .formatted(a.shape(), to));
      }
    }
    List<Integer> axes = new ArrayList<>();
    List<Integer> kept = new ArrayList<>();
    for (int i = 0; i < to.rank(); i++) {
      int own = i < lead ? 1 : a.dim(i - lead);
      if (i < lead || (own == 1 && to.dim(i) != 1)) {
        axes.add(i);
      } else {
        kept.add(own);
      }
    }
    return broadcast(reshape(a, Shape.of(kept)), to, axes);
  }

  // ---- layout

  /** The same numbers under another shape. */
  public static Tensor reshape(Tensor a, Shape to) {
    return a.shape().equals(to) ? a : Tensor.of(new Layout.Reshape(to), a);
  }

  /** Axis i of the result is axis perm[i] of a. */
  public static Tensor transpose(Tensor a, List<Integer> perm) {
    return Tensor.of(new Layout.Transpose(List.copyOf(perm)), a);
  }

  /** The last two axes swapped. */
  public static Tensor t(Tensor a) {
    List<Integer> p = new ArrayList<>(IntStream.range(0, a.rank()).boxed().toList());
    Collections.swap(p, a.shape().axis(-1), a.shape().axis(-2));
    return transpose(a, p);
  }

  /** Repeats a along new axes (from 0, ascending) of the shape {@code to}. */
  public static Tensor broadcast(Tensor a, Shape to, List<Integer> axes) {
    return axes.isEmpty() && a.shape().equals(to)
        ? a
        : Tensor.of(new Layout.Broadcast(to, List.copyOf(axes)), a);
  }

  /** Repeats a n times along a new leading axis. */
  public static Tensor repeat(Tensor a, int n) {
    return broadcast(a, a.shape().prepend(n), List.of(0));
  }

  /** Elements from (inclusive) to to (exclusive) along one axis; the others whole. */
  public static Tensor slice(Tensor a, int axis, int from, int to) {
    int k = a.shape().axis(axis);
    Integer[] starts = new Integer[a.rank()];
    Integer[] limits = new Integer[a.rank()];
    for (int i = 0; i < a.rank(); i++) {
      starts[i] = i == k ? from : 0;
      limits[i] = i == k ? to : a.dim(i);
    }
    return slice(a, List.of(starts), List.of(limits), Collections.nCopies(a.rank(), 1));
  }

  /** Elements start, start + step, ... below limit along every axis. */
  public static Tensor slice(
      Tensor a, List<Integer> starts, List<Integer> limits, List<Integer> steps) {
    return Tensor.of(
        new Layout.Slice(List.copyOf(starts), List.copyOf(limits), List.copyOf(steps)), a);
  }

  /** The slice at position i of one axis, which is removed. */
  public static Tensor at(Tensor a, int axis, int i) {
    return reshape(slice(a, axis, i, i + 1), a.shape().without(List.of(a.shape().axis(axis))));
  }

  /** Zeros before and after the elements of every axis. */
  public static Tensor pad(Tensor a, List<Integer> low, List<Integer> high) {
    return Tensor.of(
        new Layout.Pad(
            List.copyOf(low), List.copyOf(high), List.copyOf(Collections.nCopies(a.rank(), 0))),
        a);
  }

  /** The tensors one behind the other along one axis. */
  public static Tensor concatenate(int axis, Tensor... parts) {
    return concatenate(axis, Arrays.asList(parts));
  }

  /** As {@link #concatenate(int, Tensor...)}. */
  public static Tensor concatenate(int axis, List<Tensor> parts) {
    requireSome("concatenate", parts);
    int k = parts.get(0).shape().axis(axis);
    return parts.size() == 1 ? parts.get(0) : Tensor.of(new Layout.Concatenate(k), parts);
  }

  /** Equal shapes stacked along a new axis of the result; a negative one counts from its end. */
  public static Tensor stack(int axis, List<Tensor> parts) {
    requireSome("stack", parts);
    int k = parts.get(0).shape().prepend(1).axis(axis);
    for (Tensor p : parts) {
      if (!p.shape().equals(parts.get(0).shape())) {
        throw new IllegalArgumentException(
            "stack: shapes "
                + parts.stream().map(Tensor::shape).toList()
                + "; they must agree: reshape them, or concatenate");
      }
    }
    return concatenate(k, parts.stream().map(p -> reshape(p, insert(p.shape(), k))).toList());
  }

  private static void requireSome(String what, List<Tensor> parts) {
    if (parts.isEmpty()) {
      throw new IllegalArgumentException(
          what
              + ": no tensors were given; expected at least one: leave it out where there is none");
    }
  }

  private static Shape insert(Shape s, int axis) {
    return s.sub(0, axis).append(1).append(s.sub(axis, s.rank()).dims());
  }

  // ---- reductions

  /** Sum over axes (from 0, ascending). */
  public static Tensor sum(Tensor a, List<Integer> axes) {
    return axes.isEmpty() ? a : Tensor.of(new Reduction.Sum(List.copyOf(axes)), a);
  }

  /** Sum of all elements. */
  public static Tensor sum(Tensor a) {
    return sum(a, axes(a));
  }

  /** Largest element over axes (from 0, ascending). */
  public static Tensor max(Tensor a, List<Integer> axes) {
    return axes.isEmpty() ? a : Tensor.of(new Reduction.Max(List.copyOf(axes)), a);
  }

  /** Mean over axes (from 0, ascending). */
  public static Tensor mean(Tensor a, List<Integer> axes) {
    Tensor s = sum(a, axes);
    return scale(s, (double) s.shape().size() / a.shape().size());
  }

  /** Mean of all elements. */
  public static Tensor mean(Tensor a) {
    return mean(a, axes(a));
  }

  private static List<Integer> axes(Tensor a) {
    return IntStream.range(0, a.rank()).boxed().toList();
  }

  // ---- products

  /** [B..., m, k] times [B..., k, n]. */
  public static Tensor dot(Tensor a, Tensor b) {
    return Tensor.of(new Product.Dot(), a, b);
  }

  /**
   * The lower factor of [B..., n, n], of which each has to be positive definite, or a run fails.
   */
  public static Tensor cholesky(Tensor a) {
    return Tensor.of(new Product.Cholesky(), a);
  }

  /** Solves L X = B or L' X = B for a lower triangular L. */
  public static Tensor triangularSolve(Tensor l, Tensor b, Product.Form form) {
    return Tensor.of(new Product.TriangularSolve(form), l, b);
  }

  /** 1 on the diagonal of the last two axes, else 0. */
  public static Tensor diagonal(Shape s) {
    return equal(position(s, -2), position(s, -1));
  }

  /** 1 on and below the diagonal of the last two axes, else 0. */
  public static Tensor lowerMask(Shape s) {
    return lessEqual(position(s, -1), position(s, -2));
  }

  private static Tensor position(Shape s, int axis) {
    return convert(iota(s, axis), DType.F32);
  }

  // ---- convolution and pooling

  /** Images [N, H, W, C] with filters [KH, KW, C, O]; a task axis may lead either. */
  public static Tensor conv(Tensor x, Tensor w, Window window) {
    return Tensor.of(new Convolution.Conv(window), x, w);
  }

  /** The cotangent of a convolution's images [N, h, w, C]. */
  public static Tensor convInputGrad(Tensor g, Tensor filter, Window window, int h, int w) {
    return Tensor.of(new Convolution.ConvInputGrad(window, h, w), g, filter);
  }

  /** The cotangent of a convolution's filters. */
  public static Tensor convFilterGrad(Tensor x, Tensor g, Window window) {
    return Tensor.of(new Convolution.ConvFilterGrad(window), x, g);
  }

  /** The largest element of each window of [B..., H, W, C]; the first of equals. */
  public static Tensor maxPool(Tensor x, Window window) {
    Tensor position = Tensor.of(new Pooling.PoolArgMax(window), x);
    return Tensor.of(new Pooling.PoolTake(window), x, position);
  }

  /** The mean over each window of [B..., H, W, C]; zeros of the padding count. */
  public static Tensor averagePool(Tensor x, Window window) {
    return scale(
        Tensor.of(new Pooling.PoolSum(window), x), 1.0 / (window.height() * window.width()));
  }

  // ---- indexing

  /** Rows of x [B..., n, R...] by I32 index [B..., K...], the first {@code batch} axes being B. */
  public static Tensor gather(Tensor x, Tensor index, int batch) {
    return Tensor.of(new Indexing.Gather(batch), x, index);
  }

  /** Rows of g added into zeros [B..., n, R...] at an I32 index. */
  public static Tensor scatterAdd(Tensor g, Tensor index, int n, int batch) {
    return Tensor.of(new Indexing.ScatterAdd(batch, n), g, index);
  }

  /** Positions of the k largest elements of the last axis, descending: I32. */
  public static Tensor topK(Tensor x, int k) {
    return Tensor.of(new Indexing.TopK(k), x);
  }

  /** Position of the largest element of the last axis, which is removed: I32. */
  public static Tensor argMax(Tensor x) {
    return reshape(topK(x, 1), x.shape().without(List.of(x.rank() - 1)));
  }

  /**
   * The same I32 numbers, each of which has to be one of 0..n-1: another one stops the run with an
   * error, on a GPU one run late. It costs one gather from a table of n.
   *
   * @throws IllegalArgumentException if they are of another kind, or known and one is outside
   */
  public static Tensor checked(Tensor index, int n) {
    if (index.dtype() != DType.I32) {
      throw new IllegalArgumentException(
          "labels or indices are %s%s: expected I32; convert them."
              .formatted(index.dtype(), index.shape()));
    }
    if (index.op() instanceof Leaf.Iota i && i.shape().dim(i.axis()) <= n) {
      return index;
    }
    if (index.op() instanceof Leaf.Literal l) {
      for (double v : l.values().numbers()) {
        if (!(v >= 0 && v < n)) {
          throw new IllegalArgumentException(
              String.format(
                  Locale.ROOT,
                  "Index %.0f is outside 0..%s: expected a label or row that there is; correct it.",
                  v,
                  n - 1));
        }
      }
      return index;
    }
    double[] table = IntStream.range(0, n).asDoubleStream().toArray();
    return gather(literal(DType.I32, Shape.of(n), table), index, 0);
  }

  /**
   * I32 labels [B...] as rows of zeros with one 1: F32 [B..., classes]. A label outside
   * 0..classes-1 stops the run with an error, as {@link #checked} says.
   */
  public static Tensor oneHot(Tensor labels, int classes) {
    Shape s = labels.shape().append(classes);
    Tensor k = checked(labels, classes);
    Tensor y = convert(broadcast(k, s, List.of(s.rank() - 1)), DType.F32);
    return equal(y, position(s, -1));
  }
}
