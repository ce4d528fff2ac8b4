// The input gradient for images of a few channels, such as those of a first layer: a product of the
// cotangent with the whole filter, [pixels, O] by [O, taps and channels], whose rows are then added to the
// image where their taps lie. Vectors along the channels alone would be nearly empty.
#include "convolution.h"
#include "product.h"
#include "transpose.h"

namespace QS_NS {
namespace {

enum { CHANNELS = 4, PIXELS = 56 };

// A unit is a few small images of a task, or a band of one image's rows; pixels of the cotangent that reach two
// bands are computed for each.
struct Geometry {
  int64_t taps, rows, bands, images, perTask, units;
};

Geometry geometry(const ConvShape& s, bool split) {
  Geometry g;
  g.taps = s.KH * s.KW * s.C;
  const int64_t images = s.tasks * s.N;
  g.rows = s.H;
  if (split && images < 8) g.rows = most(least(s.H, 4 * s.KH), ceilDiv(s.H * images, 8));
  g.bands = ceilDiv(s.H, g.rows);
  g.images = g.bands > 1 ? 1 : least(s.N, ceilDiv(PIXELS, most(1, s.OH * s.OW)));
  g.perTask = ceilDiv(s.N, g.images) * g.bands;
  g.units = s.tasks * g.perTask;
  return g;
}

struct Scratch {
  float *filter, *products;
  int *rows, *depth, *outs;
  int64_t bytes;
};
Scratch scratchAt(char* at, const ConvShape& s, const Geometry& g) {
  Scratch w;
  int64_t used = 0;
  const auto take = [&](int64_t count) {
    char* p = at + used;
    used += align64(count * 4);
    return p;
  };
  w.filter = (float*)take(s.O * g.taps);
  w.products = (float*)take(PIXELS * g.taps);
  w.rows = (int*)take(PIXELS);
  w.depth = (int*)take(s.O);
  w.outs = (int*)take(PIXELS);
  w.bytes = used;
  return w;
}

void addFloats(float* to, const float* from, int64_t n) {
  int64_t i = 0;
  for (; i + QS_LANES <= n; i += QS_LANES) store(to + i, load(to + i) + load(from + i));
  if (i < n) storeSome(to + i, loadSome(to + i, (int)(n - i)) + loadSome(from + i, (int)(n - i)), (int)(n - i));
}

// Adds one pixel's products to rows [r0, r1) of its image.
void scatter(const ConvShape& s, const float* from, int64_t y, int64_t x, int64_t r0, int64_t r1, float* image) {
  const int64_t column = x * s.SW - s.PL, row = y * s.SH - s.PT;
  const int64_t first = most(0, -column), count = least(s.KW, s.W - column) - first;
  if (count <= 0) return;
  for (int64_t r = most(0, r0 - row); r < least(s.KH, r1 - row); r++)
    addFloats(image + ((row + r) * s.W + column + first) * s.C, from + (r * s.KW + first) * s.C, count * s.C);
}

}  // namespace

bool narrowFits(const ConvShape& s, int64_t opcode) {
  return opcode == QS_CONV_DX && s.C <= CHANNELS && s.KH * s.KW > 1 && s.N > 0 && s.tasks > 0 && s.H > 0 && s.W > 0;
}

void narrowPrepare(Instruction* in, const ConvShape& s) {
  const Geometry g = geometry(s, in->split);
  in->phases = 1;
  in->parts[0] = in->split ? most(1, least(g.units, 32)) : 1;
  in->scratch = scratchAt(nullptr, s, g).bytes;
}

void narrowRun(const Instruction* in, const ConvShape& s, const Context* c, int64_t part) {
  const Geometry g = geometry(s, in->split);
  const Scratch w = scratchAt(c->scratch, s, g);
  for (int64_t i = 0; i < PIXELS; i++) w.rows[i] = (int)(i * s.O);
  for (int64_t i = 0; i < s.O; i++) w.depth[i] = (int)i;
  for (int64_t i = 0; i < PIXELS; i++) w.outs[i] = (int)(i * g.taps);
  int64_t filterOf = -1;
  const int64_t end = shareStart(g.units, in->parts[0], part + 1);
  for (int64_t unit = shareStart(g.units, in->parts[0], part); unit < end; unit++) {
    const int64_t task = unit / g.perTask, group = unit % g.perTask / g.bands, image = group * g.images;
    const int64_t images = least(g.images, s.N - image);
    const int64_t r0 = unit % g.bands * g.rows, r1 = least(s.H, r0 + g.rows);
    if (filterOf != task) {
      transpose(w.filter, g.taps, floats(c, in->at[1]) + task * s.strideW, s.O, g.taps, s.O);
      filterOf = task;
    }
    float* x = floats(c, in->at[0]) + task * s.strideX + image * s.H * s.W * s.C;
    const float* y = floats(c, in->at[2]) + task * s.strideY + image * s.OH * s.OW * s.O;
    for (int64_t i = 0; i < images; i++) zeroFloats(x + (i * s.H + r0) * s.W * s.C, (r1 - r0) * s.W * s.C);
    // the pixels that reach the rows; whole images lie one behind the other
    const int64_t pixels = s.OH * s.OW;
    const int64_t first = most(0, -floorDiv(-(r0 + s.PT - s.KH + 1), s.SH)) * s.OW;
    const int64_t last = images > 1 ? images * pixels : least(s.OH, floorDiv(r1 - 1 + s.PT, s.SH) + 1) * s.OW;
    for (int64_t at = images > 1 ? 0 : first; at < last; at += PIXELS) {
      const int64_t count = least(PIXELS, last - at);
      product({y + at * s.O, w.rows, w.depth, s.O, w.filter, g.taps, w.products, w.outs, count, g.taps, false});
      for (int64_t i = at; i < at + count; i++)
        scatter(s, w.products + (i - at) * g.taps, i % pixels / s.OW, i % s.OW, r0, r1, x + i / pixels * s.H * s.W * s.C);
    }
  }
}

}  // namespace QS_NS
