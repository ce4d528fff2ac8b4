package io.quickstudy.nn;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Tensor;

/**
 * Dropout (Srivastava et al. 2014, section 4; scaled while training, as all programs do): while a
 * model is trained each number is 0 with probability {@code rate}, else divided by 1 - rate.
 *
 * @param rate from 0 to below 1
 */
public record Dropout(double rate) {
  /** Checks the rate. */
  public Dropout {
    if (!(rate >= 0 && rate < 1)) {
      throw new IllegalArgumentException(
          "Dropout at a rate of %s: expected one from 0 to below 1; change it.".formatted(rate));
    }
  }

  /** Of numbers of any shape; outside of training just these. */
  public Tensor of(Tensor x) {
    return rate == 0 ? x : TrainingNoise.now().map(n -> dropped(x, n)).orElse(x);
  }

  private Tensor dropped(Tensor x, TrainingNoise noise) {
    Tensor kept = lessEqual(scalar(rate), noise.uniform(x.shape()));
    return mul(x, scale(kept, 1 / (1 - rate)));
  }
}
