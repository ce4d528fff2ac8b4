package io.quickstudy.learners.gradient;

import static io.quickstudy.graph.Ops.stop;
import static io.quickstudy.transform.Grad.grad;

import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Criterion;
import io.quickstudy.learner.Learner;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.learner.Setup;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.settings.Setting;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Task;
import io.quickstudy.task.TaskKind;
import io.quickstudy.transform.Params;
import java.util.ArrayList;
import java.util.List;

/**
 * Model-Agnostic Meta-Learning. Finn, Abbeel and Levine (2017), "Model-Agnostic Meta-Learning for
 * Fast Adaptation of Deep Networks", algorithms 1 and 2; first-order approximation: section 5.2.
 *
 * <p>The inner loss is a mean over the support set. The paper's released code divides by the shots
 * and then sums, so that its inner rate for N ways is N times {@code alpha} here: 0.4 for 5-way
 * Omniglot there is 2.0 here.
 *
 * @param f the model f_theta
 * @param criterion L
 * @param alpha the inner learning rate
 * @param steps inner gradient steps
 * @param order whether the outer gradient passes through the inner ones
 * @param norm whose statistics normalise: {@code TRANSDUCTIVE}, as in the paper, or {@code
 *     SUPPORT}; {@code NONE} for a model without batch normalisation
 */
public record Maml(
    Model f, Criterion criterion, double alpha, int steps, Order order, Norm.Policy norm)
    implements Learner {
  /** Its declaration. */
  public static final LearnerKind<Options> KIND =
      LearnerKind.of(Maml.class, Options.class, (o, s) -> o.maml(s, Order.SECOND))
          .named("maml")
          .about("model-agnostic meta-learning, second order")
          .paper("Finn et al. 2017")
          .tasks(TaskKind.EPISODES, TaskKind.REGRESSION)
          .norms(Norm.Policy.TRANSDUCTIVE, Norm.Policy.SUPPORT);

  /** The declaration of its first-order approximation. */
  public static final LearnerKind<Options> FIRST_ORDER =
      LearnerKind.of(Maml.class, Options.class, (o, s) -> o.maml(s, Order.FIRST))
          .named("fomaml")
          .about("MAML with its first-order approximation")
          .paper("Finn et al. 2017, section 5.2")
          .tasks(TaskKind.EPISODES, TaskKind.REGRESSION)
          .norms(Norm.Policy.TRANSDUCTIVE, Norm.Policy.SUPPORT)
          .gradient(LearnerKind.OuterGradient.APPROXIMATE);

  /**
   * Its options.
   *
   * @param innerSteps gradient steps on the support set
   * @param innerRate alpha
   */
  public record Options(
      @Setting(
              value = "gradient steps on the support set",
              usual = "1",
              least = 0,
              evaluated = true)
          int innerSteps,
      @Setting(value = "their rate, for a loss that is a mean", usual = "0.01", above = 0)
          double innerRate) {
    private Maml maml(Setup s, Order order) {
      return new Maml(s.network(), s.criterion(), innerRate, innerSteps, order, s.norm());
    }
  }

  /** The order of the outer gradient. */
  public enum Order {
    /** Inner gradients count as constants (FOMAML). */
    FIRST,
    /** The outer gradient passes through the inner ones. */
    SECOND
  }

  /** Refuses running statistics. */
  public Maml {
    if (norm == Norm.Policy.RUNNING) {
      throw new IllegalArgumentException(
          "MAML with batch norm 'running': its inner steps move the statistics; choose"
              + " 'transductive' or 'support'");
    }
    if (steps < 0) {
      throw new IllegalArgumentException("MAML with " + steps + " inner steps: expected 0 or more");
    }
  }

  @Override
  public Params init(Init draw) {
    return f.init(draw);
  }

  /** Lines 5 to 7 of algorithm 2: theta' = theta - alpha grad L(f_theta), after 0, 1, ... steps. */
  private List<Params> path(Params theta, Batch support) {
    List<Params> path = new ArrayList<>(List.of(theta));
    Params fast = theta;
    for (int k = 0; k < steps; k++) {
      Params g = grad(p -> criterion.of(f.apply(p, support.x(), Norm.batch()), support.y()), fast);
      if (order == Order.FIRST) {
        g = g.map(v -> stop(v));
      }
      fast = fast.minus(g.times(alpha));
      path.add(fast);
    }
    return path;
  }

  /** theta', with the statistics of the support set where these normalise the queries. */
  private Params adapted(Params fast, Batch support) {
    return norm == Norm.Policy.SUPPORT
        ? fast.with(f.pass(fast, support.x(), Norm.batch()).moments())
        : fast;
  }

  @Override
  public Params adapt(Params theta, Batch support) {
    return adapted(path(theta, support).get(steps), support);
  }

  /** f_theta' at new points. */
  @Override
  public Tensor predict(Params adapted, Tensor queries) {
    return f.apply(
        adapted, queries, norm == Norm.Policy.SUPPORT ? Norm.given(adapted) : Norm.batch());
  }

  /** Line 10: L of the adapted model on the queries; its gradient is the runner's. */
  @Override
  public Outcome loss(Params theta, Task task) {
    Tensor y = predict(theta, task.support(), task.query().x());
    return new Outcome(criterion.of(y, task.query().y()), y, Params.empty());
  }

  @Override
  public Params network(Params theta, Tensor x, Norm by) {
    return f.outputs(theta, x, by);
  }

  @Override
  public List<Tensor> predictByStep(Params theta, Batch support, Tensor queries) {
    return path(theta, support).stream().map(p -> predict(adapted(p, support), queries)).toList();
  }
}
