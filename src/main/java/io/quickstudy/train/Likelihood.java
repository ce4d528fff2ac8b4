package io.quickstudy.train;

import io.quickstudy.text.Text;

/**
 * How well a learner that regresses knows how sure it is.
 *
 * @param value the logarithm of the density that it gave to a value that came, per query point, in
 *     the mean over the tasks; the greater the better
 * @param ci95 half the width of its 95% interval: 1.96 standard errors over the tasks; NaN of one
 *     task, which has none
 * @param within the fraction of the values within 1.96 of its standard deviations: 0.95 where it is
 *     as sure as it should be
 */
public record Likelihood(double value, double ci95, double within) {
  /** How many standard deviations the band about a prediction reaches to either side. */
  public static final double BAND = 1.96;

  /** In words: "0.412 ± 0.0310 per point; 94.6% of the values within the 95% band". */
  public String summary() {
    return "%s%s per point; %s%% of the values within the 95%% band"
        .formatted(
            Text.number(value),
            Double.isNaN(ci95) ? "" : " ± " + Text.number(ci95),
            Text.fixed(100 * within, 1));
  }
}
