package io.quickstudy.suite;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Grad;
import io.quickstudy.transform.Params;
import java.util.SplittableRandom;
import java.util.function.Function;

/** Scalars made from a sample's result, so that there is something to differentiate. */
final class Loss {
  private Loss() {}

  /** A weighted sum of y + y^2/2 + y^3/6: three derivatives, even where y is linear. */
  static Tensor of(Tensor y) {
    Tensor v = Ops.convert(y, DType.F32);
    Tensor square = Ops.mul(v, v);
    Tensor cube = Ops.mul(square, v);
    Tensor all = Ops.add(Ops.add(v, Ops.scale(square, 0.5)), Ops.scale(cube, 1.0 / 6));
    return Ops.sum(Ops.mul(all, numbers(v.shape(), 5)));
  }

  /** A sample's loss as a function of some of its arguments, the others fixed. */
  static Function<Params, Tensor> of(Sample s, Params fixed) {
    return p -> of(s.f().apply(fixed.with(p)));
  }

  /** Fixed numbers in [-1, 1) that are exact as 32-bit floats. */
  static Tensor numbers(Shape s, long seed) {
    return Ops.literal(s, Draw.any().of(new SplittableRandom(seed), s.size()));
  }

  /** A direction for each of the parameters. */
  static Params direction(Params p, long seed) {
    Params d = Params.empty();
    for (String name : p.names()) {
      d = d.with(name, numbers(p.get(name).shape(), seed + name.hashCode()));
    }
    return d;
  }

  /** The derivative along a direction as a function of the same parameters. */
  static Function<Params, Tensor> along(Function<Params, Tensor> f, Params direction) {
    return p -> {
      Params g = Grad.grad(f, p);
      Tensor sum = Ops.scalar(0);
      for (String name : g.names()) {
        sum = Ops.add(sum, Ops.sum(Ops.mul(g.get(name), direction.get(name))));
      }
      return sum;
    };
  }

  /** Those of the parameters that a sample differentiates. */
  static Params differentiable(Sample s, Params p) {
    Params d = Params.empty();
    for (String name : s.differentiable()) {
      d = d.with(name, p.get(name));
    }
    return d;
  }
}
