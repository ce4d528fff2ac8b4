// Ops that stand for several, in one pass. Each rounds what the several would, and this file is compiled so that no
// multiplication melts into an addition: a value that is computed again, in a loop where it is fused otherwise, has
// the same bits.
#include "level.h"
#include "scalar.h"

namespace QS_NS {
namespace {

template <class F>
QS_INLINE void pass(float* to, int64_t n, F f) {
  n &= ~(int64_t)15;
  _Pragma("GCC ivdep") for (int64_t i = 0; i < n; i++) to[i] = f(i);
}

}  // namespace

void chain(const LoopOp& op, float* const* value, float* to, int64_t n) {
  const float *a = value[op.a], *b = value[op.b], *c = value[op.c], *d = value[op.d], *e = value[op.e], *f = value[op.f];
  switch (op.fn) {
    case QS_FMA: return pass(to, n, [=](int64_t i) { return qs_fma(a[i], b[i], c[i]); });
    case QS_MASK: return pass(to, n, [=](int64_t i) { return a[i] < b[i] ? c[i] : 0.0f; });
    case QS_SHIFT: return pass(to, n, [=](int64_t i) { return (a[i] - b[i]) * c[i] + d[i]; });
    case QS_SHIFT_RELU: return pass(to, n, [=](int64_t i) { return qs_max((a[i] - b[i]) * c[i] + d[i], 0.0f); });
    case QS_SHIFT_ADD: return pass(to, n, [=](int64_t i) { return (a[i] - b[i]) * c[i] + d[i] + e[i]; });
    case QS_SHIFT_FMA: return pass(to, n, [=](int64_t i) { return (a[i] - b[i]) * c[i] + d[i] + e[i] * f[i]; });
  }
}

}  // namespace QS_NS
