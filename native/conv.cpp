// Direct convolution, its input gradient and its filter gradient, channels last, all three on the
// kernel of product.h. The destination is cut into units: a few small images, or a band of rows of a
// large one, so that a unit's (zero-padded) source stays in the second-level cache.
#include "product.h"
#include "transpose.h"
#include "convolution.h"

namespace QS_NS {
namespace {

typedef ConvShape Shape;

struct Geometry {
  // The source image, the destination's rows and columns, and the numbers of images and rows per unit.
  int64_t height, width, channels, rows, columns, images, unitRows;
  int64_t bands, unitsPerTask, units;
  int64_t startColumn, windowColumns, windowRows;  // the source that a full unit reads
  bool padded, shared;                             // shared: all parts read one packed filter
  int64_t pixels, depth, filter;                   // per unit at most; taps times channels; floats in W
  int64_t perTask, byRows;                         // parts per task; filter gradient split over its rows
};

const Shape& shape(const Instruction* in) { return *(const Shape*)in->p; }

int64_t sourceStart(const Shape& s, bool dx, int64_t row) {
  return dx ? floorDiv(row + s.PT - s.KH + 1, s.SH) : row * s.SH - s.PT;
}
int64_t sourceRows(const Shape& s, bool dx, int64_t rows) {
  return dx ? floorDiv(rows - 1 + s.PT, s.SH) - floorDiv(s.PT - s.KH + 1, s.SH) + 1 : (rows - 1) * s.SH + s.KH;
}

Geometry geometry(const Instruction* in, bool split) {
  const Shape& s = shape(in);
  const bool dx = in->opcode == QS_CONV_DX, dw = in->opcode == QS_CONV_DW;
  Geometry g = {};
  g.height = dx ? s.OH : s.H;
  g.width = dx ? s.OW : s.W;
  g.channels = dx ? s.O : s.C;
  g.rows = dx ? s.H : s.OH;
  g.columns = dx ? s.W : s.OW;
  g.depth = s.KH * s.KW * s.C;
  g.filter = g.depth * s.O;
  g.startColumn = dx ? floorDiv(s.PL - s.KW + 1, s.SW) : -s.PL;
  g.windowColumns = dx ? floorDiv(s.W - 1 + s.PL, s.SW) - g.startColumn + 1 : (s.OW - 1) * s.SW + s.KW;
  if (g.rows <= 0 || g.columns <= 0 || s.N <= 0 || s.tasks <= 0) return g;

  // A filter gradient goes over a unit once for every few rows of W, so its cotangent has to stay in
  // the first-level cache: about 128 pixels. The other two only need the second level.
  const int64_t step = dx ? s.SH : 1;
  const int64_t wanted = dw ? 112 : 28;
  const int64_t limit = 192 * 1024 / 4;
  const int64_t line = g.windowColumns * g.channels;
  int64_t rows = g.rows;
  if (dw && rows * g.columns > 2 * wanted) rows = most(1, (wanted + g.columns / 2) / g.columns);
  while (rows > step && sourceRows(s, dx, rows) * line > limit) rows = most(step, rows / 2);
  if (split && s.tasks * s.N * ceilDiv(g.rows, rows) < 8) rows = least(rows, ceilDiv(g.rows * s.N * s.tasks, 8));
  rows = ceilDiv(g.rows, ceilDiv(g.rows, rows));         // equal bands
  if (rows < g.rows) rows = least(g.rows, ceilDiv(rows, step) * step);  // every band starts at the same phase
  g.unitRows = rows;
  g.images = 1;
  if (rows == g.rows) {
    const int64_t fit = most(1, limit / most(1, sourceRows(s, dx, rows) * line));
    g.images = most(1, least(least(ceilDiv(wanted, rows * g.columns), fit), s.N));
  }
  g.bands = ceilDiv(g.rows, rows);
  g.unitsPerTask = g.bands * ceilDiv(s.N, g.images);
  g.units = g.unitsPerTask * s.tasks;
  g.windowRows = sourceRows(s, dx, rows);
  const int64_t first = sourceStart(s, dx, 0), last = first + sourceRows(s, dx, g.rows);
  g.padded = first < 0 || last > g.height || g.startColumn < 0 || g.startColumn + g.windowColumns > g.width;
  g.pixels = g.images * rows * g.columns;
  g.shared = dx && (s.tasks == 1 || s.strideW == 0);
  return g;
}

// Floats from one line of a padded window to the next: not a multiple of 2 KiB, at which all lines
// would meet in the same few lines of the first-level cache.
int64_t paddedLine(const Geometry& g) {
  const int64_t line = g.windowColumns * g.channels;
  return line % 512 == 0 ? line + 16 : line;
}

// Where one unit's source begins, and its strides in floats.
struct Source {
  const float* at;
  int64_t line, image;
};

// Copies the unit's window into `pad`, zeros round it. Whole images keep their border, which `fresh`
// asks to be cleared; bands have different borders each.
Source window(const Geometry& g, const float* x, float* pad, int64_t image, int64_t images, int64_t start,
              int64_t rows, bool fresh) {
  const int64_t c = g.channels, line = g.width * c;
  if (!g.padded) return {x + (image * g.height + start) * line + g.startColumn * c, line, g.height * line};
  const int64_t padLine = paddedLine(g), padImage = rows * padLine;
  if (fresh || g.bands > 1) zeroFloats(pad, images * padImage);
  const int64_t r0 = most(0, -start), r1 = least(rows, g.height - start);
  const int64_t c0 = most(0, -g.startColumn), c1 = least(g.windowColumns, g.width - g.startColumn);
  for (int64_t i = 0; i < images; i++)
    for (int64_t r = r0; r < r1 && c0 < c1; r++)
      copyFloats(pad + i * padImage + r * padLine + c0 * c,
                 x + (image + i) * g.height * line + (start + r) * line + (g.startColumn + c0) * c, (c1 - c0) * c);
  return {pad, padLine, padImage};
}

struct Unit {
  int64_t task, image, images, row, rows;
};
Unit unit(const Geometry& g, const Shape& s, int64_t index) {
  Unit u;
  u.task = index / g.unitsPerTask;
  const int64_t r = index % g.unitsPerTask;
  u.image = r / g.bands * g.images;
  u.images = least(g.images, s.N - u.image);
  u.row = r % g.bands * g.unitRows;
  u.rows = least(g.unitRows, g.rows - u.row);
  return u;
}

// Scratch: the padded window, then offsets of pixels, of outputs and of taps.
struct Lists {
  float* pad;
  int *pixels, *outs, *taps;
};
int64_t padFloats(const Geometry& g) { return g.padded ? g.images * g.windowRows * paddedLine(g) : 0; }
int64_t listBytes(const Geometry& g, const Shape& s) {
  return align64(padFloats(g) * 4) + align64(g.pixels * 4) + align64(most(g.pixels, g.depth) * 4) +
      align64(s.KH * s.KW * most(s.C, s.O) * 4);
}
Lists lists(const Geometry& g, char* scratch) {
  Lists l;
  l.pad = (float*)scratch;
  scratch += align64(padFloats(g) * 4);
  l.pixels = (int*)scratch;
  scratch += align64(g.pixels * 4);
  l.outs = (int*)scratch;
  l.taps = (int*)(scratch + align64(most(g.pixels, g.depth) * 4));
  return l;
}

void tapOffsets(const Shape& s, int64_t line, int* taps) {
  int64_t k = 0;
  for (int64_t r = 0; r < s.KH; r++)
    for (int64_t q = 0; q < s.KW; q++)
      for (int64_t c = 0; c < s.C; c++) taps[k++] = (int)(r * line + q * s.C + c);
}

void pixelOffsets(const Geometry& g, const Shape& s, const Unit& u, const Source& src, int* pixels) {
  int64_t k = 0;
  for (int64_t i = 0; i < u.images; i++)
    for (int64_t r = 0; r < u.rows; r++)
      for (int64_t q = 0; q < g.columns; q++)
        pixels[k++] = (int)(i * src.image + r * s.SH * src.line + q * s.SW * g.channels);
}

// Lists change only when a unit is smaller than the one before.
struct Seen {
  int64_t images = -1, rows = -1;
  bool fresh(const Unit& u) {
    if (images == u.images && rows == u.rows) return false;
    images = u.images;
    rows = u.rows;
    return true;
  }
};

void forward(const Instruction* in, const Context* c, const Geometry& g, int64_t from, int64_t to) {
  const Shape& s = shape(in);
  const Lists l = lists(g, c->scratch);
  Seen seen;
  for (int64_t index = from; index < to; index++) {
    const Unit u = unit(g, s, index);
    const bool fresh = seen.fresh(u);
    const Source src = window(g, floats(c, in->at[0]) + u.task * s.strideX, l.pad, u.image, u.images,
                              sourceStart(s, false, u.row), sourceRows(s, false, u.rows), fresh);
    const int64_t pixels = u.images * u.rows * g.columns;
    if (fresh) {
      tapOffsets(s, src.line, l.taps);
      pixelOffsets(g, s, u, src, l.pixels);
      for (int64_t q = 0; q < pixels; q++) l.outs[q] = (int)(q * s.O);
    }
    float* y = floats(c, in->at[2]) + u.task * s.strideY + (u.image * s.OH + u.row) * s.OW * s.O;
    product({src.at, l.pixels, l.taps, g.depth, floats(c, in->at[1]) + u.task * s.strideW, s.O, y, l.outs, pixels,
             s.O, false});
  }
}

// The filter for the input gradient: for each phase (a, b) its taps in order, each [O, C].
void packFilter(const Shape& s, const float* w, float* packed) {
  for (int64_t a = 0; a < s.SH; a++)
    for (int64_t b = 0; b < s.SW; b++)
      for (int64_t r = a; r < s.KH; r += s.SH)
        for (int64_t q = b; q < s.KW; q += s.SW) {
          transpose(packed, s.C, w + (r * s.KW + q) * s.C * s.O, s.O, s.C, s.O);
          packed += s.C * s.O;
        }
}

// With stride s the input's pixels fall into s * s phases, each a dense convolution of the cotangent
// with the taps that reach that phase.
void inputGradient(const Instruction* in, const Context* c, const Geometry& g, int64_t from, int64_t to) {
  const Shape& s = shape(in);
  const Lists l = lists(g, c->scratch);
  float* own = (float*)(c->scratch + listBytes(g, s));
  const float* packed = g.shared ? (const float*)c->shared : own;
  int64_t packedTask = g.shared ? 0 : -1;
  Seen seen;
  for (int64_t index = from; index < to; index++) {
    const Unit u = unit(g, s, index);
    if (!g.shared && packedTask != u.task) {
      packFilter(s, floats(c, in->at[1]) + u.task * s.strideW, own);
      packedTask = u.task;
    }
    const int64_t start = sourceStart(s, true, u.row);
    const Source src = window(g, floats(c, in->at[2]) + u.task * s.strideY, l.pad, u.image, u.images, start,
                              sourceRows(s, true, u.rows), seen.fresh(u));
    float* x = floats(c, in->at[0]) + u.task * s.strideX + (u.image * s.H + u.row) * s.W * s.C;
    const float* w = packed;
    for (int64_t a = 0; a < s.SH; a++)
      for (int64_t b = 0; b < s.SW; b++) {
        int64_t depth = 0, pixels = 0;
        for (int64_t r = a; r < s.KH; r += s.SH)
          for (int64_t q = b; q < s.KW; q += s.SW)
            for (int64_t o = 0; o < s.O; o++)
              l.taps[depth++] = (int)(-(r - a) / s.SH * src.line - (q - b) / s.SW * s.O + o);
        // Every u.row is a multiple of the stride, so the first row of phase a is the same in each band.
        const int64_t r0 = ((a - s.PT) % s.SH + s.SH) % s.SH, q0 = ((b - s.PL) % s.SW + s.SW) % s.SW;
        for (int64_t i = 0; i < u.images; i++)
          for (int64_t r = r0; r < u.rows; r += s.SH)
            for (int64_t q = q0; q < s.W; q += s.SW) {
              const int64_t y = (u.row + r + s.PT - a) / s.SH - start, z = (q + s.PL - b) / s.SW - g.startColumn;
              l.pixels[pixels] = (int)(i * src.image + y * src.line + z * s.O);
              l.outs[pixels++] = (int)(((i * s.H + r) * s.W + q) * s.C);
            }
        product({src.at, l.pixels, l.taps, depth, w, s.C, x, l.outs, pixels, s.C, false});
        w += depth * s.C;
      }
  }
}

// Adds the units' products to rows r0..r1 of W's gradient, which the first of them overwrites.
void filterGradient(const Instruction* in, const Context* c, const Geometry& g, int64_t from, int64_t to, int64_t r0,
                    int64_t r1, float* sum) {
  const Shape& s = shape(in);
  const Lists l = lists(g, c->scratch);
  if (from >= to) zeroFloats(sum + r0 * s.O, (r1 - r0) * s.O);
  Seen seen;
  for (int64_t k = 0; k < g.depth; k++) l.outs[k] = (int)(k * s.O);
  for (int64_t index = from; index < to; index++) {
    const Unit u = unit(g, s, index);
    const bool fresh = seen.fresh(u);
    const Source src = window(g, floats(c, in->at[0]) + u.task * s.strideX, l.pad, u.image, u.images,
                              sourceStart(s, false, u.row), sourceRows(s, false, u.rows), fresh);
    if (fresh) {
      tapOffsets(s, src.line, l.taps);
      pixelOffsets(g, s, u, src, l.pixels);
    }
    const float* y = floats(c, in->at[2]) + u.task * s.strideY + (u.image * s.OH + u.row) * s.OW * s.O;
    product({src.at, l.taps + r0, l.pixels, u.images * u.rows * g.columns, y, s.O, sum, l.outs + r0, r1 - r0, s.O,
             index > from});
  }
}

// How a filter gradient is divided: its own tasks (or one sum over all), and parts of each, over units or, where
// these are few, over rows of the filter. Every part by rows reads the whole source again.
struct Division {
  int64_t sums, units, each;
  bool byRows;
};
Division division(const Geometry& g, const Shape& s, bool split) {
  const bool all = s.strideW == 0;
  Division d = {all ? 1 : s.tasks, all ? g.units : g.unitsPerTask, 1, false};
  if (!split || d.sums >= 8) return d;
  const double work = (double)d.units * g.pixels * g.filter;
  const int64_t wanted = (int64_t)(work < 16e6 ? work / 1e6 : 16) / d.sums;
  d.byRows = wanted > 1 && d.units < 4;
  d.each = most(1, d.byRows ? least(wanted, g.depth / 28) : least(least(wanted, d.units), g.filter > 128 * 1024 ? 4 : 16));
  return d;
}

}  // namespace

void convPrepare(Instruction* in) {
  const bool split = in->split;
  const Shape& s = shape(in);
  const Geometry g = geometry(in, split);
  in->work = (double)s.tasks * s.N * s.OH * s.OW * g.filter;
  in->way = winogradFits(s, in->opcode, split) ? CONV_WINOGRAD : narrowFits(s, in->opcode) ? CONV_NARROW : CONV_DIRECT;
  if (in->way == CONV_WINOGRAD) return winogradPrepare(in, s);
  if (in->way == CONV_NARROW) return narrowPrepare(in, s);
  in->phases = 1;
  in->scratch = listBytes(g, s);
  if (in->opcode == QS_CONV_DW) {
    const Division d = division(g, s, split);
    in->parts[0] = d.sums * d.each;
    if (d.each > 1 && !d.byRows) {
      in->phases = 2;
      in->parts[1] = d.sums * 4;
      in->shared = d.sums * d.each * g.filter * 4;
    }
    return;
  }
  const int64_t parts = split ? most(1, least(g.units, 32)) : 1;
  if (in->opcode == QS_CONV_DX && g.shared) {
    in->phases = 2;
    in->parts[0] = 1;
    in->parts[1] = parts;
    in->shared = g.filter * 4;
  } else {
    in->parts[0] = parts;
    if (in->opcode == QS_CONV_DX) in->scratch += g.filter * 4;
  }
}

void convRun(const Instruction* in, const Context* c, int phase, int64_t part) {
  const Shape& s = shape(in);
  const bool split = in->split;
  if (in->way == CONV_WINOGRAD) return winogradRun(in, s, c, phase, part);
  if (in->way == CONV_NARROW) return narrowRun(in, s, c, part);
  const Geometry g = geometry(in, split);
  const int64_t parts = in->parts[phase];
  if (in->opcode == QS_CONV) {
    forward(in, c, g, shareStart(g.units, parts, part), shareStart(g.units, parts, part + 1));
  } else if (in->opcode == QS_CONV_DX) {
    if (g.shared && phase == 0) {
      packFilter(s, floats(c, in->at[1]), (float*)c->shared);
    } else {
      inputGradient(in, c, g, shareStart(g.units, parts, part), shareStart(g.units, parts, part + 1));
    }
  } else {
    const Division d = division(g, s, split);
    float* w = floats(c, in->at[1]);
    if (phase == 1)
      return addParts(w + part / 4 * s.strideW, (const float*)c->shared + part / 4 * d.each * g.filter, g.filter, d.each,
                      part % 4);
    const int64_t sum = part / d.each, e = part % d.each, first = sum * d.units;
    float* own = w + sum * s.strideW;
    if (d.byRows) {
      filterGradient(in, c, g, first, first + d.units, shareStart(g.depth, d.each, e), shareStart(g.depth, d.each, e + 1), own);
    } else {
      if (d.each > 1) own = (float*)c->shared + part * g.filter;
      filterGradient(in, c, g, first + shareStart(d.units, d.each, e), first + shareStart(d.units, d.each, e + 1), 0,
                     g.depth, own);
    }
  }
}

}  // namespace QS_NS
