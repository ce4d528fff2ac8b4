package io.quickstudy.backend.cuda;

import io.quickstudy.backend.Precision;
import java.util.Optional;

/**
 * How programs are computed.
 *
 * @param choice of the convolutions that cuDNN computes
 * @param precision of products and convolutions
 * @param loops who does loops
 * @param blockBytes of memory that a block of threads can have for a task that it carries; 0 where
 *     none does
 */
record CudaOptions(
    CudaPlan.Choice choice, Precision precision, CudaBackend.Loops loops, int blockBytes) {

  /** Without blocks that carry tasks. */
  CudaOptions(CudaPlan.Choice choice, Precision precision, CudaBackend.Loops loops) {
    this(choice, precision, loops, 0);
  }

  /** The same with our own kernels for all convolutions. */
  CudaOptions own() {
    return new CudaOptions(c -> Optional.empty(), precision, loops, blockBytes);
  }
}
