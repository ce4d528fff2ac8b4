// Batched matrix products.
#include "tile.cuh"

namespace {

// With no stride of C all products of the batch add up to one result.
template <int ROWS, int COLUMNS, bool TA, bool TB>
QS_DEV void qs_products(const QsArgs& g, float* shared) {
  const qs_long m = g.n[1], n = g.n[2], k = g.n[3], lda = g.n[6], ldb = g.n[7], strideC = g.n[11];
  const qs_long added = strideC == 0 ? g.n[0] : 1, results = strideC == 0 ? qs_least(1, g.n[0]) : g.n[0];
  const qs_long down = qs_ceil_div(m, ROWS), across = qs_ceil_div(n, COLUMNS);
  Tile<ROWS, COLUMNS> tile(shared);
  for (qs_long t = blockIdx.x; t < results * across * down; t += gridDim.x) {
    qs_long result = t;
    const qs_long row = qs_divide(result, down) * ROWS, column = qs_divide(result, across) * COLUMNS;
    tile.start(m - row, n - column);
    for (qs_long b = result * added; b < (result + 1) * added; b++) {
      Matrix<ROWS, !TA> x = {(const float*)g.at[0] + b * g.n[9], m, k, TA ? 1 : lda, TA ? lda : 1, nullptr, 0, 0};
      Matrix<COLUMNS, TB> y = {(const float*)g.at[1] + b * g.n[10], n, k, TB ? ldb : 1, TB ? 1 : ldb, nullptr, 0, 0};
      x.start(row);
      y.start(column);
      tile.add(x, y, k);
    }
    tile.write(Rows{(float*)g.at[2] + result * strideC, g.n[8]}, row, m, column, n);
  }
}

template <int ROWS, int COLUMNS>
QS_DEV void qs_forms(const QsArgs& g, float* shared) {
  if (g.n[4]) {
    if (g.n[5]) qs_products<ROWS, COLUMNS, true, true>(g, shared);
    else qs_products<ROWS, COLUMNS, true, false>(g, shared);
  } else {
    if (g.n[5]) qs_products<ROWS, COLUMNS, false, true>(g, shared);
    else qs_products<ROWS, COLUMNS, false, false>(g, shared);
  }
}

}  // namespace

// Block 256, grid batch * (n <= 32 ? Div(m, 128) : Div(m, 64) * Div(n, 64)), batch 1 where strideC is 0.
QS_KERNEL_OF(qs_gemm, THREADS) {
  QS_NEEDS_THREADS(THREADS);
  __shared__ __align__(16) float shared[TILE_SHARED];
  if (qs_tall(a.n[2])) qs_forms<128, 32>(a, shared);
  else qs_forms<64, 64>(a, shared);
}
