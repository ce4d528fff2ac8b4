// The heart of every matrix product: THREADS threads make a tile of ROWS x COLUMNS from slices of DEPTH
// along what is summed over. Some slices are on their way to shared memory while one is multiplied.
#pragma once
#include "copy.cuh"

namespace {

enum { THREADS = 128, DEPTH = 16 };

// Where a slice's element lies in shared memory, in floats: along the depth where that is how the
// operand lies in global memory, across it otherwise. Fours stay together for wide copies and loads, and
// change places so that threads that read side by side meet different banks.
QS_DEV int qs_along(int i, int k) { return i * DEPTH + ((k >> 2 ^ (i >> 1 & 3)) << 2) + (k & 3); }
template <int SIZE>
QS_DEV int qs_across(int k, int i) {
  return k * SIZE + (i ^ (k >> 2 & 3 & (SIZE / 8 - 1)) << 3);
}
// The same from one place to another, d deeper, where the first has none of the bits of d.
template <int SIZE>
QS_DEV int qs_deeper(int slot, int d) {
  return (slot ^ (d >> 2 & 3 & (SIZE / 8 - 1)) << 3) + d * SIZE;
}

// Whether floats from `base` on, `step` apart, can be copied by fours.
QS_DEV bool qs_fours(const float* base, qs_long step) { return ((((qs_long)base >> 2) | step) & 3) == 0; }

// Elements at base + i * step + k: i is a row of A.
template <int SIZE>
struct Along {
  enum { ALONG = 1 };
  const float* p;  // this thread's first element
  qs_long step, rows;
  int depth, slot;
  bool wide;

  __device__ __forceinline__ Along(const float* base, qs_long apart, qs_long first, qs_long count, int length)
      : step(apart), wide(qs_fours(base, apart) && (length & 3) == 0) {
    const unsigned t = threadIdx.x;
    const int i = (int)(wide ? t / 4 : t / 16), k = (int)(wide ? t % 4 * 4 : t % 16);
    p = base + (first + i) * apart + k;
    rows = count - first - i;
    depth = length - k;
    slot = qs_along(i, k);
  }
  template <int WIDTH>
  __device__ __forceinline__ void copies(float* to) const {
    enum { STEP = WIDTH * THREADS / DEPTH };
#pragma unroll
    for (int i = 0; i < SIZE; i += STEP) qs_copy<WIDTH>(to + i * DEPTH, p + i * step, i < rows && depth > 0);
  }
  __device__ __forceinline__ void next(float* slice) {
    if (wide) copies<4>(slice + slot);
    else copies<1>(slice + slot);
    p += DEPTH;
    depth -= DEPTH;
  }
};

// How the threads copy what lies across: from this thread's first place on, APART deeper each
// time. Threads that are too many for a slice have places behind it.
template <int SIZE, int WIDTH>
struct Spread {
  enum { APART = THREADS * WIDTH / SIZE < DEPTH ? THREADS * WIDTH / SIZE : DEPTH };
  static __device__ __forceinline__ int i() { return (int)(threadIdx.x % (SIZE / WIDTH)) * WIDTH; }
  static __device__ __forceinline__ int k() { return (int)(threadIdx.x / (SIZE / WIDTH)); }
  static __device__ __forceinline__ bool behind(int slot) { return THREADS * WIDTH > DEPTH * SIZE && slot >= DEPTH * SIZE; }
};

// Elements at base + k * step + i: i is a row of A or a column of B.
template <int SIZE>
struct Across {
  enum { ALONG = 0 };
  typedef Spread<SIZE, 4> Fours;
  typedef Spread<SIZE, 1> Ones;
  const float* p;
  qs_long step;
  int slot, depth;
  bool wide;

  __device__ __forceinline__ Across(const float* base, qs_long apart, qs_long first, qs_long count, int length)
      : step(apart), wide(qs_fours(base, apart) && (count & 3) == 0) {
    const int i = wide ? Fours::i() : Ones::i(), k = wide ? Fours::k() : Ones::k();
    p = base + k * apart + first + i;
    slot = qs_across<SIZE>(k, i);
    depth = first + i < count ? length - k : 0;
  }
  template <int WIDTH>
  __device__ __forceinline__ void copies(float* slice) const {
    typedef Spread<SIZE, WIDTH> S;
    if (S::behind(slot)) return;
#pragma unroll
    for (int d = 0; d < DEPTH; d += S::APART)
      qs_copy<WIDTH>(slice + qs_deeper<SIZE>(slot, d), p + d * step, d < depth);
  }
  __device__ __forceinline__ void next(float* slice) {
    if (wide) copies<4>(slice);
    else copies<1>(slice);
    p += DEPTH * step;
    depth -= DEPTH;
  }
};

// How the threads copy columns of B whose depth lies side by side in global memory: one by one, across.
template <int SIZE>
struct Turn {
  enum { STEP = THREADS / DEPTH };
  static __device__ __forceinline__ int column() { return (int)(threadIdx.x / DEPTH); }
  static __device__ __forceinline__ int depth() { return (int)(threadIdx.x % DEPTH); }
  static __device__ __forceinline__ int slot() { return qs_across<SIZE>(depth(), column()); }
  static __device__ __forceinline__ void copies(float* slice, int slot, const float* p, int step, int columns) {
#pragma unroll
    for (int i = 0; i < SIZE; i += STEP) qs_copy<1>(slice + (slot ^ i), p + (qs_long)i * step, i < columns);
  }
};

// Elements at base + i * step + k: i is a column of B.
template <int SIZE>
struct Turned {
  const float* p;
  int step, columns, depth, slot;
  __device__ __forceinline__ Turned(const float* base, qs_long apart, qs_long first, qs_long count, int length)
      : step((int)apart), slot(Turn<SIZE>::slot()) {
    p = base + (first + Turn<SIZE>::column()) * apart + Turn<SIZE>::depth();
    columns = (int)qs_least(count - first, SIZE) - Turn<SIZE>::column();
    depth = length - Turn<SIZE>::depth();
  }
  __device__ __forceinline__ void next(float* slice) {
    Turn<SIZE>::copies(slice, slot, p, step, depth > 0 ? columns : 0);
    p += DEPTH;
    depth -= DEPTH;
  }
};

// One behind the other, from `first` to the last of `count`.
struct ByNumber {
  float* base;
  qs_long ld, first, count;
  __device__ __forceinline__ float* operator()(int row) const {
    return first + row < count ? base + (first + row) * ld : nullptr;
  }
};

template <class T>
struct __align__(16) Slices {
  float all[T::MEMORY];
};

// One tile after another: `down` x `across` of them for each result.
struct Tiles {
  qs_long t, down, across, all;
  __device__ __forceinline__ Tiles(qs_long rows, int size, qs_long columns, int width, qs_long results)
      : t(blockIdx.x),
        down(qs_ceil_div(rows, size)),
        across(qs_ceil_div(columns, width)),
        all(down * across * results) {}
};

// Adds the product of what a and b deliver, `depth` long, to what a tile T has. Barriers stand before the
// first and behind the last use of the memory.
template <class T, class L, class R>
QS_DEV void qs_add(T& tile, float* memory, L& a, R& b, int depth) {
  enum { A = T::ROWS * DEPTH, ONE = A + T::COLUMNS * DEPTH, AHEAD = T::STAGES - 1 };
  __syncthreads();
  int copied = 0, used = T::STAGES - AHEAD;  // where the next slices go to, and lie
#pragma unroll 1
  for (int left = depth + AHEAD * DEPTH; left > 0; left -= DEPTH) {
    const bool filled = left <= depth;
    if (filled) {
      qs_copies_wait<AHEAD - 1>();
      __syncthreads();  // the slice is there for all, and all have done with the one before
    }
    if (left > AHEAD * DEPTH) {
      a.next(memory + copied * ONE);
      b.next(memory + copied * ONE + A);
    }
    qs_copies_end();
    if (filled) tile.template multiply<L::ALONG != 0>(memory + used * ONE, memory + used * ONE + A, left);
    copied = copied + 1 == T::STAGES ? 0 : copied + 1;
    used = used + 1 == T::STAGES ? 0 : used + 1;
  }
  __syncthreads();
}

}  // namespace
