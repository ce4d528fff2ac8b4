// Convolutions in 32-bit floats, a kernel for each tile of ROWS x COLUMNS: Div(rows, ROWS) *
// Div(columns, COLUMNS) tiles of each result. n[17] slices >= 1 of what is summed over, with at[3] room for
// tasks * slices results: the grid is so many times as large; qs_sum_parts then adds up what is there, one
// group per task, or one of tasks * slices parts where a filter gradient's strideW is 0.
#include "conv.cuh"
#include "ffma.cuh"

// Rows N * OH * OW, columns O. Block 128, grid tasks * tiles.
QS_TILED(qs_conv_256x32, qs_forward, F256x32)
QS_TILED(qs_conv_128x64, qs_forward, F128x64)
QS_TILED(qs_conv_64x64, qs_forward, F64x64)
QS_TILED(qs_conv_32x32, qs_forward, F32x32)

// Rows N * Div(H, SH) * Div(W, SW), columns C. Block 128, grid tasks * SH * SW * tiles.
QS_TILED(qs_conv_dx_256x32, qs_input_gradient, F256x32)
QS_TILED(qs_conv_dx_128x64, qs_input_gradient, F128x64)
QS_TILED(qs_conv_dx_64x64, qs_input_gradient, F64x64)
QS_TILED(qs_conv_dx_32x32, qs_input_gradient, F32x32)

// Rows KH * KW * C, columns O. Block 128, grid tasks * tiles, or tiles where strideW is 0.
QS_TILED(qs_conv_dw_128x64, qs_filter_gradient, F128x64)
QS_TILED(qs_conv_dw_64x64, qs_filter_gradient, F64x64)
QS_TILED(qs_conv_dw_32x32, qs_filter_gradient, F32x32)
QS_TILED(qs_conv_dw_16x64, qs_filter_gradient, F16x64)

namespace {

enum { SUMMERS = 256 };

struct __align__(16) Summed {
  float part[SUMMERS];
};

}  // namespace

// groups parts count strideY, at X [groups, parts, count], Y: Y[g * strideY + i] is the sum over parts
// in their order, or, where they are many, of what `together` threads have of them: each takes every so many-th
// part, and the first adds up. Block 256, grid Div(groups * count, 256 / together), where together is 1 for less
// than 8 parts, 4 for less than 32, else 8.
QS_KERNEL_OF(qs_sum_parts, SUMMERS) {
  QS_NEEDS_THREADS(SUMMERS);
  QS_SHARED(Summed, shared);
  const qs_long groups = a.n[0], parts = a.n[1], count = a.n[2], all = groups * count;
  const int together = parts < 8 ? 1 : parts < 32 ? 4 : 8, side = SUMMERS / together;
  const int column = (int)threadIdx.x % side, row = (int)threadIdx.x / side;
  for (qs_long first = (qs_long)blockIdx.x * side; first < all; first += (qs_long)gridDim.x * side) {
    const bool inside = first + column < all;
    qs_long group = inside ? first + column : 0;
    const qs_long i = qs_divide(group, count);
    const float* x = (const float*)a.at[0] + group * parts * count + i;
    float sum = 0.0f;
#pragma unroll 4
    for (qs_long p = row; p < parts; p += together) sum += x[p * count];
    if (together > 1) {
      shared.part[threadIdx.x] = sum;
      __syncthreads();
      for (int r = 1; row == 0 && r < together; r++) sum += shared.part[r * side + column];
      __syncthreads();
    }
    if (inside && row == 0) ((float*)a.at[1])[group * a.n[3] + i] = sum;
  }
}
