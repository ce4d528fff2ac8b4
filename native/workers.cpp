// The process-wide worker pool. Helpers spin briefly for the next region and then sleep; the caller
// never waits for a helper that has not joined its region.
#include <pthread.h>
#include <signal.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "program.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace qs {

#if defined(__x86_64__)
static void pause() { _mm_pause(); }
FlushDenormals::FlushDenormals() : saved_(_mm_getcsr()) { _mm_setcsr((unsigned)saved_ | 0x8040); }
FlushDenormals::~FlushDenormals() { _mm_setcsr((unsigned)saved_); }
#elif defined(__aarch64__)
static void pause() { asm volatile("yield"); }
FlushDenormals::FlushDenormals() {
  asm volatile("mrs %0, fpcr" : "=r"(saved_));
  asm volatile("msr fpcr, %0" : : "r"(saved_ | (1u << 24)));
}
FlushDenormals::~FlushDenormals() { asm volatile("msr fpcr, %0" : : "r"(saved_)); }
#else
static void pause() {}
FlushDenormals::FlushDenormals() : saved_(0) {}
FlushDenormals::~FlushDenormals() {}
#endif

// The gate is one word, so that joining a region and seeing which region it is are one step:
// generation (32 bits), open (1), helpers allowed (15), helpers inside (16).
static const uint64_t OPEN = 1ull << 31;

struct Pool::State {
  std::atomic<uint64_t> gate{0};
  std::atomic<int64_t> next{0};
  PartFn run = nullptr;
  void* self = nullptr;
  int64_t parts = 0;
  std::mutex busy, sleep;
  std::condition_variable wake;
  std::atomic<int> sleepers{0};
  int threads = 0;

  bool joinable(uint64_t gate, uint32_t seen, int index) const {
    return (gate & OPEN) && (uint32_t)(gate >> 32) != seen && index <= (int)((gate >> 16) & 0x7fff);
  }

  void work(int worker) {
    for (int64_t part; (part = next.fetch_add(1, std::memory_order_relaxed)) < parts;) run(self, worker, part);
  }

  void help(int index) {
    FlushDenormals flush;
    uint32_t seen = 0;
    for (;;) {
      auto idleSince = std::chrono::steady_clock::now();
      uint64_t g;
      for (int spins = 0; !joinable(g = gate.load(std::memory_order_acquire), seen, index); spins++) {
        pause();
        if (spins % 64 != 63) continue;
        if (std::chrono::steady_clock::now() - idleSince < std::chrono::microseconds(50)) continue;
        std::unique_lock<std::mutex> lock(sleep);
        sleepers.fetch_add(1);
        wake.wait(lock, [&] { return joinable(gate.load(), seen, index); });
        sleepers.fetch_sub(1);
      }
      if (!gate.compare_exchange_strong(g, g + 1, std::memory_order_acq_rel)) continue;
      seen = (uint32_t)(g >> 32);
      work(index);
      gate.fetch_sub(1, std::memory_order_release);
    }
  }
};

// Never destroyed: its threads may outlive every static object.
Pool::Pool() : state_(new State) {}
Pool& Pool::instance() {
  static Pool* pool = new Pool;
  return *pool;
}

bool Pool::acquire(int helpers) {
  if (!state_->busy.try_lock()) return false;
  sigset_t all, before;  // signals belong to the host's threads
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  try {
    while (state_->threads < helpers) {
      const int index = state_->threads + 1;
      State* state = state_;
      std::thread([state, index] { state->help(index); }).detach();
      state_->threads = index;
    }
  } catch (...) {  // fewer threads, the same results
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return true;
}

void Pool::release() { state_->busy.unlock(); }

void Pool::parallel(int helpers, int64_t parts, PartFn run, void* self) {
  State& s = *state_;
  s.run = run;
  s.self = self;
  s.parts = parts;
  s.next.store(0, std::memory_order_relaxed);
  const uint64_t generation = (s.gate.load(std::memory_order_relaxed) >> 32) + 1;
  s.gate.store(generation << 32 | OPEN | (uint64_t)helpers << 16);
  if (s.sleepers.load() > 0) {
    { std::lock_guard<std::mutex> lock(s.sleep); }
    s.wake.notify_all();
  }
  s.work(0);
  s.gate.fetch_and(~OPEN, std::memory_order_acq_rel);
  for (int spins = 0; (s.gate.load(std::memory_order_acquire) & 0xffff) != 0; spins++) {
    if (spins < 20000) pause();
    else std::this_thread::yield();
  }
}

}  // namespace qs
