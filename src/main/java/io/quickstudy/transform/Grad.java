package io.quickstudy.transform;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Walks;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/** Reverse-mode differentiation. Its result is graph, so it can be differentiated again. */
public final class Grad {
  private Grad() {}

  /** A scalar, its gradient, and whatever else the function returned. */
  public record Result<A>(Tensor value, Params grad, A aux) {}

  /** A scalar to differentiate and something to hand through. */
  public record Aux<A>(Tensor value, A aux) {}

  /** The gradient of a scalar function. */
  public static Params grad(Function<Params, Tensor> f, Params at) {
    return valueAndGrad(f, at).grad();
  }

  /** A scalar function's value and gradient. */
  public static Result<Void> valueAndGrad(Function<Params, Tensor> f, Params at) {
    return valueAndGradAux(p -> new Aux<>(f.apply(p), null), at);
  }

  /**
   * A scalar function's value and gradient, and what else it returned (which may depend on the
   * parameters but is not differentiated).
   *
   * <p>A parameter that the value does not depend on has a gradient of zeros, and so have all where
   * the value is constant in them, as the derivative of a linear loss along a direction is. A
   * function that never reads its argument, though, is taken for one that was to use it.
   *
   * @throws IllegalArgumentException if the value is no F32 scalar, a parameter is not F32, or
   *     there are parameters and the function does not read any
   */
  public static <A> Result<A> valueAndGradAux(Function<Params, Aux<A>> f, Params at) {
    for (String name : at.names()) {
      if (at.get(name).dtype() != DType.F32) {
        throw new IllegalArgumentException(
            "grad: parameter '"
                + name
                + "' is "
                + at.get(name).dtype()
                + "; only F32 has gradients: keep it out of the parameters");
      }
    }
    Params x = at.map(Ops::alias); // fresh: closures over `at` stay constant
    AtomicBoolean read = new AtomicBoolean();
    Aux<A> y = f.apply(x.watched(() -> read.set(true)));
    if (y == null || y.value() == null) {
      throw new IllegalArgumentException(
          "grad: the function returned null; expected an F32 scalar: return the loss");
    }
    if (!read.get() && at.count() > 0) {
      throw new IllegalArgumentException(
          "grad: the function never reads its argument, the parameters "
              + at.names()
              + ", so that its gradient would be zero: compute the loss from the argument, as p in"
              + " grad(p -> loss(p), theta)");
    }
    if (y.value().rank() != 0 || y.value().dtype() != DType.F32) {
      throw new IllegalArgumentException(
          "grad: the loss has type "
              + y.value().dtype()
              + y.value().shape()
              + "; expected an F32 scalar: take its mean or sum");
    }
    Params g = pull(List.of(y.value()), List.of(Ops.scalar(1)), x);
    return new Result<>(y.value(), g, y.aux());
  }

  /** The vector-Jacobian product: cotangents of x, given the cotangents g of ys. */
  static Params pull(List<Tensor> ys, List<Tensor> g, Params x) {
    List<Tensor> sources = List.copyOf(x.values());
    List<Tensor> found =
        Walks.cotangents(ys, g, sources, (v, live) -> CustomGradient.refuseHidden(v, live, x));
    List<Tensor> all = new ArrayList<>();
    for (int i = 0; i < sources.size(); i++) {
      all.add(found.get(i) == null ? zeros(sources.get(i).shape()) : found.get(i));
    }
    return x.replace(all);
  }

  private static Tensor zeros(Shape s) {
    return Ops.fill(0, s);
  }
}
