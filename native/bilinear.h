// Minimal algorithms for short correlations along one axis, as bilinear maps:
//
//   y = A' [(G w) * (B' x)]       a product for each point instead of one for each pair of an output and a tap
//
// m outputs of a filter of r taps need m + r - 1 products: those of polynomials at so many points, one of them
// infinity (Toom 1963, Cook 1966; Winograd 1980, "Arithmetic Complexity of Computations"; for convolutions Lavin
// and Gray 2016). With stride 2 a filter of three taps falls into one of two taps on every second pixel and one of
// a single tap on the others: 2 m + 1 products instead of 3 m.
//
// Points beside 0 come in pairs of opposite sign, so that both share their sums. Their sizes decide how far
// rounding is amplified: these keep the error of tiles of 4 within twice that of a direct sum (measured; points
// 1 and 2, the usual ones, have four times as much).
#pragma once
#include "level.h"

namespace QS_NS {

enum { TILE = 4, FILTERS = 6 };  // the largest m; different products of a filter, of whatever tile

template <int R, int C>
struct Matrix {
  double at[R][C];
};

template <int R, int C>
constexpr Matrix<C, R> transposed(const Matrix<R, C>& a) {
  Matrix<C, R> t = {};
  for (int i = 0; i < R; i++)
    for (int j = 0; j < C; j++) t.at[j][i] = a.at[i][j];
  return t;
}

// The finite points of a filter of TAPS taps, in order of their numbers; infinity comes behind them.
template <int TAPS>
struct Points;
template <>
struct Points<3> {
  static constexpr double at[5] = {0.6875, -0.6875, 1.4375, -1.4375, 0};
  static constexpr int used[TILE][5] = {{0, 1}, {0, 1, 4}, {0, 1, 2, 4}, {0, 1, 2, 3, 4}};
};
template <>
struct Points<2> {
  static constexpr double at[4] = {0.4375, -0.4375, 1.25, -1.25};
  static constexpr int used[TILE][4] = {{0}, {0, 1}, {0, 1, 2}, {0, 1, 2, 3}};
};

// The algorithm for M outputs and TAPS taps. Filters are scaled alike for every M and so are its points.
template <int M, int TAPS>
struct Toom {
  enum { N = M + TAPS - 1, ALL = TILE + TAPS - 1 };
  static constexpr int number(int i) { return i == N - 1 ? ALL - 1 : Points<TAPS>::used[M - 1][i]; }
  static constexpr double point(int i) { return Points<TAPS>::at[Points<TAPS>::used[M - 1][i]]; }

  static constexpr double power(double a, int k) { return k == 0 ? 1 : a * power(a, k - 1); }
  // Exact, as are all numbers of B' and A': points are small dyadic fractions.
  static constexpr double distances(int number) {
    double product = 1;
    for (int j = 0; j < ALL - 1; j++)
      if (j != number) product *= Points<TAPS>::at[number] - Points<TAPS>::at[j];
    return product;
  }
  static constexpr Matrix<ALL, TAPS> filter() {  // G
    Matrix<ALL, TAPS> g = {};
    for (int i = 0; i < ALL - 1; i++)
      for (int k = 0; k < TAPS; k++) g.at[i][k] = power(Points<TAPS>::at[i], k) / distances(i);
    g.at[ALL - 1][TAPS - 1] = 1;
    return g;
  }
  static constexpr Matrix<M, N> result() {  // A'
    Matrix<M, N> a = {};
    for (int k = 0; k < M; k++)
      for (int i = 0; i < N - 1; i++) a.at[k][i] = power(point(i), k);
    a.at[M - 1][N - 1] = 1;
    return a;
  }
  static constexpr Matrix<N, N> source() {  // B': coefficients of the product of all x - point but one
    Matrix<N, N> b = {};
    for (int i = 0; i < N; i++) {
      double row[N + 1] = {1}, own = 1;
      int degree = 0;
      for (int j = 0; j < N - 1; j++) {
        if (j == i) continue;
        for (int k = ++degree; k > 0; k--) row[k] = row[k - 1] - point(j) * row[k];
        row[0] *= -point(j);
        if (i < N - 1) own *= point(i) - point(j);
      }
      const double factor = i < N - 1 ? distances(number(i)) / own : 1;
      for (int k = 0; k < N; k++) b.at[i][k] = row[k] * factor;
    }
    return b;
  }
};

// The maps of one axis, for tiles of M outputs with a filter of three taps. NUMBER tells a point's filter.
template <int M>
struct Stride1 {
  enum { POINTS = M + 2, WINDOW = M + 2, RESULTS = M };
  static constexpr int number(int i) { return Toom<M, 3>::number(i); }
  static constexpr Matrix<FILTERS, 3> filter() { return Toom<M, 3>::filter(); }
  static constexpr Matrix<POINTS, WINDOW> source() { return Toom<M, 3>::source(); }
  static constexpr Matrix<RESULTS, POINTS> result() { return Toom<M, 3>::result(); }
};

template <int M>
struct Stride2 {
  enum { EVEN = M + 1, POINTS = 2 * M + 1, WINDOW = 2 * M + 1, RESULTS = M };
  static constexpr int number(int i) { return i < EVEN ? Toom<M, 2>::number(i) : FILTERS - 1; }
  static constexpr Matrix<FILTERS, 3> filter() {
    Matrix<FILTERS, 3> g = {};
    const auto two = Toom<M, 2>::filter();
    for (int i = 0; i < FILTERS - 1; i++) {
      g.at[i][0] = two.at[i][0];
      g.at[i][2] = two.at[i][1];
    }
    g.at[FILTERS - 1][1] = 1;
    return g;
  }
  static constexpr Matrix<POINTS, WINDOW> source() {
    Matrix<POINTS, WINDOW> b = {};
    const auto two = Toom<M, 2>::source();
    for (int i = 0; i < EVEN; i++)
      for (int j = 0; j < EVEN; j++) b.at[i][2 * j] = two.at[i][j];
    for (int i = 0; i < M; i++) b.at[EVEN + i][2 * i + 1] = 1;
    return b;
  }
  static constexpr Matrix<RESULTS, POINTS> result() {
    Matrix<RESULTS, POINTS> a = {};
    const auto two = Toom<M, 2>::result();
    for (int k = 0; k < M; k++) {
      for (int i = 0; i < EVEN; i++) a.at[k][i] = two.at[k][i];
      a.at[k][EVEN + k] = 1;
    }
    return a;
  }
};

// The input gradient under stride 2: M pairs of pixels from M + 1 of the cotangent. The filter is turned round.
template <int M>
struct Upward2 {
  enum { EVEN = M + 1, POINTS = 2 * M + 1, WINDOW = M + 1, RESULTS = 2 * M };
  static constexpr int number(int i) { return Stride2<M>::number(i); }
  static constexpr Matrix<FILTERS, 3> filter() { return Stride2<M>::filter(); }
  static constexpr Matrix<POINTS, WINDOW> source() {
    Matrix<POINTS, WINDOW> b = {};
    const auto two = Toom<M, 2>::source();
    for (int i = 0; i < EVEN; i++)
      for (int j = 0; j < EVEN; j++) b.at[i][j] = two.at[i][j];
    for (int i = 0; i < M; i++) b.at[EVEN + i][i + 1] = 1;
    return b;
  }
  static constexpr Matrix<RESULTS, POINTS> result() {
    Matrix<RESULTS, POINTS> a = {};
    const auto two = Toom<M, 2>::result();
    for (int k = 0; k < M; k++) {
      for (int i = 0; i < EVEN; i++) a.at[2 * k][i] = two.at[k][i];
      a.at[2 * k + 1][EVEN + k] = 1;
    }
    return a;
  }
};

// What is applied: A::of() is a matrix of ROWS by COLUMNS.
template <class A>
struct SourceMap {
  enum { ROWS = A::POINTS, COLUMNS = A::WINDOW };
  static constexpr auto of() { return A::source(); }
};
template <class A>
struct ResultMap {
  enum { ROWS = A::RESULTS, COLUMNS = A::POINTS };
  static constexpr auto of() { return A::result(); }
};
template <class A>
struct CotangentMap {  // A, of a filter gradient
  enum { ROWS = A::POINTS, COLUMNS = A::RESULTS };
  static constexpr auto of() { return transposed(A::result()); }
};
template <class A>
struct FilterMap {
  enum { ROWS = FILTERS, COLUMNS = 3 };
  static constexpr auto of() { return A::filter(); }
};
template <class A>
struct TapsMap {  // G', of a filter gradient
  enum { ROWS = 3, COLUMNS = FILTERS };
  static constexpr auto of() { return transposed(A::filter()); }
};

// Rows i and i + 1 that differ in signs alone: what is equal in both is summed once, and so is what is opposite.
enum Part { WHOLE, EQUAL, OPPOSITE };
template <class L>
struct Rows {
  static constexpr double at(Part part, int i, int j) {
    const auto a = L::of();
    if (part == WHOLE || a.at[i][j] == (part == EQUAL ? 1 : -1) * a.at[i + 1][j]) return a.at[i][j];
    return 0;
  }
  static constexpr bool paired(int i) {
    if (i + 1 >= L::ROWS) return false;
    bool opposite = false;
    for (int j = 0; j < L::COLUMNS; j++) {
      if (at(EQUAL, i, j) == 0 && at(OPPOSITE, i, j) == 0 && (at(WHOLE, i, j) != 0 || at(WHOLE, i + 1, j) != 0)) return false;
      opposite = opposite || at(OPPOSITE, i, j) != 0;
    }
    return opposite;
  }
};

// The same of columns: in place of a pair of inputs stand their sum and their difference.
template <class L>
struct Columns {
  static constexpr bool pairAt(int j) {
    const auto a = L::of();
    if (j < 0 || j + 1 >= L::COLUMNS) return false;
    bool opposite = false;
    for (int i = 0; i < L::ROWS; i++) {
      if (a.at[i][j] != a.at[i][j + 1] && a.at[i][j] != -a.at[i][j + 1]) return false;
      opposite = opposite || (a.at[i][j] != 0 && a.at[i][j] == -a.at[i][j + 1]);
    }
    return opposite;
  }
  // pairs begin at even columns only, so that none overlap
  static constexpr bool paired(int j) { return j % 2 == 0 && pairAt(j); }
  static constexpr double at(Part, int i, int j) {
    const auto a = L::of();
    if (paired(j)) return (a.at[i][j] + a.at[i][j + 1]) / 2;
    if (j % 2 == 1 && paired(j - 1)) return (a.at[i][j - 1] - a.at[i][j]) / 2;
    return a.at[i][j];
  }
};

// sum + the terms of row I from column J on; the first of them alone while there is none.
template <class View, Part PART, int I, int J, int COLUMNS, bool FIRST>
QS_INLINE Vec dot(const Vec* in, Vec sum) {
  if constexpr (J == COLUMNS) {
    return sum;
  } else {
    constexpr float c = (float)View::at(PART, I, J);
    if constexpr (c == 0) return dot<View, PART, I, J + 1, COLUMNS, FIRST>(in, sum);
    else if constexpr (FIRST && c == 1) sum = in[J];
    else if constexpr (FIRST) sum = c * in[J];
    else if constexpr (c == 1) sum += in[J];
    else if constexpr (c == -1) sum -= in[J];
    else sum += c * in[J];
    if constexpr (c != 0) return dot<View, PART, I, J + 1, COLUMNS, false>(in, sum);
  }
}

template <class L, int I = 0>
QS_INLINE void applyRows(const Vec* in, Vec* out) {
  if constexpr (I < L::ROWS) {
    if constexpr (Rows<L>::paired(I)) {
      const Vec equal = dot<Rows<L>, EQUAL, I, 0, L::COLUMNS, true>(in, Vec{});
      const Vec opposite = dot<Rows<L>, OPPOSITE, I, 0, L::COLUMNS, true>(in, Vec{});
      out[I] = equal + opposite;
      out[I + 1] = equal - opposite;
      applyRows<L, I + 2>(in, out);
    } else {
      out[I] = dot<Rows<L>, WHOLE, I, 0, L::COLUMNS, true>(in, Vec{});
      applyRows<L, I + 1>(in, out);
    }
  }
}

template <class L, int J = 0>
QS_INLINE void pairColumns(Vec* in) {
  if constexpr (J < L::COLUMNS) {
    if constexpr (Columns<L>::paired(J)) {
      const Vec sum = in[J] + in[J + 1];
      in[J + 1] = in[J] - in[J + 1];
      in[J] = sum;
    }
    pairColumns<L, J + 1>(in);
  }
}
template <class L, int I = 0>
QS_INLINE void applyColumns(const Vec* in, Vec* out) {
  if constexpr (I < L::ROWS) {
    out[I] = dot<Columns<L>, WHOLE, I, 0, L::COLUMNS, true>(in, Vec{});
    applyColumns<L, I + 1>(in, out);
  }
}

}  // namespace QS_NS
