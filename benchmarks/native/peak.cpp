// The machine's peak of single-precision multiply-adds: independent chains in registers, no memory.
// Prints one line for each number of threads: threads, GFLOP/s (two operations per multiply-add).
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

namespace {

// 64 bytes: one AVX-512 register, or two of AVX2.
typedef float Vector __attribute__((vector_size(64)));
constexpr int kLanes = 16;
// Enough chains to cover a latency of four cycles on two units, few enough for the registers.
#ifdef __AVX512F__
constexpr int kChains = 16;
#else
constexpr int kChains = 6;
#endif
constexpr double kSeconds = 0.5;
constexpr int kRounds = 1 << 16;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::atomic<float> sink;

// Chains of x = x * a + b for about kSeconds; operations done.
double chains(float seed) {
  Vector x[kChains], a, b;
  for (int l = 0; l < kLanes; l++) {
    a[l] = 0.999f + 1e-6f * seed;
    b[l] = 1e-3f * seed;
    for (int c = 0; c < kChains; c++) x[c][l] = seed + c;
  }
  double done = 0;
  for (double end = now() + kSeconds; now() < end;) {
    for (int r = 0; r < kRounds; r++)
#pragma GCC unroll 16
      for (int c = 0; c < kChains; c++) x[c] = x[c] * a + b;
    done += 2.0 * kRounds * kChains * kLanes;
  }
  for (int c = 0; c < kChains; c++) sink = sink + x[c][0];
  return done;
}

double gflops(int threads) {
  std::vector<std::thread> others;
  std::vector<double> done(threads);
  double start = now();
  for (int t = 0; t < threads; t++) others.emplace_back([&, t] { done[t] = chains(1.f + t); });
  for (auto& o : others) o.join();
  double seconds = now() - start, all = 0;
  for (double d : done) all += d;
  return all / seconds / 1e9;
}

}  // namespace

int main(int argc, char** argv) {
  int most = argc > 1 ? std::atoi(argv[1]) : 1;
  for (int threads = 1; threads <= most; threads++) {
    double best = 0;
    for (int i = 0; i < 5; i++) best = std::max(best, gflops(threads));
    std::printf("%d %.1f\n", threads, best);
  }
}
