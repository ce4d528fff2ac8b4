package io.quickstudy.backend.cpu;

import io.quickstudy.backend.Resident;
import io.quickstudy.bindings.NativeMemory;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;

/** Data in native memory. */
record CpuResident(DType dtype, Shape shape, NativeMemory memory) implements Resident {
  @Override
  public boolean isClosed() {
    return memory.isClosed();
  }

  @Override
  public void close() {
    memory.close();
  }
}
