package io.quickstudy.train;

import io.quickstudy.data.Metric;
import io.quickstudy.text.Text;
import java.util.List;
import java.util.Optional;

/**
 * What was measured.
 *
 * @param spec what on
 * @param metric what is measured
 * @param value its mean over the tasks: a fraction of right answers, or a squared error
 * @param ci95 half the width of its 95% interval: 1.96 standard errors over the tasks; NaN of one
 *     task, which has none
 * @param before the value before any inner step; NaN where it is not measured by step, or there is
 *     none
 * @param byStep the value after 1, 2, ... inner steps; empty where it is not measured by step
 * @param losses the cross entropy before any inner step and after each, where an accuracy is
 *     measured by step; else empty
 * @param byInstance the accuracy at the 1st, 2nd, ... image of a class; empty but for sequences
 * @param verification how pairs of test classes are judged; of learners of pairs alone
 * @param calibration how good a classifier's probabilities are; nothing where answers are no
 *     classes of a task
 * @param likelihood how well a learner that regresses knows how sure it is; nothing of one that
 *     does not say
 * @param best what there is to reach, of curves that the data knows so well
 * @param device where it was computed
 * @param seconds how long it took
 */
public record Evaluation(
    EvalSpec spec,
    Metric metric,
    double value,
    double ci95,
    double before,
    List<Double> byStep,
    List<Double> losses,
    List<Double> byInstance,
    Optional<Verification> verification,
    Optional<Calibration> calibration,
    Optional<Likelihood> likelihood,
    Optional<Best> best,
    String device,
    double seconds) {

  /** The value with its interval in words: "accuracy 98.7% ± 0.2%". */
  public String summary() {
    return switch (metric) {
      case ACCURACY -> "accuracy " + percent(value) + interval(percent(ci95));
      case BITS -> "wrong bits of an answer " + Text.number(value) + interval(Text.number(ci95));
      case MSE -> "mse " + Text.number(value) + interval(Text.number(ci95));
    };
  }

  private String interval(String words) {
    return Double.isNaN(ci95) ? " (one task, without an interval)" : Text.interval(ci95, words);
  }

  private static String percent(double fraction) {
    return Text.fixed(100 * fraction, 2) + "%";
  }
}
