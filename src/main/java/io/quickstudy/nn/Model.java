package io.quickstudy.nn;

import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Params;

/** A network as an immutable value: it makes its parameters and is a pure function of them. */
public interface Model {

  /**
   * What a pass gives.
   *
   * @param y the outputs [n, ...]
   * @param moments the statistics of this pass at every batch-norm layer, named as the buffers are
   */
  record Pass(Tensor y, Params moments) {}

  /** Parameters, and buffers where there is batch normalisation, under names in PyTorch's style. */
  Params init(Init draw);

  /** The outputs for examples x [n, ...] under parameters theta, and the statistics on the way. */
  Pass pass(Params theta, Tensor x, Norm norm);

  /** The outputs alone. */
  default Tensor apply(Params theta, Tensor x, Norm norm) {
    return pass(theta, x, norm).y();
  }
}
