package io.quickstudy.learners.gradient;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Learner;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.learner.MetaBatch;
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
import io.quickstudy.task.Task;
import io.quickstudy.transform.Params;
import java.util.ArrayList;
import java.util.List;

/**
 * MAML++. Antoniou, Edwards and Storkey (2019), "How to train your MAML", section 4: MAML with
 *
 * <ul>
 *   <li>MSL, multi-step loss: the outer loss is sum_i v_i L(f_theta_i, query) over the steps i,
 *       whose weights v move from equal ones to the last alone;
 *   <li>DA, derivative-order annealing: first order at the beginning;
 *   <li>BNRS and BNWB: statistics, gains and biases of batch norm for each step;
 *   <li>LSLR: a learned rate for each layer and step;
 *   <li>CA: the outer rate along a cosine, which is the optimiser's schedule.
 * </ul>
 *
 * <p>Each can be left out. The base {@code norm} {@code PER_STEP} is BNRS; the released code keeps
 * those statistics and normalises by the batch's all the same, which is {@code TRANSDUCTIVE}.
 *
 * @param inner theta_1, theta_2, ... of theta
 * @param o the options
 * @param multiStep whether the outer loss is of all steps, or of the last alone
 */
public record MamlPlusPlus(InnerLoop inner, Options o, MultiStep multiStep) implements StepLearner {
  /** Its declaration. */
  public static final LearnerKind<Options> KIND =
      LearnerKind.of(MamlPlusPlus.class, Options.class, Options::mamlPlusPlus)
          .named("maml++")
          .about("MAML with losses, rates and batch norm by inner steps")
          .paper("Antoniou et al. 2019")
          .norms(Norm.Policy.TRANSDUCTIVE, Norm.Policy.SUPPORT, Norm.Policy.PER_STEP);

  /** The weight that steps before the last keep, times the number of steps: as released. */
  private static final double LEAST = 0.03;

  /** Which steps the outer loss is of. */
  public enum MultiStep {
    /** All of them. */
    ALL,
    /** The last alone. */
    LAST
  }

  /**
   * Its options.
   *
   * @param innerSteps gradient steps on the support set
   * @param innerRate alpha at first
   * @param rates which numbers share a learned one
   * @param stepGains whether each step has gains and biases of batch norm of its own
   * @param multiStepSteps steps of training in which the loss of all inner steps counts
   * @param firstOrderSteps steps of training whose gradient is of first order
   */
  public record Options(
      @Setting(
              value = "gradient steps on the support set",
              usual = "5",
              least = 0,
              evaluated = true)
          int innerSteps,
      @Setting(
              value = "what the learned inner rates start from, for a loss that is a mean",
              usual = "0.1",
              above = 0)
          double innerRate,
      @Setting(
              value =
                  "their rates: fixed, or learned: one, for each layer, or each parameter; or for"
                      + " each step",
              usual = "layer-step")
          Rates.Learned rates,
      @Setting(
              value =
                  "whether steps have gains and biases of batch norm of their own: shared or own",
              usual = "own")
          StepNorm.Gains stepGains,
      @Setting(
              value = "training steps in which the loss of all inner steps counts; 0 for none",
              usual = "1000",
              least = 0)
          int multiStepSteps,
      @Setting(
              value = "training steps whose gradient is of first order; 0 for none",
              usual = "0",
              least = 0)
          int firstOrderSteps) {
    private MamlPlusPlus mamlPlusPlus(Setup s) {
      Model f = s.network();
      boolean kept = s.norm() == Norm.Policy.PER_STEP;
      InnerLoop inner =
          new InnerLoop(
              f,
              s.criterion(),
              innerSteps,
              Part.all(),
              rates.rates(innerSteps, innerRate),
              Order.SECOND,
              new StepNorm(
                  stepGains, kept ? StepNorm.Statistics.OWN : StepNorm.Statistics.NONE, innerSteps),
              s.norm(),
              0);
      return new MamlPlusPlus(inner, this, multiStepSteps > 0 ? MultiStep.ALL : MultiStep.LAST);
    }
  }

  /** DA, and the end of MSL, behind which there is one pass over the queries and not five. */
  @Override
  public Learner trainedAt(int step) {
    Order order = step < o.firstOrderSteps() ? Order.FIRST : Order.SECOND;
    MultiStep losses = step < o.multiStepSteps() ? MultiStep.ALL : MultiStep.LAST;
    return new MamlPlusPlus(inner.of(order), o, losses);
  }

  @Override
  public MetaBatch.Direction direction(Params theta, MetaBatch tasks) {
    List<Tensor> v = importance(tasks.step());
    return tasks.gradientOfMean(theta, (p, drawn) -> loss(p, (Task) drawn, v));
  }

  /** The loss as it is at the first step of training. */
  @Override
  public Outcome loss(Params theta, Task task) {
    return loss(theta, task, importance(scalar(0)));
  }

  /** MSL, equation 4: sum_i v_i L(f_theta_i, query). */
  private Outcome loss(Params theta, Task task, List<Tensor> v) {
    List<InnerLoop.Fast> path = inner.training(theta, task.support());
    List<Model.Pass> y = new ArrayList<>();
    Tensor loss = scalar(0);
    for (int i = 1; i <= inner.steps(); i++) {
      if (multiStep == MultiStep.ALL || i == inner.steps()) {
        y.add(inner.query(path.get(i), task.support(), task.query().x()));
        Tensor l = inner.criterion().of(y.getLast().y(), task.query().y());
        loss = multiStep == MultiStep.ALL ? add(loss, mul(v.get(i - 1), l)) : l;
      }
    }
    return new Outcome(loss, y.getLast().y(), inner.statistics(theta, path, y.getLast()));
  }

  /**
   * v of each step, as released: equal at first; those before the last fall along a line to 0.03 /
   * steps, and what they lose is the last one's.
   *
   * @param t steps of training done
   */
  private List<Tensor> importance(Tensor t) {
    int n = inner.steps();
    double equal = 1.0 / n;
    Tensor fallen = scale(t, equal / Math.max(1, o.multiStepSteps()));
    Tensor early = maximum(sub(scalar(equal), fallen), scalar(LEAST / n));
    List<Tensor> v = new ArrayList<>();
    for (int i = 1; i < n; i++) {
      v.add(early);
    }
    v.add(sub(scalar(1), scale(early, n - 1)));
    return v;
  }
}
