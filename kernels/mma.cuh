// A tile on tensor cores: operands rounded to TF32 (an 11-bit significand), sums in 32-bit floats. A warp
// makes HEIGHT / DOWN x WIDTH / SIDE elements from products of 16 x 8 by 8 x 8.
#pragma once
#include "tile.cuh"

namespace {

// The thread's number, which is then not kept in a register from here to where it was read before.
#ifdef QS_EMULATED
QS_DEV unsigned qs_me() { return threadIdx.x; }
#else
QS_DEV unsigned qs_me() {
  unsigned me;
  asm volatile("mov.u32 %0, %%tid.x;" : "=r"(me));
  return me;
}
#endif

// A float's nearest TF32, halves away from zero, and PTX's mma.m16n8k8 with N matrices B, each added to a sum of
// its own: lane 4g + t has of A (g, t), (g + 8, t), (g, t + 4), (g + 8, t + 4), of a B (t, g), (t + 4, g), and of its
// sum (g, 2t), (g, 2t + 1), (g + 8, 2t), (g + 8, 2t + 1).
#ifdef QS_EMULATED
QS_DEV unsigned qs_tf32(float x) { return qs_emu::tf32(x); }
#define QS_MMAS(N, SUMS, A, B) qs_emu::mmas(__LINE__, N, SUMS[0], A, B[0])
#elif __CUDA_ARCH__ >= 800
QS_DEV unsigned qs_tf32(float x) {
  unsigned y;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(y) : "f"(x));
  return y;
}
template <int N>
QS_DEV void qs_mmas(float (&sums)[N][4], const unsigned (&a)[4], const unsigned (&b)[N][2]) {
#pragma unroll
  for (int j = 0; j < N; j++)
    asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(sums[j][0]), "+f"(sums[j][1]), "+f"(sums[j][2]), "+f"(sums[j][3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[j][0]), "r"(b[j][1]));
}
#define QS_MMAS(N, SUMS, A, B) qs_mmas<N>(SUMS, A, B)
#else  // no such GPU gets here: the host takes the plain way and refuses the precision
QS_DEV unsigned qs_tf32(float) { return 0; }
#define QS_MMAS(N, SUMS, A, B) __trap()
#endif

// A float as a big and a small TF32: what the rounding leaves has at most 12 bits, of which the cores take 11.
// Conversions take longer than an addition of `half`, 0x1000, which rounds what is finite. With a half of 0 the big
// part is cut off, and right for what is not.
QS_DEV void qs_parts(float x, unsigned half, unsigned& big, unsigned& small) {
  big = (__float_as_uint(x) + half) & 0xffffe000u;
  small = __float_as_uint(x - __uint_as_float(big));
}

// A tile whose operands are taken in PARTS: one TF32, or two of which three products are made, for the
// accuracy of 32-bit floats (Ootomo and Yokota 2022, "Recovering single precision accuracy from Tensor Cores").
template <int HEIGHT, int WIDTH, int DOWN, int SIDE, int AHEAD, int PARTS, int RESIDENT>
struct Mma {
  enum {
    ROWS = HEIGHT,
    COLUMNS = WIDTH,
    STAGES = AHEAD + 1,
    MEMORY = STAGES * DEPTH * (ROWS + COLUMNS),
    M = HEIGHT / DOWN / 16,
    N = WIDTH / SIDE / 8,
    BLOCKS = RESIDENT  // that fit a multiprocessor at once
  };
  static_assert(DOWN * SIDE * 32 == THREADS && M > 0 && N > 0, "every warp has a part");
  static_assert((M & (M - 1)) == 0 && (N & (N - 1)) == 0, "where a warp begins, its places have no bits");

  float sum[M][N][4];
  int along, left, right;  // where the lane's first elements of A lie, along or across, and those of B
  bool useful;      // some of the warp's elements belong to the result
  bool again = false;  // only what came out as no number is made, without small parts

  __device__ __forceinline__ void start(qs_long rows, qs_long columns) {
    const int g = (int)(threadIdx.x % 32 / 4), t = (int)(threadIdx.x % 4), warp = (int)(threadIdx.x / 32);
    const int y = warp / SIDE * (M * 16), x = warp % SIDE * (N * 8);
    along = qs_along(y + g, t * 4);
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

  // Takes one number into place (half, k) of a lane's operand.
  template <int K, int P>
  __device__ __forceinline__ void take(float x, int half, int k, unsigned (&big)[2][K], unsigned (&small)[P][K]) const {
    if (PARTS == 1) big[half][k] = qs_tf32(x);
    else qs_parts(x, again ? 0 : 0x1000, big[half][k], small[half % P][k]);
  }

  // What the lane has of 16 rows: places 4t to 4t + 3 of the depth. Products take its places in another
  // order than they lie, (4t, 4t + 1) and then (4t + 2, 4t + 3), so that a lane reads fours.
  template <bool ALONG, int P>
  __device__ __forceinline__ void rows(const float* a, int i, unsigned (&u)[2][4], unsigned (&v)[P][4]) const {
#pragma unroll
    for (int r = 0; r < 2; r++) {
      if (ALONG) {
        const QsQuad w = *(const QsQuad*)(a + along + (i * 16 + r * 8) * DEPTH);
        take(w.x, 0, r, u, v), take(w.y, 0, r + 2, u, v), take(w.z, 1, r, u, v), take(w.w, 1, r + 2, u, v);
      } else {
#pragma unroll
        for (int k = 0; k < 4; k++) take(a[(left ^ (i * 16 + r * 8)) + k * ROWS], k / 2, r + k % 2 * 2, u, v);
      }
    }
  }

  // All of a slice: behind the depth's end are zeros.
  template <bool ALONG>
  __device__ __forceinline__ void multiply(const float* a, const float* b, int) {
    if (!useful) return;
    unsigned big[2][N][2], small[PARTS][N][2];
#pragma unroll
    for (int j = 0; j < N; j++)
#pragma unroll
      for (int k = 0; k < 4; k++) {
        unsigned one[2][2], rest[2][2];
        take(b[(right ^ j * 8) + k * COLUMNS], k / 2, k % 2, one, rest);
        big[k / 2][j][k % 2] = one[k / 2][k % 2];
        if (PARTS > 1) small[k / 2 % PARTS][j][k % 2] = rest[k / 2][k % 2];
      }
#pragma unroll
    for (int i = 0; i < M; i++) {
      unsigned u[2][4], v[PARTS][4];
      rows<ALONG>(a, i, u, v);
      if (PARTS == 1) {
#pragma unroll
        for (int half = 0; half < 2; half++) QS_MMAS(N, sum[i], u[half], big[half]);
      } else {
        // These begin at zero, the smallest come first, and what they make is added as floats are: tensor cores do
        // not round but cut off, which would add up along a long sum.
        float made[N][4];
#pragma unroll
        for (int j = 0; j < N; j++)
#pragma unroll
          for (int k = 0; k < 4; k++) made[j][k] = 0.0f;
        if (!again) {
#pragma unroll
          for (int half = 0; half < 2; half++) QS_MMAS(N, made, v[half % PARTS], big[half]);
#pragma unroll
          for (int half = 0; half < 2; half++) QS_MMAS(N, made, u[half], small[half % PARTS]);
        }
#pragma unroll
        for (int half = 0; half < 2; half++) QS_MMAS(N, made, u[half], big[half]);
#pragma unroll
        for (int j = 0; j < N; j++)
#pragma unroll
          for (int k = 0; k < 4; k++) sum[i][j][k] += made[j][k];
      }
    }
  }

  // `place` says where a row of the tile begins, or null where it is none of the result's; `wide`, that its
  // columns come in twos at least.
  template <bool ALONG, class P>
  __device__ __forceinline__ void write(const P& place, float*, qs_long columns, bool wide) const {
    const unsigned me = qs_me(), warp = me / 32;
    const int g = (int)(me % 32 / 4), t = (int)(me % 4);
    const int y = (int)(warp / SIDE) * (M * 16), x = (int)(warp % SIDE) * (N * 8);
#pragma unroll
    for (int i = 0; i < 2 * M; i++) {
      float* to = place(y + i * 8 + g);
      if (to == nullptr) continue;
#pragma unroll
      for (int j = 0; j < 2 * N; j++) {
        const int c = x + j / 2 * 8 + t * 2 + j % 2;
        const float* s = sum[i / 2][j / 2] + i % 2 * 2;
        if (c >= columns || (PARTS > 1 && again && qs_finite(to[c]))) continue;
        if (!wide || (PARTS > 1 && again)) to[c] = s[j % 2];
        else if (j % 2 == 0) *(QsPair*)(to + c) = QsPair{s[0], s[1]};
      }
    }
  }

  // Whether the tile is to be made again. A number that is not finite, or rounds to none, has no small part,
  // and looking for it at each product would take long: where a sum is not finite, it is made of big parts.
  __device__ __forceinline__ bool spoiled() {
    if (PARTS == 1 || again) return again = false;
    bool any = false;
#pragma unroll
    for (int i = 0; i < M; i++)
#pragma unroll
      for (int j = 0; j < N; j++)
#pragma unroll
        for (int k = 0; k < 4; k++) any |= !qs_finite(sum[i][j][k]);
    return again = __syncthreads_or(any) != 0;
  }
};

typedef Mma<128, 64, 2, 2, 2, 1, 3> M128x64;
typedef Mma<128, 32, 4, 1, 2, 1, 4> M128x32;
typedef Mma<64, 64, 2, 2, 2, 1, 4> M64x64;
typedef Mma<32, 32, 2, 2, 2, 1, 6> M32x32;
typedef Mma<16, 64, 1, 4, 2, 1, 6> M16x64;

typedef Mma<128, 64, 2, 2, 2, 2, 3> S128x64;
typedef Mma<128, 64, 2, 2, 2, 2, 2> S128x64Across;  // both operands lie across, which takes more registers
typedef Mma<128, 32, 4, 1, 2, 2, 3> S128x32;
typedef Mma<64, 64, 2, 2, 2, 2, 3> S64x64;
typedef Mma<32, 32, 2, 2, 2, 2, 5> S32x32;
typedef Mma<16, 64, 1, 4, 2, 2, 4> S16x64;

}  // namespace
