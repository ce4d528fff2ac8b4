package io.quickstudy.nn;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Tensor;

/**
 * Dropout (Srivastava et al. 2014, section 4; scaled while training, as all programs do): while a
 * model is trained each number is 0 with probability {@code rate}, else divided by 1 - rate.
 *
 * @param rate from 0 to below 1
 */
record Dropout(double rate) {
  Tensor of(Tensor x) {
    return rate == 0 ? x : TrainingNoise.now().map(n -> dropped(x, n)).orElse(x);
  }

  private Tensor dropped(Tensor x, TrainingNoise noise) {
    Tensor kept = lessEqual(scalar(rate), noise.uniform(x.shape()));
    return mul(x, scale(kept, 1 / (1 - rate)));
  }
}
