package io.quickstudy.learners.gradient;

import io.quickstudy.learner.LearnerKind;
import io.quickstudy.learner.Setup;
import io.quickstudy.learners.inner.InnerLoop;
import io.quickstudy.learners.inner.Order;
import io.quickstudy.learners.inner.Part;
import io.quickstudy.learners.inner.Rates;
import io.quickstudy.learners.inner.StepLearner;
import io.quickstudy.learners.inner.StepNorm;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.settings.Setting;
import io.quickstudy.task.TaskKind;

/**
 * Almost No Inner Loop. Raghu, Raghu, Bengio and Vinyals (2020), "Rapid Learning or Feature Reuse?
 * Towards Understanding the Effectiveness of MAML", section 4: MAML whose inner steps change the
 * head alone, while training and at test. The features of a task are then computed once, however
 * many steps there are, and adapting a model is keeping another last layer.
 *
 * @param inner MAML's inner loop on a part of theta
 */
public record Anil(InnerLoop inner) implements StepLearner {
  /** Its declaration. */
  public static final LearnerKind<Options> KIND =
      LearnerKind.of(Anil.class, Options.class, Options::anil)
          .named("anil")
          .about("MAML whose inner steps change the last layer alone")
          .paper("Raghu et al. 2020")
          .tasks(TaskKind.EPISODES, TaskKind.REGRESSION)
          .norms(Norm.Policy.TRANSDUCTIVE, Norm.Policy.SUPPORT);

  /**
   * Its options.
   *
   * @param innerSteps gradient steps on the support set
   * @param innerRate alpha
   * @param adapts what they change
   * @param stopLoss the support set's loss at which they stop
   */
  public record Options(
      @Setting(
              value = "gradient steps on the support set",
              usual = "5",
              least = 0,
              evaluated = true)
          int innerSteps,
      @Setting(value = "their rate, for a loss that is a mean", usual = "0.1", above = 0)
          double innerRate,
      @Setting(
              value =
                  "what they change: all, head, body, or parameters whose names match a pattern",
              usual = Part.HEAD)
          String adapts,
      @Setting(
              value = "stop adapting where the support set's loss is at most this; 0 for never",
              usual = "0",
              least = 0,
              evaluated = true)
          double stopLoss) {
    private Anil anil(Setup s) {
      Model f = s.network();
      return new Anil(
          new InnerLoop(
              f,
              s.criterion(),
              innerSteps,
              Part.of(adapts, f),
              Rates.fixed(innerRate),
              Order.SECOND,
              StepNorm.shared(),
              s.norm(),
              stopLoss));
    }
  }
}
