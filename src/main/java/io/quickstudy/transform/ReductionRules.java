package io.quickstudy.transform;

import static io.quickstudy.graph.Ops.*;
import static io.quickstudy.transform.Simplifier.*;

import io.quickstudy.graph.Elementwise.Binary;
import io.quickstudy.graph.Elementwise.Unary;
import io.quickstudy.graph.Layout;
import io.quickstudy.graph.Pooling;
import io.quickstudy.graph.Reduction;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** Algebra of reductions. */
final class ReductionRules {
  private ReductionRules() {}

  static Tensor rule(Reduction op, Tensor t) {
    Tensor x = t.input(0);
    if (op.axes().stream().allMatch(a -> x.dim(a) == 1)) {
      return reshape(x, t.shape());
    }
    return switch (op) {
      case Reduction.Max m -> isFill(x) ? fillLike(t, value(x)) : t;
      case Reduction.Sum s -> ofSum(s, t, x);
    };
  }

  /** A sum, made from one over fewer axes that is there anyway. */
  static Tensor ofPart(Reduction.Sum s, Tensor t, Reduction.Sum part) {
    Tensor x = t.input(0);
    if (part.axes().size() >= s.axes().size() || !s.axes().containsAll(part.axes())) {
      return t;
    }
    return sum(sum(x, part.axes()), rest(x.rank(), s.axes(), part.axes()));
  }

  private static Tensor ofSum(Reduction.Sum s, Tensor t, Tensor x) {
    if (isFill(x)) {
      return fillLike(t, value(x) * (x.shape().size() / (double) t.shape().size()));
    }
    if (x.op() == Unary.NEG) {
      return neg(sum(x.input(0), s.axes()));
    }
    if (x.op() instanceof Reduction.Sum inner) {
      TreeSet<Integer> axes = new TreeSet<>(inner.axes());
      List<Integer> kept = others(x.input(0).rank(), inner.axes());
      s.axes().forEach(a -> axes.add(kept.get(a)));
      return sum(x.input(0), List.copyOf(axes));
    }
    if (x.op() instanceof Layout.Broadcast b) {
      return ofBroadcast(s, t, x, b);
    }
    if (x.op() instanceof Layout.Reshape) {
      Tensor y = x.input(0);
      int ones = y.rank() - x.rank();
      if (ones > 0 && y.shape().equals(LayoutRules.ones(ones, x.shape()))) {
        List<Integer> axes = new ArrayList<>(IntStream.range(0, ones).boxed().toList());
        s.axes().forEach(a -> axes.add(a + ones));
        return sum(y, axes);
      }
    }
    Tensor chosen = PoolingRules.sum(s, x);
    if (chosen != null) {
      return chosen;
    }
    if (x.op() == Binary.MUL) {
      for (int i = 0; i < 2; i++) {
        Tensor c = x.input(i);
        if (isFill(c)) {
          return scale(sum(x.input(1 - i), s.axes()), value(c));
        }
        if (c.op() instanceof Layout.Broadcast b) {
          List<Integer> constant = s.axes().stream().filter(b.axes()::contains).toList();
          if (!constant.isEmpty()) {
            Tensor light = mul(sum(x.input(1 - i), constant), factor(constant, b, c));
            return sum(light, rest(x.rank(), s.axes(), constant));
          }
        }
      }
    }
    if (x.op() == Binary.ADD || x.op() == Binary.SUB) {
      if (isCentred(x, s)) {
        return fillLike(t, 0);
      }
      if (isLight(x, s)) {
        return Tensor.of(x.op(), sum(x.input(0), s.axes()), sum(x.input(1), s.axes()));
      }
    }
    return t;
  }

  /** What is constant along some axes, without them. */
  private static Tensor factor(List<Integer> axes, Layout.Broadcast b, Tensor c) {
    List<Integer> repeated = rest(c.rank(), b.axes(), axes);
    return broadcast(c.input(0), c.shape().without(axes), repeated);
  }

  /** Where the axes of a list lie once those of another, part of it, are gone. */
  private static List<Integer> rest(int rank, List<Integer> axes, List<Integer> gone) {
    List<Integer> kept = others(rank, gone);
    return axes.stream().filter(a -> !gone.contains(a)).map(kept::indexOf).toList();
  }

  /** Whether x is something less its own mean over the very axes, whose sum is zero. */
  private static boolean isCentred(Tensor x, Reduction.Sum s) {
    Tensor mean = x.input(1);
    if (x.op() != Binary.SUB
        || !(mean.op() instanceof Layout.Broadcast b && b.axes().equals(s.axes()))) {
      return false;
    }
    Tensor m = mean.input(0);
    double count = x.shape().size() / (double) m.shape().size();
    return m.op() == Binary.MUL
        && isFill(m.input(1), 1 / count)
        && m.input(0).op().equals(s)
        && m.input(0).input(0) == x.input(0);
  }

  /**
   * Whether the sum of x falls apart into sums without their factors. The gradient of a batch norm
   * then needs no pass of its own for the mean: the sums are those of scale and shift, or zero.
   */
  private static boolean isLight(Tensor x, Reduction.Sum s) {
    if (x.op() == Binary.ADD || x.op() == Binary.SUB) {
      return isCentred(x, s) || (isLight(x.input(0), s) && isLight(x.input(1), s));
    }
    if (x.op() == Binary.MUL) {
      return repeats(x.input(0), s) || repeats(x.input(1), s) || PoolingRules.sum(s, x) != null;
    }
    if (x.op() instanceof Pooling.PoolPut) {
      return PoolingRules.sum(s, x) != null;
    }
    return x.op() == Unary.NEG ? isLight(x.input(0), s) : repeats(x, s);
  }

  private static boolean repeats(Tensor x, Reduction.Sum s) {
    return isFill(x) || (x.op() instanceof Layout.Broadcast b && b.axes().containsAll(s.axes()));
  }

  /** A sum along repeated axes is a multiplication. */
  private static Tensor ofBroadcast(Reduction.Sum s, Tensor t, Tensor x, Layout.Broadcast b) {
    double times = 1;
    List<Integer> inner = new ArrayList<>(); // axes of the broadcast's input that are summed
    List<Integer> outer = new ArrayList<>(); // axes of the result that stay repeated
    List<Integer> kept = others(x.rank(), b.axes());
    List<Integer> result = others(x.rank(), s.axes());
    boolean any = false;
    for (int axis : s.axes()) {
      if (b.axes().contains(axis)) {
        times *= x.dim(axis);
        any = true;
      } else {
        inner.add(kept.indexOf(axis));
      }
    }
    if (!any) {
      return t;
    }
    for (int i = 0; i < result.size(); i++) {
      if (b.axes().contains(result.get(i))) {
        outer.add(i);
      }
    }
    Tensor small = scale(sum(x.input(0), inner), times);
    Shape to = t.shape();
    return broadcast(small, to, outer);
  }

  /** The axes below a rank that are not in a list. */
  static List<Integer> others(int rank, List<Integer> axes) {
    return IntStream.range(0, rank).boxed().filter(i -> !axes.contains(i)).toList();
  }
}
