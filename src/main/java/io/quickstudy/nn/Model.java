package io.quickstudy.nn;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Params;
import java.util.Map;
import java.util.Optional;

/** A network as an immutable value: it makes its parameters and is a pure function of them. */
public interface Model {
  /** The name of features among {@link #outputs}. */
  String FEATURES = "features";

  /** The name of the last layer's values among {@link #outputs}. */
  String OUTPUTS = "outputs";

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

  /**
   * What other programs may want of a pass, by name: {@link #FEATURES} [n, d] where there are such,
   * and {@link #OUTPUTS}.
   */
  default Params outputs(Params theta, Tensor x, Norm norm) {
    return Params.of(OUTPUTS, apply(theta, x, norm));
  }

  /** What the names of the last layer's parameters have before the dot; often not said. */
  default Optional<String> lastLayer() {
    return Optional.empty();
  }

  /**
   * The matrices whose leading rows stand for a flattened map, by name, with its shape [height,
   * width, channels]. Programs that keep channels first have these rows in another order.
   */
  default Map<String, Shape> flattened() {
    return Map.of();
  }
}
