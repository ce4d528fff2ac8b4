package io.quickstudy.adapt;

import io.quickstudy.run.RunCalibration;
import io.quickstudy.run.RunException;
import io.quickstudy.runtime.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An adapted run: adaptation is done, a prediction costs one forward pass. Immutable; any number of
 * threads may predict at once, until its adapter is closed.
 *
 * <p>The same call gives bitwise the same answer every time and beside whatever else runs. The same
 * image in a call with more images may differ in the last bits. A prediction depends on the support
 * set alone, unless the options asked for {@link AdaptOptions.Queries#TOGETHER}.
 */
public final class Classifier {
  private final Adapter adapter;
  private final List<String> classes;
  private final Compute.Adapted adapted;
  private final double temperature;

  Classifier(Adapter adapter, List<String> classes, Compute.Adapted adapted) {
    this.adapter = adapter;
    this.classes = classes;
    this.adapted = adapted;
    this.temperature = adapter.calibration().map(RunCalibration.Fit::temperature).orElse(1.0);
  }

  /** The classes, in the support set's order. */
  public List<String> classes() {
    return classes;
  }

  /**
   * What the logits are divided by before they become probabilities: the run's temperature, or 1
   * where {@link Adapter#calibration} has none. No label changes by it.
   */
  public double temperature() {
    return temperature;
  }

  /**
   * Classifies one image or row.
   *
   * @throws io.quickstudy.data.DataException if it does not decode
   * @throws IllegalArgumentException if it is made of numbers that do not fit
   * @throws IllegalStateException if the adapter is closed
   */
  public Prediction predict(Input image) {
    return predict(List.of(image)).get(0);
  }

  /**
   * Classifies several images or rows, which is faster than one by one; see {@link
   * #predict(Input)}.
   */
  public List<Prediction> predict(List<? extends Input> images) {
    return predict(adapter.numbers(images));
  }

  /**
   * Classifies images that are numbers already, or rows: any number of them, one after the other,
   * each as {@link Image#of(float[])} or {@link Row#of(float[])} says.
   *
   * @param images [n, height, width, channels], or [n, numbers] of rows
   */
  public List<Prediction> predict(float[] images) {
    int size = adapter.compute().size();
    if (images.length % size != 0) {
      throw new IllegalArgumentException(
          "%s of %s numbers: expected a multiple of %s, which each of them has; %s."
              .formatted(
                  what(), images.length, size, pictures() ? "scale them" : "give whole ones"));
    }
    Finite.check(what(), images);
    if (images.length == 0) {
      return List.of();
    }
    float[] logits = adapter.compute().predict(adapted, images);
    int n = images.length / size;
    int width = logits.length / n;
    List<Prediction> out = new ArrayList<>(n);
    for (int i = 0; i < n; i++) {
      // outputs beyond the classes belong to none
      out.add(prediction(Arrays.copyOfRange(logits, i * width, i * width + classes.size())));
    }
    return List.copyOf(out);
  }

  private boolean pictures() {
    return adapter.config().pictures();
  }

  private String what() {
    return pictures() ? "Images" : "Rows";
  }

  private Prediction prediction(float[] logits) {
    if (!Finite.all(logits)) {
      throw new RunException(
          "A prediction is %s: expected finite numbers; try fewer inner steps, or other examples."
              .formatted(Arrays.toString(logits)));
    }
    double[] p = softmax(logits, temperature);
    int best = best(logits);
    Map<String, Double> probabilities = new LinkedHashMap<>();
    for (int k = 0; k < logits.length; k++) {
      probabilities.put(classes.get(k), p[k]);
    }
    return new Prediction(classes.get(best), p[best], probabilities);
  }

  /** The first of the largest. */
  private static int best(float[] logits) {
    int best = 0;
    for (int k = 1; k < logits.length; k++) {
      best = logits[k] > logits[best] ? k : best;
    }
    return best;
  }

  private static double[] softmax(float[] logits, double temperature) {
    float most = logits[best(logits)];
    double[] e = new double[logits.length];
    double sum = 0;
    for (int k = 0; k < logits.length; k++) {
      e[k] = StrictMath.exp(((double) logits[k] - most) / temperature);
      sum += e[k];
    }
    for (int k = 0; k < logits.length; k++) {
      e[k] /= sum;
    }
    return e;
  }

  /**
   * The images whose labels there is most to learn from, the most useful first: those it is least
   * sure of, and where {@link Adapter#apart} those that are far from each other as well, as {@link
   * Suggestion#choose} says.
   *
   * @param n how many; all where there are fewer images
   */
  public List<Suggestion> suggest(List<? extends Input> images, int n, Doubt by) {
    List<Suggestion> all = doubts(images, by);
    return Suggestion.choose(all, adapter.apart() ? adapter.features(images) : List.of(), n);
  }

  /**
   * How useful the label of each image would be, in the order of the images.
   *
   * @throws UnsupportedOperationException if models are to disagree, and the learner answers by one
   * @throws io.quickstudy.data.DataException if an image does not decode
   * @throws IllegalStateException if the adapter is closed
   */
  public List<Suggestion> doubts(List<? extends Input> images, Doubt by) {
    float[] x = adapter.numbers(images);
    List<Prediction> predictions = predict(x);
    double[] disagreement =
        by == Doubt.DISAGREEMENT && !images.isEmpty() ? disagreement(x) : new double[0];
    List<Suggestion> out = new ArrayList<>();
    for (int i = 0; i < predictions.size(); i++) {
      Prediction of = predictions.get(i);
      double[] p = of.probabilities().values().stream().mapToDouble(v -> v).toArray();
      double score =
          switch (by) {
            case ENTROPY -> Doubt.entropy(p);
            case MARGIN -> Doubt.margin(p);
            case DISAGREEMENT -> disagreement[i];
          };
      out.add(new Suggestion(i, score, of));
    }
    return List.copyOf(out);
  }

  /** Of each image how far the models that were sampled disagree. */
  private double[] disagreement(float[] x) {
    int n = x.length / adapter.compute().size();
    float[] all = adapter.compute().samples(adapted, x); // [n, models, outputs]
    if (!Finite.all(all)) {
      throw new RunException(
          "A prediction is no finite number: expected finite numbers; try other examples.");
    }
    int models = all.length / n / adapted.ways();
    double[] scores = new double[n];
    for (int i = 0; i < n; i++) {
      double[][] p = new double[models][];
      for (int m = 0; m < models; m++) {
        int from = (i * models + m) * adapted.ways();
        p[m] = softmax(Arrays.copyOfRange(all, from, from + classes.size()), 1);
      }
      scores[i] = Doubt.disagreement(p);
    }
    return scores;
  }

  /**
   * The adapted parameters by name: those of the checkpoint with what adaptation added or changed.
   * They and a query are all that {@code Learner.predict} takes.
   *
   * @return a copy
   */
  public Map<String, Array> parameters() {
    return adapter.adapted(adapted);
  }

  @Override
  public String toString() {
    return "classifier of " + classes;
  }
}
