package io.quickstudy.backend.cuda;

import io.quickstudy.backend.Backend;
import io.quickstudy.backend.MemoryLimit;
import io.quickstudy.backend.MemoryUse;
import io.quickstudy.backend.Precision;
import io.quickstudy.backend.Program;
import io.quickstudy.backend.ProgramSpec;
import io.quickstudy.backend.Resident;
import io.quickstudy.backend.cuda.driver.CudaDriver;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.function.Function;

/** A GPU whose programs have the plan that a test wants. */
final class PlannedBackend implements Backend {
  private final CudaDriver driver;
  private final CudaBackend.Memory memory;
  private final Function<ProgramSpec, CudaPlan> planner;

  PlannedBackend(
      CudaDriver driver, CudaBackend.Memory memory, Function<ProgramSpec, CudaPlan> planner) {
    this.driver = driver;
    this.memory = memory;
    this.planner = planner;
  }

  @Override
  public Program compile(ProgramSpec spec, MemoryLimit limit) {
    return new CudaProgram(spec, driver, planner.apply(spec), memory);
  }

  @Override
  public MemoryUse leastMemory(ProgramSpec spec) {
    return planner.apply(spec).use();
  }

  @Override
  public String device() {
    return driver.device();
  }

  @Override
  public boolean concurrent() {
    return false;
  }

  @Override
  public Map<String, String> describe() {
    return driver.describe();
  }

  @Override
  public Resident upload(DType dtype, Shape shape, ByteBuffer data) {
    return new CudaBackend(driver, memory, Precision.FP32).upload(dtype, shape, data);
  }

  @Override
  public Map<String, String> choices() {
    return Map.of();
  }

  @Override
  public void repeat(Map<String, String> choices) {
    throw new UnsupportedOperationException("nothing was chosen");
  }

  @Override
  public void close() {
    // the driver is another's
  }
}
