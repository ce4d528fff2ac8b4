// Runs kernels on the emulator and compares what they write with plain loops in double precision.
#pragma once
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <string>
#include <vector>

#include "args.h"
#include "emulator.h"

extern int failures, checks;

inline bool expect(bool ok, const std::string& what) {
  checks++;
  if (!ok && failures++ < 40) printf("FAILED %s\n", what.c_str());
  return ok;
}

// A call that has to succeed.
inline bool well(int64_t code) { return expect(code == 0, code == 0 ? "" : qs_emu_error()); }

struct Random {
  uint64_t state;
  uint64_t next() {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state * 0x2545F4914F6CDD1DULL;
  }
  int64_t range(int64_t a, int64_t b) { return a + (int64_t)((next() >> 33) % (uint64_t)(b - a + 1)); }
  int64_t pick(std::vector<int64_t> some) { return some[(size_t)range(0, (int64_t)some.size() - 1)]; }
  float normal() {
    double s = 0;
    for (int i = 0; i < 4; i++) s += (double)(next() >> 40) / (1 << 24) - 0.5;
    return (float)(s * 1.7);
  }
};
extern Random rng;

// A device buffer and its copy on the host.
template <class T>
struct Buffer {
  std::vector<T> host;
  int64_t address;
  explicit Buffer(int64_t n) : host((size_t)n), address(qs_emu_alloc(n * (int64_t)sizeof(T))) {
    expect(address != 0, qs_emu_error());
  }
  Buffer(const Buffer&) = delete;
  ~Buffer() { well(qs_emu_free(address)); }
  int64_t bytes() const { return (int64_t)(host.size() * sizeof(T)); }
  Buffer& send() {
    well(qs_emu_copy_in(address, host.data(), bytes()));
    return *this;
  }
  Buffer& randomise() {
    for (T& v : host) v = (T)rng.normal();
    return send();
  }
  Buffer& below(int64_t n) {
    for (T& v : host) v = (T)rng.range(0, n - 1);
    return send();
  }
  const T* get() {
    well(qs_emu_copy_out(host.data(), address, bytes()));
    return host.data();
  }
  T operator[](int64_t i) const { return host[(size_t)i]; }
};
typedef Buffer<float> Floats;
typedef Buffer<int> Ints;

// What a product takes of a float: all of it, or the nearest number with 11 bits, halves away from zero.
inline double taken(int tf32, float v) {
  if (!tf32 || v == 0 || !isfinite(v)) return v;
  int exponent;
  const double part = frexp((double)v, &exponent);
  return ldexp(round(ldexp(part, 11)), exponent - 11);
}

inline int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

// The recommended grid, or any other, threads in either order: results must not depend on them.
inline bool run(const char* kernel, std::vector<int64_t> numbers, std::vector<int64_t> addresses, int64_t grid,
                int block = 256, int64_t fault = 0, int64_t shared = 0) {
  int64_t words[QS_ARGS_NUMBERS + QS_ARGS_POINTERS] = {};
  for (size_t i = 0; i < numbers.size(); i++) words[i] = numbers[i];
  for (size_t i = 0; i < addresses.size(); i++) words[QS_ARGS_NUMBERS + i] = addresses[i];
  words[QS_ARGS_NUMBERS + 15] = fault;
  if (grid < 1) grid = 1;
  if (rng.range(0, 2) == 0) grid = rng.range(1, grid + 1);
  const int64_t id = qs_emu_kernel(kernel);
  qs_emu_order((int32_t)rng.range(0, 1));
  return well(qs_emu_launch(id, (int)grid, 1, 1, block, 1, 1, (int)shared, words));
}

inline bool close(double x, double y, double relative, double absolute) {
  if (isnan(x) || isnan(y)) return isnan(x) && isnan(y);
  if (isinf(x) || isinf(y)) return x == y;
  return fabs(x - y) <= relative * fabs(y) + absolute;
}

template <class T>
void compare(const std::string& name, Buffer<T>& got, const std::vector<double>& want, double relative, double absolute) {
  const T* g = got.get();
  for (size_t i = 0; i < want.size(); i++)
    if (!expect(close((double)g[i], want[i], relative, absolute),
                name + ": element " + std::to_string(i) + " is " + std::to_string(g[i]) + ", not " + std::to_string(want[i])))
      return;
}

// Another launch, in another order and grid, gives the same bits.
template <class F>
void expectSame(const std::string& name, Floats& result, F launch) {
  const std::vector<float> before = result.host;
  launch();
  result.get();
  expect(memcmp(before.data(), result.host.data(), before.size() * 4) == 0, name + " depends on the grid");
}

void testEmulator();
void testConvolution();
void testLoops();
void testProducts();
void testRest();
