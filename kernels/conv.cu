// Convolutions in 32-bit floats, a kernel for each tile of ROWS x COLUMNS: Div(rows, ROWS) *
// Div(columns, COLUMNS) tiles of each result.
#include "conv.cuh"
#include "ffma.cuh"

// Rows N * OH * OW, columns O. Block 128, grid tasks * tiles.
QS_TILED(qs_conv_256x32, qs_forward, F256x32)
QS_TILED(qs_conv_128x64, qs_forward, F128x64)
QS_TILED(qs_conv_64x64, qs_forward, F64x64)
QS_TILED(qs_conv_64x32, qs_forward, F64x32)
QS_TILED(qs_conv_32x32, qs_forward, F32x32)

// Rows N * Div(H, SH) * Div(W, SW), columns C. Block 128, grid tasks * SH * SW * tiles.
QS_TILED(qs_conv_dx_256x32, qs_input_gradient, F256x32)
QS_TILED(qs_conv_dx_128x64, qs_input_gradient, F128x64)
QS_TILED(qs_conv_dx_64x64, qs_input_gradient, F64x64)
QS_TILED(qs_conv_dx_64x32, qs_input_gradient, F64x32)
QS_TILED(qs_conv_dx_32x32, qs_input_gradient, F32x32)

// Rows KH * KW * C, columns O. Block 128, grid tasks * tiles, or tiles where strideW is 0. n[17] slices
// >= 1 with at[3] room for tasks * slices filters: the grid tasks * slices * tiles, even where strideW is
// 0; qs_sum_parts then adds up what is there: one group per task, or one of tasks * slices parts where
// strideW is 0.
QS_TILED(qs_conv_dw_128x64, qs_filter_gradient, F128x64)
QS_TILED(qs_conv_dw_64x64, qs_filter_gradient, F64x64)
QS_TILED(qs_conv_dw_64x32, qs_filter_gradient, F64x32)
QS_TILED(qs_conv_dw_32x32, qs_filter_gradient, F32x32)
QS_TILED(qs_conv_dw_16x64, qs_filter_gradient, F16x64)

// groups parts count strideY, at X [groups, parts, count], Y: Y[g * strideY + i] is the sum over parts
// in their order. Block 256, grid Div(groups * count, 256).
QS_KERNEL(qs_sum_parts) {
  const qs_long groups = a.n[0], parts = a.n[1], count = a.n[2];
  for (qs_long t = qs_thread(); t < groups * count; t += qs_threads()) {
    qs_long group = t;
    const qs_long i = qs_divide(group, count);
    const float* x = (const float*)a.at[0] + group * parts * count + i;
    float sum = 0.0f;
    for (qs_long p = 0; p < parts; p++) sum += x[p * count];
    ((float*)a.at[1])[group * a.n[3] + i] = sum;
  }
}
