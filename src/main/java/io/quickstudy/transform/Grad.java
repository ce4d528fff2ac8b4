package io.quickstudy.transform;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
   * @throws IllegalArgumentException if the value is no F32 scalar or a parameter is not F32
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
    Aux<A> y = f.apply(x);
    if (y.value().rank() != 0 || y.value().dtype() != DType.F32) {
      throw new IllegalArgumentException(
          "grad: the loss has type "
              + y.value().dtype()
              + y.value().shape()
              + "; expected an F32 scalar: take its mean or sum");
    }
    return new Result<>(y.value(), pull(y.value(), Ops.scalar(1), x), y.aux());
  }

  /** The vector-Jacobian product: cotangents of x, given the cotangent g of y. */
  static Params pull(Tensor y, Tensor g, Params x) {
    List<Tensor> order = Graphs.order(List.of(y));
    Set<Tensor> live = Graphs.dependents(order, x.values());
    Map<Tensor, Tensor> cotangents = new IdentityHashMap<>();
    cotangents.put(y, g);
    Collections.reverse(order);
    for (Tensor v : order) {
      Tensor c = cotangents.get(v);
      if (c == null || !live.contains(v)) {
        continue;
      }
      List<Tensor> grads = v.op().vjp(c, v, v.inputs());
      for (int i = 0; i < grads.size(); i++) {
        if (grads.get(i) != null && live.contains(v.input(i))) {
          cotangents.merge(v.input(i), grads.get(i), Ops::add);
        }
      }
    }
    return x.map(v -> cotangents.getOrDefault(v, zeros(v.shape())));
  }

  private static Tensor zeros(Shape s) {
    return Ops.fill(0, s);
  }
}
