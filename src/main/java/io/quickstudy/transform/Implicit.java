package io.quickstudy.transform;

import io.quickstudy.graph.CustomVjp;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Gradients of a solution by the equation that it solves. Where F(x, c) = 0, the implicit function
 * theorem gives the cotangents of c from those of x, g:
 *
 * <pre>  solve (dF/dx)' w = g,   then   -(dF/dc)' w</pre>
 *
 * <p>so it does not matter how x was found: no gradient passes through the solver, and nothing of
 * its steps is kept. iMAML (Rajeswaran, Finn, Kakade and Levine 2019, section 3), for instance, is
 *
 * <pre>{@code
 * Params phi = Implicit.optimum(
 *     p -> add(loss(p, support), scale(squaredDistance(p, theta), lambda / 2)),
 *     descend(theta, support),
 *     new ConjugateGradients(5));
 * }</pre>
 *
 * <p>c is everything that the given function closes over, theta and the support set here: gradients
 * reach all of it. They are graph of differentiable ops, in which the linear system is
 * differentiated by the same theorem, so there are gradients of gradients to any order; under
 * {@code vmap} each task has a system of its own. What is found should solve the equation:
 * gradients are those of an exact solution, taken at the one that was found.
 */
public final class Implicit {
  private Implicit() {}

  /**
   * A solution x of F(x) = 0, with the gradient that this implies.
   *
   * @param f F; results of the names and shapes of x
   * @param found x, computed in any way; no gradient passes through it
   * @param solver solves systems with dF/dx and its transpose
   * @throws IllegalArgumentException in one sentence, if F has other names or shapes than x or does
   *     not depend on x
   */
  public static Params root(UnaryOperator<Params> f, Params found, LinearSolver solver) {
    for (String n : found.names()) {
      if (found.get(n).dtype() != DType.F32) {
        throw new IllegalArgumentException(
            "implicit gradient: the solution '"
                + n
                + "' is "
                + found.get(n).dtype()
                + ", which has no gradient: leave it out");
      }
    }
    Flat flat = Flat.like(found);
    Params x = flat.placeholders("x.");
    Params r = f.apply(x);
    flat.check("implicit gradient: the equation gives", r);
    Closure equation = Closure.of(x.values(), x.names().stream().map(r::get).toList());
    if (!equation.usesParameters()) {
      throw new IllegalArgumentException(
          "implicit gradient: the equation does not depend on the solution "
              + found.names()
              + ", so it cannot say how that moves: compute it from its argument, and give an"
              + " optimum's loss some curvature");
    }
    List<Tensor> in = new ArrayList<>(List.of(Ops.stop(flat.join(found))));
    in.addAll(equation.captured());
    CustomVjp op = new CustomVjp(new Rule(equation, flat, solver), equation.captured().size());
    return flat.split(Tensor.of(op, in));
  }

  /**
   * A point x where the gradient of a loss is 0, with the gradient that this implies. The system's
   * matrix is the loss's Hessian, of which only products with vectors are computed.
   *
   * @param loss a scalar
   * @param found x, computed in any way; no gradient passes through it
   * @param solver {@link LinearSolver.ConjugateGradients}, or {@link LinearSolver.Dense#CHOLESKY}
   *     for a few numbers
   * @throws IllegalArgumentException in one sentence, as {@link #root}
   */
  public static Params optimum(Function<Params, Tensor> loss, Params found, LinearSolver solver) {
    return root(p -> Grad.grad(loss, p), found, solver);
  }

  /**
   * A point x = f(x), with the gradient that this implies.
   *
   * @param f results of the names and shapes of x
   * @param found x, computed in any way; no gradient passes through it
   * @param solver {@link LinearSolver.NeumannSeries}, the iteration of the adjoint, which converges
   *     where f is a contraction, or {@link LinearSolver.Dense#LU} for a few numbers
   * @throws IllegalArgumentException in one sentence, as {@link #root}
   */
  public static Params fixedPoint(UnaryOperator<Params> f, Params found, LinearSolver solver) {
    return root(
        p -> {
          Params next = f.apply(p);
          Flat.like(p).check("implicit gradient: the fixed point's function gives", next);
          return p.zip(next, Ops::sub);
        },
        found,
        solver);
  }

  /**
   * The solution w of A w = b, with its gradient in b and in all that A closes over.
   *
   * @param a what A makes of a vector, linear in it
   * @throws IllegalArgumentException in one sentence, as {@link #root}
   */
  public static Params solve(UnaryOperator<Params> a, Params b, LinearSolver solver) {
    return root(w -> a.apply(w).minus(b), solver.solve(a, b), solver);
  }

  /**
   * The optimum z of a convex problem under constraints, with the gradient that its optimality
   * conditions imply (Karush, Kuhn and Tucker; Amos and Kolter 2017, OptNet, section 3): a small
   * dense symmetric system in z and the multipliers, for which the active constraints' gradients
   * must be linearly independent. The multipliers are those that fit best at z.
   *
   * @param objective convex, a scalar
   * @param found z, computed in any way; no gradient passes through it
   * @throws IllegalArgumentException in one sentence, as {@link #root}, or if the values of
   *     constraints are no vectors
   */
  public static Params constrainedOptimum(
      Function<Params, Tensor> objective, Constraints constraints, Params found) {
    Params z = found.map(Ops::stop);
    return new OptimalityConditions(objective, constraints, z).optimum();
  }

  /** The gradient of a root. */
  private static final class Rule implements CustomVjp.Rule {
    private final Closure equation;
    private final Flat flat;
    private final LinearSolver solver;

    Rule(Closure equation, Flat flat, LinearSolver solver) {
      this.equation = equation;
      this.flat = flat;
      this.solver = solver;
    }

    @Override
    public List<Tensor> vjp(Tensor g, Tensor y, List<Tensor> closedOver) {
      // aliases: what is closed over may have been computed from other parts of it, and x from all
      Params x = flat.split(y).map(Ops::alias);
      List<Tensor> c = closedOver.stream().map(Ops::alias).toList();
      List<Tensor> f = equation.apply(x.values(), c);
      Params w = solve(v -> Grad.pull(f, List.copyOf(v.values()), x), flat.split(g), solver);
      Params variables = Params.empty();
      for (int i = 0; i < c.size(); i++) {
        boolean has = c.get(i).dtype() == DType.F32;
        variables = has ? variables.with(Integer.toString(i), c.get(i)) : variables;
      }
      Params pulled = Grad.pull(f, w.values().stream().map(Ops::neg).toList(), variables);
      List<Tensor> out = new ArrayList<>(Collections.nCopies(c.size(), null));
      pulled.names().forEach(n -> out.set(Integer.parseInt(n), pulled.get(n)));
      return out;
    }

    @Override
    public CustomVjp.Rule batch(int n, List<Boolean> mapped) {
      return new BatchedRule(this, n, mapped);
    }
  }
}
