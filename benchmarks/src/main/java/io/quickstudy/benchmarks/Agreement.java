package io.quickstudy.benchmarks;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How far results are from a reference: of each tensor |result - reference| / |reference|, in the
 * Euclidean norm.
 *
 * @param loss relative error of the loss, 0 where there is none
 * @param gradient the largest relative error of a gradient, or of the logits
 * @param where the tensor with that error
 */
record Agreement(double loss, double gradient, String where) {
  private static final String LOSS = "loss";

  /** The larger of both. */
  double worst() {
    return Math.max(loss, gradient);
  }

  /** Compares all tensors. */
  static Agreement of(Map<String, Values> reference, Map<String, Values> results) {
    Map<String, Double> errors = errors(reference, results);
    double loss = errors.containsKey(LOSS) ? errors.remove(LOSS) : 0;
    Map.Entry<String, Double> worst =
        Collections.max(errors.entrySet(), Map.Entry.comparingByValue());
    return new Agreement(loss, worst.getValue(), worst.getKey());
  }

  /** The relative error of each tensor; a NaN is larger than all numbers. */
  private static Map<String, Double> errors(
      Map<String, Values> reference, Map<String, Values> results) {
    if (!reference.keySet().equals(results.keySet())) {
      throw new BenchmarkException(
          "Results %s: expected %s.".formatted(results.keySet(), reference.keySet()));
    }
    Map<String, Double> errors = new LinkedHashMap<>();
    reference.forEach((n, r) -> errors.put(n, error(n, r, results.get(n))));
    return errors;
  }

  private static double error(String name, Values reference, Values result) {
    if (!reference.shape().equals(result.shape())) {
      throw new BenchmarkException(
          "Tensor '%s' has shape %s: expected %s."
              .formatted(name, result.shape(), reference.shape()));
    }
    float[] r = reference.floats();
    float[] x = result.floats();
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < r.length; i++) {
      difference += ((double) x[i] - r[i]) * ((double) x[i] - r[i]);
      norm += (double) r[i] * r[i];
    }
    return difference == 0 ? 0 : Math.sqrt(difference / norm);
  }
}
