// Cholesky factors and triangular systems of closed-form heads: a block for each matrix, which it works
// through column by column.
#include "device.cuh"

namespace {

enum { FITS = 96 };  // matrices up to this size are kept in shared memory

}  // namespace

// Block n <= 32 ? 64 : 256, grid batch, at most 16384. What is left of a matrix that has no factor is NaN.
QS_KERNEL(qs_cholesky) {
  __shared__ float shared[FITS * FITS];
  const qs_long batch = a.n[0], n = a.n[1], perTask = a.n[2], firstTask = a.n[3];
  const int tid = threadIdx.x, threads = blockDim.x;
  for (qs_long b = blockIdx.x; b < batch; b += gridDim.x) {
    const float* x = (const float*)a.at[0] + b * n * n;
    float* result = (float*)a.at[1] + b * n * n;
    float* l = n <= FITS ? shared : result;
    for (qs_long t = tid; t < n * n; t += threads) l[t] = t % n <= t / n ? x[t] : 0.0f;
    __syncthreads();
    for (qs_long j = 0; j < n; j++) {
      const float d = l[j * n + j];
      const float root = d > 0.0f ? sqrtf(d) : qs_not_a_number();
      if (tid == 0 && !(d > 0.0f && qs_finite(d)))
        qs_record(a.at[15], d <= 0.0f ? QS_INDEFINITE : QS_NOT_FINITE, perTask == 0 ? -1 : firstTask + b / perTask, n);
      __syncthreads();  // all have read the diagonal
      for (qs_long i = j + tid; i < n; i += threads) l[i * n + j] = i == j ? root : l[i * n + j] / root;
      __syncthreads();
      // What is left of the rows below loses the product of two of the column's elements.
      const qs_long left = n - j - 1;
      for (qs_long t = tid; t < left * left; t += threads) {
        qs_long i = t;
        const qs_long k = j + 1 + qs_divide(i, left);
        i += j + 1;
        if (k <= i) l[i * n + k] -= l[i * n + j] * l[k * n + j];
      }
      __syncthreads();
    }
    if (n > FITS) continue;
    // No barrier behind it: a thread's elements of the next matrix are those that it copies here.
    for (qs_long t = tid; t < n * n; t += threads) result[t] = l[t];
  }
}

// Block n * m <= 1024 ? 64 : 256, grid batch, at most 16384.
QS_KERNEL(qs_trisolve) {
  const qs_long batch = a.n[0], n = a.n[1], m = a.n[2];
  const bool transposed = a.n[3] != 0;
  const int tid = threadIdx.x, threads = blockDim.x;
  for (qs_long b = blockIdx.x; b < batch; b += gridDim.x) {
    const float* l = (const float*)a.at[0] + b * n * n;
    const float* from = (const float*)a.at[1] + b * n * m;
    float* x = (float*)a.at[2] + b * n * m;
    if (x != from)
      for (qs_long t = tid; t < n * m; t += threads) x[t] = from[t];
    __syncthreads();
    for (qs_long step = 0; step < n; step++) {
      const qs_long i = transposed ? n - 1 - step : step, left = n - 1 - step;
      for (qs_long k = tid; k < m; k += threads) x[i * m + k] /= l[i * n + i];
      __syncthreads();
      for (qs_long t = tid; t < left * m; t += threads) {
        qs_long j = t;
        const qs_long k = qs_divide(j, m);
        if (!transposed) j += i + 1;
        x[j * m + k] -= (transposed ? l[i * n + j] : l[j * n + i]) * x[i * m + k];
      }
      __syncthreads();
    }
  }
}
