package io.quickstudy.learners.gradient;

import io.quickstudy.learner.Criterion;
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
 * Model-Agnostic Meta-Learning. Finn, Abbeel and Levine (2017), "Model-Agnostic Meta-Learning for
 * Fast Adaptation of Deep Networks", algorithms 1 and 2; first-order approximation: section 5.2.
 *
 * <pre>
 *   theta' = theta - alpha grad_theta L(f_theta, support)          lines 5 to 7: the inner loop
 *  theta  = theta - beta grad_theta sum over tasks L(f_theta', query)        line 10: the outer loss
 * </pre>
 *
 * <p>The inner loss is a mean over the support set. The paper's released code divides by the shots
 * and then sums, so that its inner rate for N ways is N times {@code alpha} here: 0.4 for 5-way
 * Omniglot there is 2.0 here.
 *
 * <p>What its inner steps change, and by which rates, is chosen: with {@code --adapts body} it is
 * BOIL (Oh et al. 2021), with {@code --rates layer} its rates are learned.
 *
 * @param inner theta' of theta
 */
public record Maml(InnerLoop inner) implements StepLearner {
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
   * @param adapts what they change
   * @param rates whether alpha is learned, and which numbers share it
   * @param stopLoss the support set's loss at which they stop
   */
  public record Options(
      @Setting(
              value = "gradient steps on the support set",
              usual = "1",
              least = 0,
              evaluated = true)
          int innerSteps,
      @Setting(value = "their rate, for a loss that is a mean", usual = "0.01", above = 0)
          double innerRate,
      @Setting(
              value =
                  "what they change: all, head, body, or parameters whose names match a pattern",
              usual = Part.ALL,
              before = Part.ALL)
          String adapts,
      @Setting(
              value =
                  "their rates: fixed, or learned: one, for each layer, or each parameter; or for"
                      + " each step",
              usual = "fixed",
              before = "fixed")
          Rates.Learned rates,
      @Setting(
              value = "stop adapting where the support set's loss is at most this; 0 for never",
              usual = "0",
              before = "0",
              least = 0,
              evaluated = true)
          double stopLoss) {
    private Maml maml(Setup s, Order order) {
      Model f = s.network();
      return new Maml(
          new InnerLoop(
              f,
              s.criterion(),
              innerSteps,
              Part.of(adapts, f),
              rates.rates(innerSteps, innerRate),
              order,
              StepNorm.shared(),
              s.norm(),
              stopLoss));
    }
  }

  /** With all parameters adapted at one constant rate, as in the paper. */
  public Maml(
      Model f, Criterion criterion, double alpha, int steps, Order order, Norm.Policy norm) {
    this(new InnerLoop(f, criterion, steps, alpha, order, norm));
  }
}
