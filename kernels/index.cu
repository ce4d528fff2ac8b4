// Rows by number, the largest of each row, random numbers and copies.
#include "device.cuh"

namespace {

// One element of `size` bytes of Y per turn; a row that is not there is read as zeros.
template <class T>
QS_DEV void qs_gather_rows(const QsArgs& a) {
  const qs_long n = a.n[1], k = a.n[2], row = a.n[3] / (qs_long)sizeof(T), stride = a.n[4] / (qs_long)sizeof(T);
  const int* index = (const int*)a.at[1];
  T* y = (T*)a.at[2];
  const qs_long total = a.n[0] * k * row;
  for (qs_long t = qs_thread(); t < total; t += qs_threads()) {
    qs_long j = t;
    const qs_long i = qs_divide(j, row);
    const int from = index[j];
    qs_long b = j;
    qs_divide(b, k);
    y[t] = qs_outside(a.at[15], from, n) ? (T)0 : ((const T*)a.at[0])[b * stride + from * row + i];
  }
}

// Whether element i, of value a, comes before element j, of value b, from the largest down.
QS_DEV bool qs_before(float a, int i, float b, int j) {
  if (a != a || b != b) return (a != a && b != b) ? i < j : a != a;
  return a > b || (a == b && i < j);
}

struct Philox {
  unsigned word[4];
};

// Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011).
QS_DEV Philox qs_philox(unsigned counter, unsigned k0, unsigned k1) {
  unsigned a = counter, b = 0, c = 0, d = 0;
#pragma unroll
  for (int round = 0; round < 10; round++) {
    const unsigned long long p = 0xD2511F53ull * a, q = 0xCD9E8D57ull * c;
    a = (unsigned)(q >> 32) ^ b ^ k0;
    c = (unsigned)(p >> 32) ^ d ^ k1;
    b = (unsigned)q;
    d = (unsigned)p;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return {{a, b, c, d}};
}

template <class T>
QS_DEV void qs_copy_elements(const QsArgs& a) {
  const int rank = (int)a.n[1];
  qs_long total = 1;
  for (int d = 0; d < rank; d++) total *= a.n[2 + d];
  const T* x = (const T*)a.at[0];
  T* y = (T*)a.at[1];
  for (qs_long t = qs_thread(); t < total; t += qs_threads()) {
    qs_long rest = t, from = 0, to = 0;
    for (int d = rank - 1; d >= 0; d--) {
      const qs_long i = qs_divide(rest, a.n[2 + d]);
      from += i * a.n[10 + d];
      to += i * a.n[18 + d];
    }
    y[to] = x[from];
  }
}

}  // namespace

// Block 256, grid Div(batch * k * rowBytes / 4, 256), at most 16384; by the byte where anything is not a
// multiple of 4.
QS_KERNEL(qs_gather) {
  const qs_long all = (qs_long)a.at[0] | (qs_long)a.at[2] | a.n[3] | a.n[4];
  if ((all & 3) == 0) qs_gather_rows<int>(a);
  else qs_gather_rows<unsigned char>(a);
}

// Each element of Y looks for its rows, in their order: no atomics. Block 256, grid
// Div(batch * max(n * row, k), 256), at most 16384.
QS_KERNEL(qs_scatter_add) {
  const qs_long batch = a.n[0], n = a.n[1], k = a.n[2], row = a.n[3];
  const float* g = (const float*)a.at[0];
  const int* index = (const int*)a.at[1];
  float* y = (float*)a.at[2];
  for (qs_long t = qs_thread(); t < batch * k; t += qs_threads()) qs_outside(a.at[15], index[t], n);
  for (qs_long t = qs_thread(); t < batch * n * row; t += qs_threads()) {
    qs_long i = t;
    const qs_long r = qs_divide(i, row);
    qs_long b = i;
    i = qs_divide(b, n);
    float sum = 0.0f;
    for (qs_long j = b * k; j < b * k + k; j++)
      if (index[j] == i) sum += g[j * row + r];
    y[t] = sum;
  }
}

// Short rows: every element counts those before it. Long ones: a block looks k times for the next.
// Block 256, a power of two; grid n <= 256 ? Div(rows * n, 256) : rows.
QS_KERNEL(qs_topk) {
  const qs_long rows = a.n[0], n = a.n[1], k = a.n[2];
  const float* x = (const float*)a.at[0];
  int* y = (int*)a.at[1];
  if (n <= 256) {
    for (qs_long t = qs_thread(); t < rows * n; t += qs_threads()) {
      qs_long r = t;
      const int i = (int)qs_divide(r, n);
      const float* row = x + r * n;
      const float v = row[i];
      int before = 0;
      for (int j = 0; j < (int)n; j++) before += qs_before(row[j], j, v, i) ? 1 : 0;
      if (before < k) y[r * k + before] = i;
    }
    return;
  }
  __shared__ float values[1024];
  __shared__ int places[1024];
  for (qs_long r = blockIdx.x; r < rows; r += gridDim.x) {
    const float* row = x + r * n;
    int last = -1;
    for (qs_long found = 0; found < k; found++) {
      const float limit = last < 0 ? 0.0f : row[last];
      float best = 0.0f;
      int at = -1;
      for (qs_long j = threadIdx.x; j < n; j += blockDim.x) {
        const float v = row[j];
        if (last >= 0 && !qs_before(limit, last, v, (int)j)) continue;
        if (at >= 0 && !qs_before(v, (int)j, best, at)) continue;
        best = v;
        at = (int)j;
      }
      values[threadIdx.x] = best;
      places[threadIdx.x] = at;
      __syncthreads();
      for (unsigned half = blockDim.x / 2; half > 0; half /= 2) {
        if (threadIdx.x < half) {
          const int i = places[threadIdx.x], j = places[threadIdx.x + half];
          if (j >= 0 && (i < 0 || qs_before(values[threadIdx.x + half], j, values[threadIdx.x], i))) {
            values[threadIdx.x] = values[threadIdx.x + half];
            places[threadIdx.x] = j;
          }
        }
        __syncthreads();
      }
      last = places[0];
      if (threadIdx.x == 0) y[r * k + found] = last;
      __syncthreads();
    }
  }
}

// Block 256, grid Div(keys * Div(count, 4), 256), at most 16384.
QS_KERNEL(qs_random) {
  const qs_long keys = a.n[0], count = a.n[1], blocks = qs_ceil_div(count, 4);
  const unsigned* key = (const unsigned*)a.at[0];
  float* y = (float*)a.at[1];
  for (qs_long t = qs_thread(); t < keys * blocks; t += qs_threads()) {
    qs_long i = t;
    const qs_long j = qs_divide(i, blocks);
    const Philox p = qs_philox((unsigned)j, key[2 * i], key[2 * i + 1]);
#pragma unroll
    for (int l = 0; l < 4; l++)
      if (4 * j + l < count) y[i * count + 4 * j + l] = (float)(p.word[l] >> 8) * 5.9604644775390625e-8f;
  }
}

// Block 256, grid Div(elements, 256), at most 16384.
QS_KERNEL(qs_copy) {
  if (a.n[0] == 4) qs_copy_elements<unsigned>(a);
  else qs_copy_elements<unsigned char>(a);
}
