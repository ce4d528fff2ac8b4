package io.quickstudy.learners.gradient;

import static io.quickstudy.graph.Ops.abs;
import static io.quickstudy.graph.Ops.add;
import static io.quickstudy.graph.Ops.fill;
import static io.quickstudy.graph.Ops.less;
import static io.quickstudy.graph.Ops.mul;
import static io.quickstudy.graph.Ops.scalar;
import static io.quickstudy.graph.Ops.scale;
import static io.quickstudy.graph.Ops.sum;
import static io.quickstudy.graph.Ops.where;
import static io.quickstudy.transform.Grad.grad;

import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Criterion;
import io.quickstudy.learner.Learner;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.settings.Setting;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Task;
import io.quickstudy.task.TaskKind;
import io.quickstudy.transform.Implicit;
import io.quickstudy.transform.LinearSolver.ConjugateGradients;
import io.quickstudy.transform.LinearSolver.Damped;
import io.quickstudy.transform.Params;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * MAML with an explicit Gaussian prior and an implicit gradient. Rajeswaran, Finn, Kakade and
 * Levine (2019), "Meta-Learning with Implicit Gradients". A task's phi is drawn to theta (equation
 * 3),
 *
 * <pre>  phi = argmin G(phi),   G(phi) = L(phi, support) + lambda/2 ||phi - theta||^2,</pre>
 *
 * <p>and where G's gradient is 0 the optimum moves with theta by lemma 1, whatever found it:
 *
 * <pre>  d phi / d theta = (I + H / lambda)^-1,   H the Hessian of L(phi, support).</pre>
 *
 * <p>The meta-gradient is that times the gradient of the outer loss at phi (equation 5), computed
 * by some steps of conjugate gradients (algorithm 2). Nothing of the inner steps is kept for it, so
 * that memory does not grow with their number. Since a network's loss is not convex, I + H / lambda
 * need not be positive definite, as conjugate gradients want it: a direction along which L bends
 * down by more than lambda / 10 is their last, taken as if L were flat there, which is ours. The
 * released code damps the system in its place.
 *
 * @param f the model f_phi
 * @param criterion L, a mean over the support set
 * @param o lambda, the solver, and the outer gradient
 * @param norm whose statistics normalise: {@code TRANSDUCTIVE}, as in the paper's code, or {@code
 *     SUPPORT}; {@code NONE} for a model without batch normalisation
 */
public record ImplicitMaml(Model f, Criterion criterion, Options o, Norm.Policy norm)
    implements Learner {
  /**
   * Its declaration. The gradient is that of the loss where both the solver and the conjugate
   * gradients have converged, as they do by the values that it is checked with: so strong a prior
   * that every step leaves a hundredth of the error. With damping, or a prior that one step alone
   * feels, an implicit one is another direction on purpose.
   */
  public static final LearnerKind<Options> KIND =
      LearnerKind.of(
              ImplicitMaml.class,
              Options.class,
              (o, s) -> new ImplicitMaml(s.network(), s.criterion(), o, s.norm()))
          .named("imaml")
          .ofWholeModels()
          .about("MAML with a Gaussian prior and implicit gradients")
          .paper("Rajeswaran et al. 2019")
          .tasks(TaskKind.EPISODES, TaskKind.REGRESSION)
          .norms(Norm.Policy.TRANSDUCTIVE, Norm.Policy.SUPPORT)
          .approximateIf(
              o ->
                  o.outerGradient() == OuterGradient.IMPLICIT
                      && (o.damping() > 0 || o.prior() == Prior.LAST))
          .checkedWith(
              Map.of(
                  "lambda", "10000", "inner-steps", "4", "inner-rate", "0.0001", "cg-steps", "4"));

  /**
   * Its options.
   *
   * @param lambda the prior's precision
   * @param solver of the inner problem
   * @param innerSteps the solver's
   * @param innerRate of a step of gradient descent
   * @param prior where the solver feels the prior
   * @param outerGradient whether it is implicit
   * @param cgSteps of conjugate gradients
   * @param damping what is added to lambda where the Hessian is inverted
   */
  public record Options(
      @Setting(
              value = "how strongly a task's parameters are drawn to the shared ones",
              usual = "2",
              above = 0)
          double lambda,
      @Setting(
              value =
                  "what solves a task: gradient-descent, or hessian-free, whose every step takes"
                      + " --cg-steps of conjugate gradients and searches along their line",
              usual = "gradient-descent")
          Solver solver,
      @Setting(value = "the solver's steps", usual = "16", least = 1, evaluated = true)
          int innerSteps,
      @Setting(
              value = "the rate of gradient descent, for a loss that is a mean",
              usual = "0.1",
              above = 0)
          double innerRate,
      @Setting(
              value =
                  "where gradient descent feels the prior: in each step, as G has it, or in the"
                      + " last one alone, as the released code",
              usual = "each",
              before = "each")
          Prior prior,
      @Setting(
              value =
                  "implicit, as at the optimum, in memory that does not grow with the steps; or"
                      + " explicit, back through them",
              usual = "implicit")
          OuterGradient outerGradient,
      @Setting(
              value = "steps of conjugate gradients for the implicit gradient",
              usual = "5",
              least = 1)
          int cgSteps,
      @Setting(
              value =
                  "what is added to lambda for these, as the released code does; 0 for the paper's"
                      + " system",
              usual = "0",
              before = "0",
              least = 0)
          double damping) {
    /** Refuses a prior that Newton's steps would not see. */
    public Options {
      if (prior == Prior.LAST && solver == Solver.HESSIAN_FREE) {
        throw new IllegalArgumentException(
            "Option --prior is last with --solver hessian-free: expected each, since every step"
                + " solves G as a whole; leave it out or choose gradient-descent.");
      }
    }
  }

  /** Where gradient descent feels the prior. */
  public enum Prior {
    /** In each step, which follows grad G. */
    EACH,
    /**
     * Behind the last step, which follows grad L as those before it: one step on lambda/2 ||phi -
     * theta||^2 alone, as the released code has it.
     */
    LAST
  }

  /** What solves the inner problem. */
  public enum Solver {
    /** phi - alpha grad G(phi), from theta. */
    GRADIENT_DESCENT,
    /**
     * Newton's steps, each by conjugate gradients on products with the Gauss-Newton matrix J' L''
     * J, where J is f's Jacobian and L'' the Hessian of the loss by f's outputs, as long as is best
     * among 1, 1/4, 1/16 and 0 (Martens 2010, section 4.2; the paper's section 4, "Hessian-free").
     * The Hessian itself is not positive, and conjugate gradients on it go astray.
     */
    HESSIAN_FREE
  }

  /** How the outer loss is differentiated by theta. */
  public enum OuterGradient {
    /** By lemma 1, as if phi were the optimum. */
    IMPLICIT,
    /** Back through the solver's steps: MAML with the prior. */
    EXPLICIT
  }

  /** Parts of a step that the line search tries beside the whole. */
  private static final double[] SHORTER = {1. / 4, 1. / 16, 0};

  /** A part of G so large that it is no rounding, which would make phi jump with theta. */
  private static final double CLEARLY = 1e-6;

  /** Refuses running statistics. */
  public ImplicitMaml {
    if (norm == Norm.Policy.RUNNING) {
      throw new IllegalArgumentException(
          "Batch norm 'running' with inner steps: expected 'transductive' or 'support', since inner"
              + " steps move the statistics; choose one of these.");
    }
  }

  @Override
  public Params init(Init draw) {
    return f.init(draw);
  }

  private static Params trained(Params theta) {
    return theta.select(n -> !Norm.isBuffer(n));
  }

  /** L(phi, support). */
  private Tensor inner(Params phi, Batch support) {
    return criterion.of(outputs(phi, support), support.y());
  }

  private Tensor outputs(Params phi, Batch support) {
    return f.apply(phi, support.x(), Norm.batch());
  }

  /** G(phi) (equation 3). */
  private Tensor objective(Params phi, Params theta, Batch support) {
    Params far = phi.minus(theta);
    return add(inner(phi, support), scale(dot(far, far), o.lambda() / 2));
  }

  private static Tensor dot(Params u, Params v) {
    return u.zip(v, Ops::mul).values().stream().map(Ops::sum).reduce(scalar(0), Ops::add);
  }

  /** The solver's phi, after 0, 1, ... steps from theta (algorithm 2, line 3). */
  private List<Params> path(Params theta, Batch support) {
    List<Params> path = new ArrayList<>(List.of(theta));
    for (int k = 1; k <= o.innerSteps(); k++) {
      Params phi = path.getLast();
      Params g = grad(p -> inner(p, support), phi);
      path.add(
          switch (o.solver()) {
            case GRADIENT_DESCENT -> descended(phi, g, theta, k == o.innerSteps());
            case HESSIAN_FREE ->
                along(newton(phi, g.plus(drawn(phi, theta)), support), phi, theta, support);
          });
    }
    return path;
  }

  /** The gradient of the prior, lambda (phi - theta). */
  private Params drawn(Params phi, Params theta) {
    return phi.minus(theta).times(o.lambda());
  }

  /** phi after a step, where g is grad L there. */
  private Params descended(Params phi, Params g, Params theta, boolean last) {
    if (o.prior() == Prior.EACH) {
      return phi.minus(g.plus(drawn(phi, theta)).times(o.innerRate()));
    }
    Params next = phi.minus(g.times(o.innerRate()));
    return last ? next.minus(drawn(next, theta).times(o.innerRate())) : next;
  }

  /** (J' L'' J + lambda I)^-1 g, nearly. */
  private Params newton(Params phi, Params g, Batch support) {
    return new Damped(new ConjugateGradients(o.cgSteps()), o.lambda())
        .solve(v -> gaussNewton(phi, v, support), g);
  }

  /** J' L'' J v (Schraudolph 2002), by three products with f's Jacobian or the loss's Hessian. */
  private Params gaussNewton(Params phi, Params v, Batch support) {
    Tensor y = outputs(phi, support);
    Params zero = Params.of("u", fill(0, y.shape()));
    // J'u is linear in u, so that its derivative by u along v is J v
    Tensor jv = grad(u -> dot(transposed(phi, u.get("u"), support), v), zero).get("u");
    Tensor ljv =
        grad(
                z -> dot(grad(l -> criterion.of(l.get("y"), support.y()), z), Params.of("y", jv)),
                Params.of("y", y))
            .get("y");
    return transposed(phi, ljv, support);
  }

  /** J' u. */
  private Params transposed(Params phi, Tensor u, Batch support) {
    return grad(p -> sum(mul(outputs(p, support), u)), phi);
  }

  /** phi less the whole step, or the part of it with which G is clearly less. */
  private Params along(Params step, Params phi, Params theta, Batch support) {
    Params best = phi.minus(step);
    Tensor least = objective(best, theta, support);
    for (double length : SHORTER) {
      Params next = phi.minus(step.times(length));
      Tensor value = objective(next, theta, support);
      Tensor better = less(add(value, scale(abs(least), CLEARLY)), least);
      best = best.zip(next, (b, n) -> where(better, n, b));
      least = where(better, value, least);
    }
    return best;
  }

  /** phi as the outer loss sees it. */
  private Params optimum(Params theta, Batch support) {
    Params found = path(theta, support).getLast();
    return switch (o.outerGradient()) {
      case IMPLICIT ->
          Implicit.optimum(
              p -> objective(p, theta, support),
              found,
              new Damped(
                  new ConjugateGradients(o.cgSteps(), o.lambda() + o.damping()), o.damping()));
      case EXPLICIT -> found;
    };
  }

  /** phi, with the statistics of the support set where these normalise the queries. */
  private Params adapted(Params phi, Batch support) {
    return norm == Norm.Policy.SUPPORT
        ? phi.with(f.pass(phi, support.x(), Norm.batch()).moments())
        : phi;
  }

  @Override
  public Params adapt(Params theta, Batch support) {
    return adapted(path(trained(theta), support).getLast(), support);
  }

  /** f_phi at new points. */
  @Override
  public Tensor predict(Params adapted, Tensor queries) {
    return f.apply(adapted, queries, norm.ofQueries(adapted));
  }

  /** L(phi, query), the outer loss of equation 3. */
  @Override
  public Outcome loss(Params theta, Task task) {
    Params phi = optimum(trained(theta), task.support());
    Tensor y = predict(theta.with(adapted(phi, task.support())), task.query().x());
    return new Outcome(criterion.of(y, task.query().y()), y, Params.empty());
  }

  @Override
  public List<Tensor> predictByStep(Params theta, Batch support, Tensor queries) {
    return path(trained(theta), support).stream()
        .map(phi -> predict(theta.with(adapted(phi, support)), queries))
        .toList();
  }

  @Override
  public Params network(Params theta, Tensor x, Norm by) {
    return f.outputs(theta, x, by);
  }
}
