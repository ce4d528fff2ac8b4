package io.quickstudy.train;

import io.quickstudy.text.Text;
import java.util.ArrayList;
import java.util.List;

/**
 * How good the probabilities are that a learner gives to classes, on queries of tasks; of sequences
 * on the last image of each class.
 *
 * @param logLikelihood the natural logarithm of the probability that it gave to the right class,
 *     per query, in the mean over the tasks; at most 0, the greater the better
 * @param ci95 half the width of its 95% interval: 1.96 standard errors over the tasks; NaN of one
 *     task, which has none
 * @param brier the Brier score (Brier 1950): the squared differences between the probabilities and
 *     those of who knows, 1 for the right class and 0 for others, summed over the classes, in the
 *     mean over the queries: from 0 to 2, the less the better
 * @param error the expected calibration error (Guo et al. 2017, section 2, equation 3): queries are
 *     put into {@link #BINS} by the probability of the likeliest class, the confidence, and the
 *     difference between mean confidence and accuracy of a bin is averaged over the queries: from 0
 *     to 1, 0 where it is as sure as it is right
 * @param bins by confidence, each of the same width, from the least
 */
public record Reliability(
    double logLikelihood, double ci95, double brier, double error, List<Bin> bins) {
  /** How many bins of confidence there are, each 1 / 15 wide and without its lower end. */
  public static final int BINS = 15;

  /**
   * The queries of which a learner is about equally sure.
   *
   * @param count how many
   * @param confidence the mean probability of the likeliest class; 0 of no queries
   * @param accuracy how many of them it is right for, as a fraction; 0 of no queries
   */
  public record Bin(long count, double confidence, double accuracy) {}

  /** Copies the bins. */
  public Reliability {
    bins = List.copyOf(bins);
  }

  /** In words: "log-likelihood -0.0412 ± 0.0030 per query, Brier score 0.0211, ECE 0.83%". */
  public String summary() {
    return "log-likelihood %s%s per query, Brier score %s, ECE %s%%"
        .formatted(
            Text.number(logLikelihood),
            Text.interval(ci95, Text.number(ci95)),
            Text.number(brier),
            Text.fixed(100 * error, 2));
  }

  /** Counts queries in, with logits divided by a temperature. */
  public static final class Meter {
    private final double temperature;
    private final RunningMean tasks = new RunningMean();
    private final RunningMean brier = new RunningMean();
    private final long[] count = new long[BINS];
    private final long[] right = new long[BINS];
    private final double[] confidence = new double[BINS];
    private RunningMean task = new RunningMean();

    /** Of nothing yet; without a temperature, 1. */
    public Meter(double temperature) {
      this.temperature = temperature;
    }

    /** One query: its label, and the logits of the classes. */
    public void add(int label, float[] logits) {
      float[] answer = new float[1 + logits.length];
      answer[0] = label;
      System.arraycopy(logits, 0, answer, 1, logits.length);
      add(answer, 0, logits.length);
    }

    /** One query: its label, and behind it the logits of as many classes. */
    void add(float[] answers, int from, int ways) {
      Answer a = Answer.of(answers, from, ways, temperature);
      task.add(a.logLikelihood());
      brier.add(a.brier());
      int bin = Math.clamp((int) Math.ceil(a.confidence() * BINS) - 1, 0, BINS - 1);
      count[bin]++;
      right[bin] += a.right() ? 1 : 0;
      confidence[bin] += a.confidence();
    }

    /** Behind the last query of a task. */
    public void endTask() {
      tasks.add(task.mean());
      task = new RunningMean();
    }

    /** What they come to. */
    public Reliability result() {
      List<Bin> bins = new ArrayList<>();
      double error = 0;
      for (int b = 0; b < BINS; b++) {
        long n = count[b];
        error += Math.abs(right[b] - confidence[b]) / Math.max(1, brier.count());
        bins.add(n == 0 ? new Bin(0, 0, 0) : new Bin(n, confidence[b] / n, (double) right[b] / n));
      }
      return new Reliability(tasks.mean(), tasks.ci95(), brier.mean(), error, bins);
    }
  }

  /** What the probabilities of one query are worth. */
  record Answer(double logLikelihood, double brier, double confidence, boolean right) {
    /** Of a label, and the logits behind it, which are divided by a temperature. */
    static Answer of(float[] answers, int from, int ways, double temperature) {
      int label = (int) answers[from];
      int best = 0;
      for (int k = 1; k < ways; k++) {
        best = answers[from + 1 + k] > answers[from + 1 + best] ? k : best;
      }
      double most = answers[from + 1 + best];
      double sum = 0;
      double squares = 0;
      for (int k = 0; k < ways; k++) {
        double e = StrictMath.exp((answers[from + 1 + k] - most) / temperature);
        sum += e;
        squares += e * e;
      }
      double z = (answers[from + 1 + label] - most) / temperature;
      double p = StrictMath.exp(z) / sum;
      double brier = squares / (sum * sum) - 2 * p + 1;
      return new Answer(z - StrictMath.log(sum), brier, 1 / sum, best == label);
    }
  }
}
