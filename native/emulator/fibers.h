// Runs a kernel's grid, thread by thread, on the calling thread.
#pragma once
#include <stdint.h>

#include <string>

#include "args.h"
#include "emulated.h"

namespace qs_emu {

// The limits of every GPU that the kernels are compiled for. More shared memory has to be asked for.
enum { WARP = 32, MOST_THREADS = 1024, MOST_BLOCKS_YZ = 65535 };

// Empty where all threads came to their ends, else what went wrong, in words that follow the kernel's name.
std::string runGrid(Kernel kernel, const QsArgs& args, Dim grid, Dim block, unsigned shared, bool backwards);

// Ends the running launch, with what went wrong in words that follow the kernel's name.
void fail(const std::string& why);

// A block begins: no thread has copies to make, or is in the middle of a warp's products.
void forgetCopies();
void forgetProducts();

}  // namespace qs_emu
