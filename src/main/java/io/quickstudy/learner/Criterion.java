package io.quickstudy.learner;

import io.quickstudy.functions.Losses;
import io.quickstudy.graph.Tensor;

/** What a prediction is measured by while training. */
public enum Criterion {
  /** Logits [n, ways] against I32 labels [n]. */
  CROSS_ENTROPY,
  /** Values [n, d] against F32 targets [n, d]. */
  SQUARED_ERROR;

  /** The loss, a scalar. */
  public Tensor of(Tensor outputs, Tensor y) {
    return switch (this) {
      case CROSS_ENTROPY -> Losses.crossEntropy(outputs, y);
      case SQUARED_ERROR -> Losses.meanSquaredError(outputs, y);
    };
  }
}
