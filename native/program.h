// The runtime's own view of a program, and the worker pool. None of this is compiled per level.
#pragma once
#include <atomic>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "plan.h"

namespace qs {

// A space that begins elsewhere each time instructions are repeated.
struct Moving {
  int64_t space;
  Operand from;
  int64_t perStep;
};

struct Segment {
  int64_t chunks;
  std::vector<Instruction> instructions;
};

}  // namespace qs

struct Repeat {
  int64_t times;
  std::vector<qs::Moving> moving;
  std::vector<Instruction> instructions;
};

namespace qs {

// Thrown while decoding or allocating; never leaves the library.
struct Error {
  std::string text;
};

// Zeroed, 64-byte aligned memory that counts towards qs_allocated.
class Memory {
 public:
  Memory() = default;
  explicit Memory(int64_t bytes);
  ~Memory();
  Memory(Memory&& other) noexcept;
  Memory& operator=(Memory&& other) noexcept;
  char* data() const { return data_; }

 private:
  char* data_ = nullptr;
};

// A worker's local arena, kernel scratch and shared scratch (for chunked segments), and its bases.
struct Worker {
  Memory memory;
  char *scratch, *shared;
  std::vector<char*> bases;
};

struct Decoded {
  std::vector<int64_t> code;
  int64_t localBytes = 0;
  int64_t count = 0;  // of instructions
  std::vector<Segment> segments;
  std::vector<bool> spaces;  // which are used
  std::vector<bool> moving;  // which of the spaces are set as the program runs
  std::deque<LoopPlan> loops;
  std::deque<Repeat> repeats;
  std::vector<std::unique_ptr<char[]>> arrays;
};

// Checks and decodes; throws Error.
void decode(Decoded& program, const int64_t* code, int64_t words);
const char* opcodeName(int64_t opcode);

// Fills everything in the plan after its operands, ops and dimensions.
void planLoop(LoopPlan& plan);

// Calls run(self, worker, part) for every part, worker 0 being the caller.
typedef void (*PartFn)(void* self, int worker, int64_t part);

class Pool {
 public:
  static Pool& instance();
  // False when another run has the pool. Makes sure that there are `helpers` threads, or fewer if the
  // system refuses.
  bool acquire(int helpers);
  void release();
  void parallel(int helpers, int64_t parts, PartFn run, void* self);

 private:
  struct State;
  Pool();
  State* state_;
};

// Flushes denormals to zero while in scope.
class FlushDenormals {
 public:
  FlushDenormals();
  ~FlushDenormals();

 private:
  uint64_t saved_;
};

}  // namespace qs
