// A libcublas.so.13 for a machine without a GPU: products on the emulator, started on the stream of
// cuda.cpp.
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <functional>

#include "emulator/emulator.h"

enum { OK = 0, NOT_INITIALISED = 1, INVALID_VALUE = 7, FAILED = 13, WORKSPACE = 32 << 20 };
enum { DEFAULT_MATH = 0, TF32_MATH = 3 };

extern "C" {

int quickstudy_start(void* on, const std::function<int()>& call);

struct cublasContext {
  void* stream;
  bool workspace;
  int tf32;
};

int cublasCreate_v2(cublasContext** c) { return *c = new cublasContext{nullptr, false, 0}, OK; }
int cublasDestroy_v2(cublasContext* c) { return delete c, OK; }
int cublasGetVersion_v2(cublasContext*, int* version) { return *version = 130100, OK; }
const char* cublasGetStatusString(int) { return "an error of the library for tests"; }
int cublasSetStream_v2(cublasContext* c, void* stream) {
  *c = {stream, false, c->tf32};  // as cuBLAS does, which then makes a workspace of its own
  return OK;
}
int cublasSetWorkspace_v2(cublasContext* c, void* at, size_t bytes) {
  c->workspace = at && bytes == WORKSPACE && (uintptr_t)at % 256 == 0;
  return c->workspace ? OK : INVALID_VALUE;
}
int cublasSetMathMode(cublasContext* c, int mode) {
  if (mode != DEFAULT_MATH && mode != TF32_MATH) return INVALID_VALUE;
  c->tf32 = mode == TF32_MATH;
  return OK;
}
int cublasSgemmStridedBatched(cublasContext* handle, int transa, int transb, int m, int n, int k, const float* alpha,
                              const float* a, int lda, long long strideA, const float* b, int ldb, long long strideB,
                              const float* beta, float* c, int ldc, long long strideC, int batch) {
  if (!handle->workspace) return NOT_INITIALISED;
  const float x = *alpha, y = *beta;
  const int tf32 = handle->tf32;
  return quickstudy_start(handle->stream, [=] {
    if (qs_emu_sgemm_strided_batched(transa, transb, m, n, k, x, (int64_t)a, lda, strideA, (int64_t)b, ldb, strideB, y,
                                     (int64_t)c, ldc, strideC, batch, tf32) == 0)
      return (int)OK;
    fprintf(stderr, "libcublas for tests: %s\n", qs_emu_error());
    return (int)FAILED;
  });
}

}  // extern "C"
