package io.quickstudy.adapt;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a classifier says of one image.
 *
 * @param label the likeliest class; of equals the first in the support set
 * @param confidence its probability, from 1 / classes to 1
 * @param probabilities of all classes, in the support set's order; they add up to 1. With the
 *     temperature of the run where it has one, as {@link Classifier#temperature} says
 */
public record Prediction(String label, double confidence, Map<String, Double> probabilities) {
  /** Copies the map. */
  public Prediction {
    probabilities = Collections.unmodifiableMap(new LinkedHashMap<>(probabilities));
  }

  /** The label, unless the confidence is less than asked for. */
  public Optional<String> label(double minConfidence) {
    return confidence >= minConfidence ? Optional.of(label) : Optional.empty();
  }
}
