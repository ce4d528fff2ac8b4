// Shared by the kernel files, each of which is compiled once per instruction set with QS_LEVEL set to
// portable, v3 or v4. Everything is static or inside the level's own namespace: a function with
// external linkage would be merged across levels by the linker, and the wrong one could survive.
#pragma once
#include <stdint.h>

#include "plan.h"
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define QS_JOIN_(a, b) a##b
#define QS_JOIN(a, b) QS_JOIN_(a, b)
#define QS_NS QS_JOIN(qs_, QS_LEVEL)

#if defined(__AVX512F__)
#define QS_LANES 16
#elif defined(__AVX2__)
#define QS_LANES 8
#else
#define QS_LANES 4
#endif

#define QS_INLINE static inline __attribute__((always_inline))

typedef float Vec __attribute__((vector_size(QS_LANES * 4)));
typedef int VecI __attribute__((vector_size(QS_LANES * 4)));
typedef float VecAny __attribute__((vector_size(QS_LANES * 4), aligned(4), may_alias));

QS_INLINE Vec load(const float* p) { return *(const VecAny*)p; }
QS_INLINE void store(float* p, Vec v) { *(VecAny*)p = v; }

// The first n lanes, 0 < n < QS_LANES, without touching memory beyond them.
// Stores in halves: a masked store can take a hundred cycles (measured on Zen 4).
#if defined(__AVX2__)
QS_INLINE void storeFew(float* p, __m256 y, int n) {
  __m128 x = _mm256_castps256_ps128(y);
  if (n & 4) {
    _mm_storeu_ps(p, x);
    x = _mm256_extractf128_ps(y, 1);
    p += 4;
  }
  if (n & 2) {
    _mm_storel_pi((__m64*)p, x);
    x = _mm_movehl_ps(x, x);
    p += 2;
  }
  if (n & 1) _mm_store_ss(p, x);
}
#endif
#if defined(__AVX512F__)
QS_INLINE Vec loadSome(const float* p, int n) {
  return (Vec)_mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), p);
}
QS_INLINE void storeSome(float* p, Vec v, int n) {
  const __m512 z = (__m512)v;
  __m256 y = _mm512_maskz_extractf32x8_ps(255, z, 0);  // the unmasked one, and the cast, warn in g++ 12
  if (n & 8) {
    _mm256_storeu_ps(p, y);
    y = _mm512_maskz_extractf32x8_ps(255, z, 1);
    p += 8;
  }
  storeFew(p, y, n);
}
#elif defined(__AVX2__)
QS_INLINE __m256i firstLanes(int n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
QS_INLINE Vec loadSome(const float* p, int n) { return (Vec)_mm256_maskload_ps(p, firstLanes(n)); }
QS_INLINE void storeSome(float* p, Vec v, int n) { storeFew(p, (__m256)v, n); }
#else
QS_INLINE Vec loadSome(const float* p, int n) {
  Vec v = {p[0], n > 1 ? p[1] : 0, n > 2 ? p[2] : 0, 0};
  return v;
}
QS_INLINE void storeSome(float* p, Vec v, int n) {
  p[0] = v[0];
  if (n > 1) p[1] = v[1];
  if (n > 2) p[2] = v[2];
}
#endif

QS_INLINE int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
QS_INLINE int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }
QS_INLINE int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }
QS_INLINE int64_t floorDiv(int64_t a, int64_t b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }
QS_INLINE int64_t align64(int64_t bytes) { return (bytes + 63) & ~(int64_t)63; }
// So many equal shares of a total, of which the first have one more; divided once for all of them.
namespace QS_NS {
struct Shares {
  int64_t count, each, larger;
  Shares(int64_t total, int64_t shares) : count(shares), each(total / shares), larger(total % shares) {}
  int64_t start(int64_t i) const { return each * i + least(i, larger); }
  int64_t size(int64_t i) const { return each + (i < larger); }
};
}
QS_INLINE int64_t shareStart(int64_t total, int64_t n, int64_t i) { return QS_NS::Shares(total, n).start(i); }

QS_INLINE char* address(const Context* c, const Operand& o) {
  return c->bases[o.space] + o.offset + c->chunk * o.chunkStride;
}
QS_INLINE float* floats(const Context* c, const Operand& o) { return (float*)address(c, o); }

// Copies of a few floats are too short for a call of memcpy.
QS_INLINE void copyFloats(float* to, const float* from, int64_t n) {
  int64_t i = 0;
  for (; i + QS_LANES <= n; i += QS_LANES) store(to + i, load(from + i));
  if (i < n) storeSome(to + i, loadSome(from + i, (int)(n - i)), (int)(n - i));
}
QS_INLINE void zeroFloats(float* to, int64_t n) {
  int64_t i = 0;
  for (; i + QS_LANES <= n; i += QS_LANES) store(to + i, Vec{});
  if (i < n) storeSome(to + i, Vec{}, (int)(n - i));
}

// Copies whole vectors past the cache where the destination is aligned to them. Somebody else may read them
// behind streamsDone() alone.
QS_INLINE void streamFloats(float* to, const float* from, int64_t n) {
#if defined(__x86_64__)
  if (((intptr_t)to & (QS_LANES * 4 - 1)) == 0 && n % QS_LANES == 0) {
    for (int64_t i = 0; i < n; i += QS_LANES) {
#if defined(__AVX512F__)
      _mm512_stream_ps(to + i, (__m512)load(from + i));
#elif defined(__AVX2__)
      _mm256_stream_ps(to + i, (__m256)load(from + i));
#else
      _mm_stream_ps(to + i, (__m128)load(from + i));
#endif
    }
    return;
  }
#endif
  copyFloats(to, from, n);
}
QS_INLINE void streamsDone() {
#if defined(__x86_64__)
  _mm_sfence();
#endif
}

namespace QS_NS {
void loopPrepare(Instruction*);
void loopRun(const Instruction*, const Context*, int phase, int64_t part);
// One op of a loop that stands for several, over n elements, a multiple of 16.
void chain(const LoopOp&, float* const* value, float* to, int64_t n);
void gemmPrepare(Instruction*);
void gemmRun(const Instruction*, const Context*, int phase, int64_t part);
void convPrepare(Instruction*);
void convRun(const Instruction*, const Context*, int phase, int64_t part);
void poolPrepare(Instruction*);
void poolRun(const Instruction*, const Context*, int phase, int64_t part);
void indexPrepare(Instruction*);
void indexRun(const Instruction*, const Context*, int phase, int64_t part);
void factorPrepare(Instruction*);
void factorRun(const Instruction*, const Context*, int phase, int64_t part);
}
