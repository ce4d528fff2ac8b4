package io.quickstudy.backend.cuda;

import io.quickstudy.backend.Backend;
import io.quickstudy.backend.Precision;

/** The CUDA backend on the emulator, for tests of what stands on a backend. */
public final class EmulatedBackend {
  private EmulatedBackend() {}

  /** One of its own. */
  public static Backend open() {
    return open(Precision.FP32);
  }

  /** One of its own, with operands of products in a precision. */
  public static Backend open(Precision precision) {
    return new CudaBackend(new EmulatedDriver(), CudaBackend.Memory.SHARED, precision);
  }
}
