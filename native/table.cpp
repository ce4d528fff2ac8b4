// The table of one level's kernels.
#include "level.h"

namespace QS_NS {
namespace {

void prepare(Instruction* in) {
  in->scratch = in->shared = 0;
  if (in->opcode == QS_LOOP) loopPrepare(in);
  else if (in->opcode == QS_GEMM) gemmPrepare(in);
  else if (in->opcode <= QS_CONV_DW) convPrepare(in);
  else if (in->opcode <= QS_POOL_SPREAD || in->opcode == QS_POOL_MAX) poolPrepare(in);
  else if (in->opcode == QS_CHOLESKY || in->opcode == QS_TRISOLVE) factorPrepare(in);
  else indexPrepare(in);
}

void run(const Instruction* in, const Context* c, int phase, int64_t part) {
  if (in->opcode == QS_LOOP) loopRun(in, c, phase, part);
  else if (in->opcode == QS_GEMM) gemmRun(in, c, phase, part);
  else if (in->opcode <= QS_CONV_DW) convRun(in, c, phase, part);
  else if (in->opcode <= QS_POOL_SPREAD || in->opcode == QS_POOL_MAX) poolRun(in, c, phase, part);
  else if (in->opcode == QS_CHOLESKY || in->opcode == QS_TRISOLVE) factorRun(in, c, phase, part);
  else indexRun(in, c, phase, part);
}

}  // namespace
}  // namespace QS_NS

#define QS_STRING_(a) #a
#define QS_STRING(a) QS_STRING_(a)

extern const Kernels QS_JOIN(qs_kernels_, QS_LEVEL);
const Kernels QS_JOIN(qs_kernels_, QS_LEVEL) = {
#if defined(__AVX512F__)
    "x86-64-v4",
#elif defined(__AVX2__)
    "x86-64-v3",
#else
    "portable",
#endif
    QS_NS::prepare, QS_NS::run};
