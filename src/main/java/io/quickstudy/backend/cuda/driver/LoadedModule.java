package io.quickstudy.backend.cuda.driver;

import io.quickstudy.backend.BackendException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.cuda.cudart.CUfunc_st;
import org.bytedeco.cuda.cudart.CUmod_st;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.BytePointer;

/** A program's own kernels on a GPU. */
final class LoadedModule implements CudaDriver.Module {
  /** Bytes of shared memory that a block gets without being asked for more. */
  private static final int EVERY_BLOCK = 48 << 10;

  private final List<CUmod_st> modules = new ArrayList<>();
  private final Map<String, CUfunc_st> kernels = new HashMap<>();
  private final RealDriver driver;
  private final String program;

  /**
   * Loads them.
   *
   * @param code what became of each of the program's sources
   */
  LoadedModule(RealDriver driver, String program, List<byte[]> code) {
    this.driver = driver;
    this.program = program;
    driver.enter();
    try {
      for (byte[] c : code) {
        CUmod_st module = new CUmod_st();
        try (BytePointer image = new BytePointer(c)) {
          CudaStatus.check(cudart.cuModuleLoadData(module, image), "loading loops of " + program);
        }
        modules.add(module);
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  @Override
  public void launch(CudaDriver.Launch l) {
    driver.enter();
    driver.start(kernels.computeIfAbsent(l.kernel(), k -> prepared(k, l.shared())), l);
  }

  /** A kernel that may be started with so many bytes of shared memory. */
  private CUfunc_st prepared(String kernel, int shared) {
    CUfunc_st function = find(kernel);
    if (shared > EVERY_BLOCK) {
      CudaStatus.check(
          cudart.cuFuncSetAttribute(
              function, cudart.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, shared),
          kernel);
    }
    return function;
  }

  private CUfunc_st find(String kernel) {
    for (CUmod_st m : modules) {
      CUfunc_st function = new CUfunc_st();
      int rc = cudart.cuModuleGetFunction(function, m, kernel);
      if (rc == cudart.CUDA_SUCCESS) {
        return function;
      }
      if (rc != cudart.CUDA_ERROR_NOT_FOUND) {
        CudaStatus.check(rc, kernel);
      }
    }
    throw new BackendException(program + " has no kernel " + kernel + "; this is a bug.");
  }

  @Override
  public void close() {
    if (!driver.closed()) {
      driver.enter();
      modules.forEach(cudart::cuModuleUnload);
    }
    modules.clear();
  }
}
