package io.quickstudy.adapt;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * An unlabelled image, and how useful it would be to label it.
 *
 * @param index its place among the images that were asked about
 * @param score how unsure the classifier is of it: {@link Doubt}
 * @param prediction what it says of it so far
 */
public record Suggestion(int index, double score, Prediction prediction) {
  /**
   * Those to label next, the most useful first and of equals the first: the one with the largest
   * score, and then again and again the one with the largest product of its score and the distance
   * of its features to the nearest of those before it, so that they are not all alike. It is the
   * farthest-first rule of Gonzalez (1985), weighted by what there is to learn.
   *
   * @param all one for each image
   * @param features of each image; empty to go by the score alone
   * @param n how many; all where there are fewer
   */
  public static List<Suggestion> choose(List<Suggestion> all, List<float[]> features, int n) {
    if (!features.isEmpty() && features.size() != all.size()) {
      throw new IllegalArgumentException(
          "Features of %s images for %s suggestions: expected those of each; give all or none."
              .formatted(features.size(), all.size()));
    }
    List<Suggestion> chosen = new ArrayList<>();
    boolean[] taken = new boolean[all.size()];
    double[] nearest = new double[all.size()];
    Arrays.fill(nearest, Double.POSITIVE_INFINITY);
    while (chosen.size() < Math.min(n, all.size())) {
      int best = -1;
      for (int i = 0; i < taken.length; i++) {
        if (!taken[i] && (best < 0 || weight(all, nearest, i) > weight(all, nearest, best))) {
          best = i;
        }
      }
      taken[best] = true;
      chosen.add(all.get(best));
      if (!features.isEmpty()) {
        for (int i = 0; i < taken.length; i++) {
          nearest[i] = Math.min(nearest[i], distance(features.get(i), features.get(best)));
        }
      }
    }
    return List.copyOf(chosen);
  }

  /** Without a distance the score alone. */
  private static double weight(List<Suggestion> all, double[] nearest, int i) {
    return all.get(i).score * (Double.isInfinite(nearest[i]) ? 1 : nearest[i]);
  }

  private static double distance(float[] a, float[] b) {
    double sum = 0;
    for (int k = 0; k < a.length; k++) {
      double d = (double) a[k] - b[k];
      sum += d * d;
    }
    return Math.sqrt(sum);
  }
}
