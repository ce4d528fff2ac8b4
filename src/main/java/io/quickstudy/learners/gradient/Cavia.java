package io.quickstudy.learners.gradient;

import static io.quickstudy.graph.Ops.fill;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Criterion;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.learner.Setup;
import io.quickstudy.learners.inner.InnerLoop;
import io.quickstudy.learners.inner.Order;
import io.quickstudy.learners.inner.Part;
import io.quickstudy.learners.inner.Rates;
import io.quickstudy.learners.inner.StepLearner;
import io.quickstudy.learners.inner.StepNorm;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.settings.Setting;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Task;
import io.quickstudy.task.TaskKind;
import io.quickstudy.transform.Params;
import java.util.List;
import java.util.Map;

/**
 * Fast context adaptation. Zintgraf, Shiarlis, Kurin, Hofmann and Whiteson (2019), "Fast Context
 * Adaptation via Meta-Learning", section 3.1 and algorithm 1: what a task learns is context
 * parameters phi alone, and theta is shared by all tasks,
 *
 * <pre>
 *   phi   = 0 - alpha grad_phi L(f_{0, theta}, support)                 and so on for further steps
 *   theta = theta - beta grad_theta mean over tasks L(f_{phi, theta}, query)
 * </pre>
 *
 * <p>so that the few numbers of phi are all there is to keep of a task.
 *
 * @param inner phi of theta; its network is a {@code Conditioned}
 * @param contextSize numbers in phi
 */
public record Cavia(InnerLoop inner, int contextSize) implements StepLearner {
  /** The name of phi among adapted parameters. */
  public static final String CONTEXT = Conditioned.CONTEXT;

  /** Its declaration. */
  public static final LearnerKind<Options> KIND =
      LearnerKind.of(Cavia.class, Options.class, Options::cavia)
          .named("cavia")
          .about("context parameters, a few numbers that are all a task changes")
          .paper("Zintgraf et al. 2019")
          .tasks(TaskKind.EPISODES, TaskKind.REGRESSION)
          .norms(Norm.Policy.TRANSDUCTIVE, Norm.Policy.SUPPORT)
          .makes(CONTEXT)
          .approximateIf(o -> o.order() == Order.FIRST);

  /**
   * Its options.
   *
   * @param contextSize numbers in phi
   * @param contextIn where the network sees it
   * @param filmLayer the layer that FiLM stands behind
   * @param innerSteps gradient steps on phi
   * @param innerRate alpha
   * @param order whether the outer gradient passes through the inner ones
   * @param stopLoss the support set's loss at which they stop
   */
  public record Options(
      @Setting(value = "context parameters, all that a task changes", usual = "5", least = 1)
          int contextSize,
      @Setting(
              value =
                  "where the network sees them: at its input, or by film, which scales and shifts"
                      + " the maps of a layer",
              usual = "input")
          ContextIn contextIn,
      @Setting(
              value =
                  "the layer that film stands behind, such as norm3; empty for the third from"
                      + " behind, which of four blocks is the third",
              usual = "")
          String filmLayer,
      @Setting(value = "gradient steps on the context", usual = "1", least = 0, evaluated = true)
          int innerSteps,
      @Setting(value = "their rate, for a loss that is a mean", usual = "1", above = 0)
          double innerRate,
      @Setting(
              value = "first or second: whether the outer gradient passes through those steps",
              usual = "second")
          Order order,
      @Setting(
              value = "stop adapting where the support set's loss is at most this; 0 for never",
              usual = "0",
              least = 0,
              evaluated = true)
          double stopLoss) {
    private Cavia cavia(Setup s) {
      return switch (contextIn) {
        case INPUT -> {
          Shape widened = Conditioning.Input.widened(s.example(), contextSize);
          yield cavia(s, s.withExample(widened).network(), new Conditioning.Input(contextSize));
        }
        case FILM -> {
          Model f = s.network();
          yield cavia(s, f, Conditioning.Film.behind(f, filmLayer, contextSize));
        }
      };
    }

    private Cavia cavia(Setup s, Model f, Conditioning how) {
      return new Cavia(f, how, s.criterion(), innerRate, innerSteps, order, s.norm(), stopLoss);
    }
  }

  /** Where a network sees its context. */
  public enum ContextIn {
    /** Beside the example: the paper's for regression (section 5.1). */
    INPUT,
    /** As FiLM behind a layer: the paper's for images (section 5.2). */
    FILM
  }

  /**
   * Of a network and how it is conditioned.
   *
   * @param f built for the inputs that the conditioning makes
   */
  public Cavia(
      Model f,
      Conditioning how,
      Criterion criterion,
      double alpha,
      int steps,
      Order order,
      Norm.Policy norm,
      double stopLoss) {
    this(
        new InnerLoop(
            new Conditioned(f, how),
            criterion,
            steps,
            Part.of(CONTEXT, f),
            Rates.fixed(alpha),
            order,
            StepNorm.shared(),
            norm,
            stopLoss),
        how.size());
  }

  private Params before(Params theta) {
    return theta.with(CONTEXT, fill(0, Shape.of(contextSize)));
  }

  @Override
  public Params init(Init draw) {
    return inner.f().init(draw);
  }

  @Override
  public Outcome loss(Params theta, Task task) {
    return StepLearner.super.loss(before(theta), task);
  }

  /** phi alone: theta stays as it is for every task. */
  @Override
  public Params adapt(Params theta, Batch support) {
    return StepLearner.super.adapt(before(theta), support);
  }

  @Override
  public List<Tensor> predictByStep(Params theta, Batch support, Tensor queries) {
    return StepLearner.super.predictByStep(before(theta), support, queries);
  }

  @Override
  public Map<String, Shape> flattened() {
    return inner.f().flattened();
  }
}
