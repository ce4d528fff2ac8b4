// Products of a block of rows with a matrix that stays in the second-level cache, as minimal convolutions have them.
#pragma once
#include "level.h"

namespace QS_NS {

// out[i][j] (+)= sum over k of in[i][k] w[k][j]: `depth` of k, and `columns` of j in whole vectors, of rows that lie
// `inStep` and `outStep` floats apart. Even and odd k have sums of their own, for a smaller error.
struct Matrices {
  const float* in;
  int64_t inStep;
  const float* w;
  int64_t outStep, depth;  // of w, too
  float* out;
  int64_t columns;
  bool add;
};
template <int P, int V>
void rowsTimes(const Matrices& m, int64_t row, int64_t column) {
  const float* in[P];
  Vec even[P][V], odd[P][V];
#pragma GCC unroll 8
  for (int p = 0; p < P; p++) {
    in[p] = m.in + (row + p) * m.inStep;
#pragma GCC unroll 2
    for (int v = 0; v < V; v++) even[p][v] = odd[p][v] = Vec{};
  }
  const float* w = m.w + column;
  for (int64_t k = 0; k < m.depth; k += 2, w += 2 * m.outStep) {
#pragma GCC unroll 2
    for (int half = 0; half < 2; half++) {
      Vec wv[V];
#pragma GCC unroll 2
      for (int v = 0; v < V; v++) wv[v] = load(w + half * m.outStep + v * QS_LANES);
#pragma GCC unroll 8
      for (int p = 0; p < P; p++) {
        const float x = in[p][k + half];
#pragma GCC unroll 2
        for (int v = 0; v < V; v++) (half ? odd : even)[p][v] += x * wv[v];
      }
    }
  }
#pragma GCC unroll 8
  for (int p = 0; p < P; p++) {
    float* to = m.out + (row + p) * m.outStep + column;
#pragma GCC unroll 2
    for (int v = 0; v < V; v++) {
      const Vec sum = even[p][v] + odd[p][v];
      store(to + v * QS_LANES, m.add ? load(to + v * QS_LANES) + sum : sum);
    }
  }
}
typedef void (*RowsTimesFn)(const Matrices& m, int64_t row, int64_t column);
#if QS_LANES == 16
enum { BAND = 7 };
const RowsTimesFn bands[2][BAND] = {
    {rowsTimes<1, 1>, rowsTimes<2, 1>, rowsTimes<3, 1>, rowsTimes<4, 1>, rowsTimes<5, 1>, rowsTimes<6, 1>, rowsTimes<7, 1>},
    {rowsTimes<1, 2>, rowsTimes<2, 2>, rowsTimes<3, 2>, rowsTimes<4, 2>, rowsTimes<5, 2>, rowsTimes<6, 2>, rowsTimes<7, 2>}};
#else
enum { BAND = 3 };
const RowsTimesFn bands[2][BAND] = {{rowsTimes<1, 1>, rowsTimes<2, 1>, rowsTimes<3, 1>},
                                    {rowsTimes<1, 2>, rowsTimes<2, 2>, rowsTimes<3, 2>}};
#endif
static void times(const Matrices& m, int64_t rows) {
  const int64_t n = ceilDiv(rows, BAND);
  for (int64_t column = 0; column < m.columns; column += 2 * QS_LANES) {
    const RowsTimesFn* band = bands[m.columns - column > QS_LANES];
    for (int64_t i = 0; i < n; i++) {
      // rows of w for the next product, which lie too far apart for the processor to foresee
      for (int64_t k = shareStart(m.depth, n, i); k < shareStart(m.depth, n, i + 1); k++) {
        const char* next = (const char*)(m.w + (m.depth + k) * m.outStep + column);
        for (int64_t b = 0; b < (int64_t)sizeof(Vec) * 2; b += 64) __builtin_prefetch(next + b, 0, 2);
      }
      const int64_t row = shareStart(rows, n, i);
      band[shareStart(rows, n, i + 1) - row - 1](m, row, column);
    }
  }
}

}  // namespace QS_NS
