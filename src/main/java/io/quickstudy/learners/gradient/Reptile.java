package io.quickstudy.learners.gradient;

import static io.quickstudy.graph.Ops.*;
import static io.quickstudy.transform.Grad.grad;
import static io.quickstudy.transform.Vmap.vmap;

import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Criterion;
import io.quickstudy.learner.Learner;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.learner.MetaBatch;
import io.quickstudy.learners.inner.MiniBatches;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.optim.Optimiser;
import io.quickstudy.optim.Schedule;
import io.quickstudy.settings.Setting;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Task;
import io.quickstudy.task.TaskKind;
import io.quickstudy.transform.Params;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Reptile. Nichol, Achiam and Schulman (2018), "On First-Order Meta-Learning Algorithms",
 * algorithms 1 (serial: a meta-batch of 1) and 2 (batched). Some steps U on mini-batches of a task
 * make W of phi, and phi moves towards W. No gradient passes through the steps; the queries of a
 * training task are looked at only for the loss and accuracy that are reported.
 *
 * <p>The paper's gradient is g_Reptile = (phi - W) / alpha: where U is SGD, the sum of the inner
 * steps' gradients (section 5.1). The {@link #direction} is phi - W = alpha g_Reptile, averaged
 * over the tasks, so that SGD of rate epsilon without momentum is the paper's interpolation phi +
 * epsilon (W - phi); epsilon = 1 goes all the way.
 *
 * <p>U is Adam with beta1 = 0 (section 6.1). Its squares of gradients and its power of beta2 are
 * carried from task to task, also to those that are measured, as in the released code, where they
 * are variables that no task resets. There the tasks of a meta-batch take their turns; here they
 * begin with the same squares, and the mean of what they end with is carried on.
 *
 * <p>Mini-batches are those of {@link MiniBatches}; the paper's are drawn at random.
 *
 * @param f the model f_phi
 * @param criterion L
 * @param o the inner steps
 * @param norm whose statistics normalise the queries: {@code TRANSDUCTIVE}, or {@code
 *     WITH_SUPPORT}, the paper's two; or {@code SUPPORT}. An inner step is normalised by its
 *     mini-batch
 */
public record Reptile(Model f, Criterion criterion, Options o, Norm.Policy norm)
    implements Learner {
  /** Its declaration. */
  public static final LearnerKind<Options> KIND =
      LearnerKind.of(
              Reptile.class,
              Options.class,
              (o, s) -> new Reptile(s.network(), s.criterion(), o, s.norm()))
          .named("reptile")
          .about("Reptile, which moves towards what some inner steps make of it")
          .paper("Nichol et al. 2018")
          .tasks(TaskKind.EPISODES, TaskKind.REGRESSION)
          .norms(Norm.Policy.TRANSDUCTIVE, Norm.Policy.WITH_SUPPORT, Norm.Policy.SUPPORT)
          .gradient(LearnerKind.OuterGradient.APPROXIMATE)
          .checkedWith(Map.of("inner-rate", "0.01")); // so far does Adam go, however flat it is

  /** Adam's decay of squares and what is added to their root, as usual. */
  private static final double BETA2 = 0.999;

  private static final double EPSILON = 1e-8;

  /** What the names of Adam's memory begin with: v, by parameter, and the power of beta2. */
  private static final String ADAM = "adam";

  private static final String SQUARES = ADAM + ".squares";
  private static final String POWER = ADAM + ".power";

  /** The name of the support examples, where each query is normalised among them. */
  private static final String SUPPORT = "support";

  /**
   * Its options.
   *
   * @param innerSteps k
   * @param innerRate alpha
   * @param innerBatch examples of a mini-batch
   * @param innerOptimiser U
   */
  public record Options(
      @Setting(
              value = "gradient steps on the support set",
              usual = "5",
              least = 0,
              evaluated = true)
          int innerSteps,
      @Setting(
              value = "their rate, for a loss that is a mean",
              usual = "0.001",
              above = 0,
              evaluated = true)
          double innerRate,
      @Setting(
              value = "examples of an inner step; at most all of the support set are taken",
              usual = "10",
              least = 1,
              evaluated = true)
          int innerBatch,
      @Setting(value = "the rule of the inner steps: adam with beta1 = 0, or sgd", usual = "adam")
          InnerOptimiser innerOptimiser) {}

  /** The rule U of the inner steps. */
  public enum InnerOptimiser {
    /** Adam with beta1 = 0 (section 6.1). */
    ADAM,
    /** Stochastic gradient descent, for which the paper's analysis is (section 5). */
    SGD
  }

  /** Refuses statistics that are learned. */
  public Reptile {
    if (norm.keepsStatistics()) {
      throw new IllegalArgumentException(
          "Reptile with batch norm '%s': expected 'transductive', 'with-support' or 'support', since its inner steps move the statistics; choose one of these."
              .formatted(norm));
    }
  }

  /** phi, and the memory of Adam before its first step. */
  @Override
  public Params init(Init draw) {
    Params phi = f.init(draw);
    return o.innerOptimiser() == InnerOptimiser.SGD
        ? phi
        : phi.with(weights(phi).map(w -> fill(0, w.shape())).under(SQUARES)).with(POWER, scalar(1));
  }

  /** What the inner steps move. */
  private static Params weights(Params theta) {
    return theta.select(n -> !n.startsWith(ADAM + ".") && !Norm.isBuffer(n));
  }

  /** Theta after 0, 1, ... k steps of U: the last has W = U_k(phi) (algorithm 1, line 4). */
  private List<Params> path(Params theta, Batch support) {
    MiniBatches batches = MiniBatches.of(support, o.innerBatch());
    List<Params> path = new ArrayList<>(List.of(theta));
    for (int i = 0; i < o.innerSteps(); i++) {
      path.add(step(path.getLast(), batches.get(i)));
    }
    return path;
  }

  /**
   * One step of U. Adam's squares are kept as their mean v, corrected for the start: the newest has
   * the weight (1 - beta2) / (1 - beta2^t).
   */
  private Params step(Params theta, Batch b) {
    Params w = weights(theta);
    Params g = grad(p -> criterion.of(f.apply(theta.with(p), b.x(), Norm.batch()), b.y()), w);
    return switch (o.innerOptimiser()) {
      case SGD -> theta.with(moved(w, g));
      case ADAM -> {
        Tensor power = scale(theta.get(POWER), BETA2);
        Tensor weight = div(scalar(1 - BETA2), sub(scalar(1), power));
        Params v =
            theta
                .sub(SQUARES)
                .zip(g, (q, x) -> maximum(add(q, mul(sub(mul(x, x), q), weight)), scalar(0)));
        Params along = g.zip(v, (x, q) -> div(x, add(sqrt(q), scalar(EPSILON))));
        yield theta.with(moved(w, along)).with(v.under(SQUARES)).with(POWER, power);
      }
    };
  }

  /** Gradients count as constants. */
  private Params moved(Params w, Params along) {
    return w.minus(along.map(x -> stop(x)).times(o.innerRate()));
  }

  /** W, with what of the support set normalises the queries. */
  private Params adapted(Params theta, Batch support) {
    Params w = weights(theta);
    return switch (norm) {
      case SUPPORT -> w.with(f.pass(w, support.x(), Norm.batch()).moments());
      case WITH_SUPPORT -> w.with(SUPPORT, support.x());
      default -> w;
    };
  }

  @Override
  public Params adapt(Params theta, Batch support) {
    return adapted(path(theta, support).getLast(), support);
  }

  /** f_W at new points. */
  @Override
  public Tensor predict(Params adapted, Tensor queries) {
    return norm == Norm.Policy.WITH_SUPPORT
        ? vmap(query -> amongSupport(adapted, query.get("x")), Params.of("x", queries))
        : f.apply(adapted, queries, norm.ofQueries(adapted));
  }

  /** f_W at one point that passes through behind the support set. */
  private Tensor amongSupport(Params adapted, Tensor query) {
    Tensor support = adapted.get(SUPPORT);
    Tensor x = concatenate(0, support, reshape(query, query.shape().prepend(1)));
    return at(f.apply(adapted, x, norm.ofQueries(adapted)), 0, support.dim(0));
  }

  /** L of W on the queries, which training reports and does not follow. */
  @Override
  public Outcome loss(Params theta, Task task) {
    return outcome(theta.with(adapt(theta, task.support())), task);
  }

  private Outcome outcome(Params adapted, Task task) {
    Tensor y = predict(adapted, task.query().x());
    return new Outcome(criterion.of(y, task.query().y()), y, Params.empty());
  }

  /** phi - W, averaged over the tasks (algorithm 2); and likewise for the memory of Adam. */
  @Override
  public MetaBatch.Direction direction(Params theta, MetaBatch tasks) {
    Params m =
        tasks.mean(
            drawn -> {
              Task task = (Task) drawn;
              Params last = path(theta, task.support()).getLast();
              Outcome seen = outcome(adapted(last, task.support()), task);
              return theta.minus(last).under("move").with(MetaBatch.means(seen, task.query().y()));
            });
    return new MetaBatch.Direction(m.sub("move"), m);
  }

  /** What Adam remembers is carried on as it is, whatever epsilon is. */
  @Override
  public Optimiser optimiser(Optimiser configured) {
    Optimiser whole = new Optimiser.Sgd(new Schedule.Constant(1), 0);
    return o.innerOptimiser() == InnerOptimiser.SGD
        ? configured
        : new Optimiser.Groups(
            List.of(new Optimiser.Groups.Group(ADAM + "\\..*", whole)), configured);
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
