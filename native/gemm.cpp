// Matrix products: OpenBLAS, one thread per call, or the kernel of product.h where the call's overhead
// and packing would cost more than the product. The choice depends on the shape alone.
#include "product.h"
#include "transpose.h"

// OpenBLAS is linked in by whoever builds the shared library; its headers are not needed for this.
extern "C" void cblas_sgemm(int order, int transA, int transB, int m, int n, int k, float alpha, const float* a,
                            int lda, const float* b, int ldb, float beta, float* c, int ldc);

namespace QS_NS {
namespace {

struct Shape {
  int64_t batch, m, n, k, transA, transB, lda, ldb, ldc, strideA, strideB, strideC, accumulate;
};

enum { LIST = 4096, PACKED = 256 * 1024 };  // ints of a list, floats of a transposed B

// Multiply-adds up to which the own kernel is ahead of OpenBLAS (measured on Zen 4): with AVX-512 its tile has twice
// the work for what it loads, so that it needs no packing before operands leave the second cache.
const double OWN_WORK = QS_LANES == 16 ? 300e6 : 32e6;

const Shape& shape(const Instruction* in) { return *(const Shape*)in->p; }

// Whether the own kernel is the faster one (measured): it packs nothing but a transposed B, which a
// few rows of A do not repay, and reads a panel of B once for every few rows of C.
bool own(int64_t m, int64_t n, int64_t k, bool transB) {
  if (k == 0) return true;
  if (k > 1024 || m > LIST) return false;
  const double work = (double)m * n * k;
  if (transB) return work <= 64e3 || (m >= 16 && n * k <= PACKED && work <= 32e6);
  return work <= 2e6 || (k >= 64 && work <= OWN_WORK);
}

// Few rows of A, or of B, which is transposed: too little to repay packing, so rows of A meet rows of B.
bool thin(const Shape& s, int64_t m, int64_t n) {
  if (!s.transB || s.transA) return false;
  return (n <= 4 && s.k >= 2 * QS_LANES) || (m <= 16 && s.k >= 4 * QS_LANES && (double)m * n * s.k > 16e3);
}

template <int COLUMNS, class F>
QS_INLINE void thinStep(Vec* r, const float* const* a, const float* const* b, F part) {
  const int rows = QS_LANES / COLUMNS;
  Vec w[COLUMNS];
#pragma GCC unroll 2
  for (int j = 0; j < COLUMNS; j++) w[j] = part(b[j]);
#pragma GCC unroll 16
  for (int p = 0; p < rows; p++) {
    const Vec v = part(a[p]);
#pragma GCC unroll 2
    for (int j = 0; j < COLUMNS; j++) r[p + j * rows] += v * w[j];
  }
}

// QS_LANES / COLUMNS rows of A times so many rows of B: their sums, those of the second behind those of the first.
template <int COLUMNS>
Vec thinTile(const float* const* a, const float* const* b, int64_t k) {
  Vec r[QS_LANES];
#pragma GCC unroll 16
  for (int i = 0; i < QS_LANES; i++) r[i] = Vec{};
  int64_t d = 0;
  for (; d + QS_LANES <= k; d += QS_LANES) thinStep<COLUMNS>(r, a, b, [&](const float* p) { return load(p + d); });
  if (d < k) thinStep<COLUMNS>(r, a, b, [&](const float* p) { return loadSome(p + d, (int)(k - d)); });
  return sumsOf(r);
}

// C's columns [j, j + COLUMNS).
template <int COLUMNS>
void thinColumns(const Shape& s, const float* a, const float* b, float* c, int64_t m, int64_t j, bool add) {
  const int64_t most = QS_LANES / COLUMNS;
  const float* w[COLUMNS];
  for (int l = 0; l < COLUMNS; l++) w[l] = b + (j + l) * s.ldb;
  for (int64_t i = 0; i < m; i += most) {
    const int64_t rows = least(most, m - i);
    const float* from[QS_LANES];
    for (int64_t p = 0; p < most; p++) from[p] = a + (i + least(p, rows - 1)) * s.lda;
    const Vec sum = thinTile<COLUMNS>(from, w, s.k);
    if (COLUMNS == 1 && s.ldc == 1 && rows == most) {
      float* to = c + i + j;
      store(to, add ? load(to) + sum : sum);
      continue;
    }
    float sums[QS_LANES];
    store(sums, sum);
    for (int64_t p = 0; p < rows; p++)
      for (int l = 0; l < COLUMNS; l++) {
        float* to = c + (i + p) * s.ldc + j + l;
        *to = add ? *to + sums[p + l * most] : sums[p + l * most];
      }
  }
}

void thinProduct(const Shape& s, const float* a, const float* b, float* c, int64_t m, int64_t n, bool add) {
  int64_t j = 0;
  for (; j + 2 <= n; j += 2) thinColumns<2>(s, a, b, c, m, j, add);
  if (j < n) thinColumns<1>(s, a, b, c, m, j, add);
}

struct Division {
  int64_t batches, rows, columns;  // parts along each
};
Division division(const Shape& s, bool split) {
  Division d = {1, 1, 1};
  if (!split || (double)s.batch * s.m * s.n * s.k < 100e3) return d;
  const bool sum = s.strideC == 0 && s.batch > 1;
  if (!sum) d.batches = least(s.batch, 16);
  const int64_t wanted = 8 / d.batches;
  if (wanted > 1) {
    if (s.m >= s.n) d.rows = most(1, least(wanted, s.m / 48));
    else d.columns = most(1, least(wanted, s.n / 64));
  }
  return d;
}

// Whether a transposed A is turned before its product: its tiles would take a line of each row of memory, and for
// every block of columns again.
bool turned(const Shape& s, int64_t m, int64_t n) {
  return s.transA && !s.transB && m * s.k >= 16 * 1024 && m * s.k <= PACKED && n >= 8 * QS_LANES;
}

const int64_t LIST_BYTES = 3 * 4 * LIST;

// Rows i0..i1 and columns j0..j1 of one product.
void block(const Shape& s, const float* a, const float* b, float* c, int64_t i0, int64_t i1, int64_t j0, int64_t j1,
           bool add, char* scratch) {
  const int64_t m = i1 - i0, n = j1 - j0;
  if (m <= 0 || n <= 0) return;
  a += i0 * (s.transA ? 1 : s.lda);
  b += j0 * (s.transB ? s.ldb : 1);
  c += i0 * s.ldc + j0;
  if (thin(s, m, n)) return thinProduct(s, a, b, c, m, n, add);
  if (s.n == 1 && s.ldb == 1 && !s.transB) {  // a column without gaps is a row
    Shape row = s;
    row.transB = 1;
    row.ldb = s.k;
    if (thin(row, m, n)) return thinProduct(row, a, b, c, m, n, add);
  }
  if (!own(m, n, s.k, s.transB)) {
    cblas_sgemm(101, s.transA ? 112 : 111, s.transB ? 112 : 111, (int)m, (int)n, (int)s.k, 1.0f, a, (int)s.lda, b,
                (int)s.ldb, add ? 1.0f : 0.0f, c, (int)s.ldc);
    return;
  }
  int* rows = (int*)scratch;
  int* depth = rows + LIST;
  int* outs = depth + LIST;
  float* packed = (float*)(scratch + LIST_BYTES);
  int64_t stepRow = s.transA ? 1 : s.lda, stepDepth = s.transA ? s.lda : 1;
  if (turned(s, m, n)) {
    transpose(packed, s.k, a, s.lda, s.k, m);
    a = packed;
    stepRow = s.k;
    stepDepth = 1;
  }
  for (int64_t i = 0; i < s.k; i++) depth[i] = (int)(i * stepDepth);
  int64_t ldb = s.ldb;
  if (s.transB) {
    transpose(packed, n, b, s.ldb, n, s.k);
    b = packed;
    ldb = n;
  }
  for (int64_t first = 0; first < m; first += LIST) {  // only an empty sum has more rows than the lists hold
    const int64_t count = least(LIST, m - first);
    for (int64_t i = 0; i < count; i++) rows[i] = (int)(i * stepRow);
    for (int64_t i = 0; i < count; i++) outs[i] = (int)(i * s.ldc);
    product({a + first * stepRow, rows, depth, s.k, b, ldb, c + first * s.ldc, outs, count, n, add});
  }
}

}  // namespace

void gemmPrepare(Instruction* in) {
  const Shape& s = shape(in);
  const Division d = division(s, in->split);
  in->work = (double)s.batch * s.m * s.n * s.k;
  in->phases = 1;
  in->parts[0] = d.batches * d.rows * d.columns;
  in->scratch = LIST_BYTES + 4 * least(PACKED, s.transB ? s.n * s.k : s.transA ? s.m * s.k : 0);
}

void gemmRun(const Instruction* in, const Context* c, int, int64_t part) {
  const Shape& s = shape(in);
  const Division d = division(s, in->split);
  const int64_t column = part % d.columns, row = part / d.columns % d.rows, batch = part / d.columns / d.rows;
  const int64_t i0 = shareStart(s.m, d.rows, row), i1 = shareStart(s.m, d.rows, row + 1);
  const int64_t j0 = shareStart(s.n, d.columns, column), j1 = shareStart(s.n, d.columns, column + 1);
  const float *a = floats(c, in->at[0]), *b = floats(c, in->at[1]);
  float* y = floats(c, in->at[2]);
  const bool sum = s.strideC == 0 && s.batch > 1;
  for (int64_t t = shareStart(s.batch, d.batches, batch); t < shareStart(s.batch, d.batches, batch + 1); t++)
    block(s, a + t * s.strideA, b + t * s.strideB, y + t * s.strideC, i0, i1, j0, j1, s.accumulate || (sum && t > 0),
          c->scratch);
}

}  // namespace QS_NS
