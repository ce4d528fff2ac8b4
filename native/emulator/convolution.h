// cuDNN's convolution, with plain loops.
#pragma once
#include <stdint.h>

#include <string>

#include "device_memory.h"

namespace qs_emu {

// The operands as emulator.h has them.
struct Convolution {
  int32_t what;
  const int32_t *window, *x, *w, *y;
  int64_t workspace() const;  // bytes
};

struct ConvolutionData {
  int64_t x, w, y, workspace, workspaceBytes;
};

// What is wrong, or nothing.
std::string convolve(const Convolution& c, float alpha, float beta, const ConvolutionData& at, const DeviceMemory& memory);

}  // namespace qs_emu
