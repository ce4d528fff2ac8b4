package io.quickstudy.backend.cuda;

import io.quickstudy.backend.Backend;
import io.quickstudy.backend.Precision;

/** The CUDA backend on the emulator, for tests of what stands on a backend. */
public final class EmulatedBackend {
  private EmulatedBackend() {}

  /** One of its own. */
  public static Backend open() {
    return new CudaBackend(new EmulatedDriver(), CudaBackend.Memory.SHARED, Precision.FP32);
  }
}
