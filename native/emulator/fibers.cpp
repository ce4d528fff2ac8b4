// A fiber runs threads of a block one after another until one of them has to wait; that thread then
// keeps the fiber, and another one goes on with the next thread. A kernel without barriers therefore
// runs on a single fiber that never switches.
#include "fibers.h"

#include <stdlib.h>
#include <string.h>

#include <memory>
#include <vector>

#if defined(__x86_64__) && !defined(QS_UCONTEXT)
#define QS_OWN_SWITCH
#else
#include <ucontext.h>
#endif

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

namespace qs_emu {

Dim threadIdx, blockIdx, blockDim, gridDim;
char* dynamicShared;

namespace {

enum { STACK = 128 * 1024, GUARD = 64 };
const unsigned char FENCE = 0xC3;

// ---- switching stacks

#if defined(QS_OWN_SWITCH)
// Saves what a call has to preserve and the stack pointer in *from, and goes on where `to` was saved.
extern "C" void qs_emu_switch(void** from, void* to) __attribute__((visibility("hidden")));
#if defined(__APPLE__)
#define QS_SYMBOL "_qs_emu_switch"
#else
#define QS_SYMBOL "qs_emu_switch"
#endif
asm(".text\n.globl " QS_SYMBOL "\n" QS_SYMBOL ":\n"
    "  pushq %rbp\n  pushq %rbx\n  pushq %r12\n  pushq %r13\n  pushq %r14\n  pushq %r15\n"
    "  movq %rsp, (%rdi)\n  movq %rsi, %rsp\n"
    "  popq %r15\n  popq %r14\n  popq %r13\n  popq %r12\n  popq %rbx\n  popq %rbp\n  ret\n");

struct Stack {
  void* saved = nullptr;
  void prepare(char* memory, void (*entry)()) {
    void** top = (void**)(memory + STACK - 64);
    *--top = nullptr;  // where entry would return to; it never does
    *--top = (void*)entry;
    for (int i = 0; i < 6; i++) *--top = nullptr;
    saved = top;
  }
};
void change(Stack& from, Stack& to) { qs_emu_switch(&from.saved, to.saved); }
#else
struct Stack {
  ucontext_t saved;
  void prepare(char* memory, void (*entry)()) {
    getcontext(&saved);
    saved.uc_stack.ss_sp = memory;
    saved.uc_stack.ss_size = STACK;
    saved.uc_link = nullptr;
    makecontext(&saved, entry, 0);
  }
};
void change(Stack& from, Stack& to) { swapcontext(&from.saved, &to.saved); }
#endif

// ---- the block that runs

enum State : unsigned char { FRESH, READY, AT_BLOCK, AT_WARP, DONE };

struct Fiber {
  Stack stack;
  std::unique_ptr<char[]> memory;
};

struct Block {
  Kernel kernel;
  const QsArgs* args;
  int count;   // threads
  int cursor;  // how many were looked at in this round
  bool backwards;
  int current;
  Fiber* fiber;
  State state[MOST_THREADS];
  int line[MOST_THREADS];  // where it waits
  unsigned char parity[MOST_THREADS];
  Fiber* owner[MOST_THREADS];
  unsigned slots[2][MOST_THREADS];
  std::vector<std::unique_ptr<Fiber>> fibers;
  std::vector<Fiber*> idle;
  Stack caller;
  bool waited;  // since shared memory was filled
  size_t objects = MOST_SHARED;  // bytes of shared objects that were used
  std::string error;
};
Block* block;

// Shared objects end where this ends, but for the fence.
alignas(16) char objects[MOST_SHARED + GUARD];

Dim position(int t) {
  const unsigned x = blockDim.x, y = blockDim.y;
  if (y == 1 && blockDim.z == 1) return {(unsigned)t, 0, 0};
  return {(unsigned)t % x, (unsigned)t / x % y, (unsigned)t / x / y};
}

// The thread to look at next.
int turn() { return block->backwards ? block->count - 1 - block->cursor : block->cursor; }

void enter();

// The fiber of thread t, or a new one for those not yet begun.
Fiber* spare() {
  Block& b = *block;
  if (b.idle.empty()) {
    b.fibers.emplace_back(new Fiber);
    b.fibers.back()->memory.reset(new char[STACK]);
    memset(b.fibers.back()->memory.get(), FENCE, GUARD);
    b.idle.push_back(b.fibers.back().get());
  }
  Fiber* f = b.idle.back();
  b.idle.pop_back();
#if defined(__SANITIZE_ADDRESS__)
  __asan_unpoison_memory_region(f->memory.get(), STACK);  // of frames that were left for good
#endif
  f->stack.prepare(f->memory.get(), enter);
  return f;
}

std::string where(int t) {
  const Dim d = position(t);
  return "thread (" + std::to_string(d.x) + ", " + std::to_string(d.y) + ", " + std::to_string(d.z) + ") of block (" +
      std::to_string(blockIdx.x) + ", " + std::to_string(blockIdx.y) + ", " + std::to_string(blockIdx.z) + ")";
}

std::string doing(int t) {
  const Block& b = *block;
  if (b.state[t] == DONE) return where(t) + " has returned";
  return where(t) + " waits at line " + std::to_string(b.line[t]);
}

// At the end of a round everybody waits or has returned. Lets go on who may; false where nobody does.
bool release() {
  Block& b = *block;
  bool progress = false;
  for (int w = 0; w < b.count; w += WARP) {
    const int end = w + WARP < b.count ? w + WARP : b.count;
    int first = -1;
    for (int t = w; t < end && first < 0; t++)
      if (b.state[t] == AT_WARP) first = t;
    if (first < 0) continue;
    for (int t = w; t < end; t++)
      if (b.state[t] != AT_WARP || b.line[t] != b.line[first]) {
        b.error = "threads of a warp part: " + doing(first) + " for its warp, but " + doing(t);
        return false;
      }
    memset(b.state + w, READY, (size_t)(end - w));
    progress = true;
  }
  if (progress) return true;
  int waiting = -1;
  for (int t = 0; t < b.count && waiting < 0; t++)
    if (b.state[t] == AT_BLOCK) waiting = t;
  if (waiting < 0) return false;
  for (int t = 0; t < b.count; t++)
    if (b.state[t] != AT_BLOCK || b.line[t] != b.line[waiting]) {
      b.error = "threads part at a barrier: " + doing(waiting) + ", but " + doing(t);
      return false;
    }
  memset(b.state, READY, (size_t)b.count);
  return true;
}

// Whose turn it is; null where the block is finished or has failed.
Fiber* next() {
  Block& b = *block;
  for (;;) {
    for (; b.cursor < b.count; b.cursor++) {
      const int t = turn();
      if (b.state[t] == FRESH) return spare();
      if (b.state[t] != READY) continue;
      b.cursor++;
      b.current = t;
      threadIdx = position(t);
      return b.owner[t];
    }
    if (!release()) return nullptr;
    b.cursor = 0;
  }
}

void leave(Fiber* self) {
  Block& b = *block;
  Fiber* to = next();
  if (to == self) return;
  b.fiber = to;
  change(self->stack, to == nullptr ? b.caller : to->stack);
}

void enter() {
  Block& b = *block;
  while (b.cursor < b.count && b.state[turn()] == FRESH) {
    const int t = turn();
    b.cursor++;
    b.current = t;
    threadIdx = position(t);
    b.kernel(*b.args);
    b.state[b.current] = DONE;
  }
  Fiber* self = b.fiber;
  b.idle.push_back(self);
  Fiber* to = next();  // not one to begin anew: threads begin in the first round only
  b.fiber = to;
  Stack dead;
  change(dead, to == nullptr ? b.caller : to->stack);
}

void wait(State state, int line) {
  Block& b = *block;
  const int t = b.current;
  b.waited = true;
  b.state[t] = state;
  b.line[t] = line;
  b.owner[t] = b.fiber;
  leave(b.fiber);
}

void runBlock() {
  Block& b = *block;
  memset(b.state, FRESH, (size_t)b.count);
  memset(b.parity, 0, (size_t)b.count);
  memset(objects + MOST_SHARED - b.objects, 0xFF, b.objects);
  forgetCopies();
  forgetProducts();
  b.cursor = 0;
  b.fiber = spare();
  change(b.caller, b.fiber->stack);
}

#if defined(__ELF__)
extern "C" char __start_qs_shared[] __attribute__((weak, visibility("hidden")));
extern "C" char __stop_qs_shared[] __attribute__((weak, visibility("hidden")));
void poison() {
  if (__start_qs_shared != nullptr) memset(__start_qs_shared, 0xFF, (size_t)(__stop_qs_shared - __start_qs_shared));
}
#else
void poison() {}
#endif

}  // namespace

void blockWait(int line) { wait(AT_BLOCK, line); }
void warpWait(int line) { wait(AT_WARP, line); }
void fail(const std::string& why) {
  Block& b = *block;
  b.error = why;
  change(b.fiber->stack, b.caller);  // for good
}
void needThreads(int count) {
  if (block->count == count) return;
  fail("it takes blocks of " + std::to_string(count) + " threads, not of " + std::to_string(block->count));
}

char* sharedMemory(size_t bytes) {
  block->objects = bytes;
  return objects + MOST_SHARED - bytes;
}

unsigned lane() { return (unsigned)block->current % WARP; }
unsigned self() { return (unsigned)block->current; }

unsigned exchange(int line, unsigned bits, unsigned source) {
  Block& b = *block;
  const int t = b.current;
  unsigned* slots = b.slots[b.parity[t]];  // two, since a lane may be at the next exchange before others read
  b.parity[t] ^= 1;
  slots[t] = bits;
  wait(AT_WARP, line);
  return slots[t / WARP * WARP + (int)source];
}

std::string runGrid(Kernel kernel, const QsArgs& args, Dim grid, Dim size, unsigned shared, bool backwards) {
  static Block* only = new Block();  // kept, with its fibers, from launch to launch
  static std::vector<char> memory;
  block = only;
  Block& b = *only;
  b.kernel = kernel;
  b.args = &args;
  b.backwards = backwards;
  b.count = (int)(size.x * size.y * size.z);
  b.error.clear();
  b.idle.clear();
  for (auto& f : b.fibers) b.idle.push_back(f.get());
  gridDim = grid;
  blockDim = size;
  memory.resize((size_t)shared + GUARD);
  dynamicShared = memory.data();
  memset(dynamicShared, 0xFF, shared);
  memset(dynamicShared + shared, FENCE, GUARD);
  memset(objects + MOST_SHARED - b.objects, 0xFF, b.objects);
  memset(objects + MOST_SHARED, FENCE, GUARD);
  b.objects = 0;
  if (b.waited) poison();
  b.waited = false;
  for (unsigned z = 0; z < grid.z && b.error.empty(); z++)
    for (unsigned y = 0; y < grid.y && b.error.empty(); y++)
      for (unsigned x = 0; x < grid.x && b.error.empty(); x++) {
        blockIdx = {x, y, z};
        runBlock();
      }
  for (int i = 0; i < GUARD && b.error.empty(); i++)
    if ((unsigned char)memory[shared + (size_t)i] != FENCE || (unsigned char)objects[MOST_SHARED + i] != FENCE)
      b.error = "a thread wrote behind the shared memory";
  for (auto& f : b.fibers)
    if ((unsigned char)f->memory[0] != FENCE && b.error.empty()) b.error = "a thread's stack ran over";
  return b.error;
}

}  // namespace qs_emu
