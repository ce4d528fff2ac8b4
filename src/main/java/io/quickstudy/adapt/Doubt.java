package io.quickstudy.adapt;

/**
 * How unsure a classifier is of an image, and so how much there is to learn from its label:
 * Settles, Active learning literature survey, 2009, section 3.1. The larger, the more useful.
 */
public enum Doubt {
  /** The entropy of the class probabilities in nats, with the run's temperature; at least 0. */
  ENTROPY,
  /**
   * 1 less the difference between the probabilities of the two likeliest classes, with the run's
   * temperature: from 0 to 1.
   */
  MARGIN,
  /**
   * The mutual information of label and model in nats, for a learner that answers by several: the
   * entropy of their mean probabilities less the mean of their entropies, at least 0 (Houlsby et
   * al., Bayesian active learning for classification and preference learning, 2011, equation 2). An
   * image that is of two classes alike tells little, whatever each of the models says of it.
   */
  DISAGREEMENT;

  /** What probabilities that add up to 1 come to; of one image. */
  static double entropy(double[] p) {
    double sum = 0;
    for (double x : p) {
      sum -= x == 0 ? 0 : x * StrictMath.log(x);
    }
    return Math.max(0, sum);
  }

  /** 1 less the lead of the likeliest. */
  static double margin(double[] p) {
    double first = 0;
    double second = 0;
    for (double x : p) {
      if (x > first) {
        second = first;
        first = x;
      } else if (x > second) {
        second = x;
      }
    }
    return 1 - (first - second);
  }

  /**
   * Of the probabilities that each of several models gives.
   *
   * @param models [models][classes]
   */
  static double disagreement(double[][] models) {
    double[] mean = new double[models[0].length];
    double entropies = 0;
    for (double[] p : models) {
      for (int k = 0; k < mean.length; k++) {
        mean[k] += p[k] / models.length;
      }
      entropies += entropy(p) / models.length;
    }
    return Math.max(0, entropy(mean) - entropies);
  }
}
