// The heart of every matrix product: 256 threads make a tile of ROWS x COLUMNS, 4 x 4 elements each,
// from slices of DEPTH along what is summed over. A slice is fetched into registers while the one
// before is multiplied, and two copies of the shared memory save a barrier.
#pragma once
#include "device.cuh"

namespace {

enum { THREADS = 256, DEPTH = 16, PAD = 4 };

// How the threads fetch a slice of SIZE x DEPTH: along its depth where that is how the operand lies in
// memory, across it otherwise.
template <int SIZE, bool ALONG>
struct Fetch {
  enum { COUNT = SIZE * DEPTH / THREADS, STEP = ALONG ? THREADS / DEPTH : THREADS / SIZE };
  static __device__ __forceinline__ int row(int i) {
    return ALONG ? (int)threadIdx.x / DEPTH + i * STEP : (int)threadIdx.x % SIZE;
  }
  static __device__ __forceinline__ int depth(int i) {
    return ALONG ? (int)threadIdx.x % DEPTH : (int)threadIdx.x / SIZE + i * STEP;
  }
  static __device__ __forceinline__ void put(float* to, const float* values) {
#pragma unroll
    for (int i = 0; i < COUNT; i++) to[depth(i) * (SIZE + PAD) + row(i)] = values[i];
  }
};

// Elements at base + row * rowStep + depth * depthStep.
template <int SIZE, bool ALONG>
struct Matrix {
  typedef Fetch<SIZE, ALONG> F;
  const float* base;
  qs_long rows, depth, rowStep, depthStep;
  const float* at;  // this thread's first element of the slice
  qs_long row, k;

  __device__ __forceinline__ void start(qs_long firstRow) {
    row = firstRow + F::row(0);
    k = F::depth(0);
    at = base + row * rowStep + k * depthStep;
  }
  __device__ __forceinline__ void next(float* values) {
    const qs_long step = F::STEP * (ALONG ? rowStep : depthStep);
    const float* p = at;
#pragma unroll
    for (int i = 0; i < F::COUNT; i++, p += step)
      values[i] = row + (ALONG ? i * F::STEP : 0) < rows && k + (ALONG ? 0 : i * F::STEP) < depth ? *p : 0.0f;
    at += DEPTH * depthStep;
    k += DEPTH;
  }
};

// Where a row of the result begins: one behind the other, ld elements apart.
struct Rows {
  float* base;
  qs_long ld;
  __device__ __forceinline__ float* operator()(qs_long row) const { return base + row * ld; }
};

template <int ROWS, int COLUMNS>
struct Tile {
  enum { ACROSS = COLUMNS / 4, A = DEPTH * (ROWS + PAD), B = DEPTH * (COLUMNS + PAD), SHARED = 2 * (A + B) };
  float sum[4][4];
  float* shared;
  int turn, row, column;  // which copy is next; this thread's first element
  bool useful;            // some of its elements belong to the result

  __device__ __forceinline__ Tile(float* memory) : shared(memory), turn(0) {
    column = (int)threadIdx.x % ACROSS * 4;
    row = (int)threadIdx.x / ACROSS * 4;
  }
  __device__ __forceinline__ void start(qs_long rowsLeft, qs_long columnsLeft) {
    useful = row < rowsLeft && column < columnsLeft;
#pragma unroll
    for (int i = 0; i < 4; i++)
#pragma unroll
      for (int j = 0; j < 4; j++) sum[i][j] = 0.0f;
  }

  __device__ __forceinline__ void multiply(const float* p, const float* q, int depth) {
    for (int k = 0; k < depth; k++) step(p, q, k);
  }
  __device__ __forceinline__ void step(const float* p, const float* q, int k) {
    const QsQuad u = *(const QsQuad*)(p + k * (ROWS + PAD) + row);
    const QsQuad v = *(const QsQuad*)(q + k * (COLUMNS + PAD) + column);
    const float x[4] = {u.x, u.y, u.z, u.w}, y[4] = {v.x, v.y, v.z, v.w};
#pragma unroll
    for (int i = 0; i < 4; i++)
#pragma unroll
      for (int j = 0; j < 4; j++) sum[i][j] += x[i] * y[j];
  }

  // Adds the product of what a and b deliver, `depth` long.
  template <class L, class R>
  __device__ __forceinline__ void add(L& a, R& b, qs_long depth) {
    float x[L::F::COUNT], y[R::F::COUNT];
    if (depth > 0) {
      a.next(x);
      b.next(y);
    }
    for (qs_long k = 0; k < depth; k += DEPTH) {
      float *p = shared + turn * (A + B), *q = p + A;
      L::F::put(p, x);
      R::F::put(q, y);
      turn ^= 1;
      __syncthreads();
      if (k + DEPTH < depth) {
        a.next(x);
        b.next(y);
      }
      if (!useful) continue;
      if (k + DEPTH <= depth) {
#pragma unroll
        for (int d = 0; d < DEPTH; d++) step(p, q, d);
      } else {
        multiply(p, q, (int)(depth - k));
      }
    }
  }

  // `place` says where a row begins.
  template <class P>
  __device__ __forceinline__ void write(const P& place, qs_long firstRow, qs_long rows, qs_long firstColumn,
                                        qs_long columns) {
    const qs_long j0 = firstColumn + column;
#pragma unroll
    for (int i = 0; i < 4; i++) {
      const qs_long r = firstRow + row + i;
      if (r >= rows) break;
      float* to = place(r) + j0;
      if (j0 + 4 <= columns && ((qs_long)to & 15) == 0) {
        *(QsQuad*)to = QsQuad{sum[i][0], sum[i][1], sum[i][2], sum[i][3]};
        continue;
      }
#pragma unroll
      for (int j = 0; j < 4; j++)
        if (j0 + j < columns) to[j] = sum[i][j];
    }
  }
};

// The larger of the two that are used.
enum { TILE_SHARED = 2 * DEPTH * (128 + 32 + 2 * PAD) };

// Few columns: taller tiles waste less.
QS_DEV bool qs_tall(qs_long columns) { return columns <= 32; }

}  // namespace
