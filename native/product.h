// The one register-blocked kernel under the convolutions and the small matrix products:
//
//   out[outs[i] + j] (+)= sum over k of in[rows[i] + offsets[k]] * w[k * ldw + j]    i < m, j < n
//
// Rows are pixels and k runs over taps and channels in a convolution; in a filter gradient rows are
// taps and channels and k runs over pixels. A tile of P rows by V vectors stays in registers.
#pragma once
#include "level.h"

struct Product {
  const float* in;
  const int* rows;
  const int* offsets;
  int64_t depth;
  const float* w;
  int64_t ldw;
  float* out;
  const int* outs;
  int64_t m, n;
  bool accumulate;
};

typedef void (*TileFn)(const Product*, const int* rows, const int* outs, const float* w, float* out, int some);

template <int P, int V, bool SOME>
static void tile(const Product* a, const int* rows, const int* outs, const float* w, float* out, int some) {
  const float* in[P];
  Vec sum[P][V];
#pragma GCC unroll 16
  for (int p = 0; p < P; p++) {
    in[p] = a->in + rows[p];
#pragma GCC unroll 4
    for (int v = 0; v < V; v++) sum[p][v] = Vec{};
  }
  const int* offsets = a->offsets;
  const int* end = offsets + a->depth;
  const int64_t ldw = a->ldw;
  for (; offsets != end; offsets++, w += ldw) {
    Vec wv[V];
#pragma GCC unroll 4
    for (int v = 0; v < V; v++)
      wv[v] = SOME && v == V - 1 ? loadSome(w + v * QS_LANES, some) : load(w + v * QS_LANES);
    const int64_t o = *offsets;
#pragma GCC unroll 16
    for (int p = 0; p < P; p++) {
      const float b = in[p][o];
#pragma GCC unroll 4
      for (int v = 0; v < V; v++) sum[p][v] += b * wv[v];
    }
  }
  const bool add = a->accumulate;
#pragma GCC unroll 16
  for (int p = 0; p < P; p++) {
    float* to = out + outs[p];
#pragma GCC unroll 4
    for (int v = 0; v < V; v++) {
      if (SOME && v == V - 1) {
        storeSome(to + v * QS_LANES, add ? sum[p][v] + loadSome(to + v * QS_LANES, some) : sum[p][v], some);
      } else {
        store(to + v * QS_LANES, add ? sum[p][v] + load(to + v * QS_LANES) : sum[p][v]);
      }
    }
  }
}

#define QS_T(P, V) {tile<P, V, false>, tile<P, V, true>}
#if QS_LANES == 16
enum { MAX_VECTORS = 4 };
static const int maxRows[MAX_VECTORS] = {14, 14, 9, 7};
static const TileFn tiles[MAX_VECTORS][14][2] = {
    {QS_T(1, 1), QS_T(2, 1), QS_T(3, 1), QS_T(4, 1), QS_T(5, 1), QS_T(6, 1), QS_T(7, 1), QS_T(8, 1), QS_T(9, 1),
     QS_T(10, 1), QS_T(11, 1), QS_T(12, 1), QS_T(13, 1), QS_T(14, 1)},
    {QS_T(1, 2), QS_T(2, 2), QS_T(3, 2), QS_T(4, 2), QS_T(5, 2), QS_T(6, 2), QS_T(7, 2), QS_T(8, 2), QS_T(9, 2),
     QS_T(10, 2), QS_T(11, 2), QS_T(12, 2), QS_T(13, 2), QS_T(14, 2)},
    {QS_T(1, 3), QS_T(2, 3), QS_T(3, 3), QS_T(4, 3), QS_T(5, 3), QS_T(6, 3), QS_T(7, 3), QS_T(8, 3), QS_T(9, 3)},
    {QS_T(1, 4), QS_T(2, 4), QS_T(3, 4), QS_T(4, 4), QS_T(5, 4), QS_T(6, 4), QS_T(7, 4)}};
#else
enum { MAX_VECTORS = 2 };
static const int maxRows[MAX_VECTORS] = {8, 6};
static const TileFn tiles[MAX_VECTORS][8][2] = {
    {QS_T(1, 1), QS_T(2, 1), QS_T(3, 1), QS_T(4, 1), QS_T(5, 1), QS_T(6, 1), QS_T(7, 1), QS_T(8, 1)},
    {QS_T(1, 2), QS_T(2, 2), QS_T(3, 2), QS_T(4, 2), QS_T(5, 2), QS_T(6, 2)}};
#endif
#undef QS_T

enum { FIRST_CACHE = 4096 };  // floats of w that stay in the first-level cache beside what else is read

// How wide a tile is: as wide as can be, but for few rows so that w is read once.
static int64_t widest(int64_t m) {
  for (int64_t v = MAX_VECTORS; v > 1; v--)
    if (m <= maxRows[v - 1] || m > maxRows[0]) return v;
  return 1;
}

static void product(const Product& a) {
  if (a.m <= 0 || a.n <= 0) return;
  const int64_t vectors = ceilDiv(a.n, QS_LANES);
  const QS_NS::Shares blocks(vectors, ceilDiv(vectors, widest(a.m)));  // 6 vectors are 3 + 3, not 4 + 2
  const int beyond = (int)(a.n - (vectors - 1) * QS_LANES) % QS_LANES;
  const auto run = [&](int64_t b, int64_t i, int64_t p) {  // rows [i, i + p) of block b
    const int64_t column = blocks.start(b) * QS_LANES;
    const int some = b == blocks.count - 1 ? beyond : 0;
    tiles[blocks.size(b) - 1][p - 1][some != 0](&a, a.rows + i, a.outs + i, a.w + column, a.out + column, some);
  };
  if (blocks.count > 1 && a.depth * a.n <= FIRST_CACHE) {  // w stays there, and rows of `out` are written as they lie
    const QS_NS::Shares rows(a.m, ceilDiv(a.m, maxRows[blocks.size(0) - 1]));
    for (int64_t t = 0; t < rows.count; t++)
      for (int64_t b = 0; b < blocks.count; b++) run(b, rows.start(t), rows.size(t));
    return;
  }
  for (int64_t b = 0; b < blocks.count; b++) {
    const int64_t v = blocks.size(b), next = blocks.start(b + 1) * QS_LANES;
    const QS_NS::Shares rows(a.m, ceilDiv(a.m, maxRows[v - 1])), depth(a.depth, rows.count);
    for (int64_t t = 0; t < rows.count; t++) {
      if (b + 1 < blocks.count && rows.count > 3)  // w for the next block, before its first tile has to wait for it
        for (int64_t k = depth.start(t); k < depth.start(t + 1); k++)
          for (int64_t l = 0; l < v; l++) __builtin_prefetch(a.w + k * a.ldw + next + l * QS_LANES, 0, 2);
      run(b, rows.start(t), rows.size(t));
    }
  }
}
