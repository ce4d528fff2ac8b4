// The maps of bilinear.h over both axes of tiles of pixels: to points, and back.
#pragma once
#include "bilinear.h"

namespace QS_NS {

enum { MOST_POINTS = 2 * TILE + 1 };

// Values between the two axes: a line for each result of the first.
typedef Vec Between[MOST_POINTS][MOST_POINTS];

// Pixels to points. Down each of `columns` columns, of which those outside [from, to) are zero; the pixels of row
// k lie step[k] floats apart. Then across each row, to the places of its points.
typedef void (*DownFn)(const float* const* row, const int64_t* step, int64_t at, int columns, int from, int to, Between t);
template <class L>
void down(const float* const* row, const int64_t* step, int64_t at, int columns, int from, int to, Between t) {
  for (int j = 0; j < columns; j++) {
    Vec d[L::COLUMNS], p[L::ROWS] = {};
    if (j >= from && j < to) {
#pragma GCC unroll 9
      for (int k = 0; k < L::COLUMNS; k++) {
        const float* p = row[k] + at + j * step[k];
        d[k] = load(p);
        __builtin_prefetch(p + QS_LANES, 0, 3);
      }
      applyRows<L>(d, p);
    }
#pragma GCC unroll 9
    for (int i = 0; i < L::ROWS; i++) t[i][j] = p[i];
  }
}
typedef void (*AcrossFn)(const Between t, int rows, const int* place, float* to);
template <class L>
void across(const Between t, int rows, const int* place, float* to) {
  for (int i = 0; i < rows; i++, place += L::ROWS) {
    Vec p[L::ROWS];
    applyRows<L>(t[i], p);
#pragma GCC unroll 9
    for (int j = 0; j < L::ROWS; j++) store(to + place[j], p[j]);
  }
}
struct Spread {
  int inputs, outputs;
  DownFn down;
  AcrossFn across;
};
template <class L>
constexpr Spread spreadBy() { return {L::COLUMNS, L::ROWS, down<L>, across<L>}; }

QS_INLINE void spread(const Spread& a, const Spread& b, const float* const* row, const int64_t* step, int from, int to,
                      const int* place, float* out, int64_t floats) {
  Between t;
  for (int64_t v = 0; v < floats; v += QS_LANES) {
    a.down(row, step, v, b.inputs, from, to, t);
    b.across(t, a.outputs, place, out + v);
  }
}

// Points to pixels, the other way round: results [r0, r1) down and [c0, c1) across are stored.
struct Frame {
  float* to;
  int64_t rowStep, columnStep;
  int r0, r1, c0, c1;
};
typedef void (*GatherDownFn)(const float* from, const int* place, int columns, Between t);
template <class L>
void gatherDown(const float* from, const int* place, int columns, Between t) {
  for (int j = 0; j < columns; j++) {
    Vec d[L::COLUMNS], p[L::ROWS];
#pragma GCC unroll 9
    for (int i = 0; i < L::COLUMNS; i++) d[i] = load(from + place[i * columns + j]);
    pairColumns<L>(d);
    applyColumns<L>(d, p);
#pragma GCC unroll 9
    for (int k = 0; k < L::ROWS; k++) t[k][j] = p[k];
  }
}
typedef void (*GatherAcrossFn)(Between t, const Frame& f, int64_t at);
template <class L>
void gatherAcross(Between t, const Frame& f, int64_t at) {
  for (int k = f.r0; k < f.r1; k++) {
    Vec p[L::ROWS];
    pairColumns<L>(t[k]);
    applyColumns<L>(t[k], p);
    float* to = f.to + k * f.rowStep + at;
#pragma GCC unroll 9
    for (int l = 0; l < L::ROWS; l++)
      if (l >= f.c0 && l < f.c1) store(to + l * f.columnStep, p[l]);
  }
}
struct Gather {
  int inputs, outputs;
  GatherDownFn down;
  GatherAcrossFn across;
};
template <class L>
constexpr Gather gatherBy() { return {L::COLUMNS, L::ROWS, gatherDown<L>, gatherAcross<L>}; }

QS_INLINE void gather(const Gather& a, const Gather& b, const float* from, const int* place, const Frame& f, int64_t floats) {
  Between t;
  for (int64_t v = 0; v < floats; v += QS_LANES) {
    a.down(from + v, place, b.inputs, t);
    b.across(t, f, v);
  }
}

}  // namespace QS_NS
