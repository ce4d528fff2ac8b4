package io.quickstudy.benchmarks;

import org.bytedeco.pytorch.Tensor;

/** One step in libtorch. */
interface TorchStep {
  /**
   * Computes it, adding the gradient to that of each parameter.
   *
   * @return the loss, or logits
   */
  Tensor run();
}
