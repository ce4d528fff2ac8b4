// The convolutions of conv.cu on tensor cores, whose operands are rounded to TF32.
#include "conv.cuh"
#include "mma.cuh"

QS_TILED(qs_conv_128x32_tf32, qs_forward, M128x32)
QS_TILED(qs_conv_128x64_tf32, qs_forward, M128x64)
QS_TILED(qs_conv_64x64_tf32, qs_forward, M64x64)
QS_TILED(qs_conv_32x32_tf32, qs_forward, M32x32)

QS_TILED(qs_conv_dx_128x32_tf32, qs_input_gradient, M128x32)
QS_TILED(qs_conv_dx_128x64_tf32, qs_input_gradient, M128x64)
QS_TILED(qs_conv_dx_64x64_tf32, qs_input_gradient, M64x64)
QS_TILED(qs_conv_dx_32x32_tf32, qs_input_gradient, M32x32)

QS_TILED(qs_conv_dw_128x64_tf32, qs_filter_gradient, M128x64)
QS_TILED(qs_conv_dw_128x32_tf32, qs_filter_gradient, M128x32)
QS_TILED(qs_conv_dw_64x64_tf32, qs_filter_gradient, M64x64)
QS_TILED(qs_conv_dw_32x32_tf32, qs_filter_gradient, M32x32)
QS_TILED(qs_conv_dw_16x64_tf32, qs_filter_gradient, M16x64)
