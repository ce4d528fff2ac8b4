// Pooling, channels last: one thread per element of the result, neighbours on neighbouring channels; or per
// four of them, where there are four and all operands lie on multiples of 16 bytes.
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

// Windows of 2 x 2 that neither overlap nor leave the image.
QS_DEV bool qs_halves(const Shape& s) {
  return s.KH == 2 && s.KW == 2 && s.SH == 2 && s.SW == 2 && s.PT == 0 && s.PL == 0 && 2 * s.OH <= s.H && 2 * s.OW <= s.W;
}

QS_DEV bool qs_in_fours(const QsArgs& g, int operands) {
  unsigned long long all = (unsigned long long)g.n[3] * 4;
  for (int i = 0; i < operands; i++) all |= (unsigned long long)g.at[i];
  return all % 16 == 0;
}

// N neighbouring channels.
struct __align__(16) Numbers {
  int x, y, z, w;
};
template <int N>
QS_DEV void qs_read(const float* p, float (&v)[N]) {
  if constexpr (N == 4) {
    const QsQuad q = *(const QsQuad*)p;
    v[0] = q.x, v[1] = q.y, v[2] = q.z, v[3] = q.w;
  } else {
    v[0] = *p;
  }
}
template <int N>
QS_DEV void qs_read(const int* p, int (&v)[N]) {
  if constexpr (N == 4) {
    const Numbers q = *(const Numbers*)p;
    v[0] = q.x, v[1] = q.y, v[2] = q.z, v[3] = q.w;
  } else {
    v[0] = *p;
  }
}
template <int N>
QS_DEV void qs_write(float* p, const float (&v)[N]) {
  if constexpr (N == 4) *(QsQuad*)p = QsQuad{v[0], v[1], v[2], v[3]};
  else *p = v[0];
}
template <int N>
QS_DEV void qs_write(int* p, const int (&v)[N]) {
  if constexpr (N == 4) *(Numbers*)p = Numbers{v[0], v[1], v[2], v[3]};
  else *p = v[0];
}

// Which elements of [N, height, width, C] a thread has: the first of its channels.
struct Element {
  int y, x, c;
  qs_long n;
};
template <int N>
QS_DEV Element qs_element(qs_long t, int height, int width, int channels) {
  Element e;
  e.c = (int)qs_divide(t, channels / N) * N;
  e.x = (int)qs_divide(t, width);
  e.y = (int)qs_divide(t, height);
  e.n = t;
  return e;
}

// The part of an output pixel's window that lies in the image, and the element of X at its corner.
struct Window {
  int r0, r1, s0, s1;
  qs_long corner;
};
QS_DEV Window qs_window(const Shape& s, const Element& e) {
  Window w;
  const int top = e.y * s.SH - s.PT, left = e.x * s.SW - s.PL;
  w.r0 = top < 0 ? -top : 0;
  w.s0 = left < 0 ? -left : 0;
  w.r1 = s.H - top < s.KH ? s.H - top : s.KH;
  w.s1 = s.W - left < s.KW ? s.W - left : s.KW;
  w.corner = ((e.n * s.H + top) * s.W + left) * s.C + e.c;
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

// Each element of X is the sum of G over the windows that contain it and, where there is an index, that
// name it.
template <int N>
QS_DEV void qs_spread(const Shape& s, const float* g, const int* index, float* x) {
  const qs_long total = s.N * s.H * s.W * (s.C / N);
  for (qs_long t = qs_thread(); t < total; t += qs_threads()) {
    const Element e = qs_element<N>(t, s.H, s.W, s.C);
    const Covers c = qs_covers(s, e);
    float sum[N];
#pragma unroll
    for (int j = 0; j < N; j++) sum[j] = 0.0f;
    for (int y = c.y0; y < c.y1; y++)
      for (int z = c.x0; z < c.x1; z++) {
        const qs_long at = qs_small(s, e, y, z);
        const int place = (e.y + s.PT - y * s.SH) * s.KW + e.x + s.PL - z * s.SW;
        float v[N];
        int chosen[N];
        qs_read<N>(g + at, v);
        if (index != nullptr) qs_read<N>(index + at, chosen);
#pragma unroll
        for (int j = 0; j < N; j++)
          if (index == nullptr || chosen[j] == place) sum[j] += v[j];
      }
    qs_write<N>(x + t * N, sum);
  }
}

// The first of the largest elements of a window of X times a factor, or the first NaN.
template <int N>
struct Best {
  int at[N];
  float x[N], most[N];

  __device__ __forceinline__ void start() {
#pragma unroll
    for (int j = 0; j < N; j++) at[j] = 0, x[j] = 0.0f, most[j] = 0.0f;
  }
  __device__ __forceinline__ void see(const float (&u)[N], const float (&factor)[N], int place, bool first) {
#pragma unroll
    for (int j = 0; j < N; j++) {
      const float v = u[j] * factor[j];
      if (first | (v > most[j]) | ((v != v) & (most[j] == most[j]))) {
        most[j] = v;
        x[j] = u[j];
        at[j] = place;
      }
    }
  }
};

// HALVES: windows as qs_halves has them, all of whose elements are read before the first is looked at.
template <int N, bool HALVES>
QS_DEV void qs_best(const Shape& s, const Element& e, const float* x, const float (&factor)[N], Best<N>& best) {
  best.start();
  if constexpr (HALVES) {
    const float* p = x + ((e.n * s.H + e.y * 2) * s.W + e.x * 2) * s.C + e.c;
    float u[4][N];
#pragma unroll
    for (int k = 0; k < 4; k++) qs_read<N>(p + ((k / 2) * s.W + k % 2) * s.C, u[k]);
#pragma unroll
    for (int k = 0; k < 4; k++) best.see(u[k], factor, k, k == 0);
  } else {
    const Window w = qs_window(s, e);
    bool first = true;
    for (int r = w.r0; r < w.r1; r++)
      for (int q = w.s0; q < w.s1; q++) {
        float u[N];
        qs_read<N>(x + qs_at(s, w, r, q), u);
        best.see(u, factor, r * s.KW + q, first);
        first = false;
      }
  }
}

// `y` and `factors` may be nothing.
template <int N, bool HALVES>
QS_DEV void qs_maxima(const Shape& s, const float* x, const float* factors, int* index, float* y) {
  const qs_long total = s.N * s.OH * s.OW * (s.C / N);
  for (qs_long t = qs_thread(); t < total; t += qs_threads()) {
    const Element e = qs_element<N>(t, s.OH, s.OW, s.C);
    float factor[N];
#pragma unroll
    for (int j = 0; j < N; j++) factor[j] = 1.0f;
    if (factors != nullptr) qs_read<N>(factors + (e.n * s.C + e.c), factor);
    Best<N> best;
    qs_best<N, HALVES>(s, e, x, factor, best);
    qs_write<N>(index + t * N, best.at);
    if (y != nullptr) qs_write<N>(y + t * N, best.x);
  }
}
QS_DEV void qs_maxima(const QsArgs& g, int operands, const float* factors, int* index, float* y) {
  const Shape s = qs_shape(g);
  const float* x = (const float*)g.at[0];
  if (!qs_in_fours(g, operands)) qs_maxima<1, false>(s, x, factors, index, y);
  else if (qs_halves(s)) qs_maxima<4, true>(s, x, factors, index, y);
  else qs_maxima<4, false>(s, x, factors, index, y);
}

template <int N>
QS_DEV void qs_take(const Shape& s, const float* x, const int* index, float* y) {
  const qs_long total = s.N * s.OH * s.OW * (s.C / N);
  for (qs_long t = qs_thread(); t < total; t += qs_threads()) {
    const Window w = qs_window(s, qs_element<N>(t, s.OH, s.OW, s.C));
    int k[N];
    qs_read<N>(index + t * N, k);
    float v[N];
#pragma unroll
    for (int j = 0; j < N; j++) {
      const int r = k[j] / s.KW, q = k[j] - r * s.KW;
      const bool inside = k[j] >= 0 && r >= w.r0 && r < w.r1 && q >= w.s0 && q < w.s1;
      v[j] = inside ? x[qs_at(s, w, r, q) + j] : qs_infinity(-1);  // a window wholly in the padding
    }
    qs_write<N>(y + t * N, v);
  }
}

template <int N>
QS_DEV void qs_sum(const Shape& s, const float* x, float* y) {
  const qs_long total = s.N * s.OH * s.OW * (s.C / N);
  for (qs_long t = qs_thread(); t < total; t += qs_threads()) {
    const Window w = qs_window(s, qs_element<N>(t, s.OH, s.OW, s.C));
    float sum[N];
#pragma unroll
    for (int j = 0; j < N; j++) sum[j] = 0.0f;
    for (int r = w.r0; r < w.r1; r++)
      for (int q = w.s0; q < w.s1; q++) {
        float u[N];
        qs_read<N>(x + qs_at(s, w, r, q), u);
#pragma unroll
        for (int j = 0; j < N; j++) sum[j] += u[j];
      }
    qs_write<N>(y + t * N, sum);
  }
}

}  // namespace

// All of them: block 256, grid Div(threads, 256), at most 16384, where a thread has one element of the result,
// or four where C is a multiple of four.
QS_KERNEL(qs_pool_argmax) { qs_maxima(a, 2, nullptr, (int*)a.at[1], nullptr); }

// Of X times F [N, C]; Y has the elements of X.
QS_KERNEL(qs_pool_max) { qs_maxima(a, 4, (const float*)a.at[1], (int*)a.at[2], (float*)a.at[3]); }

QS_KERNEL(qs_pool_take) {
  const Shape s = qs_shape(a);
  const float* x = (const float*)a.at[0];
  const int* index = (const int*)a.at[1];
  float* y = (float*)a.at[2];
  if (qs_in_fours(a, 3)) qs_take<4>(s, x, index, y);
  else qs_take<1>(s, x, index, y);
}

QS_KERNEL(qs_pool_put) {
  const Shape s = qs_shape(a);
  const float* g = (const float*)a.at[0];
  const int* index = (const int*)a.at[1];
  float* x = (float*)a.at[2];
  if (qs_in_fours(a, 3)) qs_spread<4>(s, g, index, x);
  else qs_spread<1>(s, g, index, x);
}

QS_KERNEL(qs_pool_sum) {
  const Shape s = qs_shape(a);
  const float* x = (const float*)a.at[0];
  float* y = (float*)a.at[1];
  if (qs_in_fours(a, 2)) qs_sum<4>(s, x, y);
  else qs_sum<1>(s, x, y);
}

QS_KERNEL(qs_pool_spread) {
  const Shape s = qs_shape(a);
  const float* g = (const float*)a.at[0];
  float* x = (float*)a.at[1];
  if (qs_in_fours(a, 2)) qs_spread<4>(s, g, nullptr, x);
  else qs_spread<1>(s, g, nullptr, x);
}
