// The C interface: choice of level, memory, and running programs.
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <algorithm>
#include <chrono>
#include <new>

#include "program.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

extern "C" void openblas_set_num_threads(int threads);
extern "C" const char* openblas_get_config(void);
extern "C" const char* openblas_get_corename(void);

namespace qs {
namespace {

thread_local std::string lastError;
std::atomic<int64_t> allocated{0};
const int64_t HEADER = 64;  // in front of every allocation, holding its size
const int64_t HUGE_PAGE = 2 << 20;

const Kernels* bestLevel() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
    return &qs_kernels_v4;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2"))
    return &qs_kernels_v3;
#endif
  return &qs_kernels_portable;
}

const Kernels* chooseLevel() {
  openblas_set_num_threads(1);  // the workers are the threads
  const Kernels* best = bestLevel();
  const char* wanted = getenv("QUICKSTUDY_KERNELS");
  if (wanted == nullptr || *wanted == 0) return best;
  const Kernels* all[] = {&qs_kernels_portable,
#if defined(__x86_64__)
                          &qs_kernels_v3, &qs_kernels_v4
#endif
  };
  for (const Kernels* k : all) {
    if (strcmp(k->name, wanted) == 0) return k;
    if (k == best) break;
  }
  lastError = std::string("QUICKSTUDY_KERNELS is ") + wanted + ", which this machine does not have: using " + best->name + ".";
  return best;
}

const Kernels& kernels() {
  static const Kernels* chosen = chooseLevel();
  return *chosen;
}

#if defined(__SANITIZE_ADDRESS__)
const bool MAPS = false;  // it sees past the ends of what malloc gives alone
#else
const bool MAPS = true;
#endif

// Fresh pages at a multiple of a huge page: the system clears each when it is first touched, by the worker that touches
// it, and none that never is.
void* map(int64_t total) {
  const int64_t most = total + HUGE_PAGE;
  char* all = (char*)mmap(nullptr, (size_t)most, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (all == MAP_FAILED) return nullptr;
  const int64_t before = (HUGE_PAGE - (int64_t)((uintptr_t)all % (uintptr_t)HUGE_PAGE)) % HUGE_PAGE;
  if (before > 0) munmap(all, (size_t)before);
  if (most > before + total) munmap(all + before + total, (size_t)(most - before - total));
#if defined(MADV_HUGEPAGE)
  madvise(all + before, (size_t)total, MADV_HUGEPAGE);
#endif
  return all + before;
}

bool isMapped(int64_t bytes) { return MAPS && bytes >= 2 * HUGE_PAGE; }
int64_t blockOf(int64_t bytes) {
  const int64_t unit = isMapped(bytes) ? 4096 : 64;
  return (std::max<int64_t>(bytes, 1) + HEADER + unit - 1) / unit * unit;
}

void* allocate(int64_t bytes) {
  if (bytes < 0 || bytes > ((int64_t)1 << 46)) return nullptr;
  const int64_t total = blockOf(bytes);
  void* p = nullptr;
  if (isMapped(bytes)) {
    p = map(total);
    if (p == nullptr) return nullptr;
  } else {
    if (posix_memalign(&p, 64, (size_t)total) != 0) return nullptr;
    memset(p, 0, (size_t)total);
  }
  *(int64_t*)p = bytes;
  allocated += bytes;
  return (char*)p + HEADER;
}

void release(void* p) {
  if (p == nullptr) return;
  char* start = (char*)p - HEADER;
  const int64_t bytes = *(int64_t*)start;
  allocated -= bytes;
  if (isMapped(bytes)) {
    munmap(start, (size_t)blockOf(bytes));
  } else {
    free(start);
  }
}

// Between a worker's areas, so that the address sanitizer sees a kernel that leaves its own.
const int64_t GAP = 64;
void guard(char* gap) {
#if defined(__SANITIZE_ADDRESS__)
  __asan_poison_memory_region(gap, GAP);
#else
  (void)gap;
#endif
}

std::string noMemory(int64_t bytes) { return "There is no memory for " + std::to_string(bytes) + " bytes."; }
int64_t align(int64_t bytes) { return (bytes + 63) / 64 * 64; }

}  // namespace

Memory::Memory(int64_t bytes) : data_((char*)allocate(bytes)) {
  if (data_ == nullptr) throw Error{noMemory(bytes)};
}
Memory::~Memory() { release(data_); }
Memory::Memory(Memory&& other) noexcept : data_(other.data_) { other.data_ = nullptr; }
Memory& Memory::operator=(Memory&& other) noexcept {
  std::swap(data_, other.data_);
  return *this;
}

}  // namespace qs

using namespace qs;

struct qs_program {
  Decoded code;
  int64_t scratch = 0, ownShared = 0;  // bytes per worker
  bool chunked = false, parallel = false;
  Memory shared;                       // partial results of instructions that are split over workers
  std::vector<char*> bases;
  std::vector<std::unique_ptr<Worker>> workers;
  std::atomic<bool> running{false};
  Fault fault;

  // Of the run in progress.
  const Segment* segment;
  const Instruction* instruction;
  int phase;

  void addWorkers(int count) {
    while ((int)workers.size() < count) {
      std::unique_ptr<Worker> w(new Worker);
      const int64_t local = align(code.localBytes) + GAP, own = align(scratch) + GAP;
      w->memory = Memory(local + own + ownShared);
      w->scratch = w->memory.data() + local;
      w->shared = w->scratch + own;
      guard(w->scratch - GAP);
      guard(w->shared - GAP);
      workers.push_back(std::move(w));
    }
    for (auto& w : workers) {
      w->bases = bases;
      w->bases[1] = w->memory.data();
    }
  }

  Context context(int worker, int64_t chunk) {
    Worker& w = *workers[(size_t)worker];
    return {w.bases.data(), chunk, w.scratch, segment->chunks > 1 ? w.shared : shared.data(), &fault};
  }

  bool moves(size_t space) { return space < code.moving.size() && code.moving[space]; }

  void prepare(Instruction& in, int64_t& mostShared) {
    if (in.repeat != nullptr) {
      for (Instruction& one : in.repeat->instructions) prepare(one, mostShared);
      return;
    }
    kernels().prepare(&in);
    scratch = std::max(scratch, in.scratch);
    mostShared = std::max(mostShared, in.shared);
    for (int i = 0; i < in.phases; i++) parallel |= in.parts[i] > 1;
  }

  bool failed() { return __atomic_load_n(&fault.set, __ATOMIC_ACQUIRE) != 0; }

  // Where moving spaces begin in a step, for one worker.
  void move(const Repeat& r, int worker, int64_t step, int64_t chunk) {
    std::vector<char*>& at = workers[(size_t)worker]->bases;
    for (const Moving& m : r.moving)
      at[(size_t)m.space] = at[(size_t)m.from.space] + m.from.offset + chunk * m.from.chunkStride + step * m.perStep;
  }

  void whole(const Instruction& in, const Context& c, int worker) {
    if (in.repeat != nullptr) {
      for (int64_t step = 0; step < in.repeat->times; step++) {
        move(*in.repeat, worker, step, c.chunk);
        for (const Instruction& one : in.repeat->instructions) {
          if (failed()) return;
          whole(one, c, worker);
        }
      }
      return;
    }
    for (int phase = 0; phase < in.phases; phase++)
      for (int64_t part = 0; part < in.parts[phase]; part++) kernels().run(&in, &c, phase, part);
  }

  void chunk(int worker, int64_t index) {
    const Context c = context(worker, index);
    for (const Instruction& in : segment->instructions) {
      if (failed()) return;
      whole(in, c, worker);
    }
  }

  // An instruction that no chunk runs, split over the workers.
  void together(const Instruction& in, const Context& c, int helpers) {
    if (failed()) return;
    if (in.repeat != nullptr && helpers > 0) {
      for (int64_t step = 0; step < in.repeat->times; step++) {
        for (int w = 0; w <= helpers; w++) move(*in.repeat, w, step, 0);
        for (const Instruction& one : in.repeat->instructions) together(one, c, helpers);
      }
      return;
    }
    if (helpers == 0 || in.work < 20e3) {
      whole(in, c, 0);
      return;
    }
    instruction = &in;
    for (phase = 0; phase < in.phases; phase++) {
      if (in.parts[phase] == 1) {
        kernels().run(&in, &c, phase, 0);
        continue;
      }
      Pool::instance().parallel(helpers, in.parts[phase], [](void* self, int w, int64_t part) {
        qs_program* p = (qs_program*)self;
        const Context own = p->context(w, 0);
        kernels().run(p->instruction, &own, p->phase, part);
      }, this);
    }
  }

  void run(int helpers) {
    for (const Segment& s : code.segments) {
      segment = &s;
      if (s.chunks > 1) {
        if (helpers > 0) {
          Pool::instance().parallel(helpers, s.chunks, [](void* p, int w, int64_t i) { ((qs_program*)p)->chunk(w, i); }, this);
        } else {
          for (int64_t i = 0; i < s.chunks; i++) chunk(0, i);
        }
      } else if (s.chunks == 1) {
        const Context c = context(0, 0);
        for (const Instruction& in : s.instructions) together(in, c, helpers);
      }
      if (failed()) return;
    }
  }

  void timed(const Instruction& in, const Context& c, int64_t* ns, int64_t count) {
    if (in.repeat != nullptr) {
      for (int64_t step = 0; step < in.repeat->times; step++) {
        move(*in.repeat, 0, step, c.chunk);
        for (const Instruction& one : in.repeat->instructions) {
          if (failed()) return;
          timed(one, c, ns, count);
        }
      }
      return;
    }
    const auto start = std::chrono::steady_clock::now();
    whole(in, c, 0);
    const auto spent = std::chrono::steady_clock::now() - start;
    if (in.index < count) ns[in.index] += std::chrono::duration_cast<std::chrono::nanoseconds>(spent).count();
  }

  void profile(int64_t* ns, int64_t count) {
    for (const Segment& s : code.segments) {
      segment = &s;
      for (int64_t i = 0; i < s.chunks; i++) {
        const Context c = context(0, i);
        for (size_t k = 0; k < s.instructions.size() && !failed(); k++) timed(s.instructions[k], c, ns, count);
      }
    }
  }
};

namespace {

int32_t refuse(const std::string& text) {
  lastError = text;
  return -1;
}

// Runs body with everything in place for `threads` workers, turning every failure into a sentence.
template <class F>
int32_t guarded(qs_program* p, int32_t threads, F body) {
  if (p == nullptr) return refuse("There is no program.");
  if (threads < 1) return refuse("A run needs at least one worker.");
  for (size_t s = 0; s < p->code.spaces.size(); s++)
    if (s != 1 && p->code.spaces[s] && !p->moves(s) && p->bases[s] == nullptr) return refuse("Space " + std::to_string(s) + " has not been bound.");
  if (p->running.exchange(true)) return refuse("The program is already running.");
  bool pool = false;
  int32_t result = 0;
  try {
    kernels();
    const int helpers = std::min(threads, 1024) - 1;
    pool = helpers > 0 && p->parallel && Pool::instance().acquire(helpers);
    p->addWorkers(pool ? helpers + 1 : 1);
    p->fault = {};
    FlushDenormals flush;
    body(pool ? helpers : 0);
    if (p->fault.set)
      result = refuse("A fault of kind " + std::to_string(p->fault.set) + " at " + std::to_string(p->fault.index) + ".");
  } catch (const Error& e) {
    result = refuse(e.text);
  } catch (const std::exception& e) {
    result = refuse(std::string("The run failed: ") + e.what() + ".");
  }
  if (pool) Pool::instance().release();
  p->running = false;
  return result;
}

}  // namespace

extern "C" {

const char* qs_level(void) { return kernels().name; }
const char* qs_blas(void) {
  static const std::string text = std::string(openblas_get_config()) + ", " + openblas_get_corename();
  return text.c_str();
}
const char* qs_error(void) { return lastError.c_str(); }

void* qs_alloc(int64_t bytes) {
  void* p = allocate(bytes);
  if (p == nullptr) lastError = noMemory(bytes);
  return p;
}
void qs_free(void* memory) { release(memory); }
int64_t qs_allocated(void) { return allocated; }

qs_program* qs_program_open(const int64_t* code, int64_t words) {
  try {
    std::unique_ptr<qs_program> p(new qs_program);
    decode(p->code, code, words);
    int64_t shared = 0;
    for (Segment& s : p->code.segments) {
      p->parallel |= s.chunks > 1;
      for (Instruction& in : s.instructions) p->prepare(in, s.chunks > 1 ? p->ownShared : shared);
    }
    p->bases.resize(p->code.spaces.size());
    p->shared = Memory(shared);
    p->addWorkers(1);
    return p.release();
  } catch (const Error& e) {
    lastError = e.text;
  } catch (const std::exception& e) {
    lastError = std::string("The program could not be opened: ") + e.what() + ".";
  }
  return nullptr;
}

int32_t qs_program_bind(qs_program* p, int32_t space, void* base) {
  if (p == nullptr) return refuse("There is no program.");
  if (space < 0 || space == 1) return refuse("Space " + std::to_string(space) + " cannot be bound.");
  if (p->running) return refuse("The program is running.");
  if ((size_t)space < p->bases.size()) p->bases[(size_t)space] = (char*)base;  // others are not used
  return 0;
}

int32_t qs_program_run(qs_program* p, int32_t workers) {
  return guarded(p, workers, [p](int helpers) { p->run(helpers); });
}

int32_t qs_program_profile(qs_program* p, int64_t* ns, int64_t count) {
  if (ns == nullptr && count > 0) return refuse("There is no room for the times.");
  return guarded(p, 1, [p, ns, count](int) { p->profile(ns, count); });
}

int32_t qs_program_fault(qs_program* p, int64_t* words) {
  if (p == nullptr || p->fault.set == 0) return 0;
  words[0] = p->fault.set;
  words[1] = p->fault.index;
  words[2] = p->fault.limit;
  return 1;
}

void qs_program_close(qs_program* p) { delete p; }

}  // extern "C"
