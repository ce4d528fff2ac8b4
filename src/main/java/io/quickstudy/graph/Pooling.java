package io.quickstudy.graph;

import static io.quickstudy.graph.Ops.*;

import java.util.Arrays;
import java.util.List;

/**
 * Pooling over windows of [B..., H, W, C]. Maximum pooling is split into the choice of a position
 * and the reading of it, so that its gradients of every order only read and write chosen positions.
 * Padding never wins a maximum and adds nothing to a sum.
 */
public sealed interface Pooling extends Op {
  /** The sliding window. */
  Window window();

  @Override
  default Tensor batch(Mapped x) {
    return Tensor.of(this, x.full());
  }

  /**
   * Position r * width + s of the largest element in each window, the first of equals, a NaN before
   * all others: I32 [B..., OH, OW, C]. With a factor [B..., C] as a second input, of the elements
   * times the factor of their image and channel.
   */
  record PoolArgMax(Window window) implements Pooling {
    @Override
    public Type infer(List<Tensor> x) {
      Shape s = small(this, x.get(0));
      if (x.size() > 1) {
        Tensor factor = x.get(1);
        Shape expected = s.without(List.of(s.rank() - 3, s.rank() - 2));
        if (factor.dtype() != DType.F32 || !factor.shape().equals(expected)) {
          throw new IllegalArgumentException(
              this + ": factor " + factor.dtype() + factor.shape() + "; expected F32" + expected);
        }
      }
      return new Type(s, DType.I32);
    }

    @Override
    public List<Tensor> vjp(Tensor g, Tensor y, List<Tensor> x) {
      return Arrays.asList(new Tensor[x.size()]);
    }
  }

  /**
   * The elements of x [B..., H, W, C] at the positions that an index [B..., OH, OW, C] names, as
   * {@link PoolArgMax} gives them; others are not to be relied on.
   */
  record PoolTake(Window window) implements Pooling {
    @Override
    public Type infer(List<Tensor> x) {
      Shape s = small(this, x.get(0));
      index(this, x.get(1), s);
      return new Type(s, DType.F32);
    }

    @Override
    public List<Tensor> vjp(Tensor g, Tensor y, List<Tensor> x) {
      Tensor in = x.get(0);
      return Arrays.asList(
          Tensor.of(new PoolPut(window, in.dim(-3), in.dim(-2)), g, x.get(1)), null);
    }
  }

  /** Adds g [B..., OH, OW, C] into zeros [B..., h, w, C] at the positions the index names. */
  record PoolPut(Window window, int h, int w) implements Pooling {
    @Override
    public Type infer(List<Tensor> x) {
      Shape s = large(this, x.get(0), window, h, w);
      index(this, x.get(1), x.get(0).shape());
      return new Type(s, DType.F32);
    }

    @Override
    public List<Tensor> vjp(Tensor g, Tensor y, List<Tensor> x) {
      return Arrays.asList(Tensor.of(new PoolTake(window), g, x.get(1)), null);
    }
  }

  /** Sum over each window: [B..., H, W, C] to [B..., OH, OW, C]. */
  record PoolSum(Window window) implements Pooling {
    @Override
    public Type infer(List<Tensor> x) {
      return new Type(small(this, x.get(0)), DType.F32);
    }

    @Override
    public List<Tensor> vjp(Tensor g, Tensor y, List<Tensor> x) {
      Tensor in = x.get(0);
      return List.of(Tensor.of(new PoolSpread(window, in.dim(-3), in.dim(-2)), g));
    }
  }

  /** The transpose of {@link PoolSum}: every element added to its whole window. */
  record PoolSpread(Window window, int h, int w) implements Pooling {
    @Override
    public Type infer(List<Tensor> x) {
      return new Type(large(this, x.get(0), window, h, w), DType.F32);
    }

    @Override
    public List<Tensor> vjp(Tensor g, Tensor y, List<Tensor> x) {
      return List.of(Tensor.of(new PoolSum(window), g));
    }
  }

  private static Shape small(Pooling op, Tensor x) {
    if (x.rank() < 3 || x.dtype() != DType.F32) {
      throw new IllegalArgumentException(
          op + " of " + x.dtype() + x.shape() + ": expected F32 [B..., H, W, C]");
    }
    Window w = op.window();
    if (Math.max(w.top(), w.bottom()) >= w.height() || Math.max(w.left(), w.right()) >= w.width()) {
      throw new IllegalArgumentException(
          op + ": the padding must be smaller than the window, or a window would see no element");
    }
    return x.shape().with(-3, w.outH(x.dim(-3))).with(-2, w.outW(x.dim(-2)));
  }

  private static Shape large(Op op, Tensor g, Window window, int h, int w) {
    if (g.rank() < 3
        || g.dtype() != DType.F32
        || g.dim(-3) != window.outH(h)
        || g.dim(-2) != window.outW(w)) {
      throw new IllegalArgumentException(
          op
              + " of "
              + g.dtype()
              + g.shape()
              + ": expected F32 [B..., "
              + window.outH(h)
              + ", "
              + window.outW(w)
              + ", C]");
    }
    return g.shape().with(-3, h).with(-2, w);
  }

  private static void index(Op op, Tensor index, Shape expected) {
    if (index.dtype() != DType.I32 || !index.shape().equals(expected)) {
      throw new IllegalArgumentException(
          op + ": index " + index.dtype() + index.shape() + "; expected I32" + expected);
    }
  }
}
