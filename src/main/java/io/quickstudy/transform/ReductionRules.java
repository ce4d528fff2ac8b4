package io.quickstudy.transform;

import static io.quickstudy.graph.Ops.*;
import static io.quickstudy.transform.Simplifier.*;

import io.quickstudy.graph.Elementwise.Binary;
import io.quickstudy.graph.Elementwise.Unary;
import io.quickstudy.graph.Layout;
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
    if (x.op() == Binary.MUL) {
      for (int i = 0; i < 2; i++) {
        Tensor c = x.input(i);
        if (isFill(c)) {
          return scale(sum(x.input(1 - i), s.axes()), value(c));
        }
        if (c.op() instanceof Layout.Broadcast b && b.axes().containsAll(s.axes())) {
          // constant along what is summed: a factor of the sum
          List<Integer> rest = new ArrayList<>();
          List<Integer> kept = others(x.rank(), s.axes());
          for (int j = 0; j < kept.size(); j++) {
            if (b.axes().contains(kept.get(j))) {
              rest.add(j);
            }
          }
          Tensor factor = broadcast(c.input(0), t.shape(), rest);
          return mul(sum(x.input(1 - i), s.axes()), factor);
        }
      }
    }
    return t;
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
