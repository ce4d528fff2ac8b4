// What the runtime hands to the kernels: decoded instructions, as plain data, so that code compiled
// for different instruction sets shares nothing but layouts.
#pragma once
#include <stdint.h>

#include "quickstudy.h"

struct Operand {
  int64_t space, offset, chunkStride;  // bytes
};

struct LoopInput {
  int64_t dtype;
  Operand at;
  int64_t strides[QS_MAX_DIMS];
  int kind;     // LoopKind
  int dense;    // how many of the innermost dimensions lie in memory without gaps
  int overlaps, inPlace;  // shares memory with an output; may be read where it lies
  int slot;
};

// Functions that a plan puts in place of several, whose values nothing else reads (theirs become QS_NOTHING), so
// that a tile is passed over once:
enum {
  QS_NOTHING = -1,
  QS_PUT = -2,         // select(equal(a, b), c, 0) of inputs: integers a, positions b that repeat along a line
  QS_MASK = -3,        // select(less(a, b), c, 0)
  QS_SHIFT = -4,       // (a - b) * c + d
  QS_SHIFT_RELU = -5,  // max((a - b) * c + d, 0)
  QS_SHIFT_ADD = -6,   // ((a - b) * c + d) + e
  QS_SHIFT_FMA = -7,   // ((a - b) * c + d) + e * f
  // Two outputs, the sums over all lines of v and of v * d, or v * (d - e):
  QS_SUMS = -8,        // v = a
  QS_SUB_SUMS = -9,    // v = a - b, and nothing else reads it
  QS_MASK_SUMS = -10,  // v = select(less(a, b), c, 0)
};

struct LoopOp {
  int fn, slot, once;  // once: the same for every tile, computed before the first
  int a, b, c, d, e, f;  // values
  int sum, product, less;  // where sums go; less: there is an e to take off
};

struct LoopOutput {
  int value, mode, direct;  // direct: the first float store of a value may be where it is computed
  int past;                 // so large that it is written past the cache
  int64_t dtype;
  Operand at;
  int64_t strides[QS_MAX_DIMS];
  int dense;
  int partial;            // each part sums into its own copy, added up in order afterwards
  int64_t kept, partialAt;  // elements that are not reduced; the copies' place in shared scratch
  int64_t keptStrides[QS_MAX_DIMS];
  int tileSlot;  // where an op adds up, the slot of what a tile comes to, LoopPlan::width numbers; else -1
};

// LOOP_LEFT: an op reads it from where it is.
enum LoopKind { LOOP_STREAM = 0, LOOP_ROW = 1, LOOP_SCALAR = 2, LOOP_LEFT = 3 };

// Values are numbered: inputs, constants, then one for each op.
struct LoopPlan {
  int rank;
  int64_t dims[QS_MAX_DIMS];
  int64_t total, columns, linesPerRun, lines;  // columns: innermost extent; a run: lines along the next
  int64_t tileLines, tileColumns;
  int64_t tilesPerRun, tiles;  // tilesPerRun 0: a tile holds whole runs
  int64_t pieces;              // tiles across one line that is longer than a tile
  int64_t width;               // what is added up side by side in a tile: a line, or several if they are short
  int byPiece;                 // go down the lines within a piece, rather than along a line
  int64_t slotFloats;
  int nIn, nConst, nOps, nOut, slots;
  LoopInput* in;
  float* constants;
  int* constantSlots;
  LoopOp* ops;
  LoopOutput* out;
  int anyPrivate, anyPartial;
};

enum { QS_MAX_PHASES = 4 };

enum ConvolutionWay { CONV_DIRECT = 0, CONV_WINOGRAD = 1, CONV_NARROW = 2 };

struct Repeat;

struct Instruction {
  int64_t opcode;
  int64_t index;  // counted over the program, those that are repeated behind what repeats them
  const int64_t* p;  // the payload's leading numbers
  Operand at[4];
  LoopPlan* loop;
  Repeat* repeat;
  bool split;  // its parts may run at once
  // Filled by Kernels::prepare. Phases run one after another, the parts of a phase in any order.
  int phases;
  int64_t parts[QS_MAX_PHASES];
  int64_t scratch, shared;  // bytes: per worker, and for all parts of the instruction together
  double work;              // elementary operations
  int way;                  // ConvolutionWay
};

enum FaultKind {
  FAULT_INDEX = 1,       // index is outside 0..limit-1
  FAULT_INDEFINITE = 2,  // a matrix of limit rows is not positive definite; index is its task, or -1
  FAULT_NOT_FINITE = 3,  // the same where a pivot is no number or infinite
};

struct Fault {
  int64_t set;  // its kind, claimed by the first to fail
  int64_t index, limit;
};

struct Context {
  char* const* bases;
  int64_t chunk;
  char* scratch;
  char* shared;
  Fault* fault;
};

struct Kernels {
  const char* name;
  void (*prepare)(Instruction*);
  void (*run)(const Instruction*, const Context*, int phase, int64_t part);
};

extern const Kernels qs_kernels_portable;
#if defined(__x86_64__)
extern const Kernels qs_kernels_v3;
extern const Kernels qs_kernels_v4;
#endif
