package io.quickstudy.backend.cuda;

import io.quickstudy.backend.Precision;
import java.util.Optional;

/**
 * How programs are computed.
 *
 * @param choice of the convolutions that cuDNN computes
 * @param precision of products and convolutions
 * @param loops who does them
 */
record CudaOptions(CudaPlan.Choice choice, Precision precision, CudaBackend.Loops loops) {

  /** The same with our own kernels for all convolutions. */
  CudaOptions own() {
    return new CudaOptions(c -> Optional.empty(), precision, loops);
  }
}
