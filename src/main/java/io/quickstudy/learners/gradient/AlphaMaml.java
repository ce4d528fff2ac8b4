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
import io.quickstudy.optim.Optimiser;
import io.quickstudy.optim.Schedule;
import io.quickstudy.settings.Setting;
import io.quickstudy.task.TaskKind;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Alpha MAML. Behl, Baydin and Torr (2019), "Alpha MAML: Adaptive Model-Agnostic Meta-Learning",
 * section 3 and algorithm 2: MAML that descends on its two rates while it trains, by the
 * hypergradients of Baydin et al. (2018),
 *
 * <pre>  alpha = alpha - mu_alpha d/d alpha sum over tasks L(f_theta', query)
 *        = alpha + mu_alpha sum over tasks grad L(f_theta', query) . grad L(f_theta, support),
 *  beta  = beta + mu_beta g . g_before,      theta = theta - beta g,</pre>
 *
 * <p>where g is MAML's meta-gradient. The second form of alpha's holds for one inner step; with
 * more the first is computed. Sums over tasks are means here.
 *
 * @param inner MAML's inner loop; its alpha stands among the parameters
 * @param o the options
 */
public record AlphaMaml(InnerLoop inner, Options o) implements StepLearner {
  /** Its declaration. */
  public static final LearnerKind<Options> KIND =
      LearnerKind.of(AlphaMaml.class, Options.class, Options::alphaMaml)
          .named("alpha-maml")
          .about("MAML that adapts both of its rates while it trains")
          .paper("Behl et al. 2019")
          .tasks(TaskKind.EPISODES, TaskKind.REGRESSION)
          .norms(Norm.Policy.TRANSDUCTIVE, Norm.Policy.SUPPORT);

  /**
   * Its options; beta starts from the rate of the optimiser.
   *
   * @param innerSteps gradient steps on the support set
   * @param innerRate alpha at first
   * @param innerHyperRate mu_alpha
   * @param outerHyperRate mu_beta
   */
  public record Options(
      @Setting(
              value = "gradient steps on the support set",
              usual = "1",
              least = 0,
              evaluated = true)
          int innerSteps,
      @Setting(value = "their rate at first, for a loss that is a mean", usual = "0.01", above = 0)
          double innerRate,
      @Setting(value = "rate at which the inner rate is adapted", usual = "1e-5", least = 0)
          double innerHyperRate,
      @Setting(value = "rate at which the outer rate is adapted", usual = "1e-5", least = 0)
          double outerHyperRate) {
    private AlphaMaml alphaMaml(Setup s) {
      return new AlphaMaml(
          new InnerLoop(
              s.network(),
              s.criterion(),
              innerSteps,
              Part.all(),
              new Rates(Rates.Shared.ONE, Rates.BySteps.SHARED, innerSteps, innerRate),
              Order.SECOND,
              StepNorm.shared(),
              s.norm(),
              0),
          this);
    }
  }

  /** alpha by gradient descent at mu_alpha, the rest by hypergradient descent at mu_beta. */
  @Override
  public Optimiser optimiser(Optimiser configured) {
    if (configured instanceof Optimiser.Sgd s
        && s.rate() instanceof Schedule.Constant beta
        && s.momentum().equals(new Schedule.Constant(0))) {
      Optimiser ofAlpha = new Optimiser.Sgd(new Schedule.Constant(o.innerHyperRate()), 0);
      return new Optimiser.Groups(
          List.of(new Optimiser.Groups.Group(Rates.NAMES, ofAlpha)),
          new Optimiser.Hypergradient(beta.rate(), o.outerHyperRate()));
    }
    throw new IllegalArgumentException(
        "Learner alpha-maml with another optimiser: expected plain gradient descent, whose rate it"
            + " adapts; choose --optimiser sgd --momentum 0 --schedule constant.");
  }

  @Override
  public Optional<String> objection(Map<String, Double> watched) {
    double beta = watched.getOrDefault(Optimiser.Hypergradient.RATE, 0.0);
    return beta >= 0
        ? inner.rates().objection(watched)
        : Optional.of(
            "the outer rate became %s: expected a number; adapt it more slowly with a smaller --outer-hyper-rate than %s."
                .formatted(beta, o.outerHyperRate()));
  }
}
