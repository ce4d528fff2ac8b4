// Every scalar function, and loops of random shape, strides and content.
#include <algorithm>

#include "../../test/formulas.h"
#include "emulated_test.h"
#include "quickstudy.h"

static const std::vector<int64_t> FUNCTIONS = {
    QS_NEG, QS_EXP, QS_EXPM1, QS_LOG, QS_LOG1P, QS_TANH, QS_SIGMOID, QS_SQRT, QS_RSQRT, QS_RECIPROCAL, QS_SIN, QS_COS, QS_ABS,
    QS_SIGN, QS_FLOOR, QS_ADD, QS_SUB, QS_MUL, QS_DIV, QS_MAX, QS_MIN, QS_POW, QS_LESS, QS_LESS_EQUAL, QS_EQUAL, QS_SELECT, QS_FMA};

static void testFunctions() {
  const float special[] = {0.0f, -0.0f, 1.0f, -1.0f, INFINITY, -INFINITY, NAN, 88.72f, -87.3f, 0.5f, 2.0f, -3.0f, 1e-8f, 0.3f};
  const int64_t n = 700, ns = sizeof special / sizeof *special;
  for (int64_t fn : FUNCTIONS) {
    Floats x[3] = {Floats(n), Floats(n), Floats(n)}, y(n);
    for (auto& b : x) b.randomise();
    for (int64_t i = 0; i < ns; i++)
      for (int64_t j = 0; j < ns; j++) x[0].host[(size_t)(i * ns + j)] = special[i], x[1].host[(size_t)(i * ns + j)] = special[j];
    if (fn == QS_POW)
      for (int64_t i = ns * ns; i < n; i++) x[0].host[(size_t)i] = fabsf(x[0].host[(size_t)i]);
    std::vector<int64_t> w = {1, n, 3};
    for (auto& b : x) {
      b.send();
      w.insert(w.end(), {QS_F32, b.address, 1});
    }
    w.insert(w.end(), {0, 1, fn, 3, 0, fn >= QS_ADD ? 1 : -7, fn >= QS_SELECT ? 2 : 1000, 1, 3, QS_STORE, QS_F32, y.address, 1});
    Buffer<int64_t> words((int64_t)w.size());
    words.host = w;
    words.send();
    if (!run("qs_loop", {-1}, {words.address}, 1)) return;
    std::vector<double> want;
    for (int64_t i = 0; i < n; i++) {
      const double v = apply(fn, x[0][i], x[1][i], x[2][i]);
      want.push_back(fabs(v) > 3.4028235e38 ? copysign(INFINITY, v) : v);
    }
    compare("function " + std::to_string(fn), y, want, 3e-7, 2e-7);
  }
}

struct Operand {
  int64_t dtype, offset, span, mode, reg, address;
  std::vector<int64_t> strides;
  std::vector<double> values;  // of the whole buffer
  int64_t at(const std::vector<int64_t>& index) const {
    int64_t o = offset;
    for (size_t d = 0; d < index.size(); d++) o += index[d] * strides[d];
    return o;
  }
};

// Permuted, with gaps, and, where it may repeat, with strides of 0.
static void lay(Operand& o, const std::vector<int64_t>& dims, bool repeat) {
  std::vector<size_t> order(dims.size());
  for (size_t d = 0; d < dims.size(); d++) order[d] = d;
  if (rng.range(0, 1))
    for (size_t d = dims.size(); d-- > 1;) std::swap(order[d], order[(size_t)rng.range(0, (int64_t)d)]);
  o.strides.assign(dims.size(), 0);
  int64_t size = 1;
  const int64_t kind = rng.range(0, 3);
  for (size_t k = dims.size(); k-- > 0;) {
    const size_t d = order[k];
    const bool inner = d + 1 == dims.size();
    if (repeat && (kind == 0 || (kind == 1 && !inner) || (kind == 2 && inner) || rng.range(0, 2) == 0)) continue;
    o.strides[d] = size;
    size *= dims[d] + (rng.range(0, 5) == 0 ? 1 : 0);
  }
  o.offset = rng.range(0, 2);
  o.span = std::max<int64_t>(size, 1) + o.offset;
}

static void testRandomLoop() {
  std::vector<int64_t> dims;
  const int64_t rank = rng.range(0, 8), budget = rng.pick({30, 3000, 30000});
  int64_t total = 1;
  for (int64_t d = 0; d < rank; d++) {
    int64_t e = rng.range(0, 3) == 0 ? 1 : rng.range(1, rank < 3 ? 400 : 9);
    if (rng.range(0, 200) == 0) e = 0;
    if (total * e > budget) e = 1;
    dims.push_back(e);
    total *= e;
  }
  std::vector<Operand> in((size_t)rng.range(1, 5)), out((size_t)rng.range(1, 4));
  std::vector<Floats*> floats;
  std::vector<int64_t> w = {rank};
  w.insert(w.end(), dims.begin(), dims.end());
  w.push_back((int64_t)in.size());
  std::vector<Buffer<unsigned char>*> buffers;
  auto bytes = [](int64_t dtype) { return dtype == QS_U8 ? 1 : 4; };
  for (Operand& o : in) {
    o.dtype = rng.pick({QS_F32, QS_F32, QS_I32, QS_U8});
    lay(o, dims, rng.range(0, 2) == 0);
    buffers.push_back(new Buffer<unsigned char>(o.span * bytes(o.dtype)));
    o.values.resize((size_t)o.span);
    for (int64_t i = 0; i < o.span; i++) {
      const float f = rng.normal();
      const int v = (int)rng.range(o.dtype == QS_U8 ? 0 : -90, 200);
      unsigned char* to = buffers.back()->host.data() + i * bytes(o.dtype);
      if (o.dtype == QS_F32) memcpy(to, &f, 4);
      else if (o.dtype == QS_I32) memcpy(to, &v, 4);
      else *to = (unsigned char)v;
      o.values[(size_t)i] = o.dtype == QS_F32 ? f : v;
    }
    buffers.back()->send();
    w.insert(w.end(), {o.dtype, buffers.back()->address + o.offset * bytes(o.dtype)});
    w.insert(w.end(), o.strides.begin(), o.strides.end());
  }
  const float constants[] = {0.25f, -1.5f};
  w.push_back(2);
  for (float c : constants) {
    unsigned bits;
    memcpy(&bits, &c, 4);
    w.push_back(bits);
  }
  const int64_t first = (int64_t)in.size() + 2, nOps = rng.range(1, 9);
  std::vector<std::vector<int64_t>> ops;
  w.push_back(nOps);
  for (int64_t i = 0; i < nOps; i++) {
    ops.push_back({rng.pick({QS_ADD, QS_SUB, QS_MUL, QS_MAX, QS_MIN, QS_FMA, QS_SELECT, QS_TANH, QS_NEG, QS_LESS}), first + i,
                   rng.range(0, first + i - 1), rng.range(0, first + i - 1), rng.range(0, first + i - 1)});
    w.insert(w.end(), ops.back().begin(), ops.back().end());
  }
  w.push_back((int64_t)out.size());
  for (Operand& o : out) {
    o.mode = rng.range(0, 2);
    o.reg = rng.range(0, 2) ? first + nOps - 1 : rng.range(0, first + nOps - 1);
    o.dtype = o.mode == QS_STORE ? rng.pick({QS_F32, QS_F32, QS_I32}) : (int64_t)QS_F32;
    lay(o, dims, o.mode != QS_STORE);
    floats.push_back(new Floats(o.span));
    floats.back()->get();
    o.address = floats.back()->address;
    w.insert(w.end(), {o.reg, o.mode, o.dtype, o.address + 4 * o.offset});
    w.insert(w.end(), o.strides.begin(), o.strides.end());
    o.values.assign((size_t)o.span, NAN);
    // Elements that reductions begin with: all that the kept dimensions name, be there anything to reduce or not.
    if (o.mode == QS_STORE) continue;
    std::vector<int64_t> index((size_t)rank);
    int64_t kept = 1;
    for (size_t d = 0; d < index.size(); d++) kept *= o.strides[d] != 0 ? dims[d] : 1;
    for (int64_t t = 0; t < kept; t++) {
      int64_t rest = t;
      for (size_t d = index.size(); d-- > 0;) {
        index[d] = o.strides[d] != 0 ? rest % dims[d] : 0;
        if (o.strides[d] != 0) rest /= dims[d];
      }
      o.values[(size_t)o.at(index)] = o.mode == QS_REDUCE_SUM ? 0 : -INFINITY;
    }
  }
  std::vector<double> magnitude(out.size(), 1);
  std::vector<int64_t> index((size_t)rank);
  for (int64_t t = 0; t < total; t++) {
    int64_t rest = t;
    for (size_t d = index.size(); d-- > 0;) index[d] = rest % dims[d], rest /= dims[d];
    std::vector<double> v;
    for (const Operand& o : in) v.push_back(o.values[(size_t)o.at(index)]);
    v.push_back(constants[0]);
    v.push_back(constants[1]);
    for (auto& op : ops) v.push_back((float)apply(op[0], v[(size_t)op[2]], v[(size_t)op[3]], v[(size_t)op[4]]));
    double largest = 0;  // of what the results are made of, and so may be wrong by
    for (double x : v) largest = fmax(largest, isinf(x) ? 0 : fabs(x));
    for (size_t i = 0; i < out.size(); i++) {
      Operand& o = out[i];
      magnitude[i] = fmax(magnitude[i], largest);
      double& to = o.values[(size_t)o.at(index)];
      const double x = v[(size_t)o.reg];
      if (o.mode == QS_STORE) to = x;
      else if (o.mode == QS_REDUCE_SUM) to += x;
      else to = fmax(to, x);
    }
  }
  Buffer<int64_t> words((int64_t)w.size());
  words.host = w;
  words.send();
  const int block = (int)rng.pick({64, 100, 128, 256});
  bool ok = true;
  if (std::any_of(out.begin(), out.end(), [](const Operand& o) { return o.mode == QS_STORE; }))
    ok = run("qs_loop", {-1}, {words.address}, ceilDiv(total, 4 * block), block);
  for (size_t i = 0; i < out.size() && ok; i++) {
    const Operand& o = out[i];
    const std::string name = "loop, output " + std::to_string(i) + " of mode " + std::to_string(o.mode);
    Floats& got = *floats[i];
    if (o.mode != QS_STORE) {
      Floats room(o.span * 5);
      const int64_t slices = rng.range(0, 1) ? rng.range(2, 5) : 0;
      auto launch = [&] {
        run("qs_loop", {(int64_t)i, slices}, {words.address, slices ? room.address : 0}, rng.range(1, 30), block);
        if (slices) run("qs_loop", {(int64_t)i, slices, 1}, {words.address, room.address}, rng.range(1, 3), block);
      };
      launch();
      got.get();
      expectSame(name, got, launch);
    }
    got.get();
    if (o.dtype == QS_I32) {
      Ints ints(o.span);
      memcpy(ints.host.data(), got.host.data(), (size_t)o.span * 4);
      ints.send();
      std::vector<double> want = o.values;
      for (size_t k = 0; k < want.size(); k++) {
        double& x = want[k];
        const double slack = 2e-6 * magnitude[i];
        const bool unsure = fabs(x - round(x)) <= slack && fabs(ints.host[k] - x) <= 1 + slack;
        if (unsure || fabs(x) > 2e9) x = ints.host[k];  // rounding decides, or no integer holds it
        x = isnan(x) ? -1 : trunc(x);                   // NaN: not written, and so as it was allocated
      }
      compare(name, ints, want, 0, 0);
      continue;
    }
    const double relative = o.mode == QS_REDUCE_SUM ? 1e-5 : 2e-6;
    compare(name, got, o.values, relative, magnitude[i] * (o.mode == QS_REDUCE_SUM ? 1e-5 * sqrt((double)total + 1) : 2e-6));
  }
  for (auto* b : buffers) delete b;
  for (auto* f : floats) delete f;
}

// NaN wins every maximum, and one result of very many elements is right.
static void testReductions() {
  const int64_t n = 5000;
  for (int64_t mode : {QS_REDUCE_SUM, QS_REDUCE_MAX})
    for (int nan = 0; nan < 2; nan++) {
      Floats x(n), y(1);
      for (float& v : x.host) v = rng.normal() - 9;
      if (nan) x.host[(size_t)rng.range(0, n - 1)] = NAN;
      x.send();
      const std::vector<int64_t> w = {1, n, 1, QS_F32, x.address, 1, 0, 0, 1, 0, mode, QS_F32, y.address, 0};
      Buffer<int64_t> words((int64_t)w.size());
      words.host = w;
      words.send();
      run("qs_loop", {0}, {words.address}, 1);
      double want = mode == QS_REDUCE_SUM ? 0 : -INFINITY;
      for (float v : x.host) want = mode == QS_REDUCE_SUM ? want + v : isnan(v) || isnan(want) ? NAN : fmax(want, v);
      compare("reduction of " + std::to_string(n), y, {want}, 1e-6, 0);
    }
}

void testLoops() {
  testFunctions();
  testReductions();
  for (int t = 0; t < 400; t++) testRandomLoop();
}
