package io.quickstudy.graph;

import static io.quickstudy.graph.Ops.*;

import java.util.List;

/**
 * Convolution and its two gradients. It is bilinear, so the three are closed under differentiation:
 * each is the others' rule, to any order. Images are [N, H, W, C], filters [KH, KW, C, O], results
 * [N, OH, OW, O]; either operand may have a leading task axis (rank 5), and the result then has it.
 */
public sealed interface Convolution extends Op {
  /** The sliding window. */
  Window window();

  /** x * w. */
  record Conv(Window window) implements Convolution {
    @Override
    public Type infer(List<Tensor> in) {
      Shape x = image(this, in.get(0));
      Shape w = filter(this, in.get(1));
      check(this, in, x.dim(3) == w.dim(2));
      return type(in, x.dim(0), window.outH(x.dim(1)), window.outW(x.dim(2)), w.dim(3));
    }

    @Override
    public List<Tensor> vjp(Tensor g, Tensor y, List<Tensor> in) {
      Tensor x = in.get(0);
      Tensor w = in.get(1);
      return List.of(
          fit(convInputGrad(g, w, window, x.dim(-3), x.dim(-2)), x),
          fit(convFilterGrad(x, g, window), w));
    }
  }

  /** The cotangent of x, from the cotangent g of x * w and from w; x has h rows and w columns. */
  record ConvInputGrad(Window window, int h, int w) implements Convolution {
    @Override
    public Type infer(List<Tensor> in) {
      Shape g = image(this, in.get(0));
      Shape f = filter(this, in.get(1));
      check(
          this,
          in,
          g.dim(3) == f.dim(3) && g.dim(1) == window.outH(h) && g.dim(2) == window.outW(w));
      return type(in, g.dim(0), h, w, f.dim(2));
    }

    @Override
    public List<Tensor> vjp(Tensor c, Tensor y, List<Tensor> in) {
      return List.of(
          fit(conv(c, in.get(1), window), in.get(0)),
          fit(convFilterGrad(c, in.get(0), window), in.get(1)));
    }
  }

  /** The cotangent of w, from x and the cotangent g of x * w. */
  record ConvFilterGrad(Window window) implements Convolution {
    @Override
    public Type infer(List<Tensor> in) {
      Shape x = image(this, in.get(0));
      Shape g = image(this, in.get(1));
      check(
          this,
          in,
          x.dim(0) == g.dim(0)
              && g.dim(1) == window.outH(x.dim(1))
              && g.dim(2) == window.outW(x.dim(2)));
      return type(in, window.height(), window.width(), x.dim(3), g.dim(3));
    }

    @Override
    public List<Tensor> vjp(Tensor c, Tensor y, List<Tensor> in) {
      Tensor x = in.get(0);
      Tensor g = in.get(1);
      return List.of(
          fit(convInputGrad(g, c, window, x.dim(-3), x.dim(-2)), x), fit(conv(x, c, window), g));
    }
  }

  /** One task axis is part of the op; a second is merged with it. */
  @Override
  default Tensor batch(Mapped in) {
    Tensor a = in.get(0);
    Tensor b = in.get(1);
    int tasks = Math.max(tasks(a, in.has(0)), tasks(b, in.has(1)));
    if (tasks == 0) {
      return Tensor.of(this, a, b);
    }
    Tensor y = Tensor.of(this, merge(in, 0, tasks), merge(in, 1, tasks));
    return reshape(y, y.shape().sub(1, y.rank()).prepend(tasks).prepend(in.n()));
  }

  /** The extent of an operand's own task axis, 0 without one. */
  private static int tasks(Tensor v, boolean mapped) {
    int own = v.rank() - (mapped ? 1 : 0);
    return own == 5 ? v.dim(mapped ? 1 : 0) : 0;
  }

  private static Tensor merge(Mapped in, int i, int tasks) {
    Tensor v = in.get(i);
    if (!in.has(i) && v.rank() == 4) {
      return v;
    }
    v = in.full(i);
    if (v.rank() == 5) {
      v = broadcast(v, v.shape().sub(1, 5).prepend(tasks).prepend(in.n()), List.of(1));
    }
    return reshape(v, v.shape().sub(2, 6).prepend(in.n() * tasks));
  }

  /** Sums away the task axis of a cotangent whose operand was shared. */
  private static Tensor fit(Tensor g, Tensor operand) {
    return g.rank() > operand.rank() ? sum(g, List.of(0)) : g;
  }

  private static Type type(List<Tensor> in, int... dims) {
    Shape s = Shape.of(dims);
    for (Tensor v : in) {
      if (v.rank() == 5) {
        return new Type(s.prepend(v.dim(0)), DType.F32);
      }
    }
    return new Type(s, DType.F32);
  }

  private static Shape image(Op op, Tensor v) {
    return four(op, v, "[N, H, W, C]");
  }

  private static Shape filter(Convolution op, Tensor v) {
    Shape s = four(op, v, "[KH, KW, C, O]");
    if (s.dim(0) != op.window().height() || s.dim(1) != op.window().width()) {
      throw new IllegalArgumentException(
          op + ": filter " + v.shape() + " does not have the window's height and width");
    }
    return s;
  }

  private static Shape four(Op op, Tensor v, String expected) {
    if ((v.rank() != 4 && v.rank() != 5) || v.dtype() != DType.F32) {
      throw new IllegalArgumentException(
          op
              + ": operand "
              + v.dtype()
              + v.shape()
              + "; expected F32 "
              + expected
              + ", or that behind a task axis");
    }
    return v.shape().sub(v.rank() - 4, v.rank());
  }

  private static void check(Op op, List<Tensor> in, boolean fits) {
    Shape a = in.get(0).shape();
    Shape b = in.get(1).shape();
    if (!fits || (a.rank() == 5 && b.rank() == 5 && a.dim(0) != b.dim(0))) {
      throw new IllegalArgumentException(
          op
              + ": operands "
              + a
              + " and "
              + b
              + " do not fit; images are [N, H, W, C], filters"
              + " [KH, KW, C, O], and task axes must agree");
    }
  }
}
