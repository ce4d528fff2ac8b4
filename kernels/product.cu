// Small products of matrices, those that a library's tiles would leave empty, for programs whose loops are
// interpreted; others have them in generated kernels (qs_products).
#include "device.cuh"

namespace {

enum { BLOCK = 256 };

// Neighbours have neighbouring elements of C, and `slices` threads share an element: each takes every
// so-many-th of what is summed over.
template <bool ROUNDED>
QS_DEV void qs_products(const QsArgs& g, float* shared) {
  const qs_long m = g.n[1], n = g.n[2], total = g.n[0] * m * n;
  const int k = (int)g.n[3], slices = (int)g.n[12], across = BLOCK / slices;
  const int slice = (int)threadIdx.x / across;
  const qs_long rowA = g.n[4] ? 1 : g.n[6], depthA = g.n[4] ? g.n[6] : 1;
  const qs_long depthB = g.n[5] ? 1 : g.n[7], columnB = g.n[5] ? g.n[7] : 1;
  for (qs_long first = (qs_long)blockIdx.x * across; first < total; first += (qs_long)gridDim.x * across) {
    qs_long b = first + (int)threadIdx.x % across;
    const bool useful = b < total;
    const qs_long column = qs_divide(b, n), row = qs_divide(b, m);
    float sum = 0.0f;
    if (useful) {
      const float* x = (const float*)g.at[0] + b * g.n[9] + row * rowA + slice * depthA;
      const float* y = (const float*)g.at[1] + b * g.n[10] + column * columnB + slice * depthB;
#pragma unroll 8
      for (int p = slice; p < k; p += slices) {
        sum += qs_taken<ROUNDED>(*x) * qs_taken<ROUNDED>(*y);
        x += depthA * slices;
        y += depthB * slices;
      }
    }
    float* const mine = shared + threadIdx.x;
    *mine = sum;
    for (int left = slices / 2; left > 0; left /= 2) {
      __syncthreads();
      if (slice < left) *mine += mine[left * across];
    }
    if (useful && slice == 0) ((float*)g.at[2])[b * g.n[11] + row * g.n[8] + column] = *mine;
    __syncthreads();
  }
}

struct __align__(16) Sums {
  float all[BLOCK];
};

}  // namespace

// Block 256, grid Div(batch * m * n * slices, 256), slices a power of two up to 256.
QS_KERNEL_OF(qs_product, BLOCK) {
  QS_NEEDS_THREADS(BLOCK);
  QS_SHARED(Sums, sums);
  if (a.n[13]) qs_products<true>(a, sums.all);
  else qs_products<false>(a, sums.all);
}
