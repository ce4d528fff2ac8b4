// Scalar functions over wide ranges, and loops of random shape, stride and content.
#include "formulas.h"
#include "harness.h"

static const int allFns[] = {QS_NEG, QS_EXP, QS_EXPM1, QS_LOG, QS_LOG1P, QS_TANH, QS_SIGMOID, QS_SQRT, QS_RSQRT,
                             QS_RECIPROCAL, QS_SIN, QS_COS, QS_ABS, QS_SIGN, QS_FLOOR, QS_ADD, QS_SUB, QS_MUL, QS_DIV,
                             QS_MAX, QS_MIN, QS_POW, QS_LESS, QS_LESS_EQUAL, QS_EQUAL, QS_SELECT, QS_FMA};

void testScalars() {
  const float special[] = {0.0f, -0.0f, 1.0f, -1.0f, INFINITY, -INFINITY, NAN, 88.72f, 88.73f, 89.5f, -87.3f, -88.1f, -104.0f,
                           1e30f, -1e30f, 1e-30f, -1e-30f, 3.4e38f, 1.2e-38f, 0.5f, 2.0f, -2.0f, 3.0f, 1e-8f, -1e-8f, 0.6249f, 0.6251f,
                           -0.35f, 0.34f, 1.5707964f, 3.1415927f, -3.1415927f, 6.2831855f, 100.0f, -17.0f, 0.99999994f, 1.0000001f};
  const int ns = sizeof special / sizeof *special;
  const int64_t n = ns * ns + (quick ? 2000 : 60000);
  for (int fn : allFns) {
    Buffer a(n * 4, false), b(n * 4, false), c(n * 4, false), y(n * 4, true);
    for (int64_t k = 0; k < n * COPIES; k++) {
      const float scale = powf(10.0f, (float)rng.range(-6, fn == QS_SIN || fn == QS_COS ? 4 : 2));
      a.f()[k] = rng.normal() * scale;
      b.f()[k] = rng.below(3) ? rng.normal() * scale : a.f()[k];
      c.f()[k] = rng.normal();
      if (fn == QS_POW) a.f()[k] = fabsf(a.f()[k]);
      if (fn == QS_POW && rng.below(4) == 0) b.f()[k] = (float)rng.range(-3, 3), a.f()[k] = -a.f()[k];
      if (fn == QS_SELECT && rng.below(2)) a.f()[k] = 0;
    }
    for (int i = 0; i < ns; i++)
      for (int j = 0; j < ns; j++) a.f()[i * ns + j] = special[i], b.f()[i * ns + j] = special[j];
    const std::string name = "function " + std::to_string(fn);
    double worst = 0;
    verify(name, QS_LOOP, {&a, &b, &c, &y}, [&](Words& w, OperandFn operand) {
      w = {1, n, 3};
      for (int i = 0; i < 3; i++) {
        w.push_back(QS_F32);
        operand(i, 0);
        w.push_back(1);
      }
      w.insert(w.end(), {0, 1, fn, 3, 0, 1, 2, 1, 3, QS_STORE, QS_F32});
      operand(3, 0);
      w.push_back(1);
    }, [&](int copy) -> std::string {
      for (int64_t k = 0; k < n; k++) {
        const float p = a.f(copy)[k], q = b.f(copy)[k], r = c.f(copy)[k], got = y.f(copy)[k];
        double want = apply(fn, p, q, r);
        if ((fn == QS_SIN || fn == QS_COS) && fabsf(p) > 1e5f && !isinf(p)) {
          if (fabsf(got) <= 1) continue;
          return "out of [-1, 1]";
        }
        if (fabs(want) > 3.40282357e38) want = copysign(INFINITY, want);
        if (fabs(want) > 3.4028e38 && isinf(got)) continue;
        double absolute = 1.2e-38;  // denormals flush
        if (fn == QS_FMA) absolute += 2e-7 * (fabs((double)p * q) + fabs(r));
        if (fn == QS_SIN || fn == QS_COS) absolute = 1.5e-7;
        if (!close(got, want, 2.6e-7, absolute))
          return std::to_string(fn) + "(" + std::to_string(p) + " [" + std::to_string(k) + "], " + std::to_string(q) + ") is " + std::to_string(got) + ", not " + std::to_string(want);
        if (isfinite(want) && fabs(want) > 1e-37 && absolute < 1e-37) worst = fmax(worst, fabs(got - want) / fabs(want));
      }
      return "";
    });
    if (getenv("VERBOSE")) printf("fn %d worst relative error %.2e\n", fn, worst);
  }
}

struct LoopOperand {
  int64_t dtype, strides[8], offset;
  int mode;
  int reg;
};

static int64_t element(int64_t dtype) { return dtype == QS_U8 ? 1 : 4; }

// A random layout: permuted, sliced, or with repeated dimensions. Returns the elements it spans.
static int64_t layout(LoopOperand& o, const std::vector<int64_t>& dims, bool repeat, bool plain) {
  const int nd = (int)dims.size();
  std::vector<int> order(nd);
  for (int d = 0; d < nd; d++) order[d] = d;
  if (!plain)
    for (int d = nd - 1; d > 0; d--) std::swap(order[d], order[rng.below(d + 1)]);
  int64_t size = 1;
  const int kind = (int)rng.below(5);  // repeated: everything, the outer, the inner, some
  for (int k = nd - 1; k >= 0; k--) {
    const int d = order[k];
    const bool zero = repeat && (kind == 0 || (kind == 1 && d < nd - 1) || (kind == 2 && d == nd - 1) || (kind == 3 && rng.below(2)));
    o.strides[d] = zero ? 0 : size;
    if (!zero) size *= dims[d] + (!plain && rng.below(4) == 0 ? rng.below(3) : 0);
  }
  o.offset = plain ? 0 : rng.below(3);
  return size + o.offset;
}

static void randomLoop(int number) {
  std::vector<int64_t> dims;
  const int nd = (int)rng.below(6);
  int64_t total = 1;
  for (int d = 0; d < nd; d++) {
    const int64_t limit = d == nd - 1 ? (rng.below(3) ? 70 : 3000) : 40;
    int64_t e = rng.range(1, limit);
    if (rng.below(60) == 0) e = 0;
    if (total * e > 60000) e = rng.range(1, 3);
    dims.push_back(e);
    total *= e;
  }
  std::vector<LoopOperand> in(rng.below(5)), out(1 + rng.below(4));
  std::vector<Buffer> buffers;
  buffers.reserve(in.size() + out.size());
  std::vector<Buffer*> all;
  for (LoopOperand& o : in) {
    o.dtype = rng.below(5) ? (int64_t)QS_F32 : rng.range(0, 2);
    const int64_t size = layout(o, dims, rng.below(2), rng.below(2));
    buffers.emplace_back((size * element(o.dtype) + 3) / 4 * 4, false);
    Buffer& b = buffers.back().randomise();
    if (o.dtype == QS_I32)
      for (int64_t k = 0; k < b.bytes / 4 * COPIES; k++) b.i()[k] = (int)rng.range(-50, 50);
    all.push_back(&b);
  }
  const int nConst = (int)rng.range(in.empty() ? 1 : 0, 2);
  std::vector<float> constants;
  for (int k = 0; k < nConst; k++) constants.push_back(rng.normal());
  const int safe[] = {QS_NEG, QS_TANH, QS_SIGMOID, QS_ABS, QS_ADD, QS_SUB, QS_MUL, QS_MAX, QS_MIN, QS_LESS, QS_SELECT, QS_FMA};
  Words ops;
  int regs = (int)in.size() + nConst;
  int nOps = (int)rng.below(9);
  for (int k = 0; k < nOps; k++) {
    const int dst = rng.below(3) ? regs : (int)rng.below(regs);
    ops.insert(ops.end(), {safe[rng.below(12)], dst, rng.below(regs), rng.below(regs), rng.below(regs)});
    if (dst == regs) regs++;
  }
  // What a plan may put together, its values sometimes read elsewhere as well.
  const auto then = [&](int fn, int a, int b, int c) {
    ops.insert(ops.end(), {fn, regs, a, b, c});
    nOps++;
    return regs++;
  };
  const auto some = [&] { return (int)rng.below(regs); };
  const int zero = rng.below(2) && nConst > 0 ? (int)in.size() : some();
  if (nConst > 0 && rng.below(2)) constants[0] = 0;
  if (rng.below(2)) {
    int v = then(QS_SUB, some(), some(), 0);
    v = rng.below(2) ? then(QS_MUL, v, some(), 0) : then(QS_MUL, some(), v, 0);
    v = rng.below(2) ? then(QS_ADD, v, some(), 0) : then(QS_ADD, some(), v, 0);
    const int more = (int)rng.below(4);
    if (more == 1) then(QS_MAX, v, zero, 0);
    if (more == 2) {
      const int product = then(QS_MUL, some(), some(), 0);
      rng.below(2) ? then(QS_ADD, v, product, 0) : then(QS_ADD, product, v, 0);
    }
    if (more == 3) rng.below(2) ? then(QS_ADD, v, some(), 0) : then(QS_ADD, some(), v, 0);
  }
  if (rng.below(3) == 0 && !in.empty()) {  // of inputs: what was computed may differ in its last bit
    const int a = (int)rng.below(in.size()), b = (int)rng.below(in.size());
    const int mask = then(rng.below(2) ? QS_LESS : QS_EQUAL, a, b, 0);
    then(QS_SELECT, mask, some(), zero);
  }
  for (LoopOperand& o : out) {
    o.mode = (int)rng.below(3);
    o.reg = o.mode == QS_STORE && rng.below(2) ? regs - 1 : (int)rng.below(regs);
    o.dtype = rng.below(6) ? QS_F32 : QS_I32;
    const int64_t size = layout(o, dims, o.mode != QS_STORE, rng.below(3) != 0);
    buffers.emplace_back(size * 4, true);
    all.push_back(&buffers.back());
  }
  std::string name = "loop " + std::to_string(number) + " [";
  for (int64_t d : dims) name += std::to_string(d) + " ";
  name += "]";
  verify(name, QS_LOOP, all, [&](Words& w, OperandFn operand) {
    w = {nd};
    w.insert(w.end(), dims.begin(), dims.end());
    w.push_back((int64_t)in.size());
    for (size_t k = 0; k < in.size(); k++) {
      w.push_back(in[k].dtype);
      operand((int)k, in[k].offset * element(in[k].dtype));
      w.insert(w.end(), in[k].strides, in[k].strides + nd);
    }
    w.push_back(nConst);
    for (float v : constants) {
      int bits;
      memcpy(&bits, &v, 4);
      w.push_back(bits);
    }
    w.push_back(nOps);
    w.insert(w.end(), ops.begin(), ops.end());
    w.push_back((int64_t)out.size());
    for (size_t k = 0; k < out.size(); k++) {
      w.insert(w.end(), {out[k].reg, out[k].mode, out[k].dtype});
      operand((int)(in.size() + k), out[k].offset * 4);
      w.insert(w.end(), out[k].strides, out[k].strides + nd);
    }
  }, [&](int copy) -> std::string {
    std::vector<std::vector<double>> want(out.size()), size(out.size()), terms(out.size());
    for (size_t k = 0; k < out.size(); k++) {
      want[k].assign((size_t)buffers[in.size() + k].bytes / 4, NAN);
      size[k].assign(want[k].size(), 0);
      terms[k].assign(want[k].size(), 0);
    }
    std::vector<int64_t> index(nd, 0);
    // A reduced output is started even when there is nothing to reduce; its kept elements only.
    bool keptEmpty[8] = {};
    for (size_t k = 0; k < out.size(); k++)
      for (int d = 0; d < nd; d++) keptEmpty[k] |= dims[d] == 0 && out[k].strides[d] != 0;
    const int64_t steps = total;
    if (steps == 0)
      for (size_t k = 0; k < out.size(); k++) {
        if (out[k].mode == QS_STORE || keptEmpty[k]) continue;
        std::vector<int64_t> at = {out[k].offset};
        for (int d = 0; d < nd; d++) {
          if (out[k].strides[d] == 0) continue;
          std::vector<int64_t> more;
          for (int64_t a : at)
            for (int64_t e = 0; e < dims[d]; e++) more.push_back(a + e * out[k].strides[d]);
          at = more;
        }
        for (int64_t a : at) {
          want[k][a] = out[k].mode == QS_REDUCE_SUM ? 0 : -INFINITY;
          if (out[k].dtype == QS_I32) continue;
          if (!close(buffers[in.size() + k].f(copy)[a], want[k][a], 0, 0)) return "an empty reduction";
        }
      }
    for (int64_t e = 0; e < steps; e++) {
      double reg[QS_MAX_REGS];
      auto at = [&](const LoopOperand& o) {
        int64_t r = o.offset;
        for (int d = 0; d < nd; d++) r += index[d] * o.strides[d];
        return (size_t)r;
      };
      for (size_t k = 0; k < in.size(); k++) {
        const size_t a = at(in[k]);
        reg[k] = in[k].dtype == QS_F32 ? buffers[k].f(copy)[a] : in[k].dtype == QS_I32 ? buffers[k].i(copy)[a] : ((unsigned char*)buffers[k].data(copy))[a];
      }
      for (int k = 0; k < nConst; k++) reg[in.size() + k] = constants[k];
      double largest = 0;  // of what is computed: a difference of large values has their rounding
      for (int k = 0; k < nOps; k++) {
        const int64_t* o = &ops[(size_t)k * 5];
        reg[o[1]] = (float)apply((int)o[0], reg[o[2]], reg[o[3]], reg[o[4]]);
        if (isfinite(reg[o[1]])) largest = fmax(largest, fabs(reg[o[1]]));
      }
      for (size_t k = 0; k < out.size(); k++) {
        const size_t a = at(out[k]);
        double& w = want[k][a];
        const double v = reg[out[k].reg];
        if (out[k].mode == QS_STORE) w = v;
        else if (out[k].mode == QS_REDUCE_SUM) w = isnan(w) && size[k][a] == 0 ? v : w + v;
        else w = isnan(w) && size[k][a] == 0 ? v : isnan(w) || isnan(v) ? NAN : fmax(w, v);
        size[k][a] += fmax(fabs(v), largest) + 0.5;
        terms[k][a]++;
      }
      for (int d = nd - 1; d >= 0 && ++index[d] == dims[d]; d--) index[d] = 0;
    }
    for (size_t k = 0; k < out.size(); k++)
      for (size_t a = 0; a < want[k].size(); a++) {
        if (size[k][a] == 0) continue;
        const double w = want[k][a];
        // Equal terms, as of a repeated operand, drift: every addition to a large sum rounds the same way, by up to
        // 2^-25 of it; a tenth of that, since most additions are within a tile.
        const double drift = out[k].mode == QS_REDUCE_SUM ? 3e-9 * terms[k][a] : 0;
        if (out[k].dtype == QS_I32) {
          if (fabs(w) > 1e9) continue;
          const double got = buffers[in.size() + k].i(copy)[a], slack = (1e-5 + drift) * size[k][a] + 1e-4;
          if (got < trunc(w - slack) || got > trunc(w + slack)) return "integer output " + std::to_string(k) + " is " + std::to_string(got) + ", not " + std::to_string(w);
        } else if (!close(buffers[in.size() + k].f(copy)[a], w, 4e-5, (2e-6 + drift) * size[k][a])) {
          return "output " + std::to_string(k) + " element " + std::to_string(a) + " is " + std::to_string(buffers[in.size() + k].f(copy)[a]) + ", not " + std::to_string(w);
        }
      }
    return "";
  });
}

// The gradient of pooling as a loop over [n, OH, KH, OW, KW, C]: a number goes where its index says.
static void oneTiledPut(int64_t n, int64_t oh, int64_t kh, int64_t ow, int64_t kw, int64_t channels, bool reduce) {
  const int64_t windows = n * oh * ow * channels, total = windows * kh * kw;
  Buffer index(windows * 4, false), number(windows * 4, false), x(total * 4, false), position(kh * kw * 4, false), y(total * 4, true);
  Buffer sums(channels * 4, true);
  number.randomise();
  x.randomise();
  for (int64_t k = 0; k < windows * COPIES; k++) index.i()[k] = (int)rng.below(kh * kw);
  for (int64_t k = 0; k < kh * kw * COPIES; k++) position.f()[k] = (float)(k % (kh * kw));
  const int64_t c = channels, w = ow * kw * c;
  const Words windowStrides = {oh * ow * c, ow * c, 0, c, 0, 1}, places = {0, 0, kw, 0, 1, 0},
              dense = {oh * kh * w, kh * w, w, kw * c, c, 1}, kept = {0, 0, 0, 0, 0, 1};
  std::vector<Buffer*> all = {&index, &number, &x, &position, &y};
  if (reduce) all.push_back(&sums);
  verify("tiled put of " + std::to_string(total), QS_LOOP, all, [&](Words& code, OperandFn operand) {
    const auto add = [&](int64_t dtype, int which, const Words& strides) {
      code.push_back(dtype);
      operand(which, 0);
      code.insert(code.end(), strides.begin(), strides.end());
    };
    code = {6, n, oh, kh, ow, kw, c, 4};
    add(QS_F32, 3, places);
    add(QS_I32, 0, windowStrides);
    add(QS_F32, 1, windowStrides);
    add(QS_F32, 2, dense);
    code.insert(code.end(), {1, 0, 3, QS_EQUAL, 5, 1, 0, 0, QS_SELECT, 6, 5, 2, 4, QS_ADD, 7, 6, 3, 0, reduce ? 2 : 1, 7, QS_STORE});
    add(QS_F32, 4, dense);
    if (reduce) {
      code.insert(code.end(), {7, QS_REDUCE_SUM});
      add(QS_F32, 5, kept);
    }
  }, [&](int copy) -> std::string {
    std::vector<double> want((size_t)total), sum((size_t)c, 0.0);
    for (int64_t e = 0; e < total; e++) {
      const int64_t channel = e % c, column = e / c % (ow * kw), row = e / w % (oh * kh), image = e / (oh * kh * w);
      const int64_t at = ((image * oh + row / kh) * ow + column / kw) * c + channel;
      want[(size_t)e] = x.f(copy)[e] + (index.i(copy)[at] == row % kh * kw + column % kw ? number.f(copy)[at] : 0.0f);
      sum[(size_t)channel] += want[(size_t)e];
    }
    const std::string wrong = compare(y.f(copy), want, 1e-6, 1e-7);
    return !wrong.empty() || !reduce ? wrong : compare(sums.f(copy), sum, 1e-5, 1e-5 * sqrt((double)total / c));
  });
}

// Sums of a value and of its product over [images, pixels, channels], as batch norm has them and its gradient.
static void oneProductSum(int64_t images, int64_t pixels, int64_t channels, int form) {
  const bool statistics = form == 0, masked = form == 1 || form == 2, shifted = form != 2, stores = form % 2 == 1;
  const bool repeated = rng.below(2), productFirst = rng.below(2);
  const int64_t c = channels, total = images * pixels * c;
  Buffer y(total * 4, false), g((repeated ? images * c : total) * 4, false), x(total * 4, false), center(c * 4, false);
  Buffer stored(total * 4, true), sum(c * 4, true), product(c * 4, true);
  for (Buffer* b : {&y, &g, &x, &center}) b->randomise();
  const Words dense = {pixels * c, c, 1}, places = {c, 0, 1}, row = {0, 0, 1};
  std::vector<Buffer*> all = {&y, &g, &x, &center, &sum, &product};
  if (stores) all.push_back(&stored);
  verify("product sums " + std::to_string(form) + " of " + std::to_string(total), QS_LOOP, all, [&](Words& code, OperandFn operand) {
    const auto add = [&](int64_t dtype, int which, const Words& strides) {
      code.push_back(dtype);
      operand(which, 0);
      code.insert(code.end(), strides.begin(), strides.end());
    };
    code = {3, images, pixels, c, 4};
    add(QS_F32, 0, dense);
    add(QS_F32, 1, repeated ? places : dense);
    add(QS_F32, 2, dense);
    add(QS_F32, 3, row);
    const int64_t v = statistics ? 7 : masked ? 6 : 1, by = shifted ? 7 : 2;
    code.insert(code.end(), {1, 0, 4, QS_LESS, 5, 4, 0, 0, QS_SELECT, 6, 5, 1, 4, QS_SUB, 7, 2, 3, 0, QS_MUL, 8, by, v, 0});
    code.push_back(stores ? 3 : 2);
    for (int k = 0; k < 2; k++) {
      const bool second = (k == 0) == productFirst;
      code.insert(code.end(), {second ? 8 : v, QS_REDUCE_SUM});
      add(QS_F32, second ? 5 : 4, row);
    }
    if (!stores) return;
    code.insert(code.end(), {form == 1 ? 6 : 7, QS_STORE});
    add(QS_F32, 6, dense);
  }, [&](int copy) -> std::string {
    std::vector<double> sums((size_t)c, 0.0), products((size_t)c, 0.0), sizes((size_t)c, 0.0);  // sizes: of all that is added
    for (int64_t e = 0; e < total; e++) {
      const int64_t channel = e % c, image = e / (pixels * c);
      const float number = g.f(copy)[repeated ? image * c + channel : e], put = y.f(copy)[e] > 0 ? number : 0.0f;
      const float shift = x.f(copy)[e] - center.f(copy)[channel], v = statistics ? shift : masked ? put : number;
      sums[(size_t)channel] += v;
      const double term = (double)v * (shifted ? shift : x.f(copy)[e]);
      products[(size_t)channel] += term;
      sizes[(size_t)channel] += fabs(v) + fabs(term);
      if (stores && !close(stored.f(copy)[e], form == 1 ? put : shift, 1e-6, 0)) return "stored " + std::to_string(e);
    }
    // Equal terms drift: every addition to a large sum rounds the same way, by up to 2^-25 of it in the mean.
    const double slack = 2e-6 + (repeated ? 3e-8 * (double)(images * pixels) : 0);
    for (size_t k = 0; k < (size_t)c; k++)
      if (!close(sum.f(copy)[k], sums[k], 0, slack * sizes[k]) || !close(product.f(copy)[k], products[k], 0, slack * sizes[k]))
        return "sums of channel " + std::to_string(k);
    return "";
  });
}

// A copy of matrices [lines, columns] into, or out of, a layout whose lines lie side by side.
static void oneTransposition(int64_t matrices, int64_t lines, int64_t columns, bool into) {
  const int64_t total = matrices * lines * columns;
  Buffer x(total * 4, false), y(total * 4, true);
  x.randomise();
  const Words plain = {lines * columns, columns, 1}, turned = {lines * columns, 1, lines};
  verify("transposition of " + std::to_string(matrices) + "x" + std::to_string(lines) + "x" + std::to_string(columns), QS_LOOP,
         {&x, &y}, [&](Words& code, OperandFn operand) {
    code = {3, matrices, lines, columns, 1, QS_F32};
    operand(0, 0);
    code.insert(code.end(), into ? plain.begin() : turned.begin(), into ? plain.end() : turned.end());
    code.insert(code.end(), {0, 0, 1, 0, QS_STORE, QS_F32});
    operand(1, 0);
    code.insert(code.end(), into ? turned.begin() : plain.begin(), into ? turned.end() : plain.end());
  }, [&](int copy) -> std::string {
    for (int64_t e = 0; e < total; e++) {
      const int64_t m = e / (lines * columns), i = e / columns % lines, j = e % columns, other = (m * columns + j) * lines + i;
      if (y.f(copy)[into ? other : e] != x.f(copy)[into ? e : other]) return "element " + std::to_string(e);
    }
    return "";
  });
}

void testLoops() {
  for (int64_t columns : {3, 17, 70, 200, 256, 300, 1100})
    for (int64_t lines : {2, 9, 16, 50, 131}) oneTransposition(rng.range(1, 3), lines, columns, rng.below(2));
  for (int64_t c : {5, 16, 32, 48, 64, 80, 272, 2000})
    for (int form = 0; form < 4; form++)
      for (int64_t pixels : {1, 7, 36}) oneProductSum(rng.range(1, 9), pixels, c, form);
  for (int64_t c : {1, 3, 16, 20, 64, 300})
    for (int64_t k : {1, 2, 3}) oneTiledPut(rng.range(1, 3), rng.range(1, 5), k, rng.range(1, 9), rng.range(1, 3), c, rng.below(2));
  oneTiledPut(1, 1, 2, 3, 2, 2000, true);
  if (!quick) oneTiledPut(16, 42, 2, 42, 2, 64, false);  // larger than what goes through the cache
  for (int k = 0; k < (quick ? 150 : 1500); k++) randomLoop(k);
}
