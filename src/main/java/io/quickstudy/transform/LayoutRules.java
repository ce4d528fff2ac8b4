package io.quickstudy.transform;

import static io.quickstudy.graph.Ops.*;
import static io.quickstudy.transform.Simplifier.*;

import io.quickstudy.graph.Elementwise;
import io.quickstudy.graph.Layout;
import io.quickstudy.graph.Leaf;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** Algebra of ops that move numbers. */
final class LayoutRules {
  private LayoutRules() {}

  static Tensor rule(Layout op, Tensor t) {
    Tensor x = t.input(0);
    if (isFill(x) && (t.inputs().size() == 1) && !(op instanceof Layout.Pad && value(x) != 0)) {
      return fillLike(t, value(x));
    }
    return switch (op) {
      case Layout.Reshape r -> ofReshape(r, t, x);
      case Layout.Transpose p -> transposed(p, t, x);
      case Layout.Broadcast b -> ofBroadcast(b, t, x);
      case Layout.Slice s -> ofSlice(s, t, x);
      case Layout.Pad p -> t.shape().equals(x.shape()) ? x : t;
      case Layout.Concatenate c -> concatenation(c, t);
    };
  }

  private static Tensor ofReshape(Layout.Reshape r, Tensor t, Tensor x) {
    if (x.shape().equals(r.to())) {
      return x;
    }
    if (x.op() instanceof Layout.Broadcast b) {
      int more = r.to().rank() - x.rank();
      if (more > 0 && r.to().equals(ones(more, x.shape()))) {
        List<Integer> axes = new ArrayList<>(IntStream.range(0, more).boxed().toList());
        b.axes().forEach(a -> axes.add(a + more));
        return broadcast(x.input(0), r.to(), axes);
      }
    }
    return x.op() instanceof Layout.Reshape ? reshape(x.input(0), r.to()) : t;
  }

  /** A shape with so many axes of one element in front. */
  static Shape ones(int count, Shape s) {
    Shape to = s;
    for (int i = 0; i < count; i++) {
      to = to.prepend(1);
    }
    return to;
  }

  private static Tensor transposed(Layout.Transpose p, Tensor t, Tensor x) {
    List<Integer> perm = p.perm();
    if (perm.equals(IntStream.range(0, perm.size()).boxed().toList())) {
      return x;
    }
    if (x.op() instanceof Layout.Transpose q) {
      return transpose(x.input(0), perm.stream().map(q.perm()::get).toList());
    }
    if (movesOnlyOnes(x.shape(), perm)) {
      return reshape(x, t.shape());
    }
    if (x.op() instanceof Layout.Broadcast b) {
      List<Integer> axes = new ArrayList<>();
      List<Integer> rest = new ArrayList<>();
      List<Integer> old =
          IntStream.range(0, x.rank()).boxed().filter(i -> !b.axes().contains(i)).toList();
      for (int i = 0; i < perm.size(); i++) {
        if (b.axes().contains(perm.get(i))) {
          axes.add(i);
        } else {
          rest.add(old.indexOf(perm.get(i)));
        }
      }
      return broadcast(transpose(x.input(0), rest), t.shape(), axes);
    }
    return t;
  }

  /** Whether a permutation keeps the order of all axes longer than 1: then it moves nothing. */
  private static boolean movesOnlyOnes(Shape s, List<Integer> perm) {
    int last = -1;
    for (int axis : perm) {
      if (s.dim(axis) > 1) {
        if (axis < last) {
          return false;
        }
        last = axis;
      }
    }
    return true;
  }

  private static Tensor ofBroadcast(Layout.Broadcast b, Tensor t, Tensor x) {
    if (b.axes().stream().allMatch(a -> b.to().dim(a) == 1)) {
      return reshape(x, b.to());
    }
    if (x.op() instanceof Layout.Broadcast inner) {
      List<Integer> axes = new ArrayList<>(b.axes());
      List<Integer> kept =
          IntStream.range(0, t.rank()).boxed().filter(i -> !b.axes().contains(i)).toList();
      inner.axes().forEach(a -> axes.add(kept.get(a)));
      Collections.sort(axes);
      return broadcast(x.input(0), b.to(), axes);
    }
    return t;
  }

  /** A slice of an elementwise op as the op of slices; null for other ops. */
  static Tensor before(Layout.Slice s, Tensor x) {
    if (!(x.op() instanceof Elementwise)) {
      return null;
    }
    return Tensor.of(x.op(), x.inputs().stream().map(i -> Tensor.of(s, i)).toList());
  }

  private static Tensor ofSlice(Layout.Slice s, Tensor t, Tensor x) {
    if (t.shape().equals(x.shape())) {
      return x;
    }
    if (x.op() instanceof Layout.Concatenate c && whole(s, x, c.axis())) {
      int at = 0;
      for (Tensor part : x.inputs()) {
        int next = at + part.dim(c.axis());
        if (s.starts().get(c.axis()) == at && s.limits().get(c.axis()) == next) {
          return part;
        }
        at = next;
      }
    }
    return t;
  }

  /** Whether a slice takes everything along all axes but one, and every element along that. */
  private static boolean whole(Layout.Slice s, Tensor x, int axis) {
    for (int i = 0; i < x.rank(); i++) {
      if (s.steps().get(i) != 1
          || (i != axis && (s.starts().get(i) != 0 || s.limits().get(i) != x.dim(i)))) {
        return false;
      }
    }
    return true;
  }

  private static Tensor concatenation(Layout.Concatenate c, Tensor t) {
    List<Tensor> parts = new ArrayList<>();
    for (Tensor x : t.inputs()) {
      if (x.op() instanceof Layout.Concatenate inner && inner.axis() == c.axis()) {
        parts.addAll(x.inputs());
      } else {
        parts.add(x);
      }
    }
    Tensor first = parts.get(0);
    if (parts.size() == 1) {
      return first;
    }
    if (parts.stream().allMatch(p -> isFill(p) && value(p) == value(first))) {
      return isFill(first) ? fillLike(t, value(first)) : t;
    }
    return parts.size() == t.inputs().size() ? t : concatenate(c.axis(), parts);
  }

  /**
   * The sum a + b where one is a padding that meets the other, or what the other adds up, as a
   * padding of a concatenation and what is left, or null: what the gradient of many slices adds up
   * to, in whatever order. Where a padding has zeros nothing is rounded otherwise.
   */
  static Tensor joinPads(Tensor a, Tensor b) {
    Tensor joined = joinTwo(a, b);
    if (joined == null && a.op() == Elementwise.Binary.ADD) {
      joined = joinOne(a, b);
    }
    return joined == null && b.op() == Elementwise.Binary.ADD ? joinOne(b, a) : joined;
  }

  private static Tensor joinOne(Tensor sum, Tensor pad) {
    for (int i = 0; i < 2; i++) {
      Tensor joined = joinTwo(sum.input(i), pad);
      if (joined != null) {
        return add(sum.input(1 - i), joined);
      }
    }
    return null;
  }

  /** The sum of two paddings that meet along one axis as one of a concatenation, or null. */
  private static Tensor joinTwo(Tensor a, Tensor b) {
    if (!(a.op() instanceof Layout.Pad p) || !(b.op() instanceof Layout.Pad q)) {
      return null;
    }
    int axis = -1;
    for (int i = 0; i < a.rank(); i++) {
      if (p.interior().get(i) != 0 || q.interior().get(i) != 0) {
        return null;
      }
      boolean same =
          p.low().get(i).equals(q.low().get(i)) && p.high().get(i).equals(q.high().get(i));
      if (!same && axis >= 0) {
        return null;
      }
      axis = same ? axis : i;
    }
    if (axis < 0) {
      return null;
    }
    int extent = a.dim(axis);
    if (extent - p.high().get(axis) == q.low().get(axis)) {
      return joined(a, p, b, q, axis);
    }
    return extent - q.high().get(axis) == p.low().get(axis) ? joined(b, q, a, p, axis) : null;
  }

  private static Tensor joined(Tensor a, Layout.Pad p, Tensor b, Layout.Pad q, int axis) {
    List<Integer> high = new ArrayList<>(p.high());
    high.set(axis, q.high().get(axis));
    return pad(concatenate(axis, a.input(0), b.input(0)), p.low(), high);
  }

  /** Positions along one axis, kept once and repeated along the others. */
  static Tensor ofIota(Leaf.Iota op, Tensor t) {
    if (t.rank() == 1) {
      return t;
    }
    List<Integer> axes = IntStream.range(0, t.rank()).boxed().filter(i -> i != op.axis()).toList();
    return broadcast(iota(Shape.of(t.dim(op.axis())), 0), t.shape(), axes);
  }
}
