// The kernels by name.
#include "registry.h"

#define QS_ANY_BLOCK(F)                                                                                \
  F(qs_pool_argmax) F(qs_pool_max) F(qs_pool_take) F(qs_pool_put) F(qs_pool_sum) F(qs_pool_spread)     \
  F(qs_gather) F(qs_scatter_add) F(qs_topk) F(qs_random) F(qs_copy) F(qs_cholesky) F(qs_lower) F(qs_trisolve)
#define QS_CONVOLUTIONS(F, END)                                                                        \
  F(qs_conv_128x64##END) F(qs_conv_64x64##END) F(qs_conv_32x32##END)                                   \
  F(qs_conv_dx_128x64##END) F(qs_conv_dx_64x64##END) F(qs_conv_dx_32x32##END)                          \
  F(qs_conv_dw_128x64##END) F(qs_conv_dw_64x64##END) F(qs_conv_dw_32x32##END) F(qs_conv_dw_16x64##END)
#define QS_CORES(F, END)                                                                               \
  QS_CONVOLUTIONS(F, END) F(qs_conv_128x32##END) F(qs_conv_dx_128x32##END) F(qs_conv_dw_128x32##END)
#define QS_BOUNDED(F)                                                                                  \
  F(qs_loop) F(qs_gemm) F(qs_product) F(qs_sum_parts) F(qs_conv_256x32) F(qs_conv_dx_256x32)           \
  QS_CONVOLUTIONS(F, ) QS_CORES(F, _tf32) QS_CORES(F, _3xtf32)

#define QS_DECLARE(NAME) extern "C" void NAME(const QsArgs&);
#define QS_DECLARE_BOUND(NAME) extern "C" const int NAME##_threads;
QS_ANY_BLOCK(QS_DECLARE)
QS_BOUNDED(QS_DECLARE)
QS_BOUNDED(QS_DECLARE_BOUND)

namespace qs_emu {

#define QS_ENTRY(NAME) {#NAME, NAME, 1024},
#define QS_ENTRY_BOUND(NAME) {#NAME, NAME, NAME##_threads},
std::vector<Registration>& registry() {
  static std::vector<Registration> all = {QS_ANY_BLOCK(QS_ENTRY) QS_BOUNDED(QS_ENTRY_BOUND)};
  return all;
}

}  // namespace qs_emu
