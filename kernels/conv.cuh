// Convolution and its gradients as matrix products whose operands are gathered from the images while
// they are multiplied. The tasks, each with its own filter, are part of the grid. T is a tile.
#pragma once
#include "tile.cuh"

namespace {

// Extents of one task's operands; their elements are fewer than 2^31.
struct Shape {
  int N, H, W, C, KH, KW, O, SH, SW, PT, PL, OH, OW;
};

QS_DEV Shape qs_shape(const QsArgs& g) {
  const qs_long* n = g.n;
  return {(int)n[1], (int)n[2], (int)n[3], (int)n[4],  (int)n[5],  (int)n[6], (int)n[7],
          (int)n[8], (int)n[9], (int)n[10], (int)n[11], (int)n[12], (int)n[13]};
}

// A number in three digits: a pixel (image, y, x), or a tap and its channel (r, s, c).
struct Digits {
  int high, mid, low;
  static __device__ __forceinline__ Digits of(int number, int mids, int lows) {
    const int rest = number / lows;
    return {rest / mids, rest % mids, number % lows};
  }
  __device__ __forceinline__ void add(const Digits& by, int mids, int lows) {
    low += by.low;
    mid += by.mid;
    high += by.high;
    if (low >= lows) {
      low -= lows;
      mid++;
    }
    if (mid >= mids) {
      mid -= mids;
      high++;
    }
  }
};

enum { NOWHERE = -(1 << 29) };  // a row that no tap brings into an image

// A row of A that is gathered: the pixel that the first tap meets, and where it lies; where the row of
// the result lies, or -1 where there is none.
struct __align__(16) Row {
  int offset, top, left, result;
};

template <class T>
struct __align__(16) Gathered {
  float slices[T::MEMORY];
  Row rows[T::ROWS];
};

// Rows are pixels, the depth is taps and channels: a tap (r, s) meets the pixel r down and s to the right
// of the first one's, or, with a SIGN of -1, up and to the left.
template <int SIZE, int SIGN>
struct Windows {
  enum { ALONG = 1 };
  const float* x;
  const Row* rows;  // from this thread's first one on
  int height, width, channels, down, across, slot;
  Digits tap, step;
  bool wide;

  __device__ __forceinline__ Windows(const float* images, const Row* table, int h, int w, int c, int tapsDown,
                                     int tapsAcross, int begin)
      : x(images), height(h), width(w), channels(c), down(tapsDown), across(tapsAcross) {
    wide = qs_fours(images, c);
    const unsigned t = threadIdx.x;
    const int i = (int)(wide ? t / 4 : t / 16), k = (int)(wide ? t % 4 * 4 : t % 16);
    rows = table + i;
    slot = qs_along(i, k);
    tap = Digits::of(begin + k, across, c);
    step = Digits::of(DEPTH, across, c);
  }
  template <int WIDTH>
  __device__ __forceinline__ void copies(float* to) const {
    // some rows are read before copies that nothing is moved past
    enum { STEP = WIDTH * THREADS / DEPTH, TOGETHER = SIZE / STEP < 4 ? SIZE / STEP : 4 };
    const int r = SIGN * tap.high, s = SIGN * tap.mid;
    const int by = (r * width + s) * channels + tap.low;
    const int y = tap.high < down ? r : NOWHERE;
#pragma unroll
    for (int first = 0; first < SIZE; first += TOGETHER * STEP) {
      Row row[TOGETHER];
#pragma unroll
      for (int i = 0; i < TOGETHER; i++) row[i] = rows[first + i * STEP];
#pragma unroll
      for (int i = 0; i < TOGETHER; i++) {
        const bool inside = (unsigned)(row[i].top + y) < (unsigned)height && (unsigned)(row[i].left + s) < (unsigned)width;
        qs_copy<WIDTH>(to + (first + i * STEP) * DEPTH, x + (row[i].offset + by), inside);
      }
    }
  }
  __device__ __forceinline__ void next(float* slice) {
    if (wide) copies<4>(slice + slot);
    else copies<1>(slice + slot);
    tap.add(step, across, channels);
  }
};

// With a stride the pixels of X fall into phases, by the taps that reach them: each a dense convolution of
// Y's cotangent with every SH-th and SW-th tap, from (r0, s0) on.
struct Phase {
  int h0, w0, rows, columns;  // its pixels of one image: from (h0, w0) on, as far apart as the stride
  int r0, s0, taps, width;    // its taps, and how many of them lie beside each other
  int y0, x0;                 // the pixel of Y that its first tap brings to its first pixel

  __device__ __forceinline__ Phase(const Shape& s, int number) {
    s0 = number % s.SW;
    r0 = number / s.SW;
    h0 = (r0 - s.PT) % s.SH;
    w0 = (s0 - s.PL) % s.SW;
    if (h0 < 0) h0 += s.SH;
    if (w0 < 0) w0 += s.SW;
    rows = h0 < s.H ? (s.H - h0 - 1) / s.SH + 1 : 0;
    columns = w0 < s.W ? (s.W - w0 - 1) / s.SW + 1 : 0;
    width = s0 < s.KW ? (s.KW - s0 - 1) / s.SW + 1 : 0;
    taps = r0 < s.KH ? ((s.KH - r0 - 1) / s.SH + 1) * width : 0;
    y0 = (h0 + s.PT - r0) / s.SH;
    x0 = (w0 + s.PL - s0) / s.SW;
  }
};

// Input gradient: columns are channels of X, the depth is the phase's taps and the channels of Y.
template <int SIZE>
struct Filters {
  const Shape& s;
  const Phase& f;
  const float* w;
  Digits tap, step;
  int columns, last, slot;

  __device__ __forceinline__ Filters(const Shape& shape, const Phase& phase, const float* base, int first, int begin)
      : s(shape), f(phase), slot(Turn<SIZE>::slot()) {
    tap = Digits::of(begin + Turn<SIZE>::depth(), f.width, s.O);
    step = Digits::of(DEPTH, f.width, s.O);
    last = f.taps / f.width;
    w = base + (qs_long)(first + Turn<SIZE>::column()) * s.O;
    columns = s.C - first - Turn<SIZE>::column();
  }
  __device__ __forceinline__ void next(float* slice) {
    const int r = f.r0 + tap.high * s.SH, q = f.s0 + tap.mid * s.SW;
    const float* p = w + ((r * s.KW + q) * s.C * s.O + tap.low);
    Turn<SIZE>::copies(slice, slot, p, s.O, tap.high < last ? columns : 0);
    tap.add(step, f.width, s.O);
  }
};

// Filter gradient: rows are taps and channels of X, the depth is output pixels from `begin` to `end`.
template <int SIZE>
struct Patches {
  enum { ALONG = 0 };
  const Shape& s;
  const float* x;
  Digits pixel, step;
  int slot, down, right, depth;
  bool wide;

  __device__ __forceinline__ Patches(const Shape& shape, const float* images, int first, int begin, int end) : s(shape) {
    wide = qs_fours(images, s.C);
    const int i = wide ? Spread<SIZE, 4>::i() : Spread<SIZE, 1>::i(), k = wide ? Spread<SIZE, 4>::k() : Spread<SIZE, 1>::k();
    const Digits tap = Digits::of(first + i, s.KW, s.C);
    down = tap.high - s.PT;
    right = tap.mid - s.PL;
    x = images + tap.low;
    slot = qs_across<SIZE>(k, i);
    depth = tap.high < s.KH ? end - begin - k : 0;
    pixel = Digits::of(begin + k, s.OH, s.OW);
    step = Digits::of(wide ? (int)Spread<SIZE, 4>::APART : (int)Spread<SIZE, 1>::APART, s.OH, s.OW);
  }
  template <int WIDTH>
  __device__ __forceinline__ void copies(float* slice) {
    typedef Spread<SIZE, WIDTH> S;
    if (S::behind(slot)) return;
#pragma unroll
    for (int d = 0; d < DEPTH; d += S::APART) {
      const int y = pixel.mid * s.SH + down, z = pixel.low * s.SW + right;
      const bool inside = d < depth && (unsigned)y < (unsigned)s.H && (unsigned)z < (unsigned)s.W;
      qs_copy<WIDTH>(slice + qs_deeper<SIZE>(slot, d), x + ((pixel.high * s.H + y) * s.W + z) * s.C, inside);
      pixel.add(step, s.OH, s.OW);
    }
  }
  __device__ __forceinline__ void next(float* slice) {
    if (wide) copies<4>(slice);
    else copies<1>(slice);
    depth -= DEPTH;
  }
};

// Where a tile's rows lie, by the table.
struct ByTable {
  float* base;
  const Row* rows;
  __device__ __forceinline__ float* operator()(int row) const {
    const int result = rows[row].result;
    return result < 0 ? nullptr : base + result;
  }
};

// What is summed over in slices, whose sums go to scratch, [tasks, slices, result], or at once to the result. What is
// read from the arguments once more, or once before all tiles, is chosen so that no kernel runs out of registers.
QS_DEV int qs_slices(const QsArgs& g) { return g.n[17] > 0 ? (int)g.n[17] : 1; }
QS_DEV int qs_slice(const QsArgs& g, int depth) {
  return (int)qs_ceil_div(qs_ceil_div(depth, DEPTH), qs_slices(g)) * DEPTH;
}
// Where the `number`th result or its slice goes: number `argument` of the arguments, of `size` numbers.
QS_DEV float* qs_result(const QsArgs& g, qs_long number, int argument, qs_long size) {
  return g.n[17] > 0 ? (float*)g.at[3] + number * size : (float*)g.at[argument] + number * g.n[14 + argument];
}

template <class T>
QS_DEV void qs_forward(const QsArgs& g) {
  QS_SHARED(Gathered<T>, shared);
  const Shape s = qs_shape(g);
  const int rows = s.N * s.OH * s.OW, depth = s.KH * s.KW * s.C;
  const int slices = qs_slices(g), each = qs_slice(g, depth);
  Tiles tiles(rows, T::ROWS, s.O, T::COLUMNS, g.n[0] * slices);
  for (T tile; tiles.t < tiles.all; tiles.t += tile.spoiled() ? 0 : gridDim.x) {
    qs_long result = tiles.t;
    const int first = (int)qs_divide(result, tiles.down) * T::ROWS, column = (int)qs_divide(result, tiles.across) * T::COLUMNS;
    qs_long task = result;
    const int begin = (int)qs_divide(task, slices) * each, end = (int)qs_least(begin + each, depth);
    for (int i = (int)threadIdx.x; i < T::ROWS; i += THREADS) {
      const int row = first + i;
      const Digits p = Digits::of(row, s.OH, s.OW);
      const int top = p.mid * s.SH - s.PT, left = p.low * s.SW - s.PL;
      const int offset = ((p.high * s.H + top) * s.W + left) * s.C;
      shared.rows[i] = row < rows ? Row{offset, top, left, row * s.O + column} : Row{0, NOWHERE, 0, -1};
    }
    tile.start(rows - first, s.O - column);
    Windows<T::ROWS, 1> x((const float*)g.at[0] + task * g.n[14], shared.rows, s.H, s.W, s.C, s.KH, s.KW, begin);
    Across<T::COLUMNS> w((const float*)g.at[1] + task * g.n[15] + (qs_long)begin * s.O, s.O, column, s.O, end - begin);
    qs_add(tile, shared.slices, x, w, end - begin);
    float* y = qs_result(g, result, 2, (qs_long)rows * s.O);
    tile.template write<true>(ByTable{y, shared.rows}, shared.slices, s.O - column, qs_fours(y, s.O));
    __syncthreads();
  }
}

template <class T>
QS_DEV void qs_input_gradient(const QsArgs& g) {
  QS_SHARED(Gathered<T>, shared);
  const Shape s = qs_shape(g);
  const int most = s.N * ((s.H - 1) / s.SH + 1) * ((s.W - 1) / s.SW + 1);  // pixels of the largest phase
  const int slices = qs_slices(g);
  float* const to = qs_result(g, 0, 0, 0);
  const qs_long apart = qs_result(g, 1, 0, (qs_long)s.N * s.H * s.W * s.C) - to;
  Tiles tiles(most, T::ROWS, s.C, T::COLUMNS, g.n[0] * slices * s.SH * s.SW);
  for (T tile; tiles.t < tiles.all; tiles.t += tile.spoiled() ? 0 : gridDim.x) {
    qs_long result = tiles.t;
    const int first = (int)qs_divide(result, tiles.down) * T::ROWS, column = (int)qs_divide(result, tiles.across) * T::COLUMNS;
    const Phase f(s, (int)qs_divide(result, s.SH * s.SW));
    qs_long task = result;
    const int slice = (int)qs_divide(task, slices);
    const int rows = s.N * f.rows * f.columns, depth = f.taps * s.O;
    tile.start(rows - first, s.C - column);
    if (first >= rows) continue;
    const int each = (int)qs_ceil_div(qs_ceil_div(depth, DEPTH), slices) * DEPTH;
    const int begin = slice * each, end = (int)qs_least(begin + each, depth);
    for (int i = (int)threadIdx.x; i < T::ROWS; i += THREADS) {
      const int row = first + i;
      const Digits p = Digits::of(row, f.rows, f.columns);
      const int top = p.mid + f.y0, left = p.low + f.x0;
      const int offset = ((p.high * s.OH + top) * s.OW + left) * s.O;
      const int result = ((p.high * s.H + f.h0 + p.mid * s.SH) * s.W + f.w0 + p.low * s.SW) * s.C + column;
      shared.rows[i] = row < rows ? Row{offset, top, left, result} : Row{0, NOWHERE, 0, -1};
    }
    if (begin < end) {
      Windows<T::ROWS, -1> y((const float*)g.at[2] + task * g.n[16], shared.rows, s.OH, s.OW, s.O, f.taps / f.width,
                             f.width, begin);
      Filters<T::COLUMNS> w(s, f, (const float*)g.at[1] + task * g.n[15], column, begin);
      qs_add(tile, shared.slices, y, w, end - begin);
    } else {
      __syncthreads();
    }
    float* x = to + result * apart;
    tile.template write<true>(ByTable{x, shared.rows}, shared.slices, s.C - column, qs_fours(x, s.C));
    __syncthreads();
  }
}

// Slices of the pixels go to scratch, [tasks, slices, filter]. Without, a filter without a stride is the
// sum over all tasks.
template <class T>
QS_DEV void qs_filter_gradient(const QsArgs& g) {
  QS_SHARED(Slices<T>, shared);
  const Shape s = qs_shape(g);
  const int rows = s.KH * s.KW * s.C, pixels = s.N * s.OH * s.OW;
  const bool together = g.n[17] == 0 && g.n[15] == 0;
  Tiles tiles(rows, T::ROWS, s.O, T::COLUMNS, together ? 1 : g.n[0] * qs_slices(g));
  for (T tile; tiles.t < tiles.all; tiles.t += tile.spoiled() ? 0 : gridDim.x) {
    qs_long result = tiles.t;
    const int first = (int)qs_divide(result, tiles.down) * T::ROWS;
    const int column = (int)qs_divide(result, tiles.across) * T::COLUMNS;
    qs_long task = result;
    const int each = qs_slice(g, pixels), begin = (int)qs_least(qs_divide(task, qs_slices(g)) * each, pixels);
    const int end = (int)qs_least(begin + (qs_long)each, pixels), last = (int)(together ? g.n[0] : task + 1);
    tile.start(rows - first, s.O - column);
    for (int b = (int)task; begin < end && b < last; b++) {
      Patches<T::ROWS> x(s, (const float*)g.at[0] + b * g.n[14], first, begin, end);
      Across<T::COLUMNS> y((const float*)g.at[2] + b * g.n[16] + (qs_long)begin * s.O, s.O, column, s.O, end - begin);
      qs_add(tile, shared.all, x, y, end - begin);
    }
    float* to = qs_result(g, result, 1, (qs_long)rows * s.O);
    tile.template write<false>(ByNumber{to + column, s.O, first, rows}, shared.all, s.O - column, qs_fours(to, s.O));
  }
}

}  // namespace

// A kernel that goes over tiles of one kind.
#define QS_TILED(NAME, MAKE, T)            \
  QS_KERNEL_OF(NAME, THREADS, T::BLOCKS) { \
    QS_NEEDS_THREADS(THREADS);             \
    MAKE<T>(a);                            \
  }
