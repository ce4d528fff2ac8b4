package io.quickstudy.run;

import io.quickstudy.data.Metric;

/**
 * How the measurements on validation classes stand, which is what the best checkpoint and {@code
 * --patience} go by. It follows from the lines of metrics.jsonl, so that a run that goes on knows
 * it as one that never stopped.
 *
 * @param step behind which the best was made
 * @param value the best
 * @param ci95 half the width of its interval; NaN of one task
 * @param since how many were made since, none of them better
 */
public record BestSoFar(int step, double value, double ci95, int since) {
  /** Before the first. */
  public static final BestSoFar NONE = new BestSoFar(-1, Double.NaN, Double.NaN, 0);

  /** Whether there was any. */
  public boolean exists() {
    return step >= 0;
  }

  /** After another measurement; {@link Metric#better} says which of both is the best. */
  public BestSoFar and(Metric metric, int itsStep, double itsValue, double itsCi95) {
    return exists() && !metric.better(itsValue, value)
        ? new BestSoFar(step, value, ci95, since + 1)
        : new BestSoFar(itsStep, itsValue, itsCi95, 0);
  }
}
