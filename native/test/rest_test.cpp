// Pooling, rows by index, top-k, factors, random numbers, counting, and several instructions together.
#include <algorithm>
#include <thread>

#include "harness.h"

static void onePool(int64_t N, int64_t H, int64_t W, int64_t C, int64_t KH, int64_t KW, int64_t SH, int64_t SW, int64_t PT, int64_t PL, int64_t OH, int64_t OW) {
  const int64_t xs = N * H * W * C, ys = N * OH * OW * C;
  Buffer x(xs * 4, false), index(ys * 4, true), y(ys * 4, true), g(ys * 4, false), dx(xs * 4, true);
  x.randomise();
  g.randomise();
  for (int64_t k = 0; k < xs * COPIES; k++) {
    if (rng.below(4) == 0) x.f()[k] = 0.25f;  // equals
    if (rng.below(40) == 0) x.f()[k] = NAN;
    if (rng.below(40) == 0) x.f()[k] = -INFINITY;
  }
  const std::string name = "pool " + std::to_string(N) + "x" + std::to_string(H) + "x" + std::to_string(W) + "x" + std::to_string(C) + " k" + std::to_string(KH) + "x" + std::to_string(KW) + " s" + std::to_string(SH);
  auto emit = [&](int operands) {
    return [=](Words& w, OperandFn operand) {
      w = {N, H, W, C, KH, KW, SH, SW, PT, PL, OH, OW};
      for (int i = 0; i < operands; i++) operand(i, 0);
    };
  };
  // Calls f(output element, window position, input element or -1).
  auto each = [&](std::function<void(int64_t, int, int64_t)> f) {
    for (int64_t n = 0; n < N; n++)
      for (int64_t oh = 0; oh < OH; oh++)
        for (int64_t ow = 0; ow < OW; ow++)
          for (int64_t c = 0; c < C; c++)
            for (int64_t r = 0; r < KH; r++)
              for (int64_t s = 0; s < KW; s++) {
                const int64_t ih = oh * SH + r - PT, iw = ow * SW + s - PL;
                const bool in = ih >= 0 && iw >= 0 && ih < H && iw < W;
                f(((n * OH + oh) * OW + ow) * C + c, (int)(r * KW + s), in ? ((n * H + ih) * W + iw) * C + c : -1);
              }
  };
  auto best = [&](int copy) {
    std::vector<int> k(ys, -1);
    std::vector<float> v(ys);
    each([&](int64_t o, int p, int64_t i) {
      if (i < 0) return;
      const float a = x.f(copy)[i];
      if (k[o] < 0 || (!isnan(v[o]) && (isnan(a) || a > v[o]))) k[o] = p, v[o] = a;
    });
    for (int& p : k) p = std::max(p, 0);
    return k;
  };
  verify(name + " argmax", QS_POOL_ARGMAX, {&x, &index}, emit(2), [&](int copy) -> std::string {
    const std::vector<int> want = best(copy);
    for (int64_t k = 0; k < ys; k++)
      if (want[k] != index.i(copy)[k]) return "index " + std::to_string(k);
    return "";
  });
  for (int copy = 0; copy < COPIES; copy++) {
    const std::vector<int> k = best(copy);
    std::copy(k.begin(), k.end(), index.i(copy));
  }
  index.output = false;
  verify(name + " take", QS_POOL_TAKE, {&x, &index, &y}, emit(3), [&](int copy) {
    std::vector<double> want(ys, -INFINITY);
    each([&](int64_t o, int p, int64_t i) {
      if (p == index.i(copy)[o] && i >= 0) want[o] = x.f(copy)[i];
    });
    return compare(y.f(copy), want, 0, 0);
  });
  verify(name + " put", QS_POOL_PUT, {&g, &index, &dx}, emit(3), [&](int copy) {
    std::vector<double> want(xs, 0);
    each([&](int64_t o, int p, int64_t i) {
      if (p == index.i(copy)[o] && i >= 0) want[i] += g.f(copy)[o];
    });
    return compare(dx.f(copy), want, 1e-6, 1e-6);
  });
  verify(name + " spread", QS_POOL_SPREAD, {&g, &dx}, emit(2), [&](int copy) {
    std::vector<double> want(xs, 0);
    each([&](int64_t o, int, int64_t i) {
      if (i >= 0) want[i] += g.f(copy)[o];
    });
    return compare(dx.f(copy), want, 1e-5, 1e-5);
  });
  x.randomise();
  verify(name + " sum", QS_POOL_SUM, {&x, &y}, emit(2), [&](int copy) {
    std::vector<double> want(ys, 0);
    each([&](int64_t o, int, int64_t i) {
      if (i >= 0) want[o] += x.f(copy)[i];
    });
    return compare(y.f(copy), want, 1e-5, 1e-5);
  });
}

static void rows(int64_t batch, int64_t n, int64_t k, int64_t row, bool shared) {
  Buffer x((shared ? 1 : batch) * n * row * 4, false), index(batch * k * 4, false), y(batch * k * row * 4, true), s(batch * n * row * 4, true);
  x.randomise();
  for (int64_t i = 0; i < batch * k * COPIES; i++) index.i()[i] = (int)rng.below(n);
  const std::string name = "rows " + std::to_string(batch) + " " + std::to_string(n) + " " + std::to_string(k) + " " + std::to_string(row);
  verify(name + " gather", QS_GATHER, {&x, &index, &y}, [&](Words& w, OperandFn operand) {
    w = {batch, n, k, row * 4, shared ? 0 : n * row * 4};
    for (int i = 0; i < 3; i++) operand(i, 0);
  }, [&](int copy) {
    std::vector<double> want;
    for (int64_t j = 0; j < batch * k; j++)
      for (int64_t r = 0; r < row; r++) want.push_back(x.f(copy)[((shared ? 0 : j / k * n) + index.i(copy)[j]) * row + r]);
    return compare(y.f(copy), want, 0, 0);
  });
  y.output = false;
  y.randomise();
  verify(name + " scatter", QS_SCATTER_ADD, {&y, &index, &s}, [&](Words& w, OperandFn operand) {
    w = {batch, n, k, row};
    for (int i = 0; i < 3; i++) operand(i, 0);
  }, [&](int copy) {
    std::vector<double> want(batch * n * row, 0);
    for (int64_t j = 0; j < batch * k; j++)
      for (int64_t r = 0; r < row; r++) want[(j / k * n + index.i(copy)[j]) * row + r] += y.f(copy)[j * row + r];
    return compare(s.f(copy), want, 1e-5, 1e-5);
  });
}

static void topK(int64_t count, int64_t n, int64_t k) {
  Buffer x(count * n * 4, false), y(count * k * 4, true);
  x.randomise();
  for (int64_t i = 0; i < count * n * COPIES; i++) {
    if (rng.below(3) == 0) x.f()[i] = (float)rng.below(3);
    if (rng.below(20) == 0) x.f()[i] = NAN;
  }
  verify("top-k " + std::to_string(n) + " " + std::to_string(k), QS_TOPK, {&x, &y}, [&](Words& w, OperandFn operand) {
    w = {count, n, k};
    operand(0, 0);
    operand(1, 0);
  }, [&](int copy) -> std::string {
    for (int64_t r = 0; r < count; r++) {
      std::vector<int> order(n);
      for (int64_t i = 0; i < n; i++) order[i] = (int)i;
      const float* v = x.f(copy) + r * n;
      auto key = [&](int i) { return isnan(v[i]) ? INFINITY : v[i]; };
      std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return key(a) > key(b); });
      for (int64_t i = 0; i < k; i++)
        if (order[i] != y.i(copy)[r * k + i]) return "row " + std::to_string(r) + " place " + std::to_string(i);
    }
    return "";
  });
}

static void factors(int64_t batch, int64_t n, int64_t m) {
  Buffer a(batch * n * n * 4, false), l(batch * n * n * 4, true), b(batch * n * m * 4, false), x(batch * n * m * 4, true);
  b.randomise();
  for (int64_t t = 0; t < batch * COPIES; t++) {
    std::vector<double> g(n * n);
    for (double& v : g) v = rng.normal();
    for (int64_t i = 0; i < n; i++)
      for (int64_t j = 0; j < n; j++) {
        double s = i == j ? n : 0;
        for (int64_t q = 0; q < n; q++) s += g[i * n + q] * g[j * n + q];
        a.f()[(t * n + i) * n + j] = (float)s;
      }
  }
  const std::string name = "factor " + std::to_string(batch) + " " + std::to_string(n) + " " + std::to_string(m);
  verify(name, QS_CHOLESKY, {&a, &l}, [&](Words& w, OperandFn operand) {
    w = {batch, n, 0};
    operand(0, 0);
    operand(1, 0);
  }, [&](int copy) -> std::string {
    for (int64_t t = 0; t < batch; t++)
      for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++) {
          const float* f = l.f(copy) + t * n * n;
          double s = 0;
          for (int64_t q = 0; q < n; q++) s += (double)f[i * n + q] * f[j * n + q];
          if (!close(s, a.f(copy)[(t * n + i) * n + j], 1e-5, 1e-5 * n)) return "L L' differs from A";
          if (j > i && f[i * n + j] != 0) return "the upper part is not zero";
        }
    return "";
  });
  for (int64_t i = 0; i < batch * n * n * COPIES; i++) l.f()[i] = i % n == i / n % n ? 2.0f : rng.normal() * 0.3f / sqrtf((float)n);
  l.output = false;
  for (int transpose : {0, 1})
    verify(name + " solve", QS_TRISOLVE, {&l, &b, &x}, [&](Words& w, OperandFn operand) {
      w = {batch, n, m, transpose};
      for (int i = 0; i < 3; i++) operand(i, 0);
    }, [&](int copy) -> std::string {
      for (int64_t t = 0; t < batch; t++)
        for (int64_t i = 0; i < n; i++)
          for (int64_t j = 0; j < m; j++) {
            double s = 0;
            for (int64_t q = transpose ? i : 0; q < (transpose ? n : i + 1); q++)
              s += (double)l.f(copy)[t * n * n + (transpose ? q * n + i : i * n + q)] * x.f(copy)[(t * n + q) * m + j];
            if (!close(s, b.f(copy)[(t * n + i) * m + j], 1e-5, 1e-4)) return "L X differs from B";
          }
      return "";
    });
}

static void numbers() {
  Buffer keys(2 * 8, false), y(2 * 1003 * 4, true), i(3 * 50 * 7 * 4, true);
  for (int k = 0; k < 4 * COPIES; k++) keys.i()[k] = (int)rng.next();
  memset(keys.data(), 0, 16);  // the known answer for a zero key and counter
  verify("random", QS_RANDOM, {&keys, &y}, [&](Words& w, OperandFn operand) {
    w = {2, 1003};
    operand(0, 0);
    operand(1, 0);
  }, [&](int copy) -> std::string {
    const uint32_t known[] = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
    double mean = 0;
    for (int k = 0; k < 2006; k++) {
      const float v = y.f(copy)[k];
      if (!(v >= 0 && v < 1)) return "out of [0, 1)";
      mean += v / 2006;
    }
    if (fabs(mean - 0.5) > 0.04) return "the mean is " + std::to_string(mean);
    for (int k = 0; k < 4 && copy == 0; k++)
      if (y.f(copy)[k] != (float)(known[k] >> 8) / 16777216.0f) return "not Philox4x32-10";
    return "";
  });
  for (int bytes : {1, 4}) {
    // [3, 5, 2] taken across from [5, 2, 4], every second of the last axis, into gaps of one
    Buffer from(5 * 2 * 4 * bytes, false), to(3 * 5 * 2 * 2 * bytes, true);
    for (int k = 0; k < 5 * 2 * 4 * bytes * COPIES; k++) from.data()[k] = (char)(bytes == 4 && k % 4 ? 0 : k + 1);
    verify("copy", QS_COPY, {&from, &to}, [&](Words& w, OperandFn operand) {
      w = {bytes, 3, 3, 5, 2};
      operand(0, 0);
      w.insert(w.end(), {0, 8, 2});
      operand(1, 0);
      w.insert(w.end(), {20, 4, 2});
    }, [&](int copy) -> std::string {
      for (int a = 0; a < 3; a++)
        for (int b = 0; b < 5; b++)
          for (int d = 0; d < 2; d++)
            if (memcmp(to.data(copy) + (a * 20 + b * 4 + d * 2) * bytes, from.data(copy) + (b * 8 + d * 2) * bytes, (size_t)bytes))
              return "element " + std::to_string((a * 5 + b) * 2 + d);
      return "";
    });
  }
  verify("iota", QS_IOTA, {&i}, [&](Words& w, OperandFn operand) {
    w = {3, 50, 7};
    operand(0, 0);
  }, [&](int copy) -> std::string {
    for (int k = 0; k < 3 * 50 * 7; k++)
      if (i.i(copy)[k] != k / 7 % 50) return "element " + std::to_string(k);
    return "";
  });
}

// Rows against the order of memory, and the columns of each in a loop of their own: a copy by single elements.
static void repeated() {
  const int64_t rows = 5, columns = 7;
  Buffer from(rows * columns * 4, false), to(rows * columns * 4, true);
  from.randomise();
  verify("repeat", QS_REPEAT, {&from, &to}, [&](Words& w, OperandFn operand) {
    w = {rows, 2, 4};
    operand(0, (rows - 1) * columns * 4);
    w.insert(w.end(), {-columns * 4, 5});
    operand(1, 0);
    const Words copy = {4, 1, 1, 6, 0, 0, 1, 7, 0, 0, 1};
    Words inner = {columns, 2, 6, 4, 0, 0, 4, 7, 5, 0, 0, 4, 1, QS_COPY, (int64_t)copy.size()};
    inner.insert(inner.end(), copy.begin(), copy.end());
    w.insert(w.end(), {columns * 4, 1, QS_REPEAT, (int64_t)inner.size()});
    w.insert(w.end(), inner.begin(), inner.end());
  }, [&](int copy) -> std::string {
    for (int64_t r = 0; r < rows; r++)
      for (int64_t c = 0; c < columns; c++)
        if (to.f(copy)[r * columns + c] != from.f(copy)[(rows - 1 - r) * columns + c]) return "row " + std::to_string(r);
    return "";
  });
  // Every step adds its row to what lies there: split over the workers, sums in the order of the steps.
  const int64_t n = 60000;
  Buffer x(rows * n * 4, false), y((rows + 1) * n * 4, true);
  x.randomise();
  verify("repeated sums", QS_REPEAT, {&x, &y}, [&](Words& w, OperandFn operand) {
    const Words add = {1, n, 2, QS_F32, 4, 0, 0, 1, QS_F32, 5, 0, 0, 1, 0, 1, QS_ADD, 2, 0, 1, 0, 1, 2, QS_STORE, QS_F32, 6, 0, 0, 1};
    const Words first = {1, n, 1, QS_F32, 7, 0, 0, 1, 0, 1, QS_SUB, 1, 0, 0, 0, 1, 1, QS_STORE, QS_F32, 8, 0, 0, 1};
    w = {rows, 3, 4};
    operand(0, 0);
    w.insert(w.end(), {n * 4, 5});
    operand(1, 0);
    w.insert(w.end(), {n * 4, 6});
    operand(1, n * 4);
    // what is in front of the first row is set by a loop that is taken once in every step, to the same zeros
    w.insert(w.end(), {n * 4, 2, QS_REPEAT});
    Words once = {1, 2, 7};
    const size_t at = w.size();
    w.push_back(0);
    w.insert(w.end(), once.begin(), once.end());
    operand(0, 0);
    w.insert(w.end(), {0, 8});
    operand(1, 0);
    w.insert(w.end(), {0, 1, QS_LOOP, (int64_t)first.size()});
    w.insert(w.end(), first.begin(), first.end());
    w[at] = (int64_t)(w.size() - at - 1);
    w.insert(w.end(), {QS_LOOP, (int64_t)add.size()});
    w.insert(w.end(), add.begin(), add.end());
  }, [&](int copy) {
    std::vector<double> want((size_t)((rows + 1) * n), 0);
    for (int64_t k = 0; k < rows * n; k++) want[(size_t)(k + n)] = want[(size_t)k] + x.f(copy)[k];
    return compare(y.f(copy), want, 1e-6, 1e-6);
  });
}

// Two programs at once from two threads, many times over; local arenas; one segment after another.
static void together() {
  const int64_t n = 40000;
  const Words code = {QS_MAGIC, QS_VERSION, n * 4, 2,
                      8, 2,
                      QS_IOTA, 6, 1, n, 1, 1, 0, 0,
                      QS_LOOP, 22, 1, n, 1, QS_I32, 1, 0, 0, 1, 0, 1, QS_SIN, 1, 0, 0, 0, 1, 1, QS_REDUCE_SUM, QS_F32, 2, 0, 4, 0,
                      1, 1,
                      QS_LOOP, 23, 1, 8, 1, QS_F32, 2, 0, 0, 1, 0, 1, QS_NEG, 1, 0, 0, 0, 1, 1, QS_STORE, QS_F32, 3, 0, 0, 1};
  Words fixed = code;
  // Lengths are counted here rather than by hand.
  fixed[15] = 1 + 1 + 1 + 1 + 3 + 1 + 1 + 1 + 5 + 1 + 3 + 3 + 1;
  fixed[15 + 23 + 1 + 1 + 1 + 1] = fixed[15];
  double want = 0;
  for (int64_t k = 0; k < n; k++) want += sin((double)k);
  auto body = [&](int repeats, bool* ok) {
    qs_program* p = qs_program_open(fixed.data(), (int64_t)fixed.size());
    *ok = p != nullptr;
    if (!*ok) printf("%s\n", qs_error());
    float sums[8], negated[8], first = 0;
    for (int k = 0; k < repeats && *ok; k++) {
      qs_program_bind(p, 2, sums);
      qs_program_bind(p, 3, negated);
      *ok &= qs_program_run(p, 1 + k % 3) == 0;
      if (k == 0) first = sums[0];
      for (int c = 0; c < 8; c++) *ok &= sums[c] == first && negated[c] == -first && fabs(first - want) < 0.01;
    }
    qs_program_close(p);
  };
  bool a, b;
  std::thread other([&] { body(40, &a); });
  body(40, &b);
  other.join();
  expect(a && b, "two programs at once");
}

void testRest() {
  for (int k = 0; k < (quick ? 20 : 120); k++) {
    const int64_t KH = rng.range(1, 3), KW = rng.range(1, 3), SH = rng.range(1, 3), SW = rng.range(1, 3), PT = rng.below(2), PL = rng.below(2);
    const int64_t H = rng.range(KH, 9), W = rng.range(KW, 9);
    onePool(rng.range(1, 4), H, W, rng.range(1, 40), KH, KW, SH, SW, PT, PL, (H + PT - KH) / SH + 1 + rng.below(2), (W + PL - KW) / SW + 1);
  }
  onePool(6, 14, 14, 64, 2, 2, 2, 2, 0, 0, 7, 7);
  onePool(3, 21, 21, 32, 2, 2, 2, 2, 0, 0, 10, 10);
  for (int k = 0; k < 40; k++) rows(rng.range(1, 5), rng.range(1, 30), rng.range(1, 50), rng.range(1, 70), rng.below(2));
  rows(40, 30, 50, 20, false);
  for (int k = 0; k < 40; k++) {
    const int64_t n = rng.range(1, 60);
    topK(rng.range(1, 6), n, rng.range(0, n));
  }
  topK(300, 60, 1);
  for (int k = 0; k < 12; k++) factors(rng.range(1, 4), rng.range(1, 70), rng.range(1, 40));
  factors(20, 40, 5);
  numbers();
  repeated();
  together();
}
