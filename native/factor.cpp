// Cholesky factors and triangular systems of closed-form heads: small, many at a time.
#include "level.h"

extern "C" void spotrf_(const char* uplo, const int* n, float* a, const int* lda, int* info);
extern "C" void cblas_strsm(int order, int side, int uplo, int trans, int diagonal, int m, int n, float alpha,
                            const float* a, int lda, float* b, int ldb);

namespace QS_NS {
namespace {

float dot(const float* a, const float* b, int64_t n) {
  Vec s0 = {}, s1 = {};
  int64_t i = 0;
  for (; i + 2 * QS_LANES <= n; i += 2 * QS_LANES) {
    s0 += load(a + i) * load(b + i);
    s1 += load(a + i + QS_LANES) * load(b + i + QS_LANES);
  }
  s0 += s1;
  float sum = 0;
  for (int l = 0; l < QS_LANES; l++) sum += s0[l];
  for (; i < n; i++) sum += a[i] * b[i];
  return sum;
}

// From how many rows on OpenBLAS is faster (benchmarks/native/factor.cpp).
enum { LARGE = 16 };

// What was wrong with a matrix: 0 for nothing, else a FaultKind.
int64_t smallCholesky(const float* a, float* l, int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    for (int64_t j = 0; j < i; j++)
      l[i * n + j] = (a[i * n + j] - dot(l + i * n, l + j * n, j)) / l[j * n + j];
    const float d = a[i * n + i] - dot(l + i * n, l + i * n, i);
    if (!(d > 0 && d <= __FLT_MAX__)) return d <= 0 ? FAULT_INDEFINITE : FAULT_NOT_FINITE;
    l[i * n + i] = __builtin_sqrtf(d);
    for (int64_t j = i + 1; j < n; j++) l[i * n + j] = 0;
  }
  return 0;
}

int64_t cholesky(const float* a, float* l, int64_t n) {
  if (n < LARGE) return smallCholesky(a, l, n);
  for (int64_t i = 0; i < n; i++) {
    copyFloats(l + i * n, a + i * n, i + 1);
    zeroFloats(l + i * n + i + 1, n - i - 1);
  }
  const int size = (int)n;
  int info;
  spotrf_("U", &size, l, &size, &info);  // by columns, so that its upper half is our lower one
  bool finite = true;
  if (info == 0) {
    for (int64_t i = 0; i < n; i++) finite &= l[i * n + i] <= __FLT_MAX__;
    return finite ? 0 : FAULT_NOT_FINITE;
  }
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j <= i; j++) finite &= a[i * n + j] - a[i * n + j] == 0;
  return finite ? FAULT_INDEFINITE : FAULT_NOT_FINITE;
}

// The first matrix that has no factor, by the task that it is of, or -1.
void refuse(const Instruction* in, const Context* c, int64_t b, int64_t kind) {
  int64_t none = 0;
  if (!__atomic_compare_exchange_n(&c->fault->set, &none, kind, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) return;
  const int64_t perTask = in->p[2];
  c->fault->index = perTask == 0 ? -1 : (c->chunk * in->p[0] + b) / perTask;
  c->fault->limit = in->p[1];
}

void smallSolve(const float* l, const float* b, float* x, int64_t n, int64_t m, bool transpose) {
  for (int64_t step = 0; step < n; step++) {
    const int64_t i = transpose ? n - 1 - step : step;
    float* xi = x + i * m;
    const float d = l[i * n + i];
    if (m == 1 && !transpose) {
      xi[0] = (b[i] - dot(l + i * n, x, i)) / d;
      continue;
    }
    if (xi != b + i * m) copyFloats(xi, b + i * m, m);
    for (int64_t j = transpose ? i + 1 : 0; j < (transpose ? n : i); j++) {
      const float f = transpose ? l[j * n + i] : l[i * n + j];
      const float* xj = x + j * m;
#pragma GCC ivdep
      for (int64_t k = 0; k < m; k++) xi[k] -= f * xj[k];
    }
    for (int64_t k = 0; k < m; k++) xi[k] /= d;
  }
}

void solve(const float* l, const float* b, float* x, int64_t n, int64_t m, bool transpose) {
  if (n < LARGE || (m == 1 && !transpose)) return smallSolve(l, b, x, n, m, transpose);
  if (x != b) copyFloats(x, b, n * m);
  cblas_strsm(101, 141, 122, transpose ? 112 : 111, 131, (int)n, (int)m, 1.0f, l, (int)n, x, (int)m);
}

}  // namespace

void factorPrepare(Instruction* in) {
  const int64_t* p = in->p;
  in->work = in->opcode == QS_CHOLESKY ? (double)p[0] * p[1] * p[1] * p[1] / 6 : (double)p[0] * p[1] * p[1] * p[2] / 2;
  in->phases = 1;
  in->parts[0] = in->split && in->work > 20e3 ? most(1, least(p[0], 32)) : 1;
}

void factorRun(const Instruction* in, const Context* c, int, int64_t part) {
  const int64_t* p = in->p;
  const int64_t parts = in->parts[0], n = p[1];
  for (int64_t b = shareStart(p[0], parts, part); b < shareStart(p[0], parts, part + 1); b++) {
    if (in->opcode == QS_CHOLESKY) {
      const int64_t kind = cholesky(floats(c, in->at[0]) + b * n * n, floats(c, in->at[1]) + b * n * n, n);
      if (kind == 0) continue;
      refuse(in, c, b, kind);
      return;
    } else {
      const int64_t m = p[2];
      solve(floats(c, in->at[0]) + b * n * n, floats(c, in->at[1]) + b * n * m, floats(c, in->at[2]) + b * n * m, n, m,
            p[3] != 0);
    }
  }
}

}  // namespace QS_NS
