package io.quickstudy.learners.inner;

import static io.quickstudy.graph.Ops.less;
import static io.quickstudy.graph.Ops.scalar;
import static io.quickstudy.graph.Ops.where;
import static io.quickstudy.transform.Grad.valueAndGradAux;

import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Criterion;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.task.Batch;
import io.quickstudy.transform.Grad;
import io.quickstudy.transform.Params;
import java.util.ArrayList;
import java.util.List;

/**
 * Gradient descent on a support set: theta_{k+1} = theta_k - alpha grad L(f_{theta_k}), for a part
 * of theta (Finn et al. 2017, algorithm 2, lines 5 to 7).
 *
 * @param f the model f_theta
 * @param criterion L, a mean over the support set
 * @param steps how many
 * @param part which parameters move
 * @param rates alpha
 * @param order whether the outer gradient passes through the steps
 * @param stepNorm whose gains, biases and statistics of batch norm a pass sees
 * @param norm whose statistics normalise: {@code TRANSDUCTIVE}, {@code SUPPORT}, {@code PER_STEP},
 *     or {@code NONE} for a model without batch normalisation
 * @param stopLoss a step from where L is at most this is not taken; 0 to take all
 */
public record InnerLoop(
    Model f,
    Criterion criterion,
    int steps,
    Part part,
    Rates rates,
    Order order,
    StepNorm stepNorm,
    Norm.Policy norm,
    double stopLoss) {
  /** What the names of the inner loop's own parameters begin with. */
  static final String OWN = "inner.";

  /** Refuses running statistics, and fewer than no steps. */
  public InnerLoop {
    if (norm == Norm.Policy.RUNNING) {
      throw new IllegalArgumentException(
          "Batch norm 'running' with inner steps: expected 'transductive' or 'support', since inner"
              + " steps move the statistics; choose one of these.");
    }
    if (steps < 0) {
      throw new IllegalArgumentException(
          "Option --inner-steps is %s: expected 0 or more; change it.".formatted(steps));
    }
  }

  /** MAML's: all parameters, one constant rate. */
  public InnerLoop(
      Model f, Criterion criterion, int steps, double alpha, Order order, Norm.Policy norm) {
    this(f, criterion, steps, Part.all(), Rates.fixed(alpha), order, StepNorm.shared(), norm, 0);
  }

  /** The same of another order. */
  public InnerLoop of(Order other) {
    return new InnerLoop(f, criterion, steps, part, rates, other, stepNorm, norm, stopLoss);
  }

  /** Whether a parameter is the inner loop's own, so that no inner step changes it. */
  static boolean isOwn(String name) {
    return name.startsWith(OWN);
  }

  /** Refuses a step for which nothing was learned. */
  static void known(int step, int trained, String what) {
    if (step >= trained) {
      throw new IllegalArgumentException(
          "Inner step %s has no %s of its own: expected at most %s inner steps, as many as were trained; lower --inner-steps or --eval-inner-steps, or train with more."
              .formatted(step + 1, what, trained));
    }
  }

  /**
   * Theta behind some steps.
   *
   * @param theta all parameters
   * @param step how many
   * @param seen the statistics of the pass over the support set with which the next step began;
   *     none behind the last step
   */
  public record Fast(Params theta, int step, Params seen) {}

  /** Initial parameters: the model's, and those that the steps learn. */
  public Params init(Init draw) {
    Params theta = stepNorm.init(f.init(draw));
    return theta.with(rates.init(part.of(theta)));
  }

  /** Theta after 0, 1, ... steps on a support set, as it is put to work. */
  public List<Fast> path(Params theta, Batch support) {
    return path(theta, support, norm == Norm.Policy.PER_STEP);
  }

  /** The same while training: passes over the support set are normalised by its own statistics. */
  public List<Fast> training(Params theta, Batch support) {
    return path(theta, support, false);
  }

  private List<Fast> path(Params theta, Batch support, boolean given) {
    List<Fast> path = new ArrayList<>();
    Params fast = theta;
    for (int k = 0; k < steps; k++) {
      Params now = fast;
      int step = k;
      Grad.Result<Params> r =
          valueAndGradAux(
              p -> {
                Params seen = stepNorm.at(now.with(p), step);
                Model.Pass y = f.pass(seen, support.x(), given ? Norm.given(seen) : Norm.batch());
                return new Grad.Aux<>(criterion.of(y.y(), support.y()), y.moments());
              },
              part.of(fast));
      path.add(new Fast(now, k, r.aux()));
      Params before = part.of(fast);
      Params after = before.minus(rates.times(theta, order.of(r.grad()), k));
      fast = fast.with(stopLoss > 0 ? unlessDone(r.value(), before, after) : after);
    }
    path.add(new Fast(fast, steps, Params.empty()));
    return path;
  }

  /** Early stopping: what is good enough stays as it is. */
  private Params unlessDone(Tensor loss, Params before, Params after) {
    Tensor goesOn = less(scalar(stopLoss), loss);
    return before.zip(after, (b, a) -> where(goesOn, a, b));
  }

  /** Theta behind all steps: what they change, and what queries are normalised by. */
  public Params adapt(Params theta, Batch support) {
    return adapted(path(theta, support).getLast(), support);
  }

  /** The same behind fewer steps. */
  public Params adapted(Fast fast, Batch support) {
    Params seen = stepNorm.at(fast.theta(), fast.step());
    Params changed = part.of(fast.theta()).with(stepNorm.chosen(seen));
    return norm == Norm.Policy.SUPPORT
        ? changed.with(f.pass(seen, support.x(), Norm.batch()).moments())
        : changed;
  }

  /** f_theta' at new points, under theta with what {@link #adapt} made. */
  public Tensor predict(Params adapted, Tensor queries) {
    return f.apply(adapted, queries, norm.ofQueries(adapted));
  }

  /** What is answered to queries while training, with the statistics of that pass. */
  public Model.Pass query(Fast fast, Batch support, Tensor x) {
    Params seen = fast.theta().with(adapted(fast, support));
    return f.pass(seen, x, norm == Norm.Policy.SUPPORT ? Norm.given(seen) : Norm.batch());
  }

  /**
   * New running statistics by steps, where there are such.
   *
   * @param path of training
   * @param query the pass over the queries behind the last step
   */
  public Params statistics(Params theta, List<Fast> path, Model.Pass query) {
    List<Params> seen = new ArrayList<>(path.stream().limit(steps).map(Fast::seen).toList());
    seen.add(query.moments());
    return stepNorm.moved(theta, seen);
  }

  /** The model's parameters before any step, without those that the steps learn. */
  Params model(Params theta) {
    return stepNorm.at(theta, 0).select(n -> !isOwn(n));
  }
}
