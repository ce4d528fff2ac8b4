// The emulator itself: memory, barriers, shuffles, refusals, and cuBLAS's product.
#include "emulated_test.h"
#include "registry.h"

#define KERNELS(F)                                                                                        \
  F(faulty_some_skip_barrier) F(faulty_two_barriers) F(faulty_lane_missing) F(faulty_writes_behind)       \
  F(faulty_shared) F(faulty_copy) F(faulty_object) F(sound_sum) F(sound_shared_is_filled) F(sound_copies)
#define DECLARE(NAME) extern "C" void NAME(const QsArgs&);
KERNELS(DECLARE)

// The address sanitizer ends the process at the first access out of bounds, deliberate or not.
#if defined(__SANITIZE_ADDRESS__)
static const bool deliberate = false;
#else
static const bool deliberate = true;
#endif

static int64_t args[QS_ARGS_NUMBERS + QS_ARGS_POINTERS];

static int launch(const char* name, int gx, int gy, int gz, int bx, int by, int bz, int shared) {
  return qs_emu_launch(qs_emu_kernel(name), gx, gy, gz, bx, by, bz, shared, args);
}

static void refused(int code, const std::string& words) {
  const std::string said = qs_emu_error();
  expect(code == -1 && said.find(words) != std::string::npos, "expected '" + words + "', got '" + said + "'");
}

static void testMemory() {
  const int64_t a = qs_emu_alloc(100);
  unsigned char bytes[100];
  expect(a % 256 == 0 && qs_emu_live() == 1 && qs_emu_bytes() == 100, "one allocation");
  qs_emu_copy_out(bytes, a, 100);
  for (unsigned char b : bytes) expect(b == 0xFF, "fresh memory is filled");
  expect(qs_emu_fill(a + 1, 7, 98) == 0 && qs_emu_copy_out(bytes, a, 100) == 0 && bytes[0] == 0xFF && bytes[1] == 7 &&
             bytes[98] == 7 && bytes[99] == 0xFF, "fill");
  refused(qs_emu_copy_out(bytes, a + 1, 100), "leave allocation");
  refused(qs_emu_copy_in(a - 1, bytes, 4), "");
  refused(qs_emu_fill(16, 0, 4), "not device memory");
  refused(qs_emu_free(a + 4), "was not allocated");
  if (deliberate) {
    ((char*)a)[100] = 1;
    refused(qs_emu_check(), "0 bytes behind allocation");
    refused(qs_emu_free(a), "0 bytes behind allocation");
  } else {
    qs_emu_free(a);
  }
  expect(qs_emu_live() == 0 && qs_emu_free(0) == 0, "freed");
  expect(qs_emu_alloc((int64_t)1 << 50) == 0, "too much memory");
}

static void testThreads() {
  for (int t = 0; t < 2; t++) {
    refused(launch("faulty_some_skip_barrier", 1, 1, 1, 64, 1, 1, 0), "threads part at a barrier");
    refused(launch("faulty_two_barriers", 1, 1, 1, 128, 1, 1, 0), "threads part at a barrier");
    refused(launch("faulty_lane_missing", 1, 1, 1, 32, 1, 1, 0), "threads of a warp part");
    if (deliberate) refused(launch("faulty_shared", 1, 1, 1, 32, 1, 1, 124), "behind the shared memory");
    expect(launch("faulty_shared", 1, 1, 1, 32, 1, 1, 128) == 0, "enough shared memory");
  }
  Floats x(7);
  args[QS_ARGS_NUMBERS] = x.address;
  if (deliberate) {
    args[0] = 7;
    refused(launch("faulty_writes_behind", 1, 1, 1, 32, 1, 1, 0), "0 bytes behind allocation");
    ((unsigned*)x.address)[7] = 0x7FC55AA5u;  // mended, so that the buffer can be freed
  }
  args[0] = 6;
  well(launch("faulty_writes_behind", 1, 1, 1, 32, 1, 1, 0));
  Ints sums(2 * 3 * 2);
  args[QS_ARGS_NUMBERS] = sums.address;
  well(launch("sound_sum", 2, 3, 2, 8, 4, 6, 24));
  compare("sums of thread numbers", sums, std::vector<double>(12, 191 * 192 / 2), 0, 0);
  for (int t = 0; t < 2; t++) {
    well(launch("sound_shared_is_filled", 1, 1, 1, 64, 1, 1, 0));
    expect(((unsigned*)sums.address)[0] == 0xFFFFFFFFu, "shared memory is filled");
  }
}

static void testCopies() {
  Floats x(12), y(9);
  x.randomise();
  args[QS_ARGS_NUMBERS] = x.address;
  args[QS_ARGS_NUMBERS + 1] = y.address;
  refused(launch("faulty_copy", 1, 1, 1, 1, 1, 1, 0), "a copy of 16 bytes is not aligned");
  args[0] = 4;
  if (deliberate) refused(launch("faulty_object", 1, 1, 1, 1, 1, 1, 0), "behind the shared memory");
  args[0] = 3;
  well(launch("faulty_object", 1, 1, 1, 1, 1, 1, 0));
  const double none = NAN;
  well(launch("sound_copies", 1, 1, 1, 1, 1, 1, 0));
  compare("copies", y, {none, none, none, x[0], none, none, x[0], x[1], 0}, 0, 0);
  args[QS_ARGS_NUMBERS + 1] = 0;
}

static void testRefusals() {
  refused(launch("sound_sum", 0, 1, 1, 32, 1, 1, 0), "grid");
  refused(launch("sound_sum", 1, 65536, 1, 32, 1, 1, 0), "grid");
  refused(launch("sound_sum", 1, 1, 1, 1025, 1, 1, 0), "block");
  refused(launch("sound_sum", 1, 1, 1, 32, 33, 1, 0), "block");
  refused(launch("sound_sum", 1, 1, 1, 32, 1, 1, 300000), "shared memory");
  refused(launch("qs_loop", 1, 1, 1, 512, 1, 1, 0), "at most 256 threads");
  args[QS_ARGS_NUMBERS] = 0;
  refused(launch("qs_gemm", 1, 1, 1, 64, 1, 1, 0), "blocks of 128 threads");
  args[QS_ARGS_NUMBERS] = 4096;
  refused(launch("sound_sum", 1, 1, 1, 32, 1, 1, 64), "address 0 is not device memory");
  args[QS_ARGS_NUMBERS] = 0;
  expect(qs_emu_kernel("qs_none") == 0, "no such kernel");
  refused(launch("qs_none", 1, 1, 1, 32, 1, 1, 0), "no kernel");
}

static void testSgemm() {
  for (int t = 0; t < 60; t++) {
    const int64_t m = rng.range(1, 40), n = rng.range(1, 40), k = rng.range(0, 70), batch = rng.range(1, 3);
    const int ta = (int)rng.range(0, 2), tb = (int)rng.range(0, 2);
    const int64_t ra = ta ? k : m, ca = ta ? m : k, rb = tb ? n : k, cb = tb ? k : n;
    const int64_t lda = (ra > 0 ? ra : 1) + rng.range(0, 2), ldb = (rb > 0 ? rb : 1) + rng.range(0, 2), ldc = m + rng.range(0, 2);
    const int64_t sa = rng.range(0, 1) * (lda * ca + 3), sb = rng.range(0, 1) * ldb * cb, sc = ldc * n + rng.range(0, 4);
    const float alpha = (float)rng.pick({1, 1, 2}), beta = (float)rng.pick({0, 0, 1, 3});
    const int round = (int)rng.range(0, 1);
    Floats a(sa * (batch - 1) + lda * ca), b(sb * (batch - 1) + ldb * cb), c(sc * (batch - 1) + ldc * (n - 1) + m);
    a.randomise();
    b.randomise();
    if (beta != 0) c.randomise();
    else c.get();
    std::vector<double> want(c.host.begin(), c.host.end());
    for (int64_t q = 0; q < batch; q++)
      for (int64_t j = 0; j < n; j++)
        for (int64_t i = 0; i < m; i++) {
          double s = 0;
          for (int64_t p = 0; p < k; p++)
            s += taken(round, a[q * sa + (ta ? i * lda + p : p * lda + i)]) * taken(round, b[q * sb + (tb ? p * ldb + j : j * ldb + p)]);
          double& w = want[(size_t)(q * sc + j * ldc + i)];
          w = alpha * s + (beta != 0 ? beta * w : 0);
        }
    auto call = [&](int64_t la) {
      return qs_emu_sgemm_strided_batched(ta, tb, (int)m, (int)n, (int)k, alpha, a.address, (int)la, sa, b.address, (int)ldb, sb,
                                          beta, c.address, (int)ldc, sc, (int)batch, round);
    };
    well(call(lda));
    compare("sgemm", c, want, 1e-5, 1e-5);
    refused(call(ra - 1), "leading dimension");
    if (ca > 1 && ra > 0) refused(call(lda + 100), "leave allocation");
  }
}

void testEmulator() {
#define ADD(NAME) qs_emu::registry().push_back({#NAME, NAME, 1024});
  KERNELS(ADD)
  testMemory();
  testThreads();
  testCopies();
  testRefusals();
  testSgemm();
}
