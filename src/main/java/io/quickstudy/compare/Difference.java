package io.quickstudy.compare;

import io.quickstudy.data.Metric;
import io.quickstudy.train.RunningMean;
import java.util.List;
import java.util.OptionalDouble;

/**
 * How much one run's values are above another's on the same tasks. What makes a task hard is the
 * same for both, and drops out: the interval is that of the mean of the differences, and often much
 * narrower than those of both values.
 *
 * @param mean of the differences task by task
 * @param ci95 half the width of its 95% interval: 1.96 standard errors over the tasks; NaN of one
 *     task
 * @param better how many tasks this run does better
 * @param worse how many it does worse
 * @param same how many it does as well
 * @param errorRatio its mean error over that of the other: wrong answers, or squared error; nothing
 *     where the other makes none
 */
public record Difference(
    double mean, double ci95, int better, int worse, int same, OptionalDouble errorRatio) {

  /** What an interval says of a difference. */
  public enum Verdict {
    /** Better, but for chance in one of 40 comparisons of equals. */
    BETTER,
    /** Worse, likewise. */
    WORSE,
    /** Neither can be told by these tasks. */
    OPEN
  }

  /**
   * The difference between the values of two runs.
   *
   * @param metric of the values
   * @param of this run's, task by task
   * @param from the other's, on the same tasks
   * @throws IllegalArgumentException if there are not as many of both
   */
  static Difference between(Metric metric, List<Double> of, List<Double> from) {
    if (of.size() != from.size()) {
      throw new IllegalArgumentException(
          "%s values and %s: expected those of the same tasks.".formatted(of.size(), from.size()));
    }
    RunningMean mean = new RunningMean();
    RunningMean errors = new RunningMean();
    RunningMean others = new RunningMean();
    int better = 0;
    int worse = 0;
    for (int i = 0; i < of.size(); i++) {
      double d = of.get(i) - from.get(i);
      mean.add(d);
      errors.add(error(metric, of.get(i)));
      others.add(error(metric, from.get(i)));
      double gain = metric == Metric.ACCURACY ? d : -d;
      better += gain > 0 ? 1 : 0;
      worse += gain < 0 ? 1 : 0;
    }
    OptionalDouble ratio =
        others.mean() > 0
            ? OptionalDouble.of(errors.mean() / others.mean())
            : OptionalDouble.empty();
    return new Difference(
        mean.mean(), mean.ci95(), better, worse, of.size() - better - worse, ratio);
  }

  private static double error(Metric metric, double value) {
    return metric == Metric.ACCURACY ? 1 - value : value;
  }

  /** What the interval says. */
  public Verdict verdict(Metric metric) {
    double gain = metric == Metric.ACCURACY ? mean : -mean;
    if (!(Math.abs(gain) > ci95)) {
      return Verdict.OPEN; // also of one task, which has no interval
    }
    return gain > 0 ? Verdict.BETTER : Verdict.WORSE;
  }
}
