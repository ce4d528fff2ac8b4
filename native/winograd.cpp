// Convolutions of 3x3 filters at stride 1 by the minimal algorithm F(2x2, 3x3) of Winograd, and their
// filter gradients by F(3x3, 2x2): 16 products where a direct convolution has 36. Source: Lavin and
// Gray (2016), "Fast Algorithms for Convolutional Neural Networks", section 4.
//
// The destination is cut into tiles of 2x2 pixels, each of which reads 4x4 of the source. A block of
// tiles is transformed to 16 matrices [tiles, channels], each multiplied by its own matrix, and
// transformed back; a block's matrices stay in the second-level cache.
#include "convolution.h"

#include "product.h"
#include "transpose.h"

namespace QS_NS {
namespace {

enum { POINTS = 16 };  // of a tile of 4x4

// Images [height, width, in], destination [rows, columns, out] and the place of its first tile's source.
struct Geometry {
  int64_t height, width, in, rows, columns, out, top, left;
  int64_t across, perImage, perTask, block, blocks, units;  // tiles; blocks per task; of all tasks
  int64_t inStep, outStep, filterStep;  // floats from one point's matrix to the next
  bool shared;                          // one filter for all tasks
};

// Not a multiple of 4 KiB apart, where 16 streams would meet in the same lines of the first-level cache.
int64_t apart(int64_t floats) { return floats + QS_LANES; }

Geometry geometry(const ConvShape& s, int64_t opcode) {
  const bool dx = opcode == QS_CONV_DX;
  Geometry g = {};
  g.height = dx ? s.OH : s.H;
  g.width = dx ? s.OW : s.W;
  g.in = dx ? s.O : s.C;
  g.rows = dx ? s.H : s.OH;
  g.columns = dx ? s.W : s.OW;
  g.out = dx ? s.C : s.O;
  g.top = dx ? s.PT - 2 : -s.PT;
  g.left = dx ? s.PL - 2 : -s.PL;
  g.across = ceilDiv(g.columns, 2);
  g.perImage = g.across * ceilDiv(g.rows, 2);
  g.perTask = g.perImage * s.N;
  g.block = most(g.in, g.out) <= 32 ? 56 : 28;
  g.blocks = ceilDiv(g.perTask, g.block);
  g.units = g.blocks * s.tasks;
  g.inStep = apart(g.block * g.in);
  g.outStep = apart(g.block * g.out);
  g.filterStep = apart(g.in * g.out);
  g.shared = s.tasks == 1 || s.strideW == 0;
  return g;
}

// B' d B for one vector of channels: d are 4x4 pixels, the results go `step` floats apart.
QS_INLINE void toPoints(const Vec d[POINTS], float* to, int64_t step) {
  Vec t[POINTS];
#pragma GCC unroll 4
  for (int j = 0; j < 4; j++) {
    t[j] = d[j] - d[8 + j];
    t[4 + j] = d[4 + j] + d[8 + j];
    t[8 + j] = d[8 + j] - d[4 + j];
    t[12 + j] = d[4 + j] - d[12 + j];
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) {
    const Vec *r = t + 4 * i;
    store(to + (4 * i) * step, r[0] - r[2]);
    store(to + (4 * i + 1) * step, r[1] + r[2]);
    store(to + (4 * i + 2) * step, r[2] - r[1]);
    store(to + (4 * i + 3) * step, r[1] - r[3]);
  }
}

struct Tile {
  int64_t image, row, column;  // of the destination
};
Tile tileAt(const Geometry& g, int64_t index) {
  const int64_t r = index % g.perImage;
  return {index / g.perImage, r / g.across * 2, r % g.across * 2};
}

// Tiles [from, from + count) of the source's images, transformed.
void sourceToPoints(const Geometry& g, const float* x, int64_t from, int64_t count, const float* zeros, float* to) {
  const int64_t c = g.in, line = g.width * c;
  for (int64_t t = 0; t < count; t++, to += c) {
    const Tile tile = tileAt(g, from + t);
    const int64_t r = tile.row + g.top, q = tile.column + g.left;
    const float* at = x + (tile.image * g.height + r) * line + q * c;
    if (r >= 0 && q >= 0 && r + 4 <= g.height && q + 4 <= g.width) {
      for (int64_t v = 0; v < c; v += QS_LANES) {
        Vec d[POINTS];
#pragma GCC unroll 16
        for (int k = 0; k < POINTS; k++) d[k] = load(at + v + k / 4 * line + k % 4 * c);
        toPoints(d, to + v, g.inStep);
      }
    } else {
      const float* pixel[POINTS];
      for (int64_t k = 0; k < POINTS; k++) {
        const int64_t y = r + k / 4, z = q + k % 4;
        pixel[k] = y >= 0 && z >= 0 && y < g.height && z < g.width ? at + k / 4 * line + k % 4 * c : zeros;
      }
      for (int64_t v = 0; v < c; v += QS_LANES) {
        Vec d[POINTS];
#pragma GCC unroll 16
        for (int k = 0; k < POINTS; k++) d[k] = load(pixel[k] + v);
        toPoints(d, to + v, g.inStep);
      }
    }
  }
}

// A' m A for each tile: 4x4 points to 2x2 pixels of the destination.
void pointsToPixels(const Geometry& g, const float* m, int64_t from, int64_t count, float* y) {
  const int64_t o = g.out, step = g.outStep;
  for (int64_t t = 0; t < count; t++, m += o) {
    const Tile tile = tileAt(g, from + t);
    float* at = y + ((tile.image * g.rows + tile.row) * g.columns + tile.column) * o;
    const bool right = tile.column + 1 < g.columns, below = tile.row + 1 < g.rows;
    for (int64_t v = 0; v < o; v += QS_LANES) {
      Vec s[2][4];
#pragma GCC unroll 4
      for (int j = 0; j < 4; j++) {
        const Vec a = load(m + v + j * step), b = load(m + v + (4 + j) * step), c = load(m + v + (8 + j) * step),
                  d = load(m + v + (12 + j) * step);
        s[0][j] = a + b + c;
        s[1][j] = b - c - d;
      }
      store(at + v, s[0][0] + s[0][1] + s[0][2]);
      if (right) store(at + v + o, s[0][1] - s[0][2] - s[0][3]);
      if (below) store(at + v + g.columns * o, s[1][0] + s[1][1] + s[1][2]);
      if (below && right) store(at + v + (g.columns + 1) * o, s[1][1] - s[1][2] - s[1][3]);
    }
  }
}

// G g G' for rows [from, to) of a filter [3, 3, in, out]; taps lie `tap` floats apart, in the given order.
void filterToPoints(const Geometry& g, const float* w, int64_t tap, bool turned, int64_t from, int64_t to, float* u) {
  const Vec half = Vec{} + 0.5f;
  for (int64_t at = from * g.out; at < to * g.out; at += QS_LANES) {
    Vec t[4][3];
#pragma GCC unroll 3
    for (int j = 0; j < 3; j++) {
      const Vec a = load(w + at + (turned ? 8 - j : j) * tap), b = load(w + at + (turned ? 5 - j : 3 + j) * tap),
                c = load(w + at + (turned ? 2 - j : 6 + j) * tap);
      const Vec sum = half * (a + c), middle = half * b;
      t[0][j] = a;
      t[1][j] = sum + middle;
      t[2][j] = sum - middle;
      t[3][j] = c;
    }
    float* p = u + at;
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++, p += 4 * g.filterStep) {
      const Vec sum = half * (t[i][0] + t[i][2]), middle = half * t[i][1];
      store(p, t[i][0]);
      store(p + g.filterStep, sum + middle);
      store(p + 2 * g.filterStep, sum - middle);
      store(p + 3 * g.filterStep, t[i][2]);
    }
  }
}

// The filter of one task, transformed; for the input gradient turned by 180 degrees, in and out swapped.
void filterToPoints(const Geometry& g, int64_t opcode, const float* w, int64_t from, int64_t to, float* taps, float* u) {
  if (opcode == QS_CONV) return filterToPoints(g, w, g.in * g.out, false, from, to, u);
  const int64_t rows = to - from;
  for (int64_t k = 0; k < 9; k++)  // [out, in] to rows from..to of [in, out]
    transpose(taps + k * rows * g.out, g.out, w + k * g.in * g.out + from, g.in, g.out, rows);
  // rows start at `from` in u, but at 0 in taps
  filterToPoints(g, taps - from * g.out, rows * g.out, true, from, to, u);
}

// G' y G for each tile of a filter gradient's cotangent, a filter of 2x2: 2x2 pixels to 4x4 points.
void cotangentToPoints(const Geometry& g, const float* y, int64_t from, int64_t count, const float* zeros, float* to) {
  const int64_t o = g.out, step = g.outStep;
  const Vec half = Vec{} + 0.5f;
  for (int64_t t = 0; t < count; t++, to += o) {
    const Tile tile = tileAt(g, from + t);
    const float* at = y + ((tile.image * g.rows + tile.row) * g.columns + tile.column) * o;
    const bool right = tile.column + 1 < g.columns, below = tile.row + 1 < g.rows;
    const float *p01 = right ? at + o : zeros, *p10 = below ? at + g.columns * o : zeros,
                *p11 = below && right ? at + (g.columns + 1) * o : zeros;
    for (int64_t v = 0; v < o; v += QS_LANES) {
      const Vec a = load(at + v), b = load(p01 + v), c = load(p10 + v), d = load(p11 + v);
      const Vec l[4] = {a, half * (a + c), half * (a - c), c}, r[4] = {b, half * (b + d), half * (b - d), d};
#pragma GCC unroll 4
      for (int i = 0; i < 4; i++) {
        float* q = to + v + 4 * i * step;
        store(q, l[i]);
        store(q + step, half * (l[i] + r[i]));
        store(q + 2 * step, half * (l[i] - r[i]));
        store(q + 3 * step, r[i]);
      }
    }
  }
}

// The sums of a filter gradient, 4x4 points, to 3x3 taps.
void pointsToTaps(const Geometry& g, const float* m, float* w) {
  const int64_t size = g.in * g.out, step = g.filterStep;
  for (int64_t at = 0; at < size; at += QS_LANES) {
    Vec s[3][4];
#pragma GCC unroll 4
    for (int j = 0; j < 4; j++) {
      const Vec a = load(m + at + j * step), b = load(m + at + (4 + j) * step), c = load(m + at + (8 + j) * step),
                d = load(m + at + (12 + j) * step);
      s[0][j] = a + b + c;
      s[1][j] = b - c;
      s[2][j] = b + c - d;
    }
#pragma GCC unroll 3
    for (int i = 0; i < 3; i++) {
      float* to = w + at + 3 * i * size;
      store(to, s[i][0] + s[i][1] + s[i][2]);
      store(to + size, s[i][1] - s[i][2]);
      store(to + 2 * size, s[i][1] + s[i][2] - s[i][3]);
    }
  }
}

// Scratch: zeros for pixels beyond the border, the two sets of matrices, lists for the products.
struct Work {
  float *zeros, *source, *other;
  int *rows, *depth, *outs;
  char* end;
};
Work work(const Geometry& g, char* at) {
  Work w;
  const auto take = [&at](int64_t bytes) {
    char* p = at;
    at += align64(bytes);
    return p;
  };
  w.zeros = (float*)take(4 * most(g.in, g.out));
  w.source = (float*)take(4 * POINTS * g.inStep);
  w.other = (float*)take(4 * POINTS * g.outStep);
  const int64_t longest = most(g.block, most(g.in, g.out));
  w.rows = (int*)take(4 * longest);
  w.depth = (int*)take(4 * longest);
  w.outs = (int*)take(4 * longest);
  w.end = at;
  return w;
}
int64_t workBytes(const Geometry& g) { return work(g, nullptr).end - (char*)nullptr; }

void fill(int* list, int64_t n, int64_t step) {
  for (int64_t i = 0; i < n; i++) list[i] = (int)(i * step);
}

void convolve(const Instruction* in, const ConvShape& s, const Context* c, const Geometry& g, int64_t from, int64_t to) {
  const Work w = work(g, c->scratch);
  const bool dx = in->opcode == QS_CONV_DX;
  float* taps = (float*)w.end;
  float* own = taps + (dx ? 9 * g.in * g.out : 0);
  const float* u = g.shared ? (const float*)c->shared : own;
  int64_t filterOf = g.shared ? 0 : -1;
  zeroFloats(w.zeros, g.in);
  fill(w.rows, g.block, g.in);
  fill(w.depth, g.in, 1);
  fill(w.outs, g.block, g.out);
  for (int64_t unit = from; unit < to; unit++) {
    const int64_t task = unit / g.blocks, first = unit % g.blocks * g.block, count = least(g.block, g.perTask - first);
    if (!g.shared && filterOf != task) {
      filterToPoints(g, in->opcode, floats(c, in->at[1]) + task * s.strideW, 0, g.in, taps, own);
      filterOf = task;
    }
    const float* x = floats(c, in->at[dx ? 2 : 0]) + task * (dx ? s.strideY : s.strideX);
    float* y = floats(c, in->at[dx ? 0 : 2]) + task * (dx ? s.strideX : s.strideY);
    sourceToPoints(g, x, first, count, w.zeros, w.source);
    for (int64_t k = 0; k < POINTS; k++)
      product({w.source + k * g.inStep, w.rows, w.depth, g.in, u + k * g.filterStep, g.out, w.other + k * g.outStep,
               w.outs, count, g.out, false});
    pointsToPixels(g, w.other, first, count, y);
  }
}

void filterGradient(const Instruction* in, const ConvShape& s, const Context* c, const Geometry& g, int64_t from,
                    int64_t to, float* result) {
  const Work w = work(g, c->scratch);
  float* sums = (float*)w.end;
  zeroFloats(w.zeros, most(g.in, g.out));
  if (from >= to) zeroFloats(sums, POINTS * g.filterStep);
  fill(w.rows, g.in, 1);
  fill(w.depth, g.block, g.in);
  fill(w.outs, g.in, g.out);
  for (int64_t unit = from; unit < to; unit++) {
    const int64_t task = unit / g.blocks, first = unit % g.blocks * g.block, count = least(g.block, g.perTask - first);
    sourceToPoints(g, floats(c, in->at[0]) + task * s.strideX, first, count, w.zeros, w.source);
    cotangentToPoints(g, floats(c, in->at[2]) + task * s.strideY, first, count, w.zeros, w.other);
    for (int64_t k = 0; k < POINTS; k++)
      product({w.source + k * g.inStep, w.rows, w.depth, count, w.other + k * g.outStep, g.out, sums + k * g.filterStep,
               w.outs, g.in, g.out, unit > from});
  }
  pointsToTaps(g, sums, result);
}

// How a filter gradient is divided: its own tasks (or one sum over all), and parts of each.
struct Division {
  int64_t sums, units, each;
};
Division division(const Geometry& g, const ConvShape& s, bool split) {
  const bool all = s.strideW == 0;
  Division d = {all ? 1 : s.tasks, all ? g.units : g.blocks, 1};
  if (split && d.sums < 8) d.each = most(1, least(16 / d.sums, d.units));
  return d;
}

}  // namespace

// Where it is worth it, reckoned in cycles of a vector unit: products, and a transform's additions, loads
// and stores (measured: about 100 for a vector of channels of a tile, both ways together).
bool winogradFits(const ConvShape& s, int64_t opcode, bool split) {
  if (s.KH != 3 || s.KW != 3 || s.SH != 1 || s.SW != 1 || s.C % 16 != 0 || s.O % 16 != 0) return false;
  if (s.tasks <= 0 || s.N <= 0 || s.OH <= 0 || s.OW <= 0) return false;
  const Geometry g = geometry(s, opcode);
  const double products = (double)g.in * g.out;
  const double direct = 9 * products * g.rows * g.columns;
  const double transforms = 100.0 * (g.in + g.out);
  // a filter's own transform is repaid by a few tiles
  const double filter = 60.0 * products * (g.shared ? 1 : s.tasks) / ((double)g.perTask * s.tasks);
  const double tiled = (POINTS * products + transforms + filter) * g.perImage;
  return tiled < 0.8 * direct && (opcode != QS_CONV_DW || !split || g.units >= 4);
}

void winogradPrepare(Instruction* in, const ConvShape& s) {
  const Geometry g = geometry(s, in->opcode);
  const int64_t filter = 4 * POINTS * g.filterStep, taps = 4 * 9 * g.in * g.out;
  in->phases = 1;
  in->scratch = workBytes(g);
  if (in->opcode == QS_CONV_DW) {
    const Division d = division(g, s, in->split);
    in->scratch += filter;
    in->parts[0] = d.sums * d.each;
    if (d.each > 1) {
      in->phases = 2;
      in->parts[1] = d.sums * 4;
      in->shared = d.sums * d.each * taps;
    }
    return;
  }
  in->scratch += in->opcode == QS_CONV_DX ? taps : 0;
  const int64_t parts = in->split ? most(1, least(g.units, 32)) : 1;
  if (g.shared) {
    in->phases = 2;
    in->parts[0] = in->split ? least(4, g.in / 16) : 1;
    in->parts[1] = parts;
    in->shared = filter;
  } else {
    in->parts[0] = parts;
    in->scratch += filter;
  }
}

void winogradRun(const Instruction* in, const ConvShape& s, const Context* c, int phase, int64_t part) {
  const Geometry g = geometry(s, in->opcode);
  const int64_t parts = in->parts[phase];
  if (in->opcode == QS_CONV_DW) {
    const Division d = division(g, s, in->split);
    float* w = floats(c, in->at[1]);
    if (phase == 1) return addParts(w + part / 4 * s.strideW, (const float*)c->shared + part / 4 * d.each * 9 * g.in * g.out,
                                    9 * g.in * g.out, d.each, part % 4);
    const int64_t sum = part / d.each, e = part % d.each, first = sum * d.units;
    float* own = d.each > 1 ? (float*)c->shared + part * 9 * g.in * g.out : w + sum * s.strideW;
    filterGradient(in, s, c, g, first + shareStart(d.units, d.each, e), first + shareStart(d.units, d.each, e + 1), own);
  } else if (g.shared && phase == 0) {
    float* taps = (float*)work(g, c->scratch).end;
    // whole vectors of rows, for the transposition's sake
    const int64_t from = 16 * shareStart(g.in / 16, parts, part), to = 16 * shareStart(g.in / 16, parts, part + 1);
    filterToPoints(g, in->opcode, floats(c, in->at[1]), from, to, taps, (float*)c->shared);
  } else {
    convolve(in, s, c, g, shareStart(g.units, parts, part), shareStart(g.units, parts, part + 1));
  }
}

}  // namespace QS_NS
