// The convolutions of conv.cu on tensor cores, as exact as with 32-bit floats: three products of TF32.
#include "conv.cuh"
#include "mma.cuh"

QS_TILED(qs_conv_128x32_3xtf32, qs_forward, S128x32)
QS_TILED(qs_conv_128x64_3xtf32, qs_forward, S128x64)
QS_TILED(qs_conv_64x64_3xtf32, qs_forward, S64x64)
QS_TILED(qs_conv_32x32_3xtf32, qs_forward, S32x32)

QS_TILED(qs_conv_dx_128x32_3xtf32, qs_input_gradient, S128x32)
QS_TILED(qs_conv_dx_128x64_3xtf32, qs_input_gradient, S128x64)
QS_TILED(qs_conv_dx_64x64_3xtf32, qs_input_gradient, S64x64)
QS_TILED(qs_conv_dx_32x32_3xtf32, qs_input_gradient, S32x32)

QS_TILED(qs_conv_dw_128x64_3xtf32, qs_filter_gradient, S128x64Across)
QS_TILED(qs_conv_dw_128x32_3xtf32, qs_filter_gradient, S128x32)
QS_TILED(qs_conv_dw_64x64_3xtf32, qs_filter_gradient, S64x64)
QS_TILED(qs_conv_dw_32x32_3xtf32, qs_filter_gradient, S32x32)
QS_TILED(qs_conv_dw_16x64_3xtf32, qs_filter_gradient, S16x64)
