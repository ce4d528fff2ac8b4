// What every CUDA kernel is launched with: one struct by value, so that the host needs one way to
// launch and the emulator one way to call. n holds extents and strides, at holds device addresses.
//
// The steps are those of io.quickstudy.backend.plan.Step; the numbers have the meaning and order of the
// CPU library's instructions (native/quickstudy.h), without operands:
//
//   kernel            n                                                          at
//   qs_loop           output slices finish                                       0 words  1 sums
//   qs_gemm           batch m n k transA transB lda ldb ldc strideA strideB strideC   0 A  1 B  2 C
//   qs_product        the same, then slices tf32                                 the same
//   qs_conv_T         tasks N H W C KH KW O SH SW PT PL OH OW strideX strideW strideY slices   0 X  1 W  2 Y  3 sums
//   qs_conv_dx_T      the same                                                   the same, X written
//   qs_conv_dw_T      the same                                                   the same, W written
//   qs_sum_parts      groups parts count strideY                                 0 X  1 Y
//   qs_pool_argmax    N H W C KH KW SH SW PT PL OH OW                            0 X  1 index
//   qs_pool_max       the same                                                   0 X  1 F  2 index  3 Y
//   qs_pool_take      the same                                                   0 X  1 index  2 Y
//   qs_pool_put       the same                                                   0 G  1 index  2 X
//   qs_pool_sum       the same                                                   0 X  1 Y
//   qs_pool_spread    the same                                                   0 Y  1 X
//   qs_gather         batch n k rowBytes strideX                                 0 X  1 index  2 Y  15 fault
//   qs_scatter_add    batch n k row                                              0 G  1 index  2 Y  15 fault
//   qs_topk           rows n k                                                   0 X  1 Y
//   qs_cholesky       batch n perTask firstTask ld stride whole                  0 A  1 L  15 fault
//   qs_lower          batch n                                                    0 A  1 L
//   qs_trisolve       batch n m transpose ldL strideL row column stride          0 L  1 B  2 X
//   qs_random         keys count                                                 0 K  1 Y
//   qs_copy           bytes nd dims[8] from[8] to[8]                             0 X  1 Y
//   qs_loops_...      addresses of operands from the 15th on                     0..13 operands  14 sums  15 counters
//   qs_tasks_...      bytes of a block's values, words of the table              0 table
//
// Kernels qs_tasks_... are not here either: io.quickstudy.backend.cuda.tasks writes them, on top of task.cuh, for tasks
// that a block carries through all steps; a grid has as many blocks as there are tasks.
//
// Kernels qs_loops_... are not here: io.quickstudy.backend.cuda.loops writes them for a program's loops and
// copies, on top of generated.cuh, and qs_loop and qs_copy do what they do not. Blocks of 256 threads, as many as the
// loops that share a launch need. A reduction in slices leaves its parts in sums, and the last block to come,
// by a counter, joins them in their order; counters are 0 before and after a launch.
//
// qs_loop's words are the LOOP payload of native/quickstudy.h in device memory, but each operand is one
// word, its absolute device address, instead of three. `output` is -1 for all stored outputs, or the
// number of one reduction. With `slices` of more than 1, parts of the reduction go to sums [slices,
// results], and a second launch with `finish` 1 joins them.
//
// T is a tile, rows x columns, that there is a kernel for: 128x64, 64x64, 32x32, 16x64 (of dw alone), 256x32 (not
// of dw, nor on tensor cores), 128x32 (on tensor cores alone). Any of them is right for any sizes. With _tf32 behind
// it, X, W and Y are rounded to TF32 as they are multiplied; sums are 32-bit floats. With _3xtf32 tensor cores
// multiply too, but each number is taken as a big and a small TF32, for the accuracy of 32-bit floats.
//
// qs_product's slices, a power of two up to 256, are the threads of an element; with a tf32 of 1 A and B are
// rounded to it.
//
// A gemm's strideC of 0 adds up the products of the batch in one C, and a conv_dw's strideW of 0 the
// gradients of all tasks. With `slices` of 1 or more convolutions leave parts in sums [tasks, slices,
// result] instead, for qs_sum_parts to add: Y[g] = sum over p of X[g, p], rows of `count` floats.
//
// Factors and systems are of at most QS_FACTOR_FITS rows. A and L have rows ld elements apart and matrices stride ones,
// and are of matrices of `whole` rows, for the fault record; B and X have rows `row` elements apart and columns `column`.
// A qs_trisolve takes 4 n (n + min(m, QS_FACTOR_COLUMNS)) bytes of shared memory.
//
// The fault record is three 64-bit words (kind, index, limit), written by the first fault of a run. A bad row is
// read as zeros and not added anywhere. A matrix of `limit` rows that has no factor is of the task `index`, counted
// from firstTask, of which each has perTask matrices; with a perTask of 0 it is of none, -1. The device checks
// nothing else: extents, strides and addresses have to be right.
//
// Sums are made in an order that depends on shapes alone: no floating-point atomics.
#pragma once

enum { QS_ARGS_NUMBERS = 40, QS_ARGS_POINTERS = 16 };

// Rows of the largest matrix that a block factors or solves by, and right sides that it solves for at a time.
enum { QS_FACTOR_FITS = 96, QS_FACTOR_COLUMNS = 16 };

// Kinds of faults: those of native/plan.h.
enum { QS_OUTSIDE = 1, QS_INDEFINITE = 2, QS_NOT_FINITE = 3 };

struct QsArgs {
  long long n[QS_ARGS_NUMBERS];
  void* at[QS_ARGS_POINTERS];
};
