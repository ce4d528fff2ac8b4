// What tensor cores do, lane by lane.
#include <string.h>

#include "fibers.h"

namespace qs_emu {
namespace {

enum { ROWS = 16, COLUMNS = 8, DEPTH = 8 };

// A warp's matrices, put together from what its lanes bring; the first lane to go on multiplies.
struct Product {
  float a[ROWS][DEPTH], b[DEPTH][COLUMNS], c[ROWS][COLUMNS];
  bool done;

  void multiply() {
    done = true;
    memset(c, 0, sizeof c);
    for (int i = 0; i < ROWS; i++)
      for (int k = 0; k < DEPTH; k++)
        for (int j = 0; j < COLUMNS; j++) c[i][j] += a[i][k] * b[k][j];
  }
};

// Two, since a lane may be at the next product before others have read.
Product products[2][MOST_THREADS / WARP];
unsigned char turns[MOST_THREADS];

// The cores do not look at the 13 bits that TF32 does not have.
float value(unsigned bits) { return __builtin_bit_cast(float, bits & 0xffffe000u); }

}  // namespace

void forgetProducts() { memset(turns, 0, sizeof turns); }

unsigned tf32(float x) {
  const unsigned bits = __builtin_bit_cast(unsigned, x);
  if ((bits & 0x7f800000u) == 0x7f800000u) return bits;
  return (bits + 0x1000u) & 0xffffe000u;
}

void mma(int line, float* sum, const unsigned* a, const unsigned* b) {
  const unsigned me = self(), g = lane() / 4, t = lane() % 4;
  Product& p = products[turns[me] ^= 1][me / WARP];
  for (unsigned i = 0; i < 4; i++) p.a[g + i % 2 * 8][t + i / 2 * 4] = value(a[i]);
  for (unsigned i = 0; i < 2; i++) p.b[t + i * 4][g] = value(b[i]);
  p.done = false;
  warpWait(line);
  if (!p.done) p.multiply();
  for (unsigned i = 0; i < 4; i++) sum[i] += p.c[g + i / 2 * 8][2 * t + i % 2];
}

}  // namespace qs_emu
