package io.quickstudy.learners.gradient;

import io.quickstudy.learner.LearnerKind;
import io.quickstudy.learner.Setup;
import io.quickstudy.learners.inner.InnerLoop;
import io.quickstudy.learners.inner.Order;
import io.quickstudy.learners.inner.Part;
import io.quickstudy.learners.inner.Rates;
import io.quickstudy.learners.inner.StepLearner;
import io.quickstudy.learners.inner.StepNorm;
import io.quickstudy.nn.Norm;
import io.quickstudy.settings.Setting;
import io.quickstudy.task.TaskKind;

/**
 * Meta-SGD. Li, Zhou, Chen and Li (2017), "Meta-SGD: Learning to Learn Quickly for Few-Shot
 * Learning", section 3.1 and algorithm 1: the inner rate alpha is a vector as long as theta,
 *
 * <pre>  theta' = theta - alpha o grad L(f_theta, support),
 *  (theta, alpha) = (theta, alpha) - beta grad_(theta, alpha) sum over tasks L(f_theta', query),
 * </pre>
 *
 * <p>so that direction and length of the step are learned with its beginning. alpha starts with one
 * value in all entries, and any of them may become negative.
 *
 * @param inner theta' of theta and alpha
 */
public record MetaSgd(InnerLoop inner) implements StepLearner {
  /** Its declaration. */
  public static final LearnerKind<Options> KIND =
      LearnerKind.of(MetaSgd.class, Options.class, Options::metaSgd)
          .named("meta-sgd")
          .about("MAML with a learned inner rate for each parameter")
          .paper("Li et al. 2017")
          .tasks(TaskKind.EPISODES, TaskKind.REGRESSION)
          .norms(Norm.Policy.TRANSDUCTIVE, Norm.Policy.SUPPORT);

  /**
   * Its options.
   *
   * @param innerSteps gradient steps on the support set
   * @param innerRate alpha at first
   * @param stepRates whether each step has its own alpha
   */
  public record Options(
      @Setting(
              value = "gradient steps on the support set",
              usual = "1",
              least = 0,
              evaluated = true)
          int innerSteps,
      @Setting(
              value = "what the learned inner rates start from, for a loss that is a mean",
              usual = "0.05",
              above = 0)
          double innerRate,
      @Setting(
              value = "whether steps have learned rates of their own: shared or own",
              usual = "shared")
          Rates.BySteps stepRates) {
    private MetaSgd metaSgd(Setup s) {
      return new MetaSgd(
          new InnerLoop(
              s.network(),
              s.criterion(),
              innerSteps,
              Part.all(),
              new Rates(Rates.Shared.PARAMETER, stepRates, innerSteps, innerRate),
              Order.SECOND,
              StepNorm.shared(),
              s.norm(),
              0));
    }
  }
}
