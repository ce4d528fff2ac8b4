// A CUDA device that is not there: memory with sentinels, the kernels of kernels/ compiled as C++ and
// run thread by thread, and cuBLAS's product of matrices. Device addresses are addresses of this
// process, but nothing outside a launch may follow them. Calls may come from any thread, one at a time.
//
// Functions that can fail return 0 or -1, and qs_emu_error() then says why in one sentence.
#pragma once
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// This thread's last error, or the empty string.
const char* qs_emu_error(void);

// Memory on a boundary of 256 bytes, filled with bytes 0xFF (floats: NaN; integers: -1), between
// sentinels; 0 where there is none.
int64_t qs_emu_alloc(int64_t bytes);
// Address 0 is nothing. Fails where the address was not allocated or a sentinel was overwritten.
int32_t qs_emu_free(int64_t address);
int64_t qs_emu_live(void);   // allocations not yet freed
int64_t qs_emu_bytes(void);  // their bytes

// The range on the device has to lie within one allocation.
int32_t qs_emu_copy_in(int64_t to, const void* from, int64_t bytes);
int32_t qs_emu_copy_out(void* to, int64_t from, int64_t bytes);
int32_t qs_emu_copy(int64_t to, int64_t from, int64_t bytes);
int32_t qs_emu_fill(int64_t address, int32_t value, int64_t bytes);  // the value's low byte

// Checks the sentinels of all allocations.
int32_t qs_emu_check(void);

// Threads take turns from the first to the last (0, so it begins) or from the last to the first (1): a
// kernel that lacks a barrier gives different results.
void qs_emu_order(int32_t backwards);

// A kernel by name, or 0.
int64_t qs_emu_kernel(const char* name);
// Loads kernels compiled elsewhere (by g++, from the same headers, with QS_EMULATED and QS_EMULATED_MODULE,
// linked with the library that this is in); 0 where that fails. They stay to the end of the process.
int64_t qs_emu_load(const char* path);
// A kernel of those by name, or 0.
int64_t qs_emu_loaded_kernel(int64_t module, const char* name);
// Runs a kernel to its end with the 40 + 16 words of kernels/args.h; every address among them has to be
// 0 or to lie in (or just behind) an allocation. Fails where a launch on a GPU would be refused, where
// threads part at a barrier or a shuffle, and where a sentinel was overwritten.
int32_t qs_emu_launch(int64_t kernel, int32_t gridX, int32_t gridY, int32_t gridZ, int32_t blockX, int32_t blockY,
                      int32_t blockZ, int32_t shared, const int64_t* args);

// cublasSgemmStridedBatched in host pointer mode: matrices column by column, transa and transb 0 (as it
// is), 1 or 2 (transposed), strides in elements. C is not read where beta is 0. With a tf32 of 1, as in the
// math mode of that name, A and B are rounded to it. Refuses what cuBLAS refuses, and operands that leave
// their allocations.
int32_t qs_emu_sgemm_strided_batched(int32_t transa, int32_t transb, int32_t m, int32_t n, int32_t k, float alpha,
                                     int64_t a, int32_t lda, int64_t strideA, int64_t b, int32_t ldb, int64_t strideB,
                                     float beta, int64_t c, int32_t ldc, int64_t strideC, int32_t batch,
                                     int32_t tf32);

// cuDNN's convolution of one filter with 32-bit floats: cross-correlation, no dilation, one group. `what`
// is written: 0 y (forward), 1 x (the gradient of the data), 2 w (that of the filter), as alpha times the
// result plus beta times what was there, which is not read where beta is 0. x and y: n c h w, then the
// elements from one to the next of each (cudnnSetTensor4dDescriptorEx). w: the layout, 0 NCHW or 1 NHWC,
// then k c h w, without gaps (cudnnSetFilter4dDescriptor). window: padding h w, stride h w. Refuses what
// cuDNN refuses, addresses that are not multiples of 16, operands that leave their allocations, and a
// workspace of fewer bytes than it says.
int64_t qs_emu_convolution_workspace(int32_t what, const int32_t* x, const int32_t* w, const int32_t* y);
int32_t qs_emu_convolution(int32_t what, const int32_t* window, float alpha, float beta, const int32_t* x, int64_t atX,
                           const int32_t* w, int64_t atW, const int32_t* y, int64_t atY, int64_t workspace,
                           int64_t workspaceBytes);

#ifdef __cplusplus
}
#endif
