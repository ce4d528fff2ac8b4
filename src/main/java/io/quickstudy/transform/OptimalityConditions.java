package io.quickstudy.transform;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.util.List;
import java.util.function.Function;

/**
 * The optimality conditions of a convex problem as the stationary point of one function of the
 * solution z and the multipliers y,
 *
 * <pre>  L(z, y) = objective(z) + y' c(z) - d' y^2 / 2,</pre>
 *
 * <p>where c are the constraints' values, those of inactive inequalities 0, and d is 1 at these,
 * which holds their multipliers at 0. Its second derivatives are symmetric: [H A'; A -diag(d)].
 *
 * @param found z, stopped
 */
record OptimalityConditions(
    Function<Params, Tensor> objective, Constraints constraints, Params found) {
  private static final String Z = "z";
  private static final String Y = "y";

  /** z, with its gradient. */
  Params optimum() {
    if (constraints.isEmpty()) {
      return Implicit.optimum(objective, found, LinearSolver.Dense.CHOLESKY);
    }
    Params point = found.under(Z).with(Y, multipliers());
    LinearSolver solver = new LinearSolver.Saddle(Flat.like(found).size());
    return Implicit.optimum(this::lagrangian, point, solver).sub(Z);
  }

  private Tensor lagrangian(Params p) {
    Params z = p.sub(Z);
    Tensor y = p.get(Y);
    Tensor held = sum(mul(y, constraints.values(z)));
    Tensor free = scale(sum(mul(constraints.inactive(z), mul(y, y))), 0.5);
    return sub(add(objective.apply(z), held), free);
  }

  /** Those for which the gradient in z is smallest: (A A' + diag(d)) y = -A g. */
  private Tensor multipliers() {
    Params z = found.map(Ops::alias);
    Flat flat = Flat.like(z);
    Tensor c = constraints.values(z);
    Shape square = Shape.of(c.dim(0), c.dim(0));
    Tensor a =
        Vmap.vmap(
            e -> flat.join(Grad.pull(List.of(c), List.of(e.get("e")), z)),
            Params.of("e", diagonal(square)));
    Tensor d = mul(diagonal(square), expand(constraints.inactive(z), square));
    Tensor g = flat.join(Grad.grad(objective, z));
    Tensor y =
        LinearSolver.positiveDefinite(add(dot(a, t(a)), d), neg(dot(a, LinearSolver.column(g))));
    return reshape(y, c.shape());
  }
}
