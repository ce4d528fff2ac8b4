// Convolution and its gradients as matrix products whose operands are gathered from the images while
// they are multiplied. The tasks, each with its own filter, are part of the grid.
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

// A position along the taps of a filter and the channels of each: (r, s, c), c innermost.
struct Tap {
  int r, s, c;
  __device__ __forceinline__ void start(int k, int channels, int width) {
    c = k % channels;
    s = k / channels % width;
    r = k / channels / width;
  }
  __device__ __forceinline__ void move(int by, int channels, int width) {
    c += by;
    if (c < channels) return;  // for the most part: a division costs many times more
    s += c / channels;
    c %= channels;
    if (s < width) return;
    r += s / width;
    s %= width;
  }
};

// A pixel of [N, height, width].
struct Pixel {
  int n, y, x;
  __device__ __forceinline__ void start(int k, int height, int width) {
    x = k % width;
    y = k / width % height;
    n = k / width / height;
  }
  __device__ __forceinline__ void move(int by, int height, int width) {
    x += by;
    if (x < width) return;
    y += x / width;
    x %= width;
    if (y < height) return;
    n += y / height;
    y %= height;
  }
};

enum { NOWHERE = -(1 << 29) };  // a row that no tap brings into an image

// Forward: rows are output pixels, the depth is taps and channels of X.
template <int SIZE>
struct Windows {
  typedef Fetch<SIZE, true> F;
  const Shape& s;
  const float* x;
  Tap tap;
  int image[F::COUNT], top[F::COUNT], left[F::COUNT];

  __device__ __forceinline__ Windows(const Shape& shape, const float* base) : s(shape), x(base) {}
  __device__ __forceinline__ void start(int first) {
    tap.start(F::depth(0), s.C, s.KW);
#pragma unroll
    for (int i = 0; i < F::COUNT; i++) {
      const int row = first + F::row(i);
      Pixel p;
      p.start(row, s.OH, s.OW);
      image[i] = p.n * s.H * s.W * s.C;
      top[i] = row < s.N * s.OH * s.OW ? p.y * s.SH - s.PT : NOWHERE;
      left[i] = p.x * s.SW - s.PL;
    }
  }
  __device__ __forceinline__ void next(float* values) {
#pragma unroll
    for (int i = 0; i < F::COUNT; i++) {
      const int y = top[i] + tap.r, z = left[i] + tap.s;
      const bool inside = tap.r < s.KH && (unsigned)y < (unsigned)s.H && (unsigned)z < (unsigned)s.W;
      values[i] = inside ? x[image[i] + (y * s.W + z) * s.C + tap.c] : 0.0f;
    }
    tap.move(DEPTH, s.C, s.KW);
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

// Input gradient: rows are the phase's pixels, the depth is its taps and the channels of Y's cotangent.
template <int SIZE>
struct Cotangents {
  typedef Fetch<SIZE, true> F;
  const Shape& s;
  const Phase& f;
  const float* y;
  Tap tap;
  int image[F::COUNT], top[F::COUNT], left[F::COUNT], last;

  __device__ __forceinline__ Cotangents(const Shape& shape, const Phase& phase, const float* base)
      : s(shape), f(phase), y(base) {}
  __device__ __forceinline__ void start(int first) {
    tap.start(F::depth(0), s.O, f.width);
    last = f.taps / f.width;
#pragma unroll
    for (int i = 0; i < F::COUNT; i++) {
      const int row = first + F::row(i);
      Pixel p;
      p.start(row, f.rows, f.columns);
      image[i] = p.n * s.OH * s.OW * s.O;
      top[i] = row < s.N * f.rows * f.columns ? p.y + f.y0 : NOWHERE;
      left[i] = p.x + f.x0;
    }
  }
  __device__ __forceinline__ void next(float* values) {
#pragma unroll
    for (int i = 0; i < F::COUNT; i++) {
      const int v = top[i] - tap.r, w = left[i] - tap.s;
      const bool inside = tap.r < last && (unsigned)v < (unsigned)s.OH && (unsigned)w < (unsigned)s.OW;
      values[i] = inside ? y[image[i] + (v * s.OW + w) * s.O + tap.c] : 0.0f;
    }
    tap.move(DEPTH, s.O, f.width);
  }
};

// Input gradient: rows are channels of X, the depth is the phase's taps and the channels of Y.
template <int SIZE>
struct Turned {
  typedef Fetch<SIZE, true> F;
  const Shape& s;
  const Phase& f;
  const float* w;
  Tap tap;
  int row, last;

  __device__ __forceinline__ Turned(const Shape& shape, const Phase& phase, const float* base)
      : s(shape), f(phase), w(base) {}
  __device__ __forceinline__ void start(int first) {
    tap.start(F::depth(0), s.O, f.width);
    last = f.taps / f.width;
    row = first + F::row(0);
  }
  __device__ __forceinline__ void next(float* values) {
    const int r = f.r0 + tap.r * s.SH, q = f.s0 + tap.s * s.SW;
    const float* p = w + ((r * s.KW + q) * s.C + row) * s.O + tap.c;
#pragma unroll
    for (int i = 0; i < F::COUNT; i++)
      values[i] = tap.r < last && row + i * F::STEP < s.C ? p[i * F::STEP * s.O] : 0.0f;
    tap.move(DEPTH, s.O, f.width);
  }
};

// Where the phase's pixels lie in X.
struct PhaseRows {
  const Shape& s;
  const Phase& f;
  float* x;
  __device__ __forceinline__ float* operator()(qs_long row) const {
    Pixel p;
    p.start((int)row, f.rows, f.columns);
    return x + ((p.n * s.H + f.h0 + p.y * s.SH) * s.W + f.w0 + p.x * s.SW) * s.C;
  }
};

// Filter gradient: rows are taps and channels of X, the depth is output pixels from `begin` to `end`.
template <int SIZE>
struct Patches {
  typedef Fetch<SIZE, false> F;
  const Shape& s;
  const float* x;
  Tap tap;
  Pixel pixel;
  int at, end;

  __device__ __forceinline__ Patches(const Shape& shape, const float* base) : s(shape), x(base) {}
  __device__ __forceinline__ void start(int first, int begin, int stop) {
    tap.start(first + F::row(0), s.C, s.KW);
    at = begin + F::depth(0);
    end = tap.r < s.KH ? stop : 0;
    pixel.start(at, s.OH, s.OW);
  }
  __device__ __forceinline__ void next(float* values) {
#pragma unroll
    for (int i = 0; i < F::COUNT; i++) {
      const int y = pixel.y * s.SH - s.PT + tap.r, z = pixel.x * s.SW - s.PL + tap.s;
      const bool inside = at < end && (unsigned)y < (unsigned)s.H && (unsigned)z < (unsigned)s.W;
      values[i] = inside ? x[((pixel.n * s.H + y) * s.W + z) * s.C + tap.c] : 0.0f;
      at += F::STEP;  // COUNT * STEP is DEPTH
      pixel.move(F::STEP, s.OH, s.OW);
    }
  }
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

template <int ROWS, int COLUMNS>
QS_DEV void qs_forward(const QsArgs& g, float* shared) {
  const Shape s = qs_shape(g);
  const int rows = s.N * s.OH * s.OW, depth = s.KH * s.KW * s.C;
  Tile<ROWS, COLUMNS> tile(shared);
  Tiles tiles(rows, ROWS, s.O, COLUMNS, g.n[0]);
  for (; tiles.t < tiles.all; tiles.t += gridDim.x) {
    qs_long task = tiles.t;
    const int row = (int)qs_divide(task, tiles.down) * ROWS, column = (int)qs_divide(task, tiles.across) * COLUMNS;
    Windows<ROWS> x(s, (const float*)g.at[0] + task * g.n[14]);
    Matrix<COLUMNS, false> w = {(const float*)g.at[1] + task * g.n[15], s.O, depth, 1, s.O, nullptr, 0, 0};
    tile.start(rows - row, s.O - column);
    if (depth > 0) {
      x.start(row);
      w.start(column);
      tile.add(x, w, depth);
    }
    tile.write(Rows{(float*)g.at[2] + task * g.n[16], s.O}, row, rows, column, s.O);
  }
}

template <int ROWS, int COLUMNS>
QS_DEV void qs_input_gradient(const QsArgs& g, float* shared) {
  const Shape s = qs_shape(g);
  const int most = s.N * ((s.H - 1) / s.SH + 1) * ((s.W - 1) / s.SW + 1);  // pixels of the largest phase
  Tile<ROWS, COLUMNS> tile(shared);
  Tiles tiles(most, ROWS, s.C, COLUMNS, g.n[0] * s.SH * s.SW);
  for (; tiles.t < tiles.all; tiles.t += gridDim.x) {
    qs_long task = tiles.t;
    const int row = (int)qs_divide(task, tiles.down) * ROWS, column = (int)qs_divide(task, tiles.across) * COLUMNS;
    const Phase f(s, (int)qs_divide(task, s.SH * s.SW));
    const int rows = s.N * f.rows * f.columns, depth = f.taps * s.O;
    if (row >= rows) continue;
    Cotangents<ROWS> y(s, f, (const float*)g.at[2] + task * g.n[16]);
    Turned<COLUMNS> w(s, f, (const float*)g.at[1] + task * g.n[15]);
    tile.start(rows - row, s.C - column);
    if (depth > 0) {
      y.start(row);
      w.start(column);
      tile.add(y, w, depth);
    }
    tile.write(PhaseRows{s, f, (float*)g.at[0] + task * g.n[14]}, row, rows, column, s.C);
  }
}

// Slices of the pixels go to scratch, [tasks, slices, filter]. Without, a filter without a stride is the
// sum over all tasks.
template <int ROWS, int COLUMNS>
QS_DEV void qs_filter_gradient(const QsArgs& g, float* shared) {
  const Shape s = qs_shape(g);
  const int rows = s.KH * s.KW * s.C, pixels = s.N * s.OH * s.OW;
  const bool sliced = g.n[17] > 0, together = !sliced && g.n[15] == 0;
  const qs_long slices = sliced ? g.n[17] : 1;
  const qs_long added = together ? g.n[0] : 1, results = together ? 1 : g.n[0] * slices;
  const int each = (int)qs_ceil_div(qs_ceil_div(pixels, DEPTH), slices) * DEPTH;
  Tile<ROWS, COLUMNS> tile(shared);
  Tiles tiles(rows, ROWS, s.O, COLUMNS, results);
  for (; tiles.t < tiles.all; tiles.t += gridDim.x) {
    qs_long result = tiles.t;
    const int row = (int)qs_divide(result, tiles.down) * ROWS, column = (int)qs_divide(result, tiles.across) * COLUMNS;
    qs_long task = result;
    const qs_long slice = qs_divide(task, slices);
    const int begin = (int)qs_least(slice * each, pixels), end = (int)qs_least(begin + (qs_long)each, pixels);
    tile.start(rows - row, s.O - column);
    for (qs_long b = task * added; begin < end && b < (task + 1) * added; b++) {
      Patches<ROWS> x(s, (const float*)g.at[0] + b * g.n[14]);
      Matrix<COLUMNS, false> y = {(const float*)g.at[2] + b * g.n[16] + (qs_long)begin * s.O, s.O, end - begin, 1, s.O,
                                  nullptr, 0, 0};
      x.start(row, begin, end);
      y.start(column);
      tile.add(x, y, end - begin);
    }
    float* to = sliced ? (float*)g.at[3] + result * rows * s.O : (float*)g.at[1] + task * g.n[15];
    tile.write(Rows{to, s.O}, row, rows, column, s.O);
  }
}

}  // namespace

// Block 256. Grid tasks * (columns <= 32 ? Div(rows, 128) : Div(rows, 64) * Div(columns, 64)) with
//   qs_conv     rows N * OH * OW    columns O
//   qs_conv_dx  rows N * Div(H, SH) * Div(W, SW)    columns C    tasks times SH * SW
//   qs_conv_dw  rows KH * KW * C    columns O    tasks 1 where strideW is 0
QS_KERNEL_OF(qs_conv, THREADS) {
  QS_NEEDS_THREADS(THREADS);
  __shared__ __align__(16) float shared[TILE_SHARED];
  if (qs_tall(a.n[7])) qs_forward<128, 32>(a, shared);
  else qs_forward<64, 64>(a, shared);
}

QS_KERNEL_OF(qs_conv_dx, THREADS) {
  QS_NEEDS_THREADS(THREADS);
  __shared__ __align__(16) float shared[TILE_SHARED];
  if (qs_tall(a.n[4])) qs_input_gradient<128, 32>(a, shared);
  else qs_input_gradient<64, 64>(a, shared);
}

// n[17] slices >= 1 with at[3] room for tasks * slices filters: the grid times slices (and tasks, even
// where strideW is 0); qs_sum_parts then adds up what is there: one group per task, or one of tasks *
// slices parts where strideW is 0.
QS_KERNEL_OF(qs_conv_dw, THREADS) {
  QS_NEEDS_THREADS(THREADS);
  __shared__ __align__(16) float shared[TILE_SHARED];
  if (qs_tall(a.n[7])) qs_filter_gradient<128, 32>(a, shared);
  else qs_filter_gradient<64, 64>(a, shared);
}

// groups parts count strideY, at X [groups, parts, count], Y: Y[g * strideY + i] is the sum over parts
// in their order. Block 256, grid Div(groups * count, 256).
QS_KERNEL(qs_sum_parts) {
  const qs_long groups = a.n[0], parts = a.n[1], count = a.n[2];
  for (qs_long t = qs_thread(); t < groups * count; t += qs_threads()) {
    qs_long group = t;
    const qs_long i = qs_divide(group, count);
    const float* x = (const float*)a.at[0] + group * parts * count + i;
    float sum = 0.0f;
    for (qs_long p = 0; p < parts; p++) sum += x[p * count];
    ((float*)a.at[1])[group * a.n[3] + i] = sum;
  }
}
