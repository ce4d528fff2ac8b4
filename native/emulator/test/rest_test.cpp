// Pooling, rows by number, the largest, random numbers, factors and copies.
#include <algorithm>

#include "emulated_test.h"

static void testPooling() {
  for (int t = 0; t < 80; t++) {
    const bool halves = t % 4 == 0;
    const auto any = [halves](int most) { return halves ? 2 : rng.range(1, most); };
    const int64_t N = rng.range(1, 3), H = rng.range(2, 9), W = rng.range(2, 9), C = rng.pick({1, 3, 8}), KH = any(3), KW = any(3),
                  SH = any(3), SW = any(3), PT = halves ? 0 : rng.range(0, 3), PL = halves ? 0 : rng.range(0, 3);
    const int64_t OH = halves ? H / 2 : std::max<int64_t>(1, (H + PT + rng.range(0, 2) - KH) / SH + 1),
                  OW = halves ? W / 2 : std::max<int64_t>(1, (W + PL + rng.range(0, 2) - KW) / SW + 1);
    const int64_t large = N * H * W * C, small = N * OH * OW * C;
    const std::vector<int64_t> numbers = {N, H, W, C, KH, KW, SH, SW, PT, PL, OH, OW};
    Floats x(large), g(small), y(small), back(large), sum(small), spread(large);
    Ints index(small);
    x.randomise();
    g.randomise();
    for (float& v : x.host) {
      if (rng.range(0, 3) == 0) v = 0.5f;  // equals
      if (rng.range(0, 40) == 0) v = NAN;
    }
    x.send();
    std::vector<double> wantIndex, wantTake, wantSum, wantBack((size_t)large), wantSpread((size_t)large);
    for (int64_t k = 0; k < small; k++) {
      const int64_t c = k % C, q = k / C % OW, p = k / C / OW % OH, n = k / C / OW / OH;
      int64_t best = 0, at = -1;
      double s = 0;
      for (int64_t r = 0; r < KH; r++)
        for (int64_t z = 0; z < KW; z++) {
          const int64_t h = p * SH - PT + r, w = q * SW - PL + z, i = ((n * H + h) * W + w) * C + c;
          if (h < 0 || h >= H || w < 0 || w >= W) continue;
          if (at < 0 || x[i] > x[at] || (isnan(x[i]) && !isnan(x[at]))) best = r * KW + z, at = i;
          s += x[i];
          wantSpread[(size_t)i] += g[k];
        }
      wantIndex.push_back((double)best);
      wantTake.push_back(at < 0 ? -INFINITY : x[at]);
      wantSum.push_back(s);
      if (at >= 0) wantBack[(size_t)at] += g[k];
    }
    run("qs_pool_argmax", numbers, {x.address, index.address}, ceilDiv(small, 256));
    compare("argmax", index, wantIndex, 0, 0);
    run("qs_pool_take", numbers, {x.address, index.address, y.address}, ceilDiv(small, 256));
    compare("take", y, wantTake, 0, 0);
    run("qs_pool_put", numbers, {g.address, index.address, back.address}, ceilDiv(large, 256));
    compare("put", back, wantBack, 1e-6, 1e-6);
    run("qs_pool_sum", numbers, {x.address, sum.address}, ceilDiv(small, 256));
    compare("sum", sum, wantSum, 1e-6, 1e-6);
    run("qs_pool_spread", numbers, {g.address, spread.address}, ceilDiv(large, 256));
    compare("spread", spread, wantSpread, 1e-6, 1e-6);
  }
}

static void testRows() {
  for (int t = 0; t < 60; t++) {
    const int64_t batch = rng.range(1, 4), n = rng.range(1, 20), k = rng.range(0, 30), row = rng.pick({1, 3, 7, 40}), width = rng.pick({1, 4});
    const int64_t stride = rng.range(0, 1) * n * row, bad = rng.range(0, 3) == 0 && k > 0;
    Buffer<unsigned char> x((stride * (batch - 1) + n * row) * width), y(std::max<int64_t>(1, batch * k * row * width));
    Ints index(std::max<int64_t>(1, batch * k));
    Buffer<int64_t> fault(3);
    fault.host = {0, 0, 0};
    fault.send();
    x.below(256);
    index.below(n);
    const int64_t where = rng.range(0, std::max<int64_t>(0, batch * k - 1));
    const int wrong = rng.range(0, 1) ? -1 - (int)rng.range(0, 9) : (int)(n + rng.range(0, 5));
    if (bad) index.host[(size_t)where] = wrong;
    index.send();
    std::vector<double> want;
    for (int64_t j = 0; j < batch * k; j++)
      for (int64_t i = 0; i < row * width; i++)
        want.push_back(bad && j == where ? 0 : x[(j / k * stride + index[j] * row) * width + i]);
    run("qs_gather", {batch, n, k, row * width, stride * width}, {x.address, index.address, y.address}, ceilDiv(batch * k * row, 256), 256, fault.address);
    compare("gather", y, want, 0, 0);
    fault.get();
    expect(fault[0] == bad && (!bad || (fault[1] == wrong && fault[2] == n)), "gather's fault");
    Floats g(std::max<int64_t>(1, batch * k * row)), sum(batch * n * row);
    g.randomise();
    fault.host = {0, 0, 0};
    fault.send();
    std::vector<double> sums((size_t)(batch * n * row));
    for (int64_t j = 0; j < batch * k; j++)
      for (int64_t i = 0; i < row && !(bad && j == where); i++) sums[(size_t)((j / k * n + index[j]) * row + i)] += g[j * row + i];
    run("qs_scatter_add", {batch, n, k, row}, {g.address, index.address, sum.address}, ceilDiv(batch * n * row, 256), 256, fault.address);
    compare("scatter-add", sum, sums, 1e-5, 1e-5);
    fault.get();
    expect(fault[0] == bad && (!bad || (fault[1] == wrong && fault[2] == n)), "scatter-add's fault");
  }
}

static void testTopK() {
  for (int t = 0; t < 40; t++) {
    const int64_t rows = rng.range(1, 5), n = rng.pick({1, 5, 64, 256, 257, 700}), k = rng.range(1, std::min<int64_t>(n, 12));
    Floats x(rows * n);
    Ints y(rows * k);
    x.randomise();
    for (float& v : x.host) {
      if (rng.range(0, 3) == 0) v = floorf(v);
      if (rng.range(0, 100) == 0) v = NAN;
      if (rng.range(0, 100) == 0) v = -INFINITY;
    }
    x.send();
    std::vector<double> want;
    for (int64_t r = 0; r < rows; r++) {
      std::vector<int64_t> order;
      for (int64_t i = 0; i < n; i++) order.push_back(i);
      std::stable_sort(order.begin(), order.end(), [&](int64_t i, int64_t j) {
        const float a = x[r * n + i], b = x[r * n + j];
        return isnan(a) ? !isnan(b) : a > b;
      });
      for (int64_t i = 0; i < k; i++) want.push_back((double)order[(size_t)i]);
    }
    run("qs_topk", {rows, n, k}, {x.address, y.address}, n <= 256 ? ceilDiv(rows * n, 256) : rows);
    compare("top-k", y, want, 0, 0);
  }
}

static void testFactors() {
  for (int t = 0; t < 40; t++) {
    const int64_t batch = rng.range(1, 3), n = rng.pick({1, 2, 5, 25, 40, 95, 96}), m = rng.pick({1, 3, 20}), bad = rng.range(0, 4) == 0;
    Floats a(batch * n * n), l(batch * n * n), b(batch * n * m), x(batch * n * m);
    std::vector<double> want((size_t)(batch * n * n)), triangle = want;
    for (int64_t q = 0; q < batch; q++) {
      double* w = want.data() + q * n * n;
      for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j <= i; j++) w[i * n + j] = i == j ? 1 + 0.1 * fabs(rng.normal()) : 0.5 * rng.normal() / sqrt((double)n);
      for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++) {
          double s = 0;
          for (int64_t k = 0; k < n; k++) s += w[i * n + k] * w[j * n + k];
          a.host[(size_t)(q * n * n + i * n + j)] = (float)(j <= i ? s : NAN);  // the upper part is not read
        }
      if (bad && q == 0) a.host[0] = -1;
    }
    a.send();
    if (bad)
      for (int64_t i = 0; i < n * n; i++) want[(size_t)i] = i % n <= i / n ? NAN : 0;
    Buffer<int64_t> fault(3);
    fault.host = {0, 0, 0};
    fault.send();
    run("qs_cholesky", {batch, n, 1, 7, n, n * n, n}, {a.address, l.address}, batch, n <= 32 ? 64 : 256, fault.address);
    fault.get();
    expect(fault[0] == (bad ? QS_INDEFINITE : 0) && (!bad || (fault[1] == 7 && fault[2] == n)), "cholesky's fault");
    compare("cholesky of " + std::to_string(n), l, want, 1e-3, 1e-4);
    if (bad) continue;
    for (int64_t transposed = 0; transposed < 2; transposed++) {
      b.randomise();
      const bool inPlace = rng.range(0, 1);
      std::vector<double> right(b.host.begin(), b.host.end());
      const int64_t columns = std::min<int64_t>(m, QS_FACTOR_COLUMNS);
      run("qs_trisolve", {batch, n, m, transposed, n, n * n, m, 1, n * m}, {l.address, b.address, inPlace ? b.address : x.address},
          batch * ceilDiv(m, QS_FACTOR_COLUMNS), n * columns <= 1024 ? 64 : 256, 0, 4 * n * (n + columns));
      Floats& result = inPlace ? b : x;
      result.get();
      l.get();
      bool ok = true;
      for (int64_t q = 0; q < batch && ok; q++)
        for (int64_t i = 0; i < n && ok; i++)
          for (int64_t j = 0; j < m && ok; j++) {
            double s = 0, size = 1;
            for (int64_t k = 0; k < n; k++) {
              const double f = transposed ? l[q * n * n + k * n + i] : l[q * n * n + i * n + k];
              s += f * result[(q * n + k) * m + j];
              size += fabs(f * result[(q * n + k) * m + j]);
            }
            ok = expect(fabs(s - right[(size_t)((q * n + i) * m + j)]) < 1e-5 * size, "triangular system of " + std::to_string(n));
          }
    }
  }
}

static void testRandom() {
  // Of the published test vectors of Philox4x32-10: counter 0, key 0.
  const double first[] = {0x6627e8d5u >> 8, 0xe169c58du >> 8, 0xbc57ac4cu >> 8, 0x9b00dbd8u >> 8};
  Ints key(2 * 3);
  for (int& v : key.host) v = 0;
  key.host[3] = 1;
  key.send();
  for (int64_t count : {1, 4, 7, 1000}) {
    Floats y(3 * count);
    run("qs_random", {3, count}, {key.address, y.address}, ceilDiv(3 * ceilDiv(count, 4), 256));
    y.get();
    for (int64_t i = 0; i < std::min<int64_t>(4, count); i++) {
      expect(y[i] == (float)(first[i] / 16777216), "Philox word " + std::to_string(i));
      expect(y[2 * count + i] == y[i] && y[count + i] != y[i], "a key of its own for each row");
    }
    for (float v : y.host) expect(v >= 0 && v < 1, "a number outside [0, 1)");
  }
}

template <class T>
static void testCopy() {
  const int64_t rank = rng.range(0, 8);
  std::vector<int64_t> numbers(26), dims(8, 1), from(8), to(8);
  int64_t total = 1, x = 1, y = 1;
  for (int64_t d = rank - 1; d >= 0; d--) {
    dims[(size_t)d] = rng.range(1, 4);
    from[(size_t)d] = rng.range(0, 3) ? x : 0;
    x += from[(size_t)d] * (dims[(size_t)d] - 1);
    to[(size_t)d] = y;
    y *= dims[(size_t)d] + rng.range(0, 1);
    total *= dims[(size_t)d];
  }
  numbers[0] = sizeof(T);
  numbers[1] = rank;
  for (size_t d = 0; d < (size_t)rank; d++) numbers[2 + d] = dims[d], numbers[10 + d] = from[d], numbers[18 + d] = to[d];
  Buffer<T> a(x), b(y);
  a.below(256);
  b.get();
  std::vector<double> want(b.host.begin(), b.host.end());
  for (int64_t t = 0; t < total; t++) {
    int64_t rest = t, i = 0, j = 0;
    for (int64_t d = rank - 1; d >= 0; d--) {
      i += rest % dims[(size_t)d] * from[(size_t)d];
      j += rest % dims[(size_t)d] * to[(size_t)d];
      rest /= dims[(size_t)d];
    }
    want[(size_t)j] = (double)a[i];
  }
  run("qs_copy", numbers, {a.address, b.address}, ceilDiv(total, 256));
  compare("copy", b, want, 0, 0);
}

void testRest() {
  testPooling();
  testRows();
  testTopK();
  testFactors();
  testRandom();
  for (int t = 0; t < 60; t++) {
    testCopy<int>();
    testCopy<unsigned char>();
  }
}
