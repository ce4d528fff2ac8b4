package io.quickstudy.backend.cuda;

import io.quickstudy.backend.Resident;
import io.quickstudy.backend.cuda.driver.DeviceMemory;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;

/** Data in a device's memory. */
record CudaResident(DType dtype, Shape shape, DeviceMemory memory) implements Resident {
  @Override
  public boolean isClosed() {
    return memory.isClosed();
  }

  @Override
  public void close() {
    memory.close();
  }
}
