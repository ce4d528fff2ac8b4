package io.quickstudy.learners.bayesian;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.learner.Setup;
import io.quickstudy.learners.inner.InnerLoop;
import io.quickstudy.learners.inner.Order;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Norm;
import io.quickstudy.settings.Setting;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Task;
import io.quickstudy.task.TaskKind;
import io.quickstudy.transform.Params;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * An ensemble of MAMLs: what Bayesian MAML is compared with in Yoon, Kim, Dia, Kim, Bengio and Ahn
 * (2018), "Bayesian Model-Agnostic Meta-Learning", section 5. Its members begin from other random
 * numbers and learn from the same tasks, each by its own loss:
 *
 * <pre>
 *   theta_m' = theta_m - alpha grad L(theta_m, support)             m = 1, ..., M
 *   loss = 1/M sum over m of L(theta_m', query)
 *   answer = 1/M sum over m of p(y | x, theta_m')
 * </pre>
 *
 * @param inner MAML's inner steps
 * @param members M
 */
public record Emaml(InnerLoop inner, int members) implements ManyModels.Stepping {
  /** Its declaration. */
  public static final LearnerKind<Options> KIND =
      LearnerKind.of(Emaml.class, Options.class, Options::ensemble)
          .named("emaml")
          .ofWholeModels()
          .about("an ensemble of MAMLs")
          .paper("Yoon et al. 2018")
          .tasks(TaskKind.EPISODES, TaskKind.REGRESSION)
          .norms(Norm.Policy.TRANSDUCTIVE, Norm.Policy.SUPPORT);

  /**
   * Its options.
   *
   * @param members M
   * @param innerSteps gradient steps on the support set
   * @param innerRate alpha
   */
  public record Options(
      @Setting(value = "members of the ensemble", usual = "5", least = 1) int members,
      @Setting(
              value = "gradient steps on the support set",
              usual = "1",
              least = 0,
              evaluated = true)
          int innerSteps,
      @Setting(value = "their rate, for a loss that is a mean", usual = "0.01", above = 0)
          double innerRate) {
    private Emaml ensemble(Setup s) {
      InnerLoop inner =
          new InnerLoop(s.network(), s.criterion(), innerSteps, innerRate, Order.SECOND, s.norm());
      return new Emaml(inner, members);
    }
  }

  @Override
  public Params init(Init draw) {
    List<Params> each = IntStream.range(0, members).mapToObj(m -> inner.init(draw)).toList();
    return Samples.stacked(each).under(MODELS);
  }

  @Override
  public Outcome loss(Params theta, Task task) {
    Batch q = task.query();
    Params each =
        ManyModels.each(
            theta,
            p -> {
              InnerLoop.Fast fast = inner.training(p, task.support()).getLast();
              Tensor y = inner.query(fast, task.support(), q.x()).y();
              return Params.of("loss", criterion().of(y, q.y()), "y", y);
            });
    return new Outcome(mean(each.get("loss")), together(each.get("y")), Params.empty());
  }

  @Override
  public Params adapt(Params theta, Batch support) {
    return ManyModels.each(theta, p -> inner.adapt(p, support)).under(MODELS);
  }

  @Override
  public List<Tensor> predictByStep(Params theta, Batch support, Tensor queries) {
    List<Tensor> byStep = new ArrayList<>();
    Params all =
        ManyModels.each(
            theta,
            p -> {
              Params y = Params.empty();
              for (InnerLoop.Fast fast : inner.path(p, support)) {
                Params adapted = fast.theta().with(inner.adapted(fast, support));
                y = y.with(Integer.toString(fast.step()), inner.predict(adapted, queries));
              }
              return y;
            });
    all.values().forEach(y -> byStep.add(together(y)));
    return byStep;
  }

  @Override
  public Optional<Tensor> deviations(Params adapted) {
    return Optional.empty(); // none is learned: the members' spread is not that of a value
  }
}
