package io.quickstudy.backend.cuda.driver;

import io.quickstudy.backend.BackendException;
import org.bytedeco.cuda.global.cublas;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.cuda.global.cudnn;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;

/** Return codes of CUDA as sentences. */
final class CudaStatus {
  private CudaStatus() {}

  /** Of the driver interface. */
  static void check(int rc, String what) {
    if (rc != cudart.CUDA_SUCCESS) {
      throw new BackendException("CUDA failed (%s): %s.".formatted(what, text(rc)));
    }
  }

  private static String text(int rc) {
    try (PointerPointer<BytePointer> out = new PointerPointer<>(1)) {
      boolean known = cudart.cuGetErrorString(rc, out) == cudart.CUDA_SUCCESS;
      return known ? out.get(BytePointer.class).getString() : "error " + rc;
    }
  }

  /** Of cuBLAS. */
  static void blas(int rc, String what) {
    if (rc != cublas.CUBLAS_STATUS_SUCCESS) {
      throw new BackendException(
          "cuBLAS failed (%s): %s.".formatted(what, cublas.cublasGetStatusString(rc).getString()));
    }
  }

  /** Of cuDNN. */
  static void dnn(int rc, String what) {
    if (rc != cudnn.CUDNN_STATUS_SUCCESS) {
      throw new BackendException(
          "cuDNN failed (%s): %s.".formatted(what, cudnn.cudnnGetErrorString(rc).getString()));
    }
  }
}
