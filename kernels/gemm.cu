// Batched matrix products.
#include "ffma.cuh"

namespace {

// With no stride of C all products of the batch add up to one result.
template <class T, class L, class R>
QS_DEV void qs_products(const QsArgs& g, float* memory) {
  const qs_long m = g.n[1], n = g.n[2], strideC = g.n[11];
  const int k = (int)g.n[3];
  const qs_long added = strideC == 0 ? g.n[0] : 1, results = strideC == 0 ? qs_least(1, g.n[0]) : g.n[0];
  Tiles tiles(m, T::ROWS, n, T::COLUMNS, results);
  for (; tiles.t < tiles.all; tiles.t += gridDim.x) {
    qs_long result = tiles.t;
    const qs_long row = qs_divide(result, tiles.down) * T::ROWS, column = qs_divide(result, tiles.across) * T::COLUMNS;
    T tile;
    tile.start(m - row, n - column);
    for (qs_long b = result * added; b < (result + 1) * added; b++) {
      L x((const float*)g.at[0] + b * g.n[9], g.n[6], row, m, k);
      R y((const float*)g.at[1] + b * g.n[10], g.n[7], column, n, k);
      qs_add(tile, memory, x, y, k);
    }
    float* to = (float*)g.at[2] + result * strideC;
    const ByNumber place = {to + column, g.n[8], row, m};
    tile.template write<L::ALONG != 0>(place, memory, n - column, qs_fours(to, g.n[8] | n));
  }
}

template <class T>
QS_DEV void qs_forms(const QsArgs& g) {
  QS_SHARED(Slices<T>, shared);
  float* memory = shared.all;
  if (g.n[4]) {
    if (g.n[5]) qs_products<T, Across<T::ROWS>, Turned<T::COLUMNS>>(g, memory);
    else qs_products<T, Across<T::ROWS>, Across<T::COLUMNS>>(g, memory);
  } else {
    if (g.n[5]) qs_products<T, Along<T::ROWS>, Turned<T::COLUMNS>>(g, memory);
    else qs_products<T, Along<T::ROWS>, Across<T::COLUMNS>>(g, memory);
  }
}

}  // namespace

// Block 128, grid batch * Div(m, 64) * Div(n, 64), batch 1 where strideC is 0.
QS_KERNEL_OF(qs_gemm, THREADS, F64x64::BLOCKS) {
  QS_NEEDS_THREADS(THREADS);
  qs_forms<F64x64>(a);
}
