package io.quickstudy.graph;

import static io.quickstudy.graph.Ops.*;

import java.util.List;

/** Ops that remove axes. */
public sealed interface Reduction extends Op {
  /** The axes to remove, each from 0, ascending. */
  List<Integer> axes();

  @Override
  default Type infer(List<Tensor> x) {
    Tensor a = x.get(0);
    int last = -1;
    for (int axis : axes()) {
      if (axis <= last || axis >= a.rank()) {
        throw new IllegalArgumentException(
            this + " of shape " + a.shape() + ": axes must ascend and be below its rank");
      }
      last = axis;
    }
    if (a.dtype() != DType.F32) {
      throw new IllegalArgumentException(this + " of " + a.dtype() + ": expected F32; convert it");
    }
    return new Type(a.shape().without(axes()), DType.F32);
  }

  /** Sum over the axes. */
  record Sum(List<Integer> axes) implements Reduction {
    @Override
    public List<Tensor> vjp(Tensor g, Tensor y, List<Tensor> x) {
      return List.of(broadcast(g, x.get(0).shape(), axes));
    }

    @Override
    public Tensor batch(Mapped x) {
      return sum(x.get(0), shift(axes));
    }
  }

  /** Largest element over the axes; equal elements share the gradient. NaN wins. */
  record Max(List<Integer> axes) implements Reduction {
    @Override
    public List<Tensor> vjp(Tensor g, Tensor y, List<Tensor> x) {
      Shape full = x.get(0).shape();
      Tensor mask = equal(x.get(0), broadcast(y, full, axes));
      return List.of(mul(mask, broadcast(div(g, sum(mask, axes)), full, axes)));
    }

    @Override
    public Tensor batch(Mapped x) {
      return max(x.get(0), shift(axes));
    }
  }

  /** The same axes behind one more leading axis. */
  static List<Integer> shift(List<Integer> axes) {
    return axes.stream().map(a -> a + 1).toList();
  }
}
