// The kernels that can be launched; a test may add its own.
#pragma once
#include <vector>

#include "emulated.h"

namespace qs_emu {

std::vector<Registration>& registry();

}  // namespace qs_emu
