package io.quickstudy.backend.cuda;

import io.quickstudy.backend.Backend;
import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.Program;
import io.quickstudy.backend.ProgramSpec;
import io.quickstudy.backend.Resident;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import java.nio.ByteBuffer;
import java.util.Map;

/** A GPU: own kernels and cuBLAS. */
public final class CudaBackend implements Backend {
  /** How buffers are laid out. */
  enum Memory {
    /** Buffers that never live at once share memory. */
    SHARED,
    /**
     * Every buffer has its own memory with sentinels round it, checked after every run. For tests.
     */
    GUARDED
  }

  /** Who does elementwise loops, reductions and copies. */
  enum Loops {
    /** One kernel that reads what is to be done. */
    INTERPRETED,
    /** Kernels made for the program. */
    GENERATED
  }

  private final CudaDriver driver;
  private final Memory memory;
  private final Loops loops;

  CudaBackend(CudaDriver driver, Memory memory, Loops loops) {
    this.driver = driver;
    this.memory = memory;
    this.loops = loops;
  }

  /** With interpreted loops, for tests of many small programs. */
  CudaBackend(CudaDriver driver, Memory memory) {
    this(driver, memory, Loops.INTERPRETED);
  }

  /**
   * Opens a GPU.
   *
   * @param index its number, from 0
   * @throws BackendException with one sentence that says what is missing
   */
  public static CudaBackend open(int index) {
    return new CudaBackend(RealDriver.open(index), Memory.SHARED, Loops.GENERATED);
  }

  /** Every library that is looked for, by name: where it was found or how to get it. */
  public static Map<String, String> libraries() {
    return CudaLibraries.describe();
  }

  @Override
  public String device() {
    return driver.device();
  }

  @Override
  public Map<String, String> describe() {
    return driver.describe();
  }

  @Override
  public Program compile(ProgramSpec spec) {
    return new CudaProgram(spec, driver, new Plan(spec, memory, loops));
  }

  @Override
  public Resident upload(DType dtype, Shape shape, ByteBuffer data) {
    long bytes = Resident.checkedBytes(dtype, shape, data);
    DeviceMemory block = DeviceMemory.allocate(driver, bytes, "data " + dtype + shape);
    block.write(data);
    return new CudaResident(dtype, shape, block);
  }

  @Override
  public void close() {
    driver.close();
  }
}
