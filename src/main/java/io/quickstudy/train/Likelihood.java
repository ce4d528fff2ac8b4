package io.quickstudy.train;

import io.quickstudy.text.Text;
import java.util.ArrayList;
import java.util.List;

/**
 * How well a learner that regresses knows how sure it is.
 *
 * @param value the logarithm of the density that it gave to a value that came, per query point, in
 *     the mean over the tasks; the greater the better
 * @param ci95 half the width of its 95% interval: 1.96 standard errors over the tasks; NaN of one
 *     task, which has none
 * @param within the fraction of the values within 1.96 of its standard deviations: 0.95 where it is
 *     as sure as it should be
 * @param below the calibration curve (Kuleshov, Fenner and Ermon 2018, section 3.5): the fraction
 *     of the values that came below each quantile it predicted, those at {@link #level}; the level
 *     itself where it is as sure as it should be
 */
public record Likelihood(double value, double ci95, double within, List<Double> below) {
  /** How many standard deviations the band about a prediction reaches to either side. */
  public static final double BAND = 1.96;

  /** How many quantiles are compared. */
  public static final int LEVELS = 20;

  /** Copies the list. */
  public Likelihood {
    below = List.copyOf(below);
  }

  /** The level of the k-th quantile, from 0: 0.025, 0.075, ... 0.975. */
  public static double level(int k) {
    return (k + 0.5) / LEVELS;
  }

  /**
   * The expected calibration error: the difference between a level and the fraction of the values
   * below its quantile, in the mean over the levels; 0 where it is as sure as it should be.
   */
  public double error() {
    double sum = 0;
    for (int k = 0; k < below.size(); k++) {
      sum += Math.abs(below.get(k) - level(k));
    }
    return sum / below.size();
  }

  /**
   * In words: "0.412 ± 0.0310 per point; 94.6% of the values within the 95% band, calibration error
   * 1.20%".
   */
  public String summary() {
    return "%s%s per point; %s%% of the values within the 95%% band, calibration error %s%%"
        .formatted(
            Text.number(value),
            Text.interval(ci95, Text.number(ci95)),
            Text.fixed(100 * within, 1),
            Text.fixed(100 * error(), 2));
  }

  /** Counts values in. */
  static final class Levels {
    private final long[] below = new long[LEVELS];
    private long count;

    /**
     * The predicted probabilities of values of at most those that came, of one of so many tasks.
     */
    void add(float[] cumulative, int task, int tasks) {
      int n = cumulative.length / tasks;
      for (int i = task * n; i < (task + 1) * n; i++) {
        for (int k = 0; k < LEVELS; k++) {
          below[k] += cumulative[i] <= level(k) ? 1 : 0;
        }
        count++;
      }
    }

    List<Double> below() {
      List<Double> fractions = new ArrayList<>();
      for (long n : below) {
        fractions.add((double) n / Math.max(1, count));
      }
      return fractions;
    }
  }
}
