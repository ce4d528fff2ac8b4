// Convolutions of 3x3 filters at strides 1 and 2, and their gradients, by the minimal algorithms of bilinear.h on
// both axes. A destination of n pixels a side is cut into tiles of 4 and 3 (fewer where it is smaller): at stride
// 1 a tile of 4x4 needs 36 products for each pair of channels instead of 144, at stride 2 it needs 81.
//
// A block of tiles is transformed to points; points of one filter are the rows of one matrix [rows, channels],
// multiplied by that filter's own matrix [in, out], of which there are 36, and transformed back. A block's
// matrices stay in the second-level cache. Where filters are too large for that and tiles few, as at the end of a
// residual network, all tiles are one block, whose products are divided by filters and columns: each filter is read once.
#include "convolution.h"
#include "passes.h"
#include "product.h"
#include "rows.h"
#include "transpose.h"

namespace QS_NS {
namespace {

enum { MATRICES = FILTERS * FILTERS };

// One axis of a tile: how many points it has, the filter of each, and the maps.
struct Axis {
  int points, number[MOST_POINTS];
  Spread source, cotangent;
  Gather result;
};
template <class A>
constexpr Axis axis() {
  Axis a = {A::POINTS, {}, spreadBy<SourceMap<A>>(), spreadBy<CotangentMap<A>>(), gatherBy<ResultMap<A>>()};
  for (int i = 0; i < A::POINTS; i++) a.number[i] = A::number(i);
  return a;
}
enum Kind { STRIDE1, STRIDE2, UPWARD2 };
constexpr Axis axes[3][TILE] = {
    {axis<Stride1<1>>(), axis<Stride1<2>>(), axis<Stride1<3>>(), axis<Stride1<4>>()},
    {axis<Stride2<1>>(), axis<Stride2<2>>(), axis<Stride2<3>>(), axis<Stride2<4>>()},
    {axis<Upward2<1>>(), axis<Upward2<2>>(), axis<Upward2<3>>(), axis<Upward2<4>>()}};
constexpr Spread filterMaps[3] = {spreadBy<FilterMap<Stride1<4>>>(), spreadBy<FilterMap<Stride2<4>>>(),
                                  spreadBy<FilterMap<Stride2<4>>>()};
constexpr Gather tapsMaps[2] = {gatherBy<TapsMap<Stride1<4>>>(), gatherBy<TapsMap<Stride2<4>>>()};

// One side of an image: `units` results (pairs of them in an upward gradient) cut into tiles. Unit u reads the
// source from u * sourceStep + sourceShift on and has its result at u * resultStep + resultShift.
struct Side {
  Kind kind;
  int64_t source, result, units, sourceStep, sourceShift, resultStep, resultShift;
  int64_t tiles, each, larger;  // the first so many tiles have one unit more than each
  int64_t sourceAt(int64_t unit) const { return unit * sourceStep + sourceShift; }
  int64_t resultAt(int64_t unit) const { return unit * resultStep + resultShift; }
};
Side side(bool dx, int64_t stride, int64_t pad, int64_t input, int64_t output) {
  Side s;
  if (!dx) {
    s = {stride == 1 ? STRIDE1 : STRIDE2, input, output, output, stride, -pad, 1, 0, 0, 0, 0};
  } else if (stride == 1) {
    s = {STRIDE1, output, input, input, 1, pad - 2, 1, 0, 0, 0, 0};
  } else {  // the first pair begins at an even place of the padded image
    s = {UPWARD2, output, input, (input + pad % 2 + 1) / 2, 1, pad / 2 - 1, 2, -(pad % 2), 0, 0, 0};
  }
  s.tiles = ceilDiv(s.units, TILE);
  s.each = s.units / s.tiles;
  s.larger = s.units % s.tiles;
  return s;
}
int64_t start(const Side& s, int64_t tile) { return tile * s.each + least(tile, s.larger); }
const Axis& axisOf(const Side& s, int64_t tile) { return axes[s.kind][s.each - (tile >= s.larger)]; }
// The points of all tiles, of those of one filter at most in a tile.
int64_t points(const Side& s) {
  int64_t sum = 0;
  for (int64_t t = 0; t < s.tiles; t++) sum += axisOf(s, t).points;
  return sum;
}
// The points of one filter in all tiles.
int64_t rowsOf(const Side& s, int number) {
  int64_t sum = 0;
  for (int64_t t = 0; t < s.tiles; t++) {
    const Axis& a = axisOf(s, t);
    for (int i = 0; i < a.points; i++) sum += a.number[i] == number;
  }
  return sum;
}
int64_t mostOf(const Side& s, int64_t number) { return s.kind != STRIDE1 && number == FILTERS - 1 ? least(TILE, s.units) : 1; }

struct Geometry {
  Side rows, columns;
  int64_t in, out;
  int64_t perImage, perTask, block, blocks, units;  // tiles; blocks per task; of all tasks
  int64_t capacity[MATRICES + 1];                   // where each filter's rows begin
  int64_t filterStep;                               // floats from one filter's matrix to the next
  int64_t depth;  // channels summed in one go: sums of parts, added up, have a smaller error
  bool shared;                                      // one filter for all tasks
  bool whole;                                       // one block, whose every phase is divided
};

// Not a multiple of 4 KiB apart, where many streams would meet in the same lines of the first-level cache.
int64_t apart(int64_t floats) { return floats + 16; }

// Bytes: of filters that each unit would fetch from beyond the second-level cache (measured), and of points that the third
// still holds.
enum { LARGE = 4 << 20, MOST_WHOLE = 64 << 20, ENOUGH = 8 };

Geometry geometry(const ConvShape& s, int64_t opcode, bool split) {
  const bool dx = opcode == QS_CONV_DX;
  Geometry g = {};
  g.in = dx ? s.O : s.C;
  g.rows = side(dx, s.SH, s.PT, s.H, s.OH);
  g.columns = side(dx, s.SW, s.PL, s.W, s.OW);
  g.out = dx ? s.C : s.O;
  g.perImage = g.rows.tiles * g.columns.tiles;
  g.perTask = g.perImage * s.N;
  for (int f = 0; f < MATRICES; f++)
    g.capacity[f + 1] = g.capacity[f] + mostOf(g.rows, f / FILTERS) * mostOf(g.columns, f % FILTERS);
  const int64_t tile = 4 * g.capacity[MATRICES] * (g.in + g.out);
  const int64_t wanted = most(most(14, 512 * 1024 / tile), g.in * g.out / (g.in + g.out) / (opcode == QS_CONV_DW ? 1 : 2));
  g.whole = split && opcode != QS_CONV_DW && s.tasks == 1 && 4 * MATRICES * g.in * g.out > LARGE &&
            ceilDiv(g.perTask, wanted) < ENOUGH && tile * g.perTask < MOST_WHOLE;
  const int64_t block = g.whole ? g.perTask : least(wanted, most(14, ceilDiv(g.perTask * s.tasks, ENOUGH)));
  g.blocks = ceilDiv(g.perTask, block);
  g.block = ceilDiv(g.perTask, g.blocks);
  g.units = g.blocks * s.tasks;
  for (int64_t& f : g.capacity) f *= g.block;
  g.filterStep = apart(g.in * g.out);
  g.depth = s.SH == 1 && s.SW == 1 ? 32 : 64;
  g.shared = s.tasks == 1 || s.strideW == 0;
  return g;
}

// A tile, and from it the next.
struct Tile {
  const Geometry& g;
  int64_t image, i, j;
  int64_t row, column;  // in units
  const Axis *down, *across;
  Tile(const Geometry& geometry, int64_t index) : g(geometry) {
    image = index / g.perImage;
    i = index % g.perImage / g.columns.tiles;
    j = index % g.perImage % g.columns.tiles;
    place();
  }
  void next() {
    if (++j == g.columns.tiles) j = 0, i++;
    if (i == g.rows.tiles) i = 0, image++;
    place();
  }

 private:
  void place() {
    row = start(g.rows, i);
    column = start(g.columns, j);
    down = &axisOf(g.rows, i);
    across = &axisOf(g.columns, j);
  }
};

struct Unit {
  int64_t task, first, count;
};
Unit unit(const Geometry& g, int64_t index) {
  const int64_t b = index % g.blocks, first = shareStart(g.perTask, g.blocks, b);
  return {index / g.blocks, first, shareStart(g.perTask, g.blocks, b + 1) - first};
}

// The places of a block's points, tile by tile, in matrices of so many channels.
struct Places {
  const Geometry& g;
  int64_t channels;
  int64_t next[MATRICES];  // rows that are taken
  int of[MOST_POINTS * MOST_POINTS];
  Places(const Geometry& geometry, int64_t n) : g(geometry), channels(n) {
    for (int f = 0; f < MATRICES; f++) next[f] = g.capacity[f];
  }
  int64_t begin(int f) const { return f * 16 + g.capacity[f] * channels; }
  void add(const Tile& t) {
    int* to = of;
    for (int i = 0; i < t.down->points; i++)
      for (int j = 0; j < t.across->points; j++) {
        const int f = t.down->number[i] * FILTERS + t.across->number[j];
        *to++ = (int)(f * 16 + next[f]++ * channels);
      }
  }
};
// Tiles of a block, which begins with tile `first`: of them those from `from` on, so many.
struct Span {
  int64_t first, from, count;
};
// Calls f(tile, places of its points) for each of them, and returns what rows all up to the last took.
template <class F>
QS_INLINE Places eachTile(const Geometry& g, int64_t channels, const Span& s, F f) {
  Places places(g, channels);
  Tile tile(g, s.first);
  for (int64_t t = s.first; t < s.from; t++, tile.next()) places.add(tile);
  for (int64_t t = 0; t < s.count; t++, tile.next()) {
    places.add(tile);
    f(tile, places.of);
  }
  return places;
}
int64_t placesFloats(const Geometry& g, int64_t channels) { return MATRICES * 16 + g.capacity[MATRICES] * channels; }

// Memory that will be wanted after a block's products, fetched a bit with each of them: lines in steps of an image's
// width are too far apart for the processor to foresee, and all at once they would be waited for.
class Ahead {
 public:
  // The rows of images that tiles read, or write, from the first to the last.
  void rows(const float* images, const Geometry& g, const Unit& u, bool source) {
    const Tile first(g, u.first), last(g, u.first + u.count - 1);
    const Side& s = g.rows;
    const int64_t begin = source ? s.sourceAt(first.row) : s.resultAt(first.row);
    const int64_t height = source ? s.source : s.result;
    const int64_t line = source ? g.columns.source * g.in : g.columns.result * g.out;
    const int64_t end = source ? s.sourceAt(last.row) + last.down->source.inputs
                               : s.resultAt(last.row) + last.down->result.outputs;
    Part& p = parts[count++];
    p.at = (const char*)(images + (first.image * height + most(0, begin)) * line);
    p.end = (const char*)(images + (last.image * height + least(end, height)) * line);
    p.step = ceilDiv(p.end - p.at, MATRICES);
  }
  void fetch() {
    for (int i = 0; i < count; i++) {
      Part& p = parts[i];
      const char* until = p.end - p.at > p.step ? p.at + p.step : p.end;
      for (; p.at < until; p.at += 64) __builtin_prefetch(p.at, 0, 2);
    }
  }

 private:
  struct Part {
    const char *at, *end;
    int64_t step;
  };
  int count = 0;
  Part parts[2];
};

// Tiles [first, first + count) of the source's images [height, width, channels], to points.
Places sourceToPoints(const Geometry& g, const float* x, const Span& s, const float* zeros, float* to) {
  const int64_t c = g.in, width = g.columns.source, height = g.rows.source;
  return eachTile(g, c, s, [&](const Tile& tile, const int* places) {
    const Spread &a = tile.down->source, &b = tile.across->source;
    const int64_t r = g.rows.sourceAt(tile.row), q = g.columns.sourceAt(tile.column);
    const float* row[MOST_POINTS];
    int64_t step[MOST_POINTS];
    for (int k = 0; k < a.inputs; k++) {
      const bool inside = r + k >= 0 && r + k < height;
      row[k] = inside ? x + ((tile.image * height + r + k) * width + q) * c : zeros;
      step[k] = inside ? c : 0;
    }
    spread(a, b, row, step, (int)most(0, -q), (int)least(b.inputs, width - q), places, to, c);
  });
}

// The same of a filter gradient's cotangent, which every pixel of a tile has.
void cotangentToPoints(const Geometry& g, const float* y, const Span& s, float* to) {
  const int64_t o = g.out;
  eachTile(g, o, s, [&](const Tile& tile, const int* places) {
    const Spread &a = tile.down->cotangent, &b = tile.across->cotangent;
    const float* row[TILE];
    int64_t step[TILE];
    for (int k = 0; k < a.inputs; k++) {
      row[k] = y + ((tile.image * g.rows.result + tile.row + k) * g.columns.result + tile.column) * o;
      step[k] = o;
    }
    spread(a, b, row, step, 0, b.inputs, places, to, o);
  });
}

void pointsToResult(const Geometry& g, const float* from, const Span& s, float* y) {
  const int64_t o = g.out, width = g.columns.result, height = g.rows.result;
  eachTile(g, o, s, [&](const Tile& tile, const int* places) {
    const Gather &a = tile.down->result, &b = tile.across->result;
    const int64_t r = g.rows.resultAt(tile.row), q = g.columns.resultAt(tile.column);
    const Frame f = {y + ((tile.image * height + r) * width + q) * o, width * o, o,
                     (int)most(0, -r), (int)least(a.outputs, height - r), (int)most(0, -q), (int)least(b.outputs, width - q)};
    gather(a, b, from, places, f, o);
  });
}

// Rows [from, to) of the filter of one task, as matrices; for the input gradient turned by 180 degrees, in and out
// swapped, by way of `taps`.
void filterToPoints(const Geometry& g, int64_t opcode, const float* w, int64_t from, int64_t to, float* taps, float* u) {
  const bool dx = opcode == QS_CONV_DX;
  const int64_t rows = to - from, floats = rows * g.out, tap = dx ? floats : g.in * g.out;
  if (dx)  // [out, in] to rows from..to of [in, out]
    for (int64_t k = 0; k < 9; k++) transpose(taps + k * floats, g.out, w + k * g.in * g.out + from, g.in, g.out, rows);
  const float* row[3];
  const int64_t next = dx ? -tap : tap, step[3] = {next, next, next};
  for (int k = 0; k < 3; k++) row[k] = dx ? taps + (8 - 3 * k) * tap : w + from * g.out + 3 * k * tap;
  int place[MATRICES];
  for (int f = 0; f < MATRICES; f++) place[f] = (int)(f * g.filterStep);
  spread(filterMaps[g.rows.kind], filterMaps[g.columns.kind], row, step, 0, 3, place, u + from * g.out, floats);
}

void pointsToTaps(const Geometry& g, const float* sums, float* w) {
  const int64_t size = g.in * g.out;
  int place[MATRICES];
  for (int f = 0; f < MATRICES; f++) place[f] = (int)(f * g.filterStep);
  gather(tapsMaps[g.rows.kind], tapsMaps[g.columns.kind], sums, place, {w, 3 * size, size, 0, 3, 0, 3}, size);
}

// Scratch: zeros for pixels beyond the border, the two sets of matrices, lists for a filter gradient's products.
struct Work {
  float *zeros, *source, *other;
  int *byIn, *byOut, *depth;  // rows of `in` and of `out` floats; the channels of `in`
  char* end;
};
Work work(const Geometry& g, char* at) {
  Work w;
  const auto take = [&at](int64_t bytes) {
    char* p = at;
    at += align64(bytes);
    return p;
  };
  w.zeros = (float*)take(4 * g.in);
  w.source = (float*)take(g.whole ? 0 : 4 * placesFloats(g, g.in));
  w.other = (float*)take(g.whole ? 0 : 4 * placesFloats(g, g.out));
  const int64_t rows = most(g.in, g.capacity[MATRICES] - g.capacity[MATRICES - 1]);  // the last filter has most
  w.byIn = (int*)take(4 * rows);
  w.byOut = (int*)take(4 * rows);
  w.depth = (int*)take(4 * g.in);
  w.end = at;
  return w;
}
int64_t workBytes(const Geometry& g) { return work(g, nullptr).end - (char*)nullptr; }

Work prepared(const Geometry& g, const Context* c) {
  const Work w = work(g, c->scratch);
  zeroFloats(w.zeros, g.in);
  return w;
}

// Rows of a filter's points times its matrix, of which there are some columns.
QS_INLINE void filterTimes(const Geometry& g, const float* source, int64_t rows, const float* u, float* result, int64_t columns) {
  for (int64_t k = 0; k < g.in; k += g.depth)
    times({source + k, g.in, u + k * g.out, g.out, least(g.depth, g.in - k), result, columns, k > 0}, rows);
}

void convolve(const Instruction* in, const ConvShape& s, const Context* c, const Geometry& g, int64_t from, int64_t to) {
  const Work w = prepared(g, c);
  const bool dx = in->opcode == QS_CONV_DX;
  float* taps = (float*)w.end;
  float* own = taps + (dx ? 9 * g.in * g.out : 0);
  const float* u = g.shared ? (const float*)c->shared : own;
  int64_t filterOf = g.shared ? 0 : -1;
  for (int64_t index = from; index < to; index++) {
    const Unit b = unit(g, index);
    if (!g.shared && filterOf != b.task) {
      filterToPoints(g, in->opcode, floats(c, in->at[1]) + b.task * s.strideW, 0, g.in, taps, own);
      filterOf = b.task;
    }
    const float* x = floats(c, in->at[dx ? 2 : 0]) + b.task * (dx ? s.strideY : s.strideX);
    float* y = floats(c, in->at[dx ? 0 : 2]) + b.task * (dx ? s.strideX : s.strideY);
    const Places source = sourceToPoints(g, x, {b.first, b.first, b.count}, w.zeros, w.source), other(g, g.out);
    Ahead ahead;
    ahead.rows(y, g, b, false);
    if (index + 1 < to) {
      const Unit n = unit(g, index + 1);
      ahead.rows(x + (n.task - b.task) * (dx ? s.strideY : s.strideX), g, n, true);
    }
    for (int f = 0; f < MATRICES; f++) {
      ahead.fetch();
      filterTimes(g, w.source + source.begin(f), source.next[f] - g.capacity[f], u + f * g.filterStep, w.other + other.begin(f),
                  g.out);
    }
    pointsToResult(g, w.other, {b.first, b.first, b.count}, y);
  }
}

// Phase 1, 2 or 3 of one block for all: behind the filters, `shared` has the points of the source and of the result.
void convolveWhole(const Instruction* in, const Context* c, const Geometry& g, int phase, int64_t part) {
  const bool dx = in->opcode == QS_CONV_DX;
  const float* u = (const float*)c->shared;
  float* from = (float*)(c->shared + align64(4 * MATRICES * g.filterStep));
  float* to = (float*)((char*)from + align64(4 * placesFloats(g, g.in)));
  const int64_t first = shareStart(g.perTask, in->parts[phase], part);
  const Span span = {0, first, shareStart(g.perTask, in->parts[phase], part + 1) - first};
  if (phase == 1) {
    sourceToPoints(g, floats(c, in->at[dx ? 2 : 0]), span, prepared(g, c).zeros, from);
  } else if (phase == 2) {
    const int64_t f = part % MATRICES, strips = in->parts[2] / MATRICES, strip = part / MATRICES;
    const int64_t begin = 16 * shareStart(g.out / 16, strips, strip), end = 16 * shareStart(g.out / 16, strips, strip + 1);
    const int64_t rows = rowsOf(g.rows, f / FILTERS) * rowsOf(g.columns, f % FILTERS) * (g.perTask / g.perImage);
    filterTimes(g, from + Places(g, g.in).begin(f), rows, u + f * g.filterStep + begin, to + Places(g, g.out).begin(f) + begin,
                end - begin);
  } else {
    pointsToResult(g, to, span, floats(c, in->at[dx ? 0 : 2]));
  }
}

void filterGradient(const Instruction* in, const ConvShape& s, const Context* c, const Geometry& g, int64_t from,
                    int64_t to, float* result) {
  const Work w = prepared(g, c);
  const int64_t rows = w.byOut - w.byIn;
  for (int64_t i = 0; i < rows; i++) w.byIn[i] = (int)(i * g.in);
  for (int64_t i = 0; i < rows; i++) w.byOut[i] = (int)(i * g.out);
  for (int64_t i = 0; i < g.in; i++) w.depth[i] = (int)i;
  float* sums = (float*)w.end;
  const float *x = floats(c, in->at[0]), *y = floats(c, in->at[2]);
  // some filters meet no point of small images
  zeroFloats(sums, MATRICES * g.filterStep);
  for (int64_t index = from; index < to; index++) {
    const Unit b = unit(g, index);
    const Span span = {b.first, b.first, b.count};
    const Places source = sourceToPoints(g, x + b.task * s.strideX, span, w.zeros, w.source);
    cotangentToPoints(g, y + b.task * s.strideY, span, w.other);
    const Places other(g, g.out);
    Ahead ahead;
    if (index + 1 < to) {
      const Unit n = unit(g, index + 1);
      ahead.rows(x + n.task * s.strideX, g, n, true);
      ahead.rows(y + n.task * s.strideY, g, n, false);
    }
    for (int f = 0; f < MATRICES; f++) {
      ahead.fetch();
      product({w.source + source.begin(f), w.depth, w.byIn, source.next[f] - g.capacity[f], w.other + other.begin(f), g.out,
               sums + f * g.filterStep, w.byOut, g.in, g.out, true});
    }
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

// Where it is worth it, reckoned in multiply-adds: products, and for each point and channel a transform's additions,
// loads and stores, both ways together (measured: the time of 6).
bool winogradFits(const ConvShape& s, int64_t opcode, bool split) {
  if (s.KH != 3 || s.KW != 3 || s.SH > 2 || s.SW > 2 || s.C % 16 != 0 || s.O % 16 != 0) return false;
  if (s.tasks <= 0 || s.N <= 0 || s.OH <= 0 || s.OW <= 0 || s.H <= 0 || s.W <= 0) return false;
  const Geometry g = geometry(s, opcode, split);
  const double products = (double)g.in * g.out, pixels = (double)(opcode == QS_CONV_DX && s.SH == 1 ? s.H : s.OH) *
                                                         (opcode == QS_CONV_DX && s.SW == 1 ? s.W : s.OW);
  const double direct = 9 * products * pixels;
  const double all = (double)points(g.rows) * points(g.columns);
  // a filter's own transform is repaid by a few tiles
  const double filter = 130.0 * products * (g.shared ? 1 : s.tasks) / ((double)s.N * s.tasks);
  const double tiled = all * (products + 6.0 * (g.in + g.out)) + filter;
  // a filter gradient goes over all its sums once a block
  const bool apt = opcode != QS_CONV_DW || (MATRICES * g.filterStep <= 2 << 20 && (!split || g.units >= 4));
  return apt && tiled < 0.8 * direct;
}

void winogradPrepare(Instruction* in, const ConvShape& s) {
  const Geometry g = geometry(s, in->opcode, in->split);
  const int64_t filter = 4 * MATRICES * g.filterStep, taps = 4 * 9 * g.in * g.out;
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
  if (g.whole) {
    in->phases = 4;
    in->parts[0] = least(16, g.in / 16);
    in->parts[1] = in->parts[3] = least(32, g.perTask);
    in->parts[2] = MATRICES * least(4, ceilDiv(g.out, 128));
    in->shared = align64(filter) + align64(4 * placesFloats(g, g.in)) + align64(4 * placesFloats(g, g.out));
    return;
  }
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
  const Geometry g = geometry(s, in->opcode, in->split);
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
  } else if (g.whole) {
    convolveWhole(in, c, g, phase, part);
  } else {
    convolve(in, s, c, g, shareStart(g.units, parts, part), shareStart(g.units, parts, part + 1));
  }
}

}  // namespace QS_NS
