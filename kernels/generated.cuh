// What the kernels have in common that io.quickstudy.backend.cuda.loops writes for a program's loops.
// Blocks have 256 threads; every extent is a constant.
#pragma once
#include "device.cuh"
#include "quickstudy.h"
#include "scalar.h"

enum { QS_THREADS = 256 };

// N neighbouring elements of an operand, STRIDE apart; with QUADS the four lie at a multiple of 16 bytes.
template <int N, int STRIDE, bool QUADS, class T>
QS_DEV void qs_take(float (&x)[N], const T* p) {
  if constexpr (QUADS) {
    const QsQuad q = *(const QsQuad*)p;
    x[0] = q.x, x[1] = q.y, x[2] = q.z, x[3] = q.w;
  } else {
#pragma unroll
    for (int j = 0; j < N; j++) x[j] = (float)p[j * STRIDE];
  }
}

QS_DEV void qs_write(float* p, float v) { *p = v; }
QS_DEV void qs_write(int* p, float v) { *p = (int)v; }
QS_DEV void qs_write(unsigned char* p, float v) { *p = (unsigned char)(int)v; }

template <int N, int STRIDE, bool QUADS, class T>
QS_DEV void qs_put(T* p, const float (&y)[N]) {
  if constexpr (QUADS) {
    *(QsQuad*)p = QsQuad{y[0], y[1], y[2], y[3]};
  } else {
#pragma unroll
    for (int j = 0; j < N; j++) qs_write(p + j * STRIDE, y[j]);
  }
}

struct QsSum {
  static __device__ __forceinline__ float nothing() { return 0.0f; }
  static __device__ __forceinline__ float join(float a, float b) { return a + b; }
};
struct QsMax {
  static __device__ __forceinline__ float nothing() { return -qs_inf(); }
  static __device__ __forceinline__ float join(float a, float b) { return (b > a) | (b != b) ? b : a; }  // NaN stays
};

// Joins, for each of a block's ACROSS results, what its ALONG threads (a power of two) have: thread `lane`
// 0 of each gets it. Those of one result lie next to each other (NEAR) or ACROSS apart. For all threads of
// the block together; `shared` has N * QS_THREADS floats.
template <class J, int ALONG, bool NEAR, int N>
QS_DEV void qs_join_lanes(float (&s)[N], float* shared, unsigned lane) {
  if constexpr (ALONG > 1 && ALONG <= 32 && NEAR) {
#pragma unroll
    for (int n = 0; n < N; n++)
#pragma unroll
      for (int bit = ALONG / 2; bit > 0; bit /= 2) s[n] = J::join(s[n], __shfl_xor_sync(0xffffffffu, s[n], bit));
  } else if constexpr (ALONG > 1) {
    constexpr int APART = NEAR ? 1 : QS_THREADS / ALONG;
    float* const mine = shared + threadIdx.x;
#pragma unroll
    for (int n = 0; n < N; n++) mine[n * QS_THREADS] = s[n];
    __syncthreads();
#pragma unroll
    for (int left = ALONG; left > 1;) {  // eight by eight
      const int ways = left < 8 ? left : 8;
      left /= ways;
      if (lane < (unsigned)left) {
#pragma unroll
        for (int n = 0; n < N; n++) {
#pragma unroll
          for (int i = 1; i < ways; i++) s[n] = J::join(s[n], mine[n * QS_THREADS + i * left * APART]);
          mine[n * QS_THREADS] = s[n];
        }
      }
      __syncthreads();
    }
  }
}

// Joins the accumulators of one thread.
template <class J, int N>
QS_DEV float qs_join_own(const float (&s)[N]) {
  float all = s[0];
#pragma unroll
  for (int n = 1; n < N; n++) all = J::join(all, s[n]);
  return all;
}

// What other blocks left: read from where all of them see it.
QS_DEV float qs_others(const float* p) { return __ldcg(p); }

// Whether this block is the last of `count` that come here; it sees what the others wrote before. The
// counter is 0 before the first and after the last.
QS_DEV bool qs_last(unsigned* counter, unsigned count) {
  __shared__ int last;
  __threadfence();
  __syncthreads();
  if (threadIdx.x == 0) {
    last = atomicAdd(counter, 1u) == count - 1;
    if (last) *counter = 0;
  }
  __syncthreads();
  __threadfence();
  return last != 0;
}

// How a batch of products [M, K] times [K, N] is shared out over blocks of QS_THREADS threads. A tile is ROWS x GROUPS
// results: rows one below the other, columns N / GROUPS apart; a block has ACROSS tiles side by side, and SLICES of its
// threads share each. `shared` has QS_THREADS * ROWS * GROUPS floats.
template <int BATCH, int M, int N, int K, int ROWS, int GROUPS, int SLICES>
struct QsProduct {
  enum {
    ACROSS = QS_THREADS / SLICES,
    COLUMNS = N / GROUPS,
    DOWN = (M + ROWS - 1) / ROWS,
    TILES = BATCH * DOWN * COLUMNS,
    ELEMENTS = ROWS * ACROSS,  // of the results' first N / GROUPS columns, in a block
    RESULTS = ELEMENTS * GROUPS
  };

  // The number of a block's i-th element among all [BATCH, M, N / GROUPS], or ~0 where there is none.
  static __device__ __forceinline__ unsigned element(unsigned block, unsigned i) {
    const unsigned tile = block * ACROSS + i % ACROSS, down = tile / COLUMNS;
    const unsigned row = down % DOWN * ROWS + i / ACROSS;
    return tile < TILES && row < M ? (down / DOWN * M + row) * COLUMNS + tile % COLUMNS : ~0u;
  }
};

// Strides in elements, along the batch, the rows and the columns of the operands. For all threads of a block.
template <int BATCH, int M, int N, int K, int ROWS, int GROUPS, int SLICES, bool ROUNDED, int AB, int AM, int AK,
          int BB, int BK, int BN>
QS_DEV void qs_products(unsigned block, const float* __restrict__ a, const float* __restrict__ b, float* c,
                        float* shared) {
  typedef QsProduct<BATCH, M, N, K, ROWS, GROUPS, SLICES> S;
  const unsigned slice = threadIdx.x / S::ACROSS, mine = threadIdx.x % S::ACROSS;
  const unsigned tile = block * S::ACROSS + mine, down = tile / S::COLUMNS, batch = down / S::DOWN;
  float sum[ROWS][GROUPS];
#pragma unroll
  for (int i = 0; i < ROWS; i++)
#pragma unroll
    for (int j = 0; j < GROUPS; j++) sum[i][j] = 0.0f;
  if (tile < S::TILES) {
    unsigned left[ROWS];  // a row that is not there is read as the first
#pragma unroll
    for (int i = 0; i < ROWS; i++) {
      const unsigned row = down % S::DOWN * ROWS + i;
      left[i] = batch * AB + (M % ROWS == 0 || row < M ? row : 0) * AM;
    }
    const unsigned right = batch * BB + tile % S::COLUMNS * BN;
    const auto add = [&](unsigned k) {
      float x[ROWS], y[GROUPS];
#pragma unroll
      for (int i = 0; i < ROWS; i++) x[i] = qs_taken<ROUNDED>(a[left[i] + k * AK]);
#pragma unroll
      for (int j = 0; j < GROUPS; j++) y[j] = qs_taken<ROUNDED>(b[right + k * BK + j * S::COLUMNS * BN]);
#pragma unroll
      for (int i = 0; i < ROWS; i++)
#pragma unroll
        for (int j = 0; j < GROUPS; j++) sum[i][j] = fmaf(x[i], y[j], sum[i][j]);
    };
    // All slices have as many steps, so that several can read before the first adds; some have one more.
#pragma unroll 16
    for (unsigned u = 0; u < K / SLICES; u++) add(u * SLICES + slice);
    if (K % SLICES != 0 && slice < K % SLICES) add(K / SLICES * SLICES + slice);
  }
#pragma unroll
  for (int i = 0; i < ROWS; i++)
#pragma unroll
    for (int j = 0; j < GROUPS; j++)
      shared[slice * S::RESULTS + (j * ROWS + i) * S::ACROSS + mine] = sum[i][j];
  __syncthreads();
  for (unsigned n = threadIdx.x; n < S::RESULTS; n += QS_THREADS) {
    const unsigned e = S::element(block, n % S::ELEMENTS);
    float all = 0.0f;
#pragma unroll 8
    for (unsigned s = 0; s < SLICES; s++) all += shared[s * S::RESULTS + n];
    if (e != ~0u) c[e / S::COLUMNS * N + n / S::ELEMENTS * S::COLUMNS + e % S::COLUMNS] = all;
  }
  __syncthreads();
}
