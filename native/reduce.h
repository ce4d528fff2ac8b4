// Sums and maxima over parts of a tile, in an order of lanes and rows that is fixed by its shape.
#pragma once
#include "level.h"

template <bool MAX>
QS_INLINE float join(float a, float b) {
  if (MAX) return (b > a) | (b != b) ? b : a;  // NaN stays
  return a + b;
}
template <bool MAX>
QS_INLINE Vec join(Vec a, Vec b) {
  if (MAX) return ((b > a) | (b != b)) ? b : a;
  return a + b;
}
template <bool MAX>
QS_INLINE float nothing() {
  return MAX ? -__builtin_inff() : 0.0f;
}

template <bool MAX>
static float reduceAll(const float* x, int64_t n) {
  if (n < 2 * QS_LANES) {
    float r = nothing<MAX>();
    for (int64_t i = 0; i < n; i++) r = join<MAX>(r, x[i]);
    return r;
  }
  Vec s[4];
  int64_t i = 0;
  for (int k = 0; k < 4; k++) s[k] = Vec{} + nothing<MAX>();
  for (; i + 4 * QS_LANES <= n; i += 4 * QS_LANES)
#pragma GCC unroll 4
    for (int k = 0; k < 4; k++) s[k] = join<MAX>(s[k], load(x + i + k * QS_LANES));
  for (; i + QS_LANES <= n; i += QS_LANES) s[0] = join<MAX>(s[0], load(x + i));
  const Vec v = join<MAX>(join<MAX>(s[0], s[1]), join<MAX>(s[2], s[3]));
  float half[QS_LANES];
  store(half, v);
  for (int w = QS_LANES / 2; w > 0; w /= 2)
    for (int l = 0; l < w; l++) half[l] = join<MAX>(half[l], half[l + w]);
  float r = half[0];
  for (; i < n; i++) r = join<MAX>(r, x[i]);
  return r;
}

// to[j] = to[j] joined with every x[i * columns + j].
template <bool MAX>
static void reduceLines(float* to, const float* x, int64_t lines, int64_t columns) {
  if (columns < 16 && lines >= 48) {  // sixteen short lines make one long one
    float wide[16 * 15];
    const int64_t n = 16 * columns;
    for (int64_t j = 0; j < n; j++) wide[j] = nothing<MAX>();
    int64_t i = 0;
    for (; i + 16 <= lines; i += 16)
      for (int64_t j = 0; j < n; j++) wide[j] = join<MAX>(wide[j], x[i * columns + j]);
    for (int64_t k = 1; k < 16; k++)
      for (int64_t j = 0; j < columns; j++) wide[j] = join<MAX>(wide[j], wide[k * columns + j]);
    for (; i < lines; i++)
      for (int64_t j = 0; j < columns; j++) wide[j] = join<MAX>(wide[j], x[i * columns + j]);
    for (int64_t j = 0; j < columns; j++) to[j] = join<MAX>(to[j], wide[j]);
    return;
  }
  int64_t j = 0;
  for (; j + 4 * QS_LANES <= columns; j += 4 * QS_LANES) {
    Vec s[4];
    for (int k = 0; k < 4; k++) s[k] = Vec{} + nothing<MAX>();
    for (int64_t i = 0; i < lines; i++)
#pragma GCC unroll 4
      for (int k = 0; k < 4; k++) s[k] = join<MAX>(s[k], load(x + i * columns + j + k * QS_LANES));
    for (int k = 0; k < 4; k++) store(to + j + k * QS_LANES, join<MAX>(load(to + j + k * QS_LANES), s[k]));
  }
  for (; j + QS_LANES <= columns; j += QS_LANES) {
    Vec s[2] = {Vec{} + nothing<MAX>(), Vec{} + nothing<MAX>()};
    int64_t i = 0;
    for (; i + 2 <= lines; i += 2) {
      s[0] = join<MAX>(s[0], load(x + i * columns + j));
      s[1] = join<MAX>(s[1], load(x + (i + 1) * columns + j));
    }
    if (i < lines) s[0] = join<MAX>(s[0], load(x + i * columns + j));
    store(to + j, join<MAX>(load(to + j), join<MAX>(s[0], s[1])));
  }
  for (; j < columns; j++) {
    float s = nothing<MAX>();
    for (int64_t i = 0; i < lines; i++) s = join<MAX>(s, x[i * columns + j]);
    to[j] = join<MAX>(to[j], s);
  }
}

// A block of lines joined into an output with strides s1 from line to line and s0 along a line.
template <bool MAX>
static void reduceBlock(float* to, const float* x, int64_t lines, int64_t columns, int64_t s1, int64_t s0) {
  if (s0 == 0 && (s1 == 0 || lines == 1)) {
    *to = join<MAX>(*to, reduceAll<MAX>(x, lines * columns));
  } else if (s0 == 0) {
    for (int64_t i = 0; i < lines; i++) to[i * s1] = join<MAX>(to[i * s1], reduceAll<MAX>(x + i * columns, columns));
  } else if (s0 == 1 && s1 == 0) {
    reduceLines<MAX>(to, x, lines, columns);
  } else {
    for (int64_t i = 0; i < lines; i++)
      for (int64_t j = 0; j < columns; j++) {
        float* o = to + i * s1 + j * s0;
        *o = join<MAX>(*o, x[i * columns + j]);
      }
  }
}

// sum[i % width] becomes the sum of v(i), and product[i % width] that of v(i) * (c[i] - d[i]), or v(i) * c[i]. v computes a
// vector; n and width are whole vectors.
template <bool LESS, class V>
QS_INLINE void addUp(float* sum, float* product, const float* c, const float* d, int64_t n, int64_t width, V v) {
  const auto by = [=](int64_t i) { return LESS ? load(c + i) - load(d + i) : load(c + i); };
  const int64_t whole = n - n % width;
  int64_t j = 0;
  for (; j + 4 * QS_LANES <= width; j += 4 * QS_LANES) {
    Vec s[4] = {}, q[4] = {};
    for (int64_t i = j; i < whole; i += width)
#pragma GCC unroll 4
      for (int k = 0; k < 4; k++) {
        const Vec x = v(i + k * QS_LANES);
        s[k] += x;
        q[k] += x * by(i + k * QS_LANES);
      }
    for (int k = 0; k < 4; k++) {
      store(sum + j + k * QS_LANES, s[k]);
      store(product + j + k * QS_LANES, q[k]);
    }
  }
  for (; j < width; j += QS_LANES) {
    Vec s = {}, q = {};
    for (int64_t i = j; i < whole; i += width) {
      const Vec x = v(i);
      s += x;
      q += x * by(i);
    }
    store(sum + j, s);
    store(product + j, q);
  }
  for (int64_t i = whole; i < n; i += QS_LANES) {
    const Vec x = v(i);
    store(sum + i - whole, load(sum + i - whole) + x);
    store(product + i - whole, load(product + i - whole) + x * by(i));
  }
}
