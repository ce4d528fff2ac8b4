package io.quickstudy.train;

import io.quickstudy.data.sampling.Augmentation;
import io.quickstudy.data.sampling.AugmentedSampler;
import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Params;

/** The changes of training images inside the compiled program. */
final class Augmented {
  private Augmented() {}

  /**
   * Images as an {@link AugmentedSampler} drew that they change.
   *
   * @param x images F32 [n, height, width, channels], 0 to 1
   * @param drawn the integers beside their "index"
   */
  static Tensor apply(Tensor x, Params drawn, Augmentation a) {
    Tensor y = x;
    if (a.moves()) {
      y = Warp.apply(y, drawn.get(AugmentedSampler.WARP), Warp.Kind.of(a));
    }
    if (a.jitter().isPresent()) {
      y = Recolour.apply(y, drawn.get(AugmentedSampler.COLOUR), a.jitter().get());
    }
    if (a.erasing().isPresent()) {
      Tensor keys = a.paintsNoise() ? drawn.get(AugmentedSampler.NOISE) : null;
      Tensor paint = Erase.paint(a.erasing().get().paint(), y, keys);
      y = Erase.apply(y, drawn.get(AugmentedSampler.ERASE), paint);
    }
    return y;
  }
}
