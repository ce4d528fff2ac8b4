// The C interface between the Java side and the CPU kernels: a program is a flat array of 64-bit
// words, written once by io.quickstudy.backend.cpu and replayed by one call.
//
//   program  = MAGIC VERSION localBytes segments { segment }
//   segment  = chunks instructions { instruction }
//   instr    = opcode length payload[length]          (length counts the payload's words)
//   operand  = space offset chunkStride               (bytes; three words)
//
// An operand's address is base[space] + offset + chunk * chunkStride. Space 0 is the program's
// shared arena, space 1 the running worker's local arena, spaces 2 and up are buffers bound by the
// caller, or parts of others that QS_REPEAT moves. A segment with chunks > 1 runs its whole instruction list once per chunk, chunks spread
// over the workers, each kernel single-threaded; a segment with one chunk runs its instructions in
// order, each split over the workers. Every split and every order of summation depends on shapes
// alone, never on the number of workers: results are bitwise the same for any of them.
#pragma once
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { QS_MAGIC = 0x5153, QS_VERSION = 1, QS_MAX_DIMS = 8, QS_MAX_REGS = 64 };

enum qs_dtype { QS_F32 = 0, QS_I32 = 1, QS_U8 = 2 };

// Scalar functions of a loop; one line each in scalar.h.
enum qs_fn {
  // unary: dst = f(a)
  QS_NEG = 0, QS_EXP, QS_EXPM1, QS_LOG, QS_LOG1P, QS_TANH, QS_SIGMOID, QS_SQRT, QS_RSQRT,
  QS_RECIPROCAL, QS_SIN, QS_COS, QS_ABS, QS_SIGN, QS_FLOOR,
  // binary: dst = f(a, b); comparisons give 0 or 1
  QS_ADD = 32, QS_SUB, QS_MUL, QS_DIV, QS_MAX, QS_MIN, QS_POW, QS_LESS, QS_LESS_EQUAL, QS_EQUAL,
  // ternary: dst = a != 0 ? b : c, and a * b + c
  QS_SELECT = 64, QS_FMA,
};

enum qs_out { QS_STORE = 0, QS_REDUCE_SUM = 1, QS_REDUCE_MAX = 2 };

enum qs_opcode {
  // nd dims[nd]                                     iteration space, outermost first
  // nIn  { dtype operand strides[nd] }              strides in elements; 0 repeats the operand
  // nConst { float bits }
  // nOps { fn dst a b c }                           registers: inputs, then constants, then temporaries
  // nOut { reg mode dtype operand strides[nd] }     a reduction has stride 0 along its reduced dims
  // Inputs of dtype I32 and U8 are converted to float on load; an output of dtype I32 converts by
  // truncation. A loop may flush what looks like a denormal float: QS_COPY moves integers.
  QS_LOOP = 1,

  // batch m n k transA transB lda ldb ldc strideA strideB strideC accumulate A B C
  // Row-major C_b = op(A_b) op(B_b), or += when accumulate is 1. Strides in elements. strideC 0 with
  // batch > 1 sums the products over the batch into one C.
  QS_GEMM = 2,

  // tasks N H W C KH KW O SH SW PT PL OH OW strideX strideW strideY X W Y
  // X [tasks, N, H, W, C], W [tasks, KH, KW, C, O], Y [tasks, N, OH, OW, O]; PT and PL are the zero
  // rows above and columns left of X, those below and right follow from OH and OW. A stride (elements
  // per task) of 0 shares an input operand among the tasks; strideW 0 in CONV_DW sums over tasks.
  QS_CONV = 3,     // Y = X * W
  QS_CONV_DX = 4,  // X = cotangent of the input, from Y's cotangent and W
  QS_CONV_DW = 5,  // W = cotangent of the filter, from X and Y's cotangent

  // N H W C KH KW SH SW PT PL OH OW operands. Padding never wins a maximum and adds nothing to a sum.
  QS_POOL_ARGMAX = 6,  // X -> I32 index r * KW + s within the window; first of equals; NaN wins
  QS_POOL_TAKE = 7,    // X, index -> Y: the elements that the index names
  QS_POOL_PUT = 8,     // Y's cotangent, index -> X's cotangent (overlapping windows add)
  QS_POOL_SUM = 9,     // X -> Y: sum over each window
  QS_POOL_SPREAD = 10, // Y -> X: the transpose of POOL_SUM

  // batch n k rowBytes strideX X index Y    Y[b, j] = X[b, index[b, j]]; strideX in bytes, 0 = shared.
  // An index outside 0..n-1 stops the run with an error.
  QS_GATHER = 11,
  // batch n k row G index Y                 Y[b, index[b, j]] += G[b, j]; rows of `row` floats, Y zeroed
  QS_SCATTER_ADD = 12,
  // rows n k X Y                            I32 positions of the k largest of each row, descending;
  QS_TOPK = 13, //                           the lower index of equals first; NaN is the largest
  // batch n perTask A L                     lower factor, upper part zero; a run with an A that is not positive
  //                                         definite fails and says its task, where perTask of them are one's
  QS_CHOLESKY = 14,
  // batch n m transpose L B X               L X = B, or L' X = B; L lower triangular
  QS_TRISOLVE = 15,
  // keys count K Y                          Y[i, j] uniform in [0, 1): Philox4x32-10, key K[i] (two I32),
  QS_RANDOM = 16, //                         counter (j / 4, 0, 0, 0), word j % 4, its top 24 bits * 2^-24
  // outer n inner Y                         I32: Y[o, i, r] = i
  QS_IOTA = 17,
  // bytes nd dims[nd] X strides[nd] Y strides[nd]   Y = X for elements of 1 or 4 bytes of any kind;
  QS_COPY = 18, //                                   strides in elements, 0 repeats X
  // N H W C KH KW SH SW PT PL OH OW X F index Y     the index that POOL_ARGMAX has for X times F [N, C],
  QS_POOL_MAX = 19, //                               and the elements of X that it names
  // n moving { space operand perStep } instructions { instruction }
  // Runs the instructions n times. Each of these spaces, used by no other, begins in run i (from 0) at the
  // operand's address + i * perStep (bytes, perhaps negative).
  QS_REPEAT = 20,
};

typedef struct qs_program qs_program;

// The kernel set in use: "x86-64-v4", "x86-64-v3" or "portable". Chosen from the CPU at load, or
// forced by the environment variable QUICKSTUDY_KERNELS (an unknown or unsupported value is reported
// by qs_error and the best set is used).
const char* qs_level(void);
// OpenBLAS as it was built and, behind a comma, the core it chose its kernels for.
const char* qs_blas(void);
// The last error of this thread, one sentence, or the empty string.
const char* qs_error(void);

// 64-byte aligned zeroed memory; 0 and qs_error when there is none.
void* qs_alloc(int64_t bytes);
void qs_free(void* memory);
int64_t qs_allocated(void);  // bytes now held through qs_alloc and by programs

// Checks the whole program (opcodes, lengths, register numbers, extents) before it takes it; 0 and
// qs_error otherwise. The code is copied.
qs_program* qs_program_open(const int64_t* code, int64_t words);
int32_t qs_program_bind(qs_program* p, int32_t space, void* base);  // space 0 or >= 2
// Runs the program once on up to `workers` threads, the caller among them. 0, or -1 and qs_error.
int32_t qs_program_run(qs_program* p, int32_t workers);
// As run with one worker, adding each instruction's nanoseconds to ns[i], i counted over the program; one that is
// repeated stands behind the QS_REPEAT, to which nothing is added.
int32_t qs_program_profile(qs_program* p, int64_t* ns, int64_t count);
// Whether the last run found a fault, one of native/plan.h, in what it was given: 1, and three words (kind, index,
// limit), or 0.
int32_t qs_program_fault(qs_program* p, int64_t* words);
void qs_program_close(qs_program* p);

#ifdef __cplusplus
}
#endif
