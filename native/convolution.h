// What the ways to convolve share, and those beside the direct one of conv.cpp.
#pragma once
#include "level.h"

struct ConvShape {
  int64_t tasks, N, H, W, C, KH, KW, O, SH, SW, PT, PL, OH, OW, strideX, strideW, strideY;
};

namespace QS_NS {
// By Winograd's minimal algorithm. Whether it serves a convolution, or a gradient of one, better than the direct way: by shape alone.
bool winogradFits(const ConvShape& s, int64_t opcode, bool split);
void winogradPrepare(Instruction* in, const ConvShape& s);
void winogradRun(const Instruction* in, const ConvShape& s, const Context* c, int phase, int64_t part);

// The gradient of images of a few channels, where vectors run along the filter's taps as well.
bool narrowFits(const ConvShape& s, int64_t opcode);
void narrowPrepare(Instruction* in, const ConvShape& s);
void narrowRun(const Instruction* in, const ConvShape& s, const Context* c, int64_t part);

// A quarter of the sum of `parts` filters of `size` floats, added in order.
static inline void addParts(float* to, const float* partial, int64_t size, int64_t parts, int64_t quarter) {
  const int64_t from = shareStart(size, 4, quarter), n = shareStart(size, 4, quarter + 1) - from;
  copyFloats(to + from, partial + from, n);
  for (int64_t e = 1; e < parts; e++) {
    partial += size;
    for (int64_t i = from; i < from + n; i++) to[i] += partial[i];
  }
}
}  // namespace QS_NS
