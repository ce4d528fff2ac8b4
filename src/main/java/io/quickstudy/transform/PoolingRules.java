package io.quickstudy.transform;

import static io.quickstudy.graph.Ops.*;
import static io.quickstudy.transform.Simplifier.isFill;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Elementwise;
import io.quickstudy.graph.Elementwise.Binary;
import io.quickstudy.graph.Layout;
import io.quickstudy.graph.Pooling;
import io.quickstudy.graph.Reduction;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Algebra of pooling: work moves from the large side of the windows to the small one. */
final class PoolingRules {
  private PoolingRules() {}

  static Tensor rule(Pooling op, Tensor t) {
    return switch (op) {
      case Pooling.PoolArgMax p -> argMax(p, t);
      case Pooling.PoolTake p -> take(p, t);
      case Pooling.PoolPut p -> t;
      case Pooling.PoolSum p -> t;
      case Pooling.PoolSpread p -> t;
    };
  }

  private static Tensor argMax(Pooling.PoolArgMax op, Tensor t) {
    if (t.inputs().size() > 1) {
      return t;
    }
    Tensor x = withoutShift(t.input(0));
    if (x.op() == Binary.MUL) {
      for (int i = 0; i < 2; i++) {
        Tensor f = x.input(1 - i);
        if (f.op() instanceof Layout.Broadcast && isFlat(f)) {
          return Tensor.of(op, x.input(i), image(f));
        }
      }
    }
    return x == t.input(0) ? t : Tensor.of(op, x);
  }

  /** What is one number for every image and channel, [B..., H, W, C] as [B..., C]. */
  private static Tensor image(Tensor flat) {
    int rank = flat.rank();
    List<Integer> axes = ((Layout.Broadcast) flat.op()).axes();
    List<Integer> rest = new ArrayList<>(axes.stream().filter(a -> a < rank - 3).toList());
    if (axes.contains(rank - 1)) {
      rest.add(rank - 3);
    }
    Shape to = flat.shape().without(List.of(rank - 3, rank - 2));
    return broadcast(flat.input(0), to, rest);
  }

  /** What has its maxima where x has them: x without what is added to whole windows. */
  private static Tensor withoutShift(Tensor x) {
    boolean shifted = x.op() == Binary.ADD || x.op() == Binary.SUB;
    if (shifted && isFlat(x.input(1))) {
      return withoutShift(x.input(0));
    }
    if (x.op() == Binary.ADD && isFlat(x.input(0))) {
      return withoutShift(x.input(1));
    }
    if (x.op() == Binary.MUL) {
      for (int i = 0; i < 2; i++) {
        Tensor rest = withoutShift(x.input(i));
        if (isFlat(x.input(1 - i)) && rest != x.input(i)) {
          return mul(rest, x.input(1 - i));
        }
      }
    }
    return x;
  }

  /** Whether every image of every channel is one number. */
  private static boolean isFlat(Tensor x) {
    return isFill(x)
        || (x.op() instanceof Layout.Broadcast b
            && b.axes().contains(x.rank() - 3)
            && b.axes().contains(x.rank() - 2));
  }

  private static Tensor take(Pooling.PoolTake op, Tensor t) {
    Tensor x = t.input(0);
    Tensor index = t.input(1);
    if (x.op() instanceof Pooling.PoolPut put
        && x.input(1) == index
        && put.window().equals(op.window())
        && apart(op)) {
      return x.input(0);
    }
    if (isFlat(x)) {
      return flat(x, t.shape());
    }
    Tensor taken = before(op, x, index);
    boolean one = x.inputs().stream().filter(i -> !isFlat(i)).count() == 1;
    return taken != null && one ? taken : t;
  }

  /**
   * What an elementwise op makes of the elements that are taken; null for other ops, and of
   * integers, which pooling does not know.
   */
  static Tensor before(Pooling.PoolTake op, Tensor x, Tensor index) {
    if (!(x.op() instanceof Elementwise)
        || x.inputs().stream().anyMatch(i -> i.dtype() != DType.F32)) {
      return null;
    }
    List<Tensor> in = new ArrayList<>();
    for (Tensor i : x.inputs()) {
      in.add(isFlat(i) ? flat(i, index.shape()) : Tensor.of(op, i, index));
    }
    return Tensor.of(x.op(), in);
  }

  /** An elementwise op on what was put at the same positions, or times one number an image. */
  static Tensor behindPut(Binary op, Tensor t) {
    Tensor a = t.input(0);
    Tensor b = t.input(1);
    if (op == Binary.MUL && b.op() instanceof Pooling.PoolPut) {
      a = t.input(1);
      b = t.input(0);
    }
    if (!(a.op() instanceof Pooling.PoolPut put)) {
      return t;
    }
    Tensor index = a.input(1);
    if (op == Binary.MUL && isFlat(b)) {
      return Tensor.of(put, mul(a.input(0), flat(b, index.shape())), index);
    }
    boolean sum = op == Binary.ADD || op == Binary.SUB;
    if (sum && b.op().equals(put) && b.input(1) == index) {
      return Tensor.of(put, Tensor.of(op, a.input(0), b.input(0)), index);
    }
    return t;
  }

  /** Whether no element lies in two windows. */
  private static boolean apart(Pooling op) {
    return op.window().strideH() >= op.window().height()
        && op.window().strideW() >= op.window().width();
  }

  private static Tensor flat(Tensor x, Shape to) {
    return x.op() instanceof Layout.Broadcast b
        ? broadcast(x.input(0), to, b.axes())
        : fill(Simplifier.value(x), to);
  }

  /**
   * The sum of x over whole images, made of small sums where x has numbers at chosen positions
   * alone; null where it has not.
   */
  static Tensor sum(Reduction.Sum s, Tensor x) {
    int rank = x.rank();
    if (!s.axes().contains(rank - 3) || !s.axes().contains(rank - 2)) {
      return null;
    }
    if (x.op() instanceof Pooling.PoolPut) {
      return sum(x.input(0), s.axes());
    }
    if (x.op() == Binary.MUL) {
      for (int i = 0; i < 2; i++) {
        if (x.input(i).op() instanceof Pooling.PoolPut put) {
          Tensor index = x.input(i).input(1);
          Tensor other = Tensor.of(new Pooling.PoolTake(put.window()), x.input(1 - i), index);
          return sum(mul(x.input(i).input(0), other), s.axes());
        }
      }
    }
    return null;
  }

  private static Tensor sum(Tensor x, List<Integer> axes) {
    return io.quickstudy.graph.Ops.sum(x, axes);
  }
}
