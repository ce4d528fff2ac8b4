#include <chrono>

#include "emulated_test.h"

int failures, checks;
Random rng = {0x9E3779B97F4A7C15ULL};

static double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// What a launch costs that does next to nothing.
static void timeTinyLoop() {
  Floats x(25);
  x.randomise();
  const std::vector<int64_t> w = {1, 25, 1, 0, x.address, 1, 0, 1, 0, 1, 0, 0, 0, 1, 1, 0, 0, x.address, 1};
  Buffer<int64_t> words((int64_t)w.size());
  words.host = w;
  words.send();
  int64_t args[QS_ARGS_NUMBERS + QS_ARGS_POINTERS] = {-1};
  args[QS_ARGS_NUMBERS] = words.address;
  const int64_t id = qs_emu_kernel("qs_loop");
  const double start = now();
  for (int i = 0; i < 2000; i++) qs_emu_launch(id, 1, 1, 1, 256, 1, 1, 0, args);
  printf("a loop over 25 elements: %.1f microseconds a launch\n", (now() - start) / 2000 * 1e6);
}

static void timeConvolution() {
  const int64_t n = 25, s = 14, c = 64;
  Floats x(n * s * s * c), w(9 * c * c), y(n * s * s * c);
  x.randomise();
  w.randomise();
  int64_t args[QS_ARGS_NUMBERS + QS_ARGS_POINTERS] = {1, n, s, s, c, 3, 3, c, 1, 1, 1, 1, s, s, 0, 0, 0};
  args[QS_ARGS_NUMBERS] = x.address;
  args[QS_ARGS_NUMBERS + 1] = w.address;
  args[QS_ARGS_NUMBERS + 2] = y.address;
  for (const char* kernel : {"qs_conv_128x64", "qs_conv_128x64_tf32", "qs_conv_128x64_3xtf32"}) {
    const double start = now();
    qs_emu_launch(qs_emu_kernel(kernel), 39, 1, 1, 128, 1, 1, 0, args);
    const double spent = now() - start;
    printf("%s, %.0f million products: %.1f ms, %.2f GFLOP/s\n", kernel, (double)n * s * s * 9 * c * c / 1e6, spent * 1e3,
           2e-9 * (double)n * s * s * 9 * c * c / spent);
  }
}

// An argument is a seed, for more cases.
int main(int count, char** arguments) {
  if (count > 1) rng.state += strtoull(arguments[1], nullptr, 10) * 0xD1342543DE82EF95ULL;
  testEmulator();
  testConvolution();
  testLoops();
  testProducts();
  testRest();
  expect(qs_emu_live() == 0 && qs_emu_bytes() == 0, "memory is left over");
  timeTinyLoop();
  timeConvolution();
  printf("emulator: %d checks, %d failures\n", checks, failures);
  return failures != 0;
}
