// Pooling, channels last: one thread per element of the result, neighbours on neighbouring channels.
#include "device.cuh"

namespace {

struct Shape {
  qs_long N;
  int H, W, C, KH, KW, SH, SW, PT, PL, OH, OW;
};

QS_DEV Shape qs_shape(const QsArgs& g) {
  const qs_long* n = g.n;
  return {n[0],      (int)n[1], (int)n[2], (int)n[3], (int)n[4],  (int)n[5],
          (int)n[6], (int)n[7], (int)n[8], (int)n[9], (int)n[10], (int)n[11]};
}

// Which element of [N, height, width, C] a thread has.
struct Element {
  int y, x, c;
  qs_long n;
};
QS_DEV Element qs_element(qs_long t, int height, int width, int channels) {
  Element e;
  e.c = (int)qs_divide(t, channels);
  e.x = (int)qs_divide(t, width);
  e.y = (int)qs_divide(t, height);
  e.n = t;
  return e;
}

// The part of an output pixel's window that lies in the image, and the element of X at its corner.
struct Window {
  int r0, r1, s0, s1, top, left;
  qs_long corner;
};
QS_DEV Window qs_window(const Shape& s, const Element& e) {
  Window w;
  w.top = e.y * s.SH - s.PT;
  w.left = e.x * s.SW - s.PL;
  w.r0 = w.top < 0 ? -w.top : 0;
  w.s0 = w.left < 0 ? -w.left : 0;
  w.r1 = s.H - w.top < s.KH ? s.H - w.top : s.KH;
  w.s1 = s.W - w.left < s.KW ? s.W - w.left : s.KW;
  w.corner = ((e.n * s.H + w.top) * s.W + w.left) * s.C + e.c;
  return w;
}
QS_DEV qs_long qs_at(const Shape& s, const Window& w, int r, int q) { return w.corner + ((qs_long)r * s.W + q) * s.C; }

// The windows that contain an input pixel: outputs y0..y1 and x0..x1.
struct Covers {
  int y0, y1, x0, x1;
};
QS_DEV Covers qs_covers(const Shape& s, const Element& e) {
  const int v = e.y + s.PT, w = e.x + s.PL;
  Covers c;
  c.y0 = v < s.KH ? 0 : (v - s.KH) / s.SH + 1;
  c.x0 = w < s.KW ? 0 : (w - s.KW) / s.SW + 1;
  c.y1 = v / s.SH + 1 < s.OH ? v / s.SH + 1 : s.OH;
  c.x1 = w / s.SW + 1 < s.OW ? w / s.SW + 1 : s.OW;
  return c;
}
QS_DEV qs_long qs_small(const Shape& s, const Element& e, int y, int x) {
  return ((e.n * s.OH + y) * s.OW + x) * s.C + e.c;
}

// Which windows count for an element: every one, or those whose index names it.
struct Every {
  __device__ __forceinline__ bool counts(qs_long, int) const { return true; }
};
struct Chosen {
  const int* index;
  __device__ __forceinline__ bool counts(qs_long at, int place) const { return index[at] == place; }
};

// Each element of X is the sum of G over the windows that contain it and count.
template <class Which>
QS_DEV void qs_spread(const Shape& s, const float* g, float* x, const Which& which) {
  const qs_long total = s.N * s.H * s.W * s.C;
  for (qs_long t = qs_thread(); t < total; t += qs_threads()) {
    const Element e = qs_element(t, s.H, s.W, s.C);
    const Covers c = qs_covers(s, e);
    float sum = 0.0f;
    for (int y = c.y0; y < c.y1; y++)
      for (int z = c.x0; z < c.x1; z++) {
        const qs_long at = qs_small(s, e, y, z);
        if (which.counts(at, (e.y + s.PT - y * s.SH) * s.KW + e.x + s.PL - z * s.SW)) sum += g[at];
      }
    x[t] = sum;
  }
}

// The first of the largest elements of a window of X times a factor, or the first NaN.
struct Best {
  int at;
  float x;
};
QS_DEV Best qs_argmax(const Shape& s, const Window& w, const float* x, float factor) {
  Best best = {0, 0.0f};
  float most = 0.0f;
  bool first = true;
  for (int r = w.r0; r < w.r1; r++)
    for (int q = w.s0; q < w.s1; q++) {
      const float u = x[qs_at(s, w, r, q)], v = u * factor;
      if (first | (v > most) | ((v != v) & (most == most))) {
        most = v;
        best = {r * s.KW + q, u};
      }
      first = false;
    }
  return best;
}

}  // namespace

// All of them: block 256, grid Div(elements of the result, 256), at most 16384.
QS_KERNEL(qs_pool_argmax) {
  const Shape s = qs_shape(a);
  const float* x = (const float*)a.at[0];
  int* index = (int*)a.at[1];
  const qs_long total = s.N * s.OH * s.OW * s.C;
  for (qs_long t = qs_thread(); t < total; t += qs_threads())
    index[t] = qs_argmax(s, qs_window(s, qs_element(t, s.OH, s.OW, s.C)), x, 1.0f).at;
}

// Of X times F [N, C]; Y has the elements of X.
QS_KERNEL(qs_pool_max) {
  const Shape s = qs_shape(a);
  const float *x = (const float*)a.at[0], *factor = (const float*)a.at[1];
  int* index = (int*)a.at[2];
  float* y = (float*)a.at[3];
  const qs_long total = s.N * s.OH * s.OW * s.C;
  for (qs_long t = qs_thread(); t < total; t += qs_threads()) {
    const Element e = qs_element(t, s.OH, s.OW, s.C);
    const Best best = qs_argmax(s, qs_window(s, e), x, factor[e.n * s.C + e.c]);
    index[t] = best.at;
    y[t] = best.x;
  }
}

QS_KERNEL(qs_pool_take) {
  const Shape s = qs_shape(a);
  const float* x = (const float*)a.at[0];
  const int* index = (const int*)a.at[1];
  float* y = (float*)a.at[2];
  const qs_long total = s.N * s.OH * s.OW * s.C;
  for (qs_long t = qs_thread(); t < total; t += qs_threads()) {
    const Window w = qs_window(s, qs_element(t, s.OH, s.OW, s.C));
    const int k = index[t], r = k / s.KW, q = k - r * s.KW;
    const bool inside = k >= 0 && r >= w.r0 && r < w.r1 && q >= w.s0 && q < w.s1;
    y[t] = inside ? x[qs_at(s, w, r, q)] : qs_infinity(-1);  // a window wholly in the padding
  }
}

QS_KERNEL(qs_pool_put) {
  const int* index = (const int*)a.at[1];
  qs_spread(qs_shape(a), (const float*)a.at[0], (float*)a.at[2], Chosen{index});
}

QS_KERNEL(qs_pool_sum) {
  const Shape s = qs_shape(a);
  const float* x = (const float*)a.at[0];
  float* y = (float*)a.at[1];
  const qs_long total = s.N * s.OH * s.OW * s.C;
  for (qs_long t = qs_thread(); t < total; t += qs_threads()) {
    const Window w = qs_window(s, qs_element(t, s.OH, s.OW, s.C));
    float sum = 0.0f;
    for (int r = w.r0; r < w.r1; r++)
      for (int q = w.s0; q < w.s1; q++) sum += x[qs_at(s, w, r, q)];
    y[t] = sum;
  }
}

QS_KERNEL(qs_pool_spread) {
  qs_spread(qs_shape(a), (const float*)a.at[0], (float*)a.at[1], Every{});
}
