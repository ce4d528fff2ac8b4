// cuDNN 9 for a machine without a GPU: convolutions with plain loops on the emulator's memory, started on
// the stream of cuda.cpp. Like the real one it is several libraries; GRAPH, OPS or CNN says which this is.
// It is stricter: full-precision arithmetic, deterministic algorithms and 32-bit floats alone.
// QUICKSTUDY_TEST_CUDNN_CUDA in the environment is the version of CUDA that it claims to be made for.
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <functional>

#include "emulator/emulator.h"

enum { OK = 0, NOT_INITIALISED = 1001, BAD_PARAM = 2000, NOT_SUPPORTED = 3000, NOT_SUPPORTED_SHAPE = 3002, FAILED = 5000 };
enum { FLOAT = 0, CROSS_CORRELATION = 1, FMA = 3, NON_DETERMINISTIC = 0, DETERMINISTIC = 1 };

struct Tensor {
  int32_t all[8];
};
struct Filter {
  int32_t all[5];
};
struct Window {
  int32_t all[4];
  int math;
};

extern "C" {

struct cudnnContext {
  void* stream;
};

extern int quickstudy_descriptors;
int quickstudy_start(void* on, const std::function<int()>& call);

#if defined(GRAPH)

int quickstudy_descriptors;

size_t cudnnGetVersion() { return 91900; }
size_t cudnnGetCudartVersion() {
  const char* given = getenv("QUICKSTUDY_TEST_CUDNN_CUDA");
  return given ? (size_t)atoi(given) : 13010;
}
const char* cudnnGetErrorString(int) { return "an error of the library for tests"; }
int cudnnCreate(cudnnContext** c) { return *c = new cudnnContext{nullptr}, OK; }
int cudnnSetStream(cudnnContext* c, void* stream) { return c->stream = stream, OK; }
int cudnnDestroy(cudnnContext* c) {
  if (quickstudy_descriptors) fprintf(stderr, "libcudnn for tests: %d descriptors are left over\n", quickstudy_descriptors);
  return delete c, OK;
}

#elif defined(OPS)

int cudnnCreateTensorDescriptor(Tensor** t) { return quickstudy_descriptors++, *t = new Tensor{}, OK; }
int cudnnDestroyTensorDescriptor(Tensor* t) { return quickstudy_descriptors--, delete t, OK; }
int cudnnSetTensor4dDescriptorEx(Tensor* t, int type, int n, int c, int h, int w, int stepN, int stepC, int stepH, int stepW) {
  *t = {{n, c, h, w, stepN, stepC, stepH, stepW}};
  return type == FLOAT ? OK : NOT_SUPPORTED;
}
int cudnnCreateFilterDescriptor(Filter** f) { return quickstudy_descriptors++, *f = new Filter{}, OK; }
int cudnnDestroyFilterDescriptor(Filter* f) { return quickstudy_descriptors--, delete f, OK; }
int cudnnSetFilter4dDescriptor(Filter* f, int type, int layout, int k, int c, int h, int w) {
  *f = {{layout, k, c, h, w}};
  return type == FLOAT ? OK : NOT_SUPPORTED;
}

#elif defined(CNN)

int cudnnCreateConvolutionDescriptor(Window** w) { return quickstudy_descriptors++, *w = new Window{}, OK; }
int cudnnDestroyConvolutionDescriptor(Window* w) { return quickstudy_descriptors--, delete w, OK; }
int cudnnSetConvolution2dDescriptor(Window* w, int padH, int padW, int strideH, int strideW, int dilationH, int dilationW,
                                    int mode, int type) {
  *w = {{padH, padW, strideH, strideW}, 0};
  return dilationH == 1 && dilationW == 1 && mode == CROSS_CORRELATION && type == FLOAT ? OK : NOT_SUPPORTED;
}
int cudnnSetConvolutionMathType(Window* w, int math) { return w->math = math, OK; }

}  // extern "C"

namespace {

enum What { FORWARD, DATA, BACKWARD_FILTER };
// The one algorithm of each that is deterministic and takes a workspace that anybody has.
const int GOOD[] = {1, 5, 6};
enum { WAVERING = 0, HUGE = 4, REFUSED = 3, UNKNOWN = 2, ANSWERS = 6 };

struct Performance {
  int algorithm, status;
  float time;
  size_t memory;
  int determinism, math, reserved[3];
};

int algorithms(What what, const Filter* w, const Window* window, int wanted, int* returned, Performance* out) {
  *returned = 0;
  if (wanted != ANSWERS) return BAD_PARAM;
  if (window->all[0] >= w->all[3] || window->all[1] >= w->all[4]) return NOT_SUPPORTED_SHAPE;
  const Performance all[ANSWERS] = {{WAVERING, OK, 1, 0, NON_DETERMINISTIC, FMA, {}},
                                    {UNKNOWN, NOT_SUPPORTED, -1, 0, DETERMINISTIC, FMA, {}},
                                    {HUGE, OK, 2, 0, DETERMINISTIC, FMA, {}},
                                    {REFUSED, OK, 3, 0, DETERMINISTIC, FMA, {}},
                                    {GOOD[what], OK, 4, 0, DETERMINISTIC, FMA, {}},
                                    {GOOD[what], OK, 5, 0, DETERMINISTIC, FMA, {}}};
  for (const Performance& p : all) out[(*returned)++] = p;
  return OK;
}

int room(What what, const Tensor* x, const Filter* w, const Tensor* y, int algorithm, size_t* bytes) {
  if (algorithm == HUGE) return *bytes = (size_t)1 << 40, OK;
  if (algorithm != GOOD[what]) return NOT_SUPPORTED;
  *bytes = (size_t)qs_emu_convolution_workspace(what, x->all, w->all, y->all);
  return OK;
}

int start(cudnnContext* c, What what, const float* alpha, const float* beta, const Tensor* x, const void* atX, const Filter* w,
          const void* atW, const Tensor* y, const void* atY, const Window* window, int algorithm, void* workspace, size_t bytes) {
  if (!c->stream) return NOT_INITIALISED;
  if (algorithm != GOOD[what] || window->math != FMA) return BAD_PARAM;
  const float a = *alpha, b = *beta;
  const Tensor dx = *x, dy = *y;
  const Filter dw = *w;
  const Window v = *window;
  return quickstudy_start(c->stream, [=] {
    if (qs_emu_convolution(what, v.all, a, b, dx.all, (int64_t)atX, dw.all, (int64_t)atW, dy.all, (int64_t)atY,
                           (int64_t)workspace, (int64_t)bytes) == 0)
      return (int)OK;
    fprintf(stderr, "libcudnn for tests: %s\n", qs_emu_error());
    return (int)FAILED;
  });
}

}  // namespace

extern "C" {

int cudnnGetConvolutionForwardAlgorithmMaxCount(cudnnContext*, int* n) { return *n = ANSWERS, OK; }
int cudnnGetConvolutionBackwardDataAlgorithmMaxCount(cudnnContext*, int* n) { return *n = ANSWERS, OK; }
int cudnnGetConvolutionBackwardFilterAlgorithmMaxCount(cudnnContext*, int* n) { return *n = ANSWERS, OK; }

int cudnnGetConvolutionForwardAlgorithm_v7(cudnnContext*, const Tensor*, const Filter* w, const Window* window, const Tensor*,
                                           int wanted, int* returned, Performance* out) {
  return algorithms(FORWARD, w, window, wanted, returned, out);
}
int cudnnGetConvolutionBackwardDataAlgorithm_v7(cudnnContext*, const Filter* w, const Tensor*, const Window* window,
                                                const Tensor*, int wanted, int* returned, Performance* out) {
  return algorithms(DATA, w, window, wanted, returned, out);
}
int cudnnGetConvolutionBackwardFilterAlgorithm_v7(cudnnContext*, const Tensor*, const Tensor*, const Window* window,
                                                  const Filter* w, int wanted, int* returned, Performance* out) {
  return algorithms(BACKWARD_FILTER, w, window, wanted, returned, out);
}

int cudnnGetConvolutionForwardWorkspaceSize(cudnnContext*, const Tensor* x, const Filter* w, const Window*, const Tensor* y,
                                            int algorithm, size_t* bytes) {
  return room(FORWARD, x, w, y, algorithm, bytes);
}
int cudnnGetConvolutionBackwardDataWorkspaceSize(cudnnContext*, const Filter* w, const Tensor* y, const Window*,
                                                 const Tensor* x, int algorithm, size_t* bytes) {
  return room(DATA, x, w, y, algorithm, bytes);
}
int cudnnGetConvolutionBackwardFilterWorkspaceSize(cudnnContext*, const Tensor* x, const Tensor* y, const Window*,
                                                   const Filter* w, int algorithm, size_t* bytes) {
  return room(BACKWARD_FILTER, x, w, y, algorithm, bytes);
}

int cudnnConvolutionForward(cudnnContext* c, const float* alpha, const Tensor* x, const void* atX, const Filter* w,
                            const void* atW, const Window* window, int algorithm, void* workspace, size_t bytes,
                            const float* beta, const Tensor* y, void* atY) {
  return start(c, FORWARD, alpha, beta, x, atX, w, atW, y, atY, window, algorithm, workspace, bytes);
}
int cudnnConvolutionBackwardData(cudnnContext* c, const float* alpha, const Filter* w, const void* atW, const Tensor* y,
                                 const void* atY, const Window* window, int algorithm, void* workspace, size_t bytes,
                                 const float* beta, const Tensor* x, void* atX) {
  return start(c, DATA, alpha, beta, x, atX, w, atW, y, atY, window, algorithm, workspace, bytes);
}
int cudnnConvolutionBackwardFilter(cudnnContext* c, const float* alpha, const Tensor* x, const void* atX, const Tensor* y,
                                   const void* atY, const Window* window, int algorithm, void* workspace, size_t bytes,
                                   const float* beta, const Filter* w, void* atW) {
  return start(c, BACKWARD_FILTER, alpha, beta, x, atX, w, atW, y, atY, window, algorithm, workspace, bytes);
}

#endif

}  // extern "C"
