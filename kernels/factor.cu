// Cholesky factors and triangular systems of closed-form heads, of matrices up to QS_FACTOR_FITS rows; larger ones are
// worked through by panels of such, and what a panel takes from the rest is a product of cuBLAS (backend.cuda.Factors).
#include "device.cuh"

// Block n <= 32 ? 64 : 256, grid batch, at most 16384. What is left of a matrix that has no factor is NaN.
QS_KERNEL(qs_cholesky) {
  __shared__ float l[QS_FACTOR_FITS * QS_FACTOR_FITS];
  const qs_long batch = a.n[0], n = a.n[1], perTask = a.n[2], firstTask = a.n[3], ld = a.n[4], stride = a.n[5];
  const qs_long whole = a.n[6];
  const int tid = threadIdx.x, threads = blockDim.x;
  for (qs_long b = blockIdx.x; b < batch; b += gridDim.x) {
    const float* x = (const float*)a.at[0] + b * stride;
    float* result = (float*)a.at[1] + b * stride;
    for (qs_long t = tid; t < n * n; t += threads) {
      qs_long i = t;
      const qs_long j = qs_divide(i, n);
      l[t] = j <= i ? x[i * ld + j] : 0.0f;
    }
    __syncthreads();
    for (qs_long j = 0; j < n; j++) {
      const float d = l[j * n + j];
      const float root = d > 0.0f ? sqrtf(d) : qs_not_a_number();
      if (tid == 0 && !(d > 0.0f && qs_finite(d)))
        qs_record(a.at[15], d <= 0.0f ? QS_INDEFINITE : QS_NOT_FINITE, perTask == 0 ? -1 : firstTask + b / perTask, whole);
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
    // No barrier behind it: a thread's elements of the next matrix are those that it copies here.
    for (qs_long t = tid; t < n * n; t += threads) {
      qs_long i = t;
      const qs_long j = qs_divide(i, n);
      result[i * ld + j] = l[t];
    }
  }
}

// One thread for each of batch n n elements: what is below the diagonal and on it, and zeros above it.
QS_KERNEL(qs_lower) {
  const qs_long count = a.n[0] * a.n[1] * a.n[1], n = a.n[1];
  const float* x = (const float*)a.at[0];
  float* y = (float*)a.at[1];
  for (qs_long t = (qs_long)blockIdx.x * blockDim.x + threadIdx.x; t < count; t += (qs_long)gridDim.x * blockDim.x) {
    qs_long row = t;
    const qs_long j = qs_divide(row, n), i = qs_divide(row, n);
    y[t] = j <= i ? x[t] : 0.0f;
  }
}

// Block n * min(m, QS_FACTOR_COLUMNS) <= 1024 ? 64 : 256, grid batch * ceil(m / QS_FACTOR_COLUMNS), at most 16384. Shared
// memory holds the matrix and QS_FACTOR_COLUMNS right sides of n numbers.
QS_KERNEL(qs_trisolve) {
  QS_DYNAMIC_SHARED(float, room);
  const qs_long batch = a.n[0], n = a.n[1], m = a.n[2], ldl = a.n[4], strideL = a.n[5], row = a.n[6], column = a.n[7];
  const qs_long stride = a.n[8];
  const bool transposed = a.n[3] != 0;
  const int tid = threadIdx.x, threads = blockDim.x;
  const qs_long most = QS_FACTOR_COLUMNS, parts = (m + most - 1) / most;
  float *l = room, *x = room + n * n;
  for (qs_long w = blockIdx.x; w < batch * parts; w += gridDim.x) {
    qs_long b = w;
    const qs_long first = qs_divide(b, parts) * most;
    const qs_long columns = m - first < most ? m - first : most, count = n * columns;
    const float* matrix = (const float*)a.at[0] + b * strideL;
    const float* from = (const float*)a.at[1] + b * stride + first * column;
    float* to = (float*)a.at[2] + b * stride + first * column;
    for (qs_long t = tid; t < n * n; t += threads) {
      qs_long i = t;
      const qs_long j = qs_divide(i, n);
      if (j <= i) l[t] = matrix[i * ldl + j];
    }
    // Neighbouring threads take neighbouring numbers, whichever way they lie.
    for (qs_long t = tid; t < count; t += threads) {
      qs_long outer = t;
      const qs_long inner = qs_divide(outer, row == 1 ? n : columns);
      const qs_long i = row == 1 ? inner : outer, k = row == 1 ? outer : inner;
      x[i * columns + k] = from[i * row + k * column];
    }
    __syncthreads();
    for (qs_long step = 0; step < n; step++) {
      const qs_long i = transposed ? n - 1 - step : step, left = n - 1 - step;
      for (qs_long k = tid; k < columns; k += threads) x[i * columns + k] /= l[i * n + i];
      __syncthreads();
      for (qs_long t = tid; t < left * columns; t += threads) {
        qs_long j = t;
        const qs_long k = qs_divide(j, columns);
        if (!transposed) j += i + 1;
        x[j * columns + k] -= (transposed ? l[i * n + j] : l[j * n + i]) * x[i * columns + k];
      }
      __syncthreads();
    }
    for (qs_long t = tid; t < count; t += threads) {
      qs_long outer = t;
      const qs_long inner = qs_divide(outer, row == 1 ? n : columns);
      const qs_long i = row == 1 ? inner : outer, k = row == 1 ? outer : inner;
      to[i * row + k * column] = x[i * columns + k];
    }
    __syncthreads();  // all have read what the next ones are written over
  }
}
