package io.quickstudy.transform;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** What a solution z of an optimisation problem has to satisfy. Immutable. */
public final class Constraints {
  private static final Constraints NONE = new Constraints(List.of());

  /** A vector that is to be 0 where active is 1. */
  private record Part(Function<Params, Tensor> values, Tensor active) {}

  private final List<Part> parts;

  private Constraints(List<Part> parts) {
    this.parts = parts;
  }

  /** None. */
  public static Constraints none() {
    return NONE;
  }

  /** And e(z) = 0, element by element, for a vector e(z). */
  public Constraints equal(Function<Params, Tensor> e) {
    return with(new Part(e, null));
  }

  /**
   * And u(z) &lt;= 0, element by element, for a vector u(z).
   *
   * @param active F32, of u's shape: 1 where u(z) = 0 holds the optimum back, else 0, for instance
   *     {@code lessEqual(scalar(-1e-6), u)} at the solution; a constant to gradients
   */
  public Constraints atMost(Function<Params, Tensor> u, Tensor active) {
    return with(new Part(u, stop(active)));
  }

  private Constraints with(Part part) {
    List<Part> all = new ArrayList<>(parts);
    all.add(part);
    return new Constraints(List.copyOf(all));
  }

  boolean isEmpty() {
    return parts.isEmpty();
  }

  /** All values [m], those of inactive inequalities 0. */
  Tensor values(Params z) {
    List<Tensor> all = new ArrayList<>();
    for (Part p : parts) {
      Tensor v = vector(p, z);
      all.add(p.active() == null ? v : mul(p.active(), v));
    }
    return concatenate(0, all);
  }

  /** 1 at inactive inequalities, else 0: [m]. */
  Tensor inactive(Params z) {
    List<Tensor> all = new ArrayList<>();
    for (Part p : parts) {
      Shape s = vector(p, z).shape();
      all.add(p.active() == null ? fill(0, s) : sub(fill(1, s), p.active()));
    }
    return concatenate(0, all);
  }

  private static Tensor vector(Part p, Params z) {
    Tensor v = p.values().apply(z);
    if (v.rank() != 1 || v.dtype() != DType.F32) {
      throw new IllegalArgumentException(
          "constraints: values of type "
              + v.dtype()
              + v.shape()
              + ", expected an F32 vector: reshape them");
    }
    Tensor a = p.active();
    if (a != null && !(a.dtype() == DType.F32 && a.shape().equals(v.shape()))) {
      throw new IllegalArgumentException(
          "constraints: 'active' of type "
              + a.dtype()
              + a.shape()
              + " for inequalities F32"
              + v.shape()
              + ": give a 1 or 0 for each");
    }
    return v;
  }
}
