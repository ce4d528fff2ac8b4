// What tensor cores do, lane by lane.
#include <stdint.h>
#include <string.h>

#include "fibers.h"

namespace qs_emu {
namespace {

enum { ROWS = 16, COLUMNS = 8, DEPTH = 8 };

// How many products are added at once. Each and what is there already are cut behind the 26th bit, counted from the
// largest of them, added, and the sum cut to 24 bits: nothing is rounded. An H200 was seen to do so, and Fasi, Higham,
// Mikaitis and Pranesh 2021, "Numerical behavior of NVIDIA tensor cores", describe it of others.
enum { TOGETHER = DEPTH, BITS = 24, MORE = 2 };

typedef float Floats __attribute__((vector_size(4 * COLUMNS)));
typedef double Doubles __attribute__((vector_size(8 * COLUMNS)));
typedef int Integers __attribute__((vector_size(4 * COLUMNS)));
typedef int64_t Bits __attribute__((vector_size(8 * COLUMNS)));

#if defined(__x86_64__) && defined(__ELF__) && !defined(__SANITIZE_ADDRESS__)
#define QS_FASTEST __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define QS_FASTEST
#endif

// A warp's matrices, put together from what its lanes bring; the first lane to go on multiplies.
struct Product {
  float a[ROWS][DEPTH];
  Floats b[MOST_MMAS][DEPTH], c[MOST_MMAS][ROWS];
  bool done;
};

// c += a * b
QS_FASTEST void multiply(const float (&a)[ROWS][DEPTH], const Floats (&b)[DEPTH], Floats (&c)[ROWS]) {
  const Bits sign = (Bits)-Doubles{}, exponent = (Bits)(__builtin_inf() + Doubles{});
  Doubles columns[DEPTH];
  for (int k = 0; k < DEPTH; k++) columns[k] = __builtin_convertvector(b[k], Doubles);
  for (int i = 0; i < ROWS; i++) {
    Doubles sum = __builtin_convertvector(c[i], Doubles);
    for (int k = 0; k < DEPTH; k += TOGETHER) {
      Doubles terms[TOGETHER + 1], most = Doubles{} + 0x1p-126, all = sum;
      terms[TOGETHER] = sum;
      for (int t = 0; t < TOGETHER; t++) all += terms[t] = a[i][k + t] * columns[k + t];
      for (int t = 0; t <= TOGETHER; t++) {
        const Doubles size = (Doubles)((Bits)terms[t] & ~sign);
        most = size > most ? size : most;
      }
      const Doubles power = (Doubles)((Bits)most & exponent), unit = power * (1.0 / (1 << (BITS - 1 + MORE))), units = 1 / unit;
      Doubles whole = {};
      for (int t = 0; t <= TOGETHER; t++)
        whole += __builtin_convertvector(__builtin_convertvector(terms[t] * units, Integers), Doubles);
      const Doubles cut = (Doubles)((Bits)(whole * unit) & ~((int64_t(1) << (53 - BITS)) - 1));
      sum = all - all == 0 ? cut : all;  // an infinity or no number comes of such terms
      sum = __builtin_convertvector(__builtin_convertvector(sum, Floats), Doubles);
    }
    c[i] = __builtin_convertvector(sum, Floats);
  }
}

// Two, since a lane may be at the next product before others have read.
Product products[2][MOST_THREADS / WARP];
unsigned char turns[MOST_THREADS];

// The cores do not look at the 13 bits that TF32 does not have.
float value(unsigned bits) { return __builtin_bit_cast(float, bits & 0xffffe000u); }

int any;  // what blockAny has heard so far

}  // namespace

void forgetProducts() {
  memset(turns, 0, sizeof turns);
  any = 0;
}

int blockAny(int line, int one) {
  any |= one;
  blockWait(line);
  const int all = any;
  blockWait(line);
  any = 0;
  blockWait(line);  // nobody asks again before all have done
  return all;
}

unsigned tf32(float x) {
  const unsigned bits = __builtin_bit_cast(unsigned, x);
  if (x != x) return 0x7fffffffu;
  if ((bits & 0x7f800000u) == 0x7f800000u) return bits;
  return (bits + 0x1000u) & 0xffffe000u;
}

void mmas(int line, int n, float* sums, const unsigned* a, const unsigned* b) {
  const unsigned me = self(), g = lane() / 4, t = lane() % 4;
  Product& p = products[turns[me] ^= 1][me / WARP];
  for (unsigned i = 0; i < 4; i++) p.a[g + i % 2 * 8][t + i / 2 * 4] = value(a[i]);
  for (int j = 0; j < n; j++) {
    for (unsigned i = 0; i < 2; i++) p.b[j][t + i * 4][g] = value(b[2 * j + i]);
    for (unsigned i = 0; i < 4; i++) p.c[j][g + i / 2 * 8][2 * t + i % 2] = sums[4 * j + i];
  }
  p.done = false;
  warpWait(line);
  if (!p.done)
    for (int j = 0; j < n; j++) multiply(p.a, p.b[j], p.c[j]);
  p.done = true;
  for (int j = 0; j < n; j++)
    for (unsigned i = 0; i < 4; i++) sums[4 * j + i] = p.c[j][g + i / 2 * 8][2 * t + i % 2];
}

}  // namespace qs_emu
