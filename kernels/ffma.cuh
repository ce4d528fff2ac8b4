// A tile in 32-bit floats: a thread makes M x N elements. Every cycle spent on anything but a
// multiplication is lost, so M x N is 8 x 8 where it can be: 16 loads for 256 multiplications. Where a tile
// has fewer elements than that for each thread, GROUPS of threads share its depth instead.
#pragma once
#include "tile.cuh"

namespace {

template <int HEIGHT, int WIDTH, int M, int N, int GROUPS, int AHEAD>
struct Ffma {
  enum {
    ROWS = HEIGHT,
    COLUMNS = WIDTH,
    STAGES = AHEAD + 1,
    MEMORY = STAGES * DEPTH * (ROWS + COLUMNS),
    DOWN = ROWS / M,
    SIDE = COLUMNS / N,
    GROUP = DOWN * SIDE,
    FOURS = M * N / 4,
    BLOCKS = M * N < 64 ? 4 : 3  // that fit a multiprocessor at once
  };
  static_assert(GROUP * GROUPS == THREADS && GROUP % 32 == 0, "a warp has one part of the depth");
  static_assert(GROUPS == 1 || GROUPS / 2 * GROUP * M * N <= MEMORY, "parts of the sums have to fit");

  float sum[M][N];
  int group, y, x;
  bool useful;  // some of its elements belong to the result

  __device__ __forceinline__ void start(qs_long rows, qs_long columns) {
    const unsigned t = threadIdx.x % GROUP;
    group = GROUPS == 1 ? 0 : (int)(threadIdx.x / GROUP);
    y = (int)(t / SIDE);
    x = (int)(t % SIDE) * 4;
    useful = y < rows && x < columns;
#pragma unroll
    for (int i = 0; i < M; i++)
#pragma unroll
      for (int j = 0; j < N; j++) sum[i][j] = 0.0f;
  }

  // Neighbours have neighbouring rows where a slice of A lies along, and fours of rows where across.
  template <bool ALONG>
  __device__ __forceinline__ int row(int i) const {
    return ALONG ? y + i * DOWN : (i / 4 * DOWN + y) * 4 + i % 4;
  }
  __device__ __forceinline__ int column(int j) const { return x + j * SIDE; }

  // `at` is the thread's first column where the slice has it.
  __device__ __forceinline__ void outer(const float (&u)[M], const float* b, int at) {
    float v[N];
#pragma unroll
    for (int j = 0; j < N; j += 4) {
      const QsQuad w = *(const QsQuad*)(b + (SIDE % 8 == 0 ? at + j * SIDE : at ^ j * SIDE));
      v[j] = w.x, v[j + 1] = w.y, v[j + 2] = w.z, v[j + 3] = w.w;
    }
#pragma unroll
    for (int i = 0; i < M; i++)
#pragma unroll
      for (int j = 0; j < N; j++) sum[i][j] += u[i] * v[j];
  }

  // Four places of the depth.
  template <bool ALONG>
  __device__ __forceinline__ void four(const float* a, const float* b, int q) {
    static_assert(!ALONG || DOWN % 8 == 0, "all rows of a thread have their fours in one place");
    float u[4][M];
    if (ALONG) {
#pragma unroll
      for (int i = 0; i < M; i++) {
        const QsQuad w = *(const QsQuad*)(a + qs_along(y, q * 4) + i * DOWN * DEPTH);
        u[0][i] = w.x, u[1][i] = w.y, u[2][i] = w.z, u[3][i] = w.w;
      }
    }
#pragma unroll
    for (int d = 0; d < 4; d++) {
      if (!ALONG) {
#pragma unroll
        for (int i = 0; i < M; i += 4) {
          const QsQuad w = *(const QsQuad*)(a + qs_across<ROWS>(q * 4 + d, row<false>(i)));
          u[d][i] = w.x, u[d][i + 1] = w.y, u[d][i + 2] = w.z, u[d][i + 3] = w.w;
        }
      }
      outer(u[d], b + (q * 4 + d) * COLUMNS, qs_across<COLUMNS>(q * 4, x) - q * 4 * COLUMNS);
    }
  }

  template <bool ALONG>
  __device__ __forceinline__ void multiply(const float* a, const float* b, int depth) {
    if (!useful) return;
    const int fours = depth < DEPTH ? (depth + 3) / 4 : DEPTH / 4;
#pragma unroll 1
    for (int q = group; q < fours; q += GROUPS) four<ALONG>(a, b, q);
  }

  // Adds what the groups have, the second half to the first, until one is left.
  __device__ __forceinline__ void join(float* memory) {
#pragma unroll
    for (int half = GROUPS / 2; half > 0; half /= 2) {
      float* at = memory + ((int)threadIdx.x - group / half * half * GROUP) * 4;
      if (group >= half && group < 2 * half) {
#pragma unroll
        for (int f = 0; f < FOURS; f++) {
          const float* v = &sum[f * 4 / N][f * 4 % N];
          *(QsQuad*)(at + f * half * GROUP * 4) = QsQuad{v[0], v[1], v[2], v[3]};
        }
      }
      __syncthreads();
      if (group < half) {
#pragma unroll
        for (int f = 0; f < FOURS; f++) {
          const QsQuad w = *(const QsQuad*)(at + f * half * GROUP * 4);
          float* v = &sum[f * 4 / N][f * 4 % N];
          v[0] += w.x, v[1] += w.y, v[2] += w.z, v[3] += w.w;
        }
      }
      __syncthreads();
    }
  }

  // Whether the tile is to be made again.
  __device__ __forceinline__ bool spoiled() const { return false; }

  // `place` says where a row of the tile begins, or null where it is none of the result's; `wide`, that its
  // columns come in fours.
  template <bool ALONG, class P>
  __device__ __forceinline__ void write(const P& place, float* memory, qs_long columns, bool wide) {
    join(memory);
    if (group != 0) return;
#pragma unroll
    for (int i = 0; i < M; i++) {
      float* to = place(row<ALONG>(i));
      if (to == nullptr) continue;
#pragma unroll
      for (int j = 0; j < N; j++) {
        const int c = column(j - j % 4) + j % 4;
        if (c >= columns) continue;
        if (!wide) to[c] = sum[i][j];
        else if (j % 4 == 0) *(QsQuad*)(to + c) = QsQuad{sum[i][j], sum[i][j + 1], sum[i][j + 2], sum[i][j + 3]};
      }
    }
  }
};

typedef Ffma<256, 32, 8, 8, 1, 1> F256x32;
typedef Ffma<128, 64, 8, 8, 1, 2> F128x64;
typedef Ffma<64, 64, 8, 8, 2, 2> F64x64;
typedef Ffma<32, 32, 4, 8, 4, 2> F32x32;
typedef Ffma<16, 64, 4, 8, 4, 2> F16x64;

}  // namespace
