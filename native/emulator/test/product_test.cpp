// Matrix products and convolutions.
#include <algorithm>

#include "emulated_test.h"

static void testGemm() {
  for (int t = 0; t < 120; t++) {
    const int64_t batch = rng.range(1, 3), m = rng.range(1, 140), n = rng.pick({1, 5, 20, 33, 64, 100}), k = rng.range(0, 70);
    const int64_t ta = rng.range(0, 1), tb = rng.range(0, 1), shared = rng.range(0, 1), add = rng.range(0, 2) == 0;
    const int64_t lda = (ta ? m : k) + rng.range(0, 2), ldb = (tb ? k : n) + rng.range(0, 2), ldc = n + rng.range(0, 2);
    const int64_t rowsA = ta ? k : m, rowsB = tb ? n : k;
    const int64_t sa = shared ? 0 : rowsA * lda, sb = rowsB * ldb + 1, sc = add ? 0 : m * ldc + rng.range(0, 2);
    Floats a(sa * (batch - 1) + rowsA * lda), b(sb * (batch - 1) + rowsB * ldb), c(sc * (batch - 1) + m * ldc);
    a.randomise();
    b.randomise();
    c.get();
    std::vector<double> want(c.host.begin(), c.host.end());
    for (int64_t q = 0; q < batch; q++)
      for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++) {
          double s = 0;
          for (int64_t p = 0; p < k; p++)
            s += (double)a[q * sa + (ta ? p * lda + i : i * lda + p)] * b[q * sb + (tb ? j * ldb + p : p * ldb + j)];
          double& w = want[(size_t)(q * sc + i * ldc + j)];
          w = add && q > 0 ? w + s : s;
        }
    auto launch = [&] {
      run("qs_gemm", {batch, m, n, k, ta, tb, lda, ldb, ldc, sa, sb, sc}, {a.address, b.address, c.address},
          ceilDiv(m, 64) * ceilDiv(n, 64) * batch, 128);
    };
    launch();
    compare("gemm " + std::to_string(m) + " x " + std::to_string(n) + " x " + std::to_string(k), c, want, 1e-5, 2e-5);
    expectSame("gemm", c, launch);
    if (add) continue;
    const int tf32 = (int)rng.range(0, 1);
    for (int64_t q = 0; q < batch; q++)
      for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++) {
          double s = 0;
          for (int64_t p = 0; p < k; p++)
            s += taken(tf32, a[q * sa + (ta ? p * lda + i : i * lda + p)]) * taken(tf32, b[q * sb + (tb ? j * ldb + p : p * ldb + j)]);
          want[(size_t)(q * sc + i * ldc + j)] = s;
        }
    auto small = [&] {
      const int64_t slices = (int64_t)1 << (t % 9);
      run("qs_product", {batch, m, n, k, ta, tb, lda, ldb, ldc, sa, sb, sc, slices, tf32}, {a.address, b.address, c.address},
          std::max<int64_t>(1, ceilDiv(batch * m * n * slices, 256) / 2), 256);
    };
    small();
    compare("product " + std::to_string(m) + " x " + std::to_string(n) + " x " + std::to_string(k), c, want, 1e-5, 2e-5);
    expectSame("product", c, small);
  }
}

struct Conv {
  int64_t tasks, N, H, W, C, KH, KW, O, SH, SW, PT, PL, OH, OW, sx, sw, sy;
  // Calls f(x, w, y) with the places of every product.
  template <class F>
  void each(F f) const {
    for (int64_t t = 0; t < tasks; t++)
      for (int64_t n = 0; n < N; n++)
        for (int64_t p = 0; p < OH; p++)
          for (int64_t q = 0; q < OW; q++)
            for (int64_t r = 0; r < KH; r++)
              for (int64_t s = 0; s < KW; s++) {
                const int64_t h = p * SH - PT + r, v = q * SW - PL + s;
                if (h < 0 || h >= H || v < 0 || v >= W) continue;
                for (int64_t c = 0; c < C; c++)
                  for (int64_t o = 0; o < O; o++)
                    f(t * sx + ((n * H + h) * W + v) * C + c, t * sw + ((r * KW + s) * C + c) * O + o,
                      t * sy + ((n * OH + p) * OW + q) * O + o);
              }
  }
};

// The tiles of the convolutions: which of the three have them, and whether plainly and on tensor cores.
struct Tile {
  int64_t rows, columns;
  bool has[3], plain, cores;
  std::string name() const { return "_" + std::to_string(rows) + "x" + std::to_string(columns); }
};
static const Tile TILES[] = {
    {256, 32, {true, true, false}, true, false}, {128, 64, {true, true, true}, true, true},
    {128, 32, {true, true, true}, false, true},  {64, 64, {true, true, true}, true, true},
    {32, 32, {true, true, true}, true, true},    {16, 64, {false, false, true}, true, true}};

static void testConvolutions() {
  for (int t = 0; t < 90; t++) {
    Conv s;
    s.tasks = rng.range(1, 3), s.N = rng.range(1, 3), s.H = rng.range(1, 12), s.W = rng.range(1, 12);
    s.C = rng.pick({1, 2, 3, 5, 16, 20, 40}), s.O = rng.pick({1, 3, 5, 8, 32, 33, 70});
    s.KH = rng.range(1, 4), s.KW = rng.range(1, 4), s.SH = rng.range(1, 3), s.SW = rng.range(1, 3);
    s.PT = rng.range(0, 2), s.PL = rng.range(0, 2);
    s.OH = std::max<int64_t>(1, (s.H + s.PT + rng.range(0, 1) - s.KH) / s.SH + 1);
    s.OW = std::max<int64_t>(1, (s.W + s.PL + rng.range(0, 1) - s.KW) / s.SW + 1);
    const int64_t nx = s.N * s.H * s.W * s.C, nw = s.KH * s.KW * s.C * s.O, ny = s.N * s.OH * s.OW * s.O;
    for (int which = 0; which < 3; which++) {
      const bool share = rng.range(0, 2) == 0;
      s.sx = which != 1 && share ? 0 : nx;
      s.sw = which != 0 && share ? 0 : nw;
      s.sy = which == 1 && share ? 0 : ny;
      if (which == 0 && share) s.sw = rng.range(0, 1) * nw;
      Floats x(s.sx * (s.tasks - 1) + nx), w(s.sw * (s.tasks - 1) + nw), y(s.sy * (s.tasks - 1) + ny);
      Floats& result = which == 0 ? y : which == 1 ? x : w;
      for (Floats* b : {&x, &w, &y})
        if (b != &result) b->randomise();
      const int way = (int)rng.range(0, 2), tf32 = way == 1;
      std::vector<double> want(result.host.size());
      s.each([&](int64_t i, int64_t j, int64_t k) {
        if (which == 0) want[(size_t)k] += taken(tf32, x[i]) * taken(tf32, w[j]);
        else if (which == 1) want[(size_t)i] += taken(tf32, y[k]) * taken(tf32, w[j]);
        else want[(size_t)j] += taken(tf32, x[i]) * taken(tf32, y[k]);
      });
      const int64_t rows = which == 0 ? s.N * s.OH * s.OW : which == 1 ? s.N * s.H * s.W : s.KH * s.KW * s.C;
      const int64_t columns = which == 1 ? s.C : s.O;
      const Tile* tile = TILES + rng.range(0, 5);
      while (!tile->has[which] || !(way == 0 ? tile->plain : tile->cores)) tile = TILES + rng.range(0, 5);
      const int64_t tiles = ceilDiv(rows, tile->rows) * ceilDiv(columns, tile->columns);
      const std::string name = std::string(which == 0 ? "qs_conv" : which == 1 ? "qs_conv_dx" : "qs_conv_dw") + tile->name() +
          (way == 0 ? "" : way == 1 ? "_tf32" : "_3xtf32");
      std::vector<int64_t> numbers = {s.tasks, s.N, s.H, s.W, s.C, s.KH, s.KW, s.O, s.SH, s.SW, s.PT, s.PL, s.OH, s.OW, s.sx, s.sw, s.sy};
      const int64_t slices = rng.range(0, 1) ? rng.range(1, 5) : 0, one = which == 0 ? ny : which == 1 ? nx : nw;
      const int64_t apart = which == 0 ? s.sy : which == 1 ? s.sx : s.sw;
      Floats room(std::max<int64_t>(1, s.tasks * slices * one));
      numbers.push_back(slices);
      std::vector<int64_t> addresses = {x.address, w.address, y.address};
      if (slices) addresses.push_back(room.address);
      auto launch = [&] {
        run(name.c_str(), numbers, addresses, tiles * s.tasks * std::max<int64_t>(1, slices), 128);
        if (!slices) return;
        const int64_t groups = which == 2 && apart == 0 ? 1 : s.tasks, parts = s.tasks * slices / groups;
        run("qs_sum_parts", {groups, parts, one, apart}, {room.address, result.address}, ceilDiv(groups * one, 256));
      };
      launch();
      compare(name + ", case " + std::to_string(t), result, want, 1e-5, 1e-4);
      expectSame(name, result, launch);
    }
  }
}

void testProducts() {
  testGemm();
  testConvolutions();
}
