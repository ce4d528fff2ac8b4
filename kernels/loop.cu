// Any fused elementwise loop, read from the words that describe it. Each thread computes four elements
// at a time, so that a word is read once for four.
#include "device.cuh"
#include "quickstudy.h"
#include "scalar.h"

namespace {

enum { LANES = 4, THREADS = 256 };

// Where the parts of the description begin.
struct Loop {
  const qs_long *dims, *in, *constants, *ops, *out;
  int rank, nIn, nConst, nOps, nOut;
};

QS_DEV Loop qs_read(const qs_long* w) {
  Loop l;
  l.rank = (int)*w++;
  l.dims = w;
  w += l.rank;
  l.nIn = (int)*w++;
  l.in = w;
  w += l.nIn * (2 + l.rank);
  l.nConst = (int)*w++;
  l.constants = w;
  w += l.nConst;
  l.nOps = (int)*w++;
  l.ops = w;
  w += l.nOps * 5;
  l.nOut = (int)*w++;
  l.out = w;
  return l;
}
QS_DEV const qs_long* qs_output(const Loop& l, int i) { return l.out + i * (4 + l.rank); }

// An element's place along each dimension, fewer than 2^31, in registers: indices are constants once loops
// are unrolled.
struct Place {
  int at[QS_MAX_DIMS];
};

// The element that `kept` and `removed` number: the former along the dimensions in which strides, of a
// reduction, are not 0, the latter along the others.
QS_DEV Place qs_place(const Loop& l, const qs_long* strides, qs_long kept, qs_long removed) {
  Place p;
#pragma unroll
  for (int d = QS_MAX_DIMS - 1; d >= 0; d--) {
    p.at[d] = 0;
    if (d >= l.rank || l.dims[d] <= 1) continue;
    p.at[d] = (int)qs_divide(strides == nullptr || strides[d] != 0 ? kept : removed, l.dims[d]);
  }
  return p;
}

QS_DEV qs_long qs_offset(int rank, const Place& p, const qs_long* strides) {
  qs_long o = 0;
#pragma unroll
  for (int d = 0; d < QS_MAX_DIMS; d++)
    if (d < rank) o += p.at[d] * strides[d];
  return o;
}

QS_DEV float qs_load(qs_long dtype, qs_long base, qs_long at) {
  if (dtype == QS_F32) return ((const float*)base)[at];
  if (dtype == QS_I32) return (float)((const int*)base)[at];
  return (float)((const unsigned char*)base)[at];
}

QS_DEV void qs_store(qs_long dtype, qs_long base, qs_long at, float v) {
  if (dtype == QS_F32) ((float*)base)[at] = v;
  else if (dtype == QS_I32) ((int*)base)[at] = (int)v;
  else ((unsigned char*)base)[at] = (unsigned char)(int)v;
}

// The values of four elements; kept in memory of the thread's own, since registers have no numbers.
struct Values {
  float at[QS_MAX_REGS][LANES];
};

// Not inlined, like qs_compute: copies would cost registers and gain nothing.
QS_DEV_APART void qs_inputs(const Loop& l, Values& v, int lane, const qs_long* strides, qs_long kept, qs_long removed) {
  const Place p = qs_place(l, strides, kept, removed);
  const qs_long* in = l.in;
  for (int i = 0; i < l.nIn; i++, in += 2 + l.rank) v.at[i][lane] = qs_load(in[0], in[1], qs_offset(l.rank, p, in + 2));
}

// One element of a reduction.
QS_DEV_APART void qs_result(const Loop& l, const qs_long* out, qs_long k, float v) {
  qs_store(out[2], out[3], qs_offset(l.rank, qs_place(l, out + 4, k, 0), out + 4), v);
}

QS_DEV void qs_constants(const Loop& l, Values& v) {
  for (int i = 0; i < l.nConst; i++)
#pragma unroll
    for (int k = 0; k < LANES; k++) v.at[l.nIn + i][k] = qs_from_bits((int)l.constants[i]);
}

#define QS_CASE(FN, EXPR)                               \
  case FN:                                              \
    _Pragma("unroll") for (int k = 0; k < LANES; k++) { \
      const float x = a[k], y = b[k], z = c[k];         \
      (void)y, (void)z;                                 \
      r[k] = EXPR;                                      \
    }                                                   \
    break;

QS_DEV_APART void qs_compute(const qs_long* w, int count, Values& v) {
  for (int i = 0; i < count; i++, w += 5) {
    const int fn = (int)w[0];
    const float *a = v.at[w[2]], *b = v.at[fn >= QS_ADD ? w[3] : w[2]], *c = v.at[fn >= QS_SELECT ? w[4] : w[2]];
    float r[LANES] = {0, 0, 0, 0};
    switch (fn) {
      QS_CASE(QS_NEG, qs_neg(x))
      QS_CASE(QS_EXP, qs_exp(x))
      QS_CASE(QS_EXPM1, qs_expm1(x))
      QS_CASE(QS_LOG, qs_log(x))
      QS_CASE(QS_LOG1P, qs_log1p(x))
      QS_CASE(QS_TANH, qs_tanh(x))
      QS_CASE(QS_SIGMOID, qs_sigmoid(x))
      QS_CASE(QS_SQRT, qs_sqrt(x))
      QS_CASE(QS_RSQRT, qs_rsqrt(x))
      QS_CASE(QS_RECIPROCAL, qs_reciprocal(x))
      QS_CASE(QS_SIN, qs_sin(x))
      QS_CASE(QS_COS, qs_cos(x))
      QS_CASE(QS_ABS, qs_abs(x))
      QS_CASE(QS_SIGN, qs_sign(x))
      QS_CASE(QS_FLOOR, qs_floor(x))
      QS_CASE(QS_ADD, qs_add(x, y))
      QS_CASE(QS_SUB, qs_sub(x, y))
      QS_CASE(QS_MUL, qs_mul(x, y))
      QS_CASE(QS_DIV, qs_div(x, y))
      QS_CASE(QS_MAX, qs_max(x, y))
      QS_CASE(QS_MIN, qs_min(x, y))
      QS_CASE(QS_POW, qs_pow(x, y))
      QS_CASE(QS_LESS, qs_less(x, y))
      QS_CASE(QS_LESS_EQUAL, qs_less_equal(x, y))
      QS_CASE(QS_EQUAL, qs_equal(x, y))
      QS_CASE(QS_SELECT, qs_select(x, y, z))
      QS_CASE(QS_FMA, qs_fma(x, y, z))
    }
    float* to = v.at[w[1]];
#pragma unroll
    for (int k = 0; k < LANES; k++) to[k] = r[k];
  }
}

QS_DEV float qs_join(bool largest, float a, float b) {
  if (largest) return (b > a) | (b != b) ? b : a;  // NaN stays
  return a + b;
}

// All stored outputs: neighbouring threads take neighbouring elements.
QS_DEV void qs_stores(const Loop& l, Values& v) {
  qs_long total = 1;
  for (int d = 0; d < l.rank; d++) total *= l.dims[d];
  const qs_long chunk = (qs_long)blockDim.x * LANES;
  for (qs_long first = blockIdx.x * chunk + threadIdx.x; first < total; first += gridDim.x * chunk) {
    for (int k = 0; k < LANES; k++) {
      const qs_long e = first + (qs_long)k * blockDim.x;
      if (e < total) qs_inputs(l, v, k, nullptr, e, 0);
    }
    qs_constants(l, v);
    qs_compute(l.ops, l.nOps, v);
    for (int k = 0; k < LANES; k++) {
      const qs_long e = first + (qs_long)k * blockDim.x;
      if (e >= total) break;
      const Place p = qs_place(l, nullptr, e, 0);
      const qs_long* out = l.out;
      for (int i = 0; i < l.nOut; i++, out += 4 + l.rank)
        if (out[1] == QS_STORE) qs_store(out[2], out[3], qs_offset(l.rank, p, out + 4), v.at[out[0]][k]);
    }
  }
}

// How a reduction is laid out over a block: `across` outputs at a time, `along` threads for each, both
// powers of two. Threads next to each other read elements next to each other.
struct Layout {
  qs_long kept, reduced;  // elements of the output, and of the loop for each
  int along, across;
  bool inner;             // the innermost dimension is one of those removed
};

QS_DEV int qs_power_up_to(qs_long n, int most) {
  int p = 1;
  while (p < n && 2 * p <= most) p *= 2;
  return p;
}

QS_DEV Layout qs_layout(const Loop& l, const qs_long* strides, int threads) {
  Layout y;
  y.kept = y.reduced = 1;
  y.inner = true;
  qs_long innermost = 1;
  for (int d = 0; d < l.rank; d++) {
    if (l.dims[d] == 1) continue;
    y.inner = strides[d] == 0;
    innermost = l.dims[d];
    if (y.inner) y.reduced *= l.dims[d];
    else y.kept *= l.dims[d];
  }
  const int side = y.inner ? 1 : qs_power_up_to(innermost, 32);
  y.along = qs_power_up_to(qs_ceil_div(y.reduced, LANES), threads / side > 1 ? threads / side : 1);
  y.across = 1;
  while (2 * y.across * y.along <= threads) y.across *= 2;
  return y;
}

// One reduced output, values computed anew. Slices of what is removed go to `scratch` [slices, kept].
QS_DEV void qs_reduce(const Loop& l, Values& v, const qs_long* out, qs_long slices, float* scratch, float* sums) {
  const Layout y = qs_layout(l, out + 4, blockDim.x);
  const bool largest = out[1] == QS_REDUCE_MAX;
  const float nothing = largest ? -qs_inf() : 0.0f;
  const int tid = threadIdx.x;
  const int mine = y.inner ? tid / y.along : tid % y.across, lane = y.inner ? tid % y.along : tid / y.across;
  const bool busy = tid < y.along * y.across;
  const qs_long groups = qs_ceil_div(y.kept, y.across), each = qs_ceil_div(y.reduced, slices);
  for (qs_long task = blockIdx.x; task < groups * slices; task += gridDim.x) {
    qs_long slice = task;
    const qs_long k = qs_divide(slice, groups) * y.across + mine;
    const qs_long end = qs_least(y.reduced, (slice + 1) * each);
    float part[LANES];
#pragma unroll
    for (int i = 0; i < LANES; i++) part[i] = nothing;
    if (busy && k < y.kept)
      for (qs_long r = slice * each + lane; r < end; r += (qs_long)LANES * y.along) {
        for (int i = 0; i < LANES; i++) {
          const qs_long e = r + (qs_long)i * y.along;
          if (e < end) qs_inputs(l, v, i, out + 4, k, e);
        }
        qs_constants(l, v);
        qs_compute(l.ops, l.nOps, v);
#pragma unroll
        for (int i = 0; i < LANES; i++)
          if (r + (qs_long)i * y.along < end) part[i] = qs_join(largest, part[i], v.at[out[0]][i]);
      }
    float sum = qs_join(largest, qs_join(largest, part[0], part[1]), qs_join(largest, part[2], part[3]));
    if (y.along > 1) {  // eight by eight
      if (busy) sums[lane * y.across + mine] = sum;
      __syncthreads();
      for (int left = y.along; left > 1;) {
        const int ways = left < 8 ? left : 8;
        left /= ways;
        if (busy && lane < left) {
          float* at = sums + lane * y.across + mine;
          sum = *at;
          for (int i = 1; i < ways; i++) sum = qs_join(largest, sum, at[i * left * y.across]);
          *at = sum;
        }
        __syncthreads();  // after the last one: before the next output takes the place
      }
    }
    if (!busy || lane != 0 || k >= y.kept) continue;
    if (scratch != nullptr) scratch[slice * y.kept + k] = sum;
    else qs_result(l, out, k, sum);
  }
}

// Joins the slices of a reduction in their order. Inlined it would make registers spill.
QS_DEV_APART void qs_finish(const Loop& l, const qs_long* out, qs_long slices, const float* scratch) {
  const Layout y = qs_layout(l, out + 4, blockDim.x);
  const bool largest = out[1] == QS_REDUCE_MAX;
  for (qs_long k = qs_thread(); k < y.kept; k += qs_threads()) {
    float sum = scratch[k];
    for (qs_long s = 1; s < slices; s++) sum = qs_join(largest, sum, scratch[s * y.kept + k]);
    qs_result(l, out, k, sum);
  }
}

}  // namespace

// n[0] -1: all stored outputs. Block 128 or 256, grid Div(elements, 4 * block).
// n[0] i: output i, a reduction, which no input of the loop may overlap and which has to run before
//   stores that overwrite an input. Block 256. With R elements for each of K results, side = 1 where the
//   innermost dimension of more than one element is removed, else its extent rounded up to a power of
//   two, at most 32, and along = Div(R, 4) rounded up to a power of two, at most 256 / side: a block
//   makes 256 / along results at a time, grid Div(K, 256 / along).
// n[1] slices > 1 with at[1] room for slices * K floats: grid Div(K, across) * slices, for few results
//   of many elements; then the same with n[2] 1 joins them: grid Div(K, 256).
QS_KERNEL_OF(qs_loop, THREADS, 3) {
  __shared__ float sums[THREADS];
  const Loop l = qs_read((const qs_long*)a.at[0]);
  Values v;
  if (a.n[0] < 0) {
    qs_stores(l, v);
    return;
  }
  const qs_long* out = qs_output(l, (int)a.n[0]);
  const qs_long slices = qs_most(a.n[1], 1);
  if (a.n[2] == 1) qs_finish(l, out, slices, (const float*)a.at[1]);
  else qs_reduce(l, v, out, slices, slices > 1 ? (float*)a.at[1] : nullptr, sums);
}
