// Pooling, channels last: every loop runs over the channels of one pixel.
#include "level.h"

namespace QS_NS {
namespace {

struct Shape {
  int64_t N, H, W, C, KH, KW, SH, SW, PT, PL, OH, OW;
};

const Shape& shape(const Instruction* in) { return *(const Shape*)in->p; }

// The part of an output pixel's window that lies in the image.
struct Window {
  int64_t r0, r1, s0, s1;
  int64_t top, left;
};
Window window(const Shape& s, int64_t oh, int64_t ow) {
  Window w;
  w.top = oh * s.SH - s.PT;
  w.left = ow * s.SW - s.PL;
  w.r0 = most(0, -w.top);
  w.r1 = least(s.KH, s.H - w.top);
  w.s0 = most(0, -w.left);
  w.s1 = least(s.KW, s.W - w.left);
  return w;
}

typedef int VecIAny __attribute__((vector_size(QS_LANES * 4), aligned(4), may_alias));
QS_INLINE VecI loadInts(const int* p) { return *(const VecIAny*)p; }
QS_INLINE void storeInts(int* p, VecI v) { *(VecIAny*)p = v; }
// Lanes in which v replaces the best so far: it is greater, or the first NaN.
QS_INLINE VecI beats(Vec v, Vec best) { return (v > best) | ((v != v) & (best == best)); }

// Channel by channel, over the part of the window that lies in the image; x is multiplied by `factor`
// where there is one.
void argmaxPixel(const Shape& s, const Window& w, const float* image, const float* factor, float* best, int* index) {
  bool first = true;
  for (int64_t c = 0; c < s.C; c++) index[c] = 0;
  for (int64_t r = w.r0; r < w.r1; r++)
    for (int64_t q = w.s0; q < w.s1; q++) {
      const float* x = image + ((w.top + r) * s.W + w.left + q) * s.C;
      const int k = (int)(r * s.KW + q);
      if (first) {
        for (int64_t c = 0; c < s.C; c++) best[c] = factor ? x[c] * factor[c] : x[c];
        for (int64_t c = 0; c < s.C; c++) index[c] = k;
        first = false;
        continue;
      }
      int64_t c = 0;
      for (; c + QS_LANES <= s.C; c += QS_LANES) {
        const Vec u = load(x + c), b = load(best + c), v = factor ? u * load(factor + c) : u;
        const VecI take = beats(v, b);
        store(best + c, take ? v : b);
        storeInts(index + c, take ? VecI{} + k : loadInts(index + c));
      }
      for (; c < s.C; c++) {
        const float v = factor ? x[c] * factor[c] : x[c], b = best[c];
        const bool take = (v > b) | ((v != v) & (b == b));
        best[c] = take ? v : b;
        index[c] = take ? k : index[c];
      }
    }
}

// The position of the largest of a window's four elements.
QS_INLINE VecI argmaxOf(Vec a, Vec b, Vec d, Vec e) {
  const VecI tb = beats(b, a);
  const Vec m = tb ? b : a;
  const VecI td = beats(d, m);
  const Vec n = td ? d : m;
  const VecI te = beats(e, n), low = tb & 1, high = td ? VecI{} + 2 : low;
  return te ? VecI{} + 3 : high;
}
QS_INLINE int argmaxOf(float a, float b, float d, float e) {
  const bool tb = (b > a) | ((b != b) & (a == a));
  const float m = tb ? b : a;
  const bool td = (d > m) | ((d != d) & (m == m));
  const float n = td ? d : m;
  const bool te = (e > n) | ((e != e) & (n == n));
  return te ? 3 : td ? 2 : tb ? 1 : 0;
}

// The common 2 x 2 window inside the image, in one pass.
void argmaxSquare(const float* x, int64_t line, int64_t channels, int* index) {
  const float *x1 = x + channels, *x2 = x + line, *x3 = x2 + channels;
  int64_t c = 0;
  for (; c + QS_LANES <= channels; c += QS_LANES)
    storeInts(index + c, argmaxOf(load(x + c), load(x1 + c), load(x2 + c), load(x3 + c)));
  for (; c < channels; c++) index[c] = argmaxOf(x[c], x1[c], x2[c], x3[c]);
}

// The same of x times a factor, and the elements themselves.
void maxSquare(const float* x, int64_t line, int64_t channels, const float* factor, int* index, float* y) {
  const float *x1 = x + channels, *x2 = x + line, *x3 = x2 + channels;
  int64_t c = 0;
  for (; c + QS_LANES <= channels; c += QS_LANES) {
    const Vec f = load(factor + c), a = load(x + c), b = load(x1 + c), d = load(x2 + c), e = load(x3 + c);
    const VecI k = argmaxOf(a * f, b * f, d * f, e * f);
    const Vec low = k == 1 ? b : a, high = k == 3 ? e : d;
    storeInts(index + c, k);
    store(y + c, k >= 2 ? high : low);
  }
  for (; c < channels; c++) {
    const float f = factor[c];
    const int k = argmaxOf(x[c] * f, x1[c] * f, x2[c] * f, x3[c] * f);
    index[c] = k;
    y[c] = k == 0 ? x[c] : k == 1 ? x1[c] : k == 2 ? x2[c] : x3[c];
  }
}

void takeSquare(const float* x, int64_t line, int64_t channels, const int* index, float* y) {
  const float *x1 = x + channels, *x2 = x + line, *x3 = x2 + channels;
#pragma GCC ivdep
  for (int64_t c = 0; c < channels; c++) {
    const float a = x[c], b = x1[c], d = x2[c], e = x3[c];
    const int k = index[c];
    const float low = k == 1 ? b : a, high = k == 3 ? e : d;
    y[c] = k >= 2 ? high : low;
  }
}

void pushSquare(const float* g, const int* index, int64_t line, int64_t channels, float* x) {
  float *x1 = x + channels, *x2 = x + line, *x3 = x2 + channels;
#pragma GCC ivdep
  for (int64_t c = 0; c < channels; c++) {
    const float v = g[c];
    const int k = index[c];
    x[c] = k == 0 ? v : 0.0f;
    x1[c] = k == 1 ? v : 0.0f;
    x2[c] = k == 2 ? v : 0.0f;
    x3[c] = k == 3 ? v : 0.0f;
  }
}

}  // namespace

void poolPrepare(Instruction* in) {
  const Shape& s = shape(in);
  in->work = (double)s.N * s.OH * s.OW * s.KH * s.KW * s.C;
  in->phases = 1;
  in->parts[0] = in->split && in->work > 20e3 ? most(1, least(s.N, 32)) : 1;
  in->scratch = s.C * 4;
}

void poolRun(const Instruction* in, const Context* c, int, int64_t part) {
  const Shape& s = shape(in);
  const int64_t parts = in->parts[0], line = s.W * s.C;
  const bool square = s.KH == 2 && s.KW == 2 && s.SH == 2 && s.SW == 2;
  const bool tiled = square && s.PT == 0 && s.PL == 0 && 2 * s.OH == s.H && 2 * s.OW == s.W;
  const bool sum = in->opcode == QS_POOL_SUM, spread = in->opcode == QS_POOL_SPREAD;
  for (int64_t n = shareStart(s.N, parts, part); n < shareStart(s.N, parts, part + 1); n++) {
    const bool toX = in->opcode == QS_POOL_PUT || spread;
    float* x = floats(c, in->at[toX ? (spread ? 1 : 2) : 0]) + n * s.H * line;
    if (toX && !(tiled && !spread)) zeroFloats(x, s.H * line);
    for (int64_t oh = 0; oh < s.OH; oh++)
      for (int64_t ow = 0; ow < s.OW; ow++) {
        const int64_t at = ((n * s.OH + oh) * s.OW + ow) * s.C;
        const Window w = window(s, oh, ow);
        const bool inside = square && w.r0 == 0 && w.s0 == 0 && w.r1 == 2 && w.s1 == 2;
        float* corner = x + w.top * line + w.left * s.C;
        if (in->opcode == QS_POOL_ARGMAX) {
          int* index = (int*)floats(c, in->at[1]) + at;
          if (inside) argmaxSquare(corner, line, s.C, index);
          else argmaxPixel(s, w, x, nullptr, (float*)c->scratch, index);
          continue;
        }
        if (in->opcode == QS_POOL_MAX) {
          const float* factor = floats(c, in->at[1]) + n * s.C;
          int* index = (int*)floats(c, in->at[2]) + at;
          float* y = floats(c, in->at[3]) + at;
          if (inside) {
            maxSquare(corner, line, s.C, factor, index, y);
            continue;
          }
          argmaxPixel(s, w, x, factor, (float*)c->scratch, index);
          for (int64_t k = 0; k < s.C; k++)
            y[k] = x[((w.top + index[k] / s.KW) * s.W + w.left + index[k] % s.KW) * s.C + k];
          continue;
        }
        const int* index = (const int*)floats(c, in->at[1]) + at;
        if (in->opcode == QS_POOL_TAKE && inside) {
          takeSquare(corner, line, s.C, index, floats(c, in->at[2]) + at);
          continue;
        }
        if (in->opcode == QS_POOL_PUT && tiled) {
          pushSquare(floats(c, in->at[0]) + at, index, line, s.C, corner);
          continue;
        }
        float* y = floats(c, in->at[in->opcode == QS_POOL_TAKE ? 2 : sum ? 1 : 0]) + at;
        if (in->opcode == QS_POOL_TAKE)
          for (int64_t k = 0; k < s.C; k++) y[k] = -__builtin_inff();  // a window wholly in the padding
        if (sum) zeroFloats(y, s.C);
        for (int64_t r = w.r0; r < w.r1; r++)
          for (int64_t q = w.s0; q < w.s1; q++) {
            float* pixel = x + ((w.top + r) * s.W + w.left + q) * s.C;
            const int k = (int)(r * s.KW + q);
            switch (in->opcode) {
              case QS_POOL_TAKE:
#pragma GCC ivdep
                for (int64_t i = 0; i < s.C; i++) y[i] = index[i] == k ? pixel[i] : y[i];
                break;
              case QS_POOL_PUT:
#pragma GCC ivdep
                for (int64_t i = 0; i < s.C; i++) pixel[i] += index[i] == k ? y[i] : 0.0f;
                break;
              case QS_POOL_SUM:
#pragma GCC ivdep
                for (int64_t i = 0; i < s.C; i++) y[i] += pixel[i];
                break;
              default:
#pragma GCC ivdep
                for (int64_t i = 0; i < s.C; i++) pixel[i] += y[i];
            }
          }
      }
  }
}

}  // namespace QS_NS
