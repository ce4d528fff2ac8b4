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
   * Classifies one image.
   *
   * @throws io.quickstudy.data.DataException if it does not decode
   * @throws IllegalArgumentException if it is made of numbers that do not fit
   * @throws IllegalStateException if the adapter is closed
   */
  public Prediction predict(Image image) {
    return predict(List.of(image)).get(0);
  }

  /** Classifies several images, which is faster than one by one; see {@link #predict(Image)}. */
  public List<Prediction> predict(List<Image> images) {
    return predict(adapter.numbers(images));
  }

  /**
   * Classifies images that are numbers already: any number of them, one after the other, each as
   * {@link Image#of(float[])} says.
   *
   * @param images [n, height, width, channels]
   */
  public List<Prediction> predict(float[] images) {
    int size = adapter.compute().size();
    if (images.length % size != 0) {
      throw new IllegalArgumentException(
          "Images of %s numbers: expected a multiple of %s, which each of them has; scale them."
              .formatted(images.length, size));
    }
    Finite.check("Images", images);
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

  private Prediction prediction(float[] logits) {
    if (!Finite.all(logits)) {
      throw new RunException(
          "A prediction is %s: expected finite numbers; try fewer inner steps, or other examples."
              .formatted(Arrays.toString(logits)));
    }
    int best = 0;
    for (int k = 1; k < logits.length; k++) {
      best = logits[k] > logits[best] ? k : best;
    }
    double[] e = new double[logits.length];
    double sum = 0;
    for (int k = 0; k < logits.length; k++) {
      e[k] = StrictMath.exp(((double) logits[k] - logits[best]) / temperature);
      sum += e[k];
    }
    Map<String, Double> probabilities = new LinkedHashMap<>();
    for (int k = 0; k < logits.length; k++) {
      probabilities.put(classes.get(k), e[k] / sum);
    }
    return new Prediction(classes.get(best), e[best] / sum, probabilities);
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
