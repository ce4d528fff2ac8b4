// Transposition of float matrices, a square of registers at a time.
#pragma once
#include "level.h"

// One QS_LANES x QS_LANES block, transposed by exchanging halves of ever larger size.
template <int D>
QS_INLINE void exchange(Vec* r) {
  VecI low, high;
  for (int l = 0; l < QS_LANES; l++) {
    low[l] = (l & D) ? QS_LANES + l - D : l;
    high[l] = (l & D) ? QS_LANES + l : l + D;
  }
#pragma GCC unroll 16
  for (int i = 0; i < QS_LANES; i++) {
    if (i & D) continue;
    Vec a = r[i], b = r[i + D];
    r[i] = __builtin_shuffle(a, b, low);
    r[i + D] = __builtin_shuffle(a, b, high);
  }
}

// A square of registers, transposed.
template <int D = 1>
QS_INLINE void transposeSquare(Vec* r) {
  exchange<D>(r);
  if constexpr (2 * D < QS_LANES) transposeSquare<2 * D>(r);
}

// The sums over lanes of QS_LANES vectors: lane i is that of r[i], which changes. Halves as in a transposition, but
// added up as soon as they are exchanged.
template <int D = 1>
QS_INLINE Vec sumsOf(Vec* r) {
  exchange<D>(r);
#pragma GCC unroll 16
  for (int i = 0; i < QS_LANES; i += 2 * D) r[i] += r[i + D];
  if constexpr (2 * D < QS_LANES) sumsOf<2 * D>(r);
  return r[0];
}

// to[j * ldTo + i] = from[i * ldFrom + j], i < rows, j < columns.
static inline void transpose(float* to, int64_t ldTo, const float* from, int64_t ldFrom, int64_t rows, int64_t columns) {
  int64_t i = 0;
  for (; i + QS_LANES <= rows; i += QS_LANES) {
    int64_t j = 0;
    for (; j + QS_LANES <= columns; j += QS_LANES) {
      Vec r[QS_LANES];
#pragma GCC unroll 16
      for (int l = 0; l < QS_LANES; l++) r[l] = load(from + (i + l) * ldFrom + j);
      transposeSquare(r);
#pragma GCC unroll 16
      for (int l = 0; l < QS_LANES; l++) store(to + (j + l) * ldTo + i, r[l]);
    }
    for (; j < columns; j++)
      for (int l = 0; l < QS_LANES; l++) to[j * ldTo + i + l] = from[(i + l) * ldFrom + j];
  }
  for (; i < rows; i++)
    for (int64_t j = 0; j < columns; j++) to[j * ldTo + i] = from[i * ldFrom + j];
}
