// A tile on tensor cores: operands rounded to TF32 (an 11-bit significand), sums in 32-bit floats. A warp
// makes HEIGHT / DOWN x WIDTH / SIDE elements from products of 16 x 8 by 8 x 8.
#pragma once
#include "tile.cuh"

namespace {

// A float's nearest TF32, halves away from zero, and the product of PTX's mma.m16n8k8: lane 4g + t has
// of A (g, t), (g + 8, t), (g, t + 4), (g + 8, t + 4), of B (t, g), (t + 4, g), and of the sum (g, 2t),
// (g, 2t + 1), (g + 8, 2t), (g + 8, 2t + 1).
#ifdef QS_EMULATED
QS_DEV unsigned qs_tf32(float x) { return qs_emu::tf32(x); }
#define QS_MMA(SUM, A, B) qs_emu::mma(__LINE__, SUM, A, B)
#elif __CUDA_ARCH__ >= 800
QS_DEV unsigned qs_tf32(float x) {
  unsigned y;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(y) : "f"(x));
  return y;
}
QS_DEV void qs_mma(float (&s)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
  asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(s[0]), "+f"(s[1]), "+f"(s[2]), "+f"(s[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
#define QS_MMA(SUM, A, B) qs_mma(SUM, A, B)
#else  // no such GPU gets here: the host refuses the precision
QS_DEV unsigned qs_tf32(float) { return 0; }
#define QS_MMA(SUM, A, B) __trap()
#endif

template <int HEIGHT, int WIDTH, int DOWN, int SIDE, int AHEAD>
struct Mma {
  enum {
    ROWS = HEIGHT,
    COLUMNS = WIDTH,
    STAGES = AHEAD + 1,
    MEMORY = STAGES * DEPTH * (ROWS + COLUMNS),
    M = HEIGHT / DOWN / 16,
    N = WIDTH / SIDE / 8,
    BLOCKS = M * N * 4 < 64 ? 4 : 3  // that fit a multiprocessor at once
  };
  static_assert(DOWN * SIDE * 32 == THREADS && M > 0 && N > 0, "every warp has a part");
  static_assert((M & (M - 1)) == 0 && (N & (N - 1)) == 0, "where a warp begins, its places have no bits");

  float sum[M][N][4];
  int g, t, y, x;   // the lane; the warp's first row and column
  int left, right;  // where the lane's first elements of A and B lie, across
  bool useful;      // some of the warp's elements belong to the result

  __device__ __forceinline__ void start(qs_long rows, qs_long columns) {
    const int warp = (int)(threadIdx.x / 32);
    g = (int)(threadIdx.x % 32 / 4);
    t = (int)(threadIdx.x % 4);
    y = warp / SIDE * (M * 16);
    x = warp % SIDE * (N * 8);
    left = qs_across<ROWS>(t * 4, y + g);
    right = qs_across<COLUMNS>(t * 4, x + g);
    useful = y < rows && x < columns;
#pragma unroll
    for (int i = 0; i < M; i++)
#pragma unroll
      for (int j = 0; j < N; j++)
#pragma unroll
        for (int k = 0; k < 4; k++) sum[i][j][k] = 0.0f;
  }

  // What the lane has of 16 rows: places 4t to 4t + 3 of the depth. Products take its places in another
  // order than they lie, (4t, 4t + 1) and then (4t + 2, 4t + 3), so that a lane reads fours.
  template <bool ALONG>
  __device__ __forceinline__ void rows(const float* a, int i, unsigned (&u)[2][4]) const {
#pragma unroll
    for (int r = 0; r < 2; r++) {
      if (ALONG) {
        const QsQuad w = *(const QsQuad*)(a + qs_along(y + g, t * 4) + (i * 16 + r * 8) * DEPTH);
        u[0][r] = qs_tf32(w.x), u[0][r + 2] = qs_tf32(w.y), u[1][r] = qs_tf32(w.z), u[1][r + 2] = qs_tf32(w.w);
      } else {
#pragma unroll
        for (int k = 0; k < 4; k++) u[k / 2][r + k % 2 * 2] = qs_tf32(a[(left ^ (i * 16 + r * 8)) + k * ROWS]);
      }
    }
  }

  // All of a slice: behind the depth's end are zeros.
  template <bool ALONG>
  __device__ __forceinline__ void multiply(const float* a, const float* b, int) {
    if (!useful) return;
    unsigned v[2][N][2];
#pragma unroll
    for (int j = 0; j < N; j++)
#pragma unroll
      for (int k = 0; k < 4; k++) v[k / 2][j][k % 2] = qs_tf32(b[(right ^ j * 8) + k * COLUMNS]);
#pragma unroll
    for (int i = 0; i < M; i++) {
      unsigned u[2][4];
      rows<ALONG>(a, i, u);
#pragma unroll
      for (int half = 0; half < 2; half++)
#pragma unroll
        for (int j = 0; j < N; j++) QS_MMA(sum[i][j], u[half], v[half][j]);
    }
  }

  // `place` says where a row of the tile begins, or null where it is none of the result's; `wide`, that its
  // columns come in twos at least.
  template <bool ALONG, class P>
  __device__ __forceinline__ void write(const P& place, float*, qs_long columns, bool wide) const {
#pragma unroll
    for (int i = 0; i < 2 * M; i++) {
      float* to = place(y + i * 8 + g);
      if (to == nullptr) continue;
#pragma unroll
      for (int j = 0; j < 2 * N; j++) {
        const int c = x + j / 2 * 8 + t * 2 + j % 2;
        const float* s = sum[i / 2][j / 2] + i % 2 * 2;
        if (c >= columns) continue;
        if (!wide) to[c] = s[j % 2];
        else if (j % 2 == 0) *(QsPair*)(to + c) = QsPair{s[0], s[1]};
      }
    }
  }
};

typedef Mma<256, 32, 4, 1, 1> M256x32;
typedef Mma<128, 64, 2, 2, 2> M128x64;
typedef Mma<64, 64, 2, 2, 2> M64x64;
typedef Mma<64, 32, 2, 2, 2> M64x32;
typedef Mma<32, 32, 2, 2, 2> M32x32;
typedef Mma<16, 64, 1, 4, 2> M16x64;

}  // namespace
