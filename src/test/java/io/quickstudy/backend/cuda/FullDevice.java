package io.quickstudy.backend.cuda;

import io.quickstudy.backend.cuda.driver.CudaDriver;

/** A device with less room than it says on the box. */
final class FullDevice implements PassingDriver {
  private final CudaDriver driver;
  private final long most;

  /** With so many bytes free. */
  FullDevice(CudaDriver driver, long most) {
    this.driver = driver;
    this.most = most;
  }

  @Override
  public long available() {
    return most;
  }

  @Override
  public long alloc(long bytes) {
    return bytes > most ? 0 : driver.alloc(bytes);
  }

  @Override
  public CudaDriver driver() {
    return driver;
  }
}
