// Reads a program's words, trusting none of them.
#include <string.h>

#include <algorithm>
#include <map>

#include "program.h"

namespace qs {
namespace {

const int64_t MAX_COUNT = (int64_t)1 << 40;    // elements of an operand
const int64_t MAX_SPACES = 1 << 16;
const int MAX_DEPTH = 16;  // of instructions that are repeated within others

[[noreturn]] void fail(const std::string& text) { throw Error{text}; }

// a * b for counts, refusing what no machine holds.
int64_t times(int64_t a, int64_t b) {
  int64_t r;
  if (a < 0 || b < 0 || __builtin_mul_overflow(a, b, &r) || r > MAX_COUNT) fail("an extent is negative or too large");
  return r;
}
int64_t times(std::initializer_list<int64_t> all) {
  int64_t r = 1;
  for (int64_t a : all) r = times(r, a);
  return r;
}
int64_t plus(int64_t a, int64_t b) {
  if (a < 0 || b < 0 || a > MAX_COUNT || b > MAX_COUNT) fail("an extent is negative or too large");
  return a + b;
}

struct Reader {
  const int64_t *at, *end;
  int64_t word() {
    if (at == end) fail("the code ends too early");
    return *at++;
  }
  int64_t within(int64_t low, int64_t high, const char* what) {
    const int64_t w = word();
    if (w < low || w > high) fail(std::string(what) + " " + std::to_string(w) + " is outside " + std::to_string(low) + ".." + std::to_string(high));
    return w;
  }
};

// A space that moves: what of it is there in every step, where that is known, and whether its steps are being read.
struct Reach {
  int64_t bytes = -1;
  bool open = true;
};

struct Decoder {
  Decoded& program;
  std::map<int64_t, Reach>& reaches;
  int64_t chunks = 1;
  int depth = 0;

  Operand operand(Reader& r) {
    Operand o;
    o.space = r.within(0, MAX_SPACES, "space");
    const auto known = reaches.find(o.space);
    if (known != reaches.end() && !known->second.open) fail("space " + std::to_string(o.space) + " moves elsewhere");
    o.offset = r.within(0, MAX_COUNT, "offset");
    o.chunkStride = r.within(0, MAX_COUNT, "chunk stride");
    if ((int64_t)program.spaces.size() <= o.space) program.spaces.resize((size_t)o.space + 1);
    program.spaces[(size_t)o.space] = true;
    return o;
  }

  // Alignment, and for local operands the end of the local arena.
  void check(const Operand& o, int64_t bytes, int64_t element) {
    if (o.offset % element != 0 || o.chunkStride % element != 0) fail("an operand is not aligned to its elements");
    const int64_t room = reach(o.space);
    if (room >= 0 && plus(plus(o.offset, times(o.chunkStride, chunks - 1)), bytes) > room)
      fail("a local operand ends beyond the local arena");
  }

  // Bytes of a space, or -1 where they are not known.
  int64_t reach(int64_t space) {
    const auto moving = reaches.find(space);
    return moving != reaches.end() ? moving->second.bytes : space == 1 ? program.localBytes : -1;
  }

  void repeat(Instruction& in, Reader& r) {
    program.repeats.emplace_back();
    Repeat& p = program.repeats.back();
    in.repeat = &p;
    if (++depth > MAX_DEPTH) fail("instructions are repeated within others too often");
    p.times = r.within(1, INT32_MAX, "number of repetitions");
    const int64_t moving = r.within(0, MAX_SPACES, "number of spaces that move");
    std::vector<int64_t> own;
    for (int64_t i = 0; i < moving; i++) {
      const int64_t space = r.within(2, MAX_SPACES, "space");
      if ((int64_t)program.spaces.size() > space && program.spaces[(size_t)space])
        fail("space " + std::to_string(space) + " is used before it moves");
      Moving m = {space, operand(r), r.within(-MAX_COUNT, MAX_COUNT, "distance")};
      const int64_t far = m.perStep < 0 ? -times(-m.perStep, p.times - 1) : times(m.perStep, p.times - 1);
      const int64_t room = reach(m.from.space);
      Reach reached;
      if (room >= 0) {
        const int64_t last = plus(m.from.offset, times(m.from.chunkStride, chunks - 1));
        if (m.from.offset + std::min<int64_t>(far, 0) < 0) fail("a part moves to before its memory");
        reached.bytes = room - last - std::max<int64_t>(far, 0);
        if (reached.bytes < 0) fail("a part moves beyond its memory");
      }
      if ((int64_t)program.spaces.size() <= space) program.spaces.resize((size_t)space + 1);
      if ((int64_t)program.moving.size() <= space) program.moving.resize((size_t)space + 1);
      program.spaces[(size_t)space] = program.moving[(size_t)space] = true;
      reaches[space] = reached;
      own.push_back(space);
      p.moving.push_back(m);
    }
    const int64_t count = r.within(0, r.end - r.at, "number of instructions");
    for (int64_t i = 0; i < count; i++) {
      Instruction one;
      instruction(one, r);
      p.instructions.push_back(one);
    }
    for (int64_t space : own) reaches[space].open = false;
    depth--;
  }

  template <class T>
  T* array(int64_t n) {
    program.arrays.emplace_back(new char[sizeof(T) * (size_t)std::max<int64_t>(n, 1)]());
    return (T*)program.arrays.back().get();
  }

  // Strides of one loop operand; returns the bytes from its first to behind its last element.
  int64_t strides(Reader& r, const LoopPlan& p, int64_t* out, int64_t element) {
    int64_t last = 0;
    bool empty = false;
    for (int d = 0; d < p.rank; d++) {
      out[d] = r.within(0, MAX_COUNT, "stride");
      if (p.dims[d] == 0) empty = true;
      else last = plus(last, times(out[d], p.dims[d] - 1));
    }
    return empty ? 0 : times(last + 1, element);
  }

  void loop(Instruction& in, Reader& r) {
    program.loops.emplace_back();
    LoopPlan& p = program.loops.back();
    memset(&p, 0, sizeof p);
    in.loop = &p;
    p.rank = (int)r.within(0, QS_MAX_DIMS, "rank");
    int64_t total = 1;
    bool empty = false;
    for (int d = 0; d < p.rank; d++) {
      p.dims[d] = r.within(0, MAX_COUNT, "extent");
      empty |= p.dims[d] == 0;
      total = times(total, std::max<int64_t>(1, p.dims[d]));
    }
    p.nIn = (int)r.within(0, QS_MAX_REGS, "number of inputs");
    p.in = array<LoopInput>(p.nIn);
    for (int i = 0; i < p.nIn; i++) {
      LoopInput& n = p.in[i];
      n.dtype = r.within(QS_F32, QS_U8, "dtype");
      n.at = operand(r);
      const int64_t element = n.dtype == QS_U8 ? 1 : 4;
      check(n.at, strides(r, p, n.strides, element), element);
    }
    p.nConst = (int)r.within(0, QS_MAX_REGS - p.nIn, "number of constants");
    p.constants = array<float>(p.nConst);
    p.constantSlots = array<int>(p.nConst);
    for (int i = 0; i < p.nConst; i++) {
      const uint32_t bits = (uint32_t)r.word();
      memcpy(&p.constants[i], &bits, 4);
    }
    int holds[QS_MAX_REGS];  // the value in each register, -1 before the first
    for (int i = 0; i < QS_MAX_REGS; i++) holds[i] = i < p.nIn + p.nConst ? i : -1;
    auto value = [&] {
      const int64_t reg = r.within(0, QS_MAX_REGS - 1, "register");
      if (holds[reg] < 0) fail("register " + std::to_string(reg) + " is read before it is written");
      return holds[reg];
    };
    p.nOps = (int)r.within(0, 1 << 16, "number of ops");
    if (r.end - r.at < (int64_t)p.nOps * 5) fail("the code ends too early");
    p.ops = array<LoopOp>(p.nOps);
    for (int i = 0; i < p.nOps; i++) {
      LoopOp& o = p.ops[i];
      o.fn = (int)r.within(0, QS_FMA, "function");
      const bool unary = o.fn <= QS_FLOOR, binary = o.fn >= QS_ADD && o.fn <= QS_EQUAL;
      if (!unary && !binary && o.fn < QS_SELECT) fail("function " + std::to_string(o.fn) + " is not known");
      const int64_t dst = r.within(0, QS_MAX_REGS - 1, "register");
      o.a = o.b = o.c = value();
      if (unary) r.word();
      else o.b = value();
      if (unary || binary) r.word();
      else o.c = value();
      o.d = o.e = o.f = o.a;
      holds[dst] = p.nIn + p.nConst + i;
    }
    p.nOut = (int)r.within(1, QS_MAX_REGS, "number of outputs");
    p.out = array<LoopOutput>(p.nOut);
    for (int i = 0; i < p.nOut; i++) {
      LoopOutput& o = p.out[i];
      o.value = value();
      o.mode = (int)r.within(QS_STORE, QS_REDUCE_MAX, "output mode");
      o.dtype = r.within(QS_F32, QS_U8, "dtype");
      o.at = operand(r);
      const int64_t element = o.dtype == QS_U8 ? 1 : 4;
      check(o.at, strides(r, p, o.strides, element), element);
      for (int d = 0; d < p.rank; d++)
        if (o.mode == QS_STORE && !empty && p.dims[d] > 1 && o.strides[d] == 0) fail("a stored output repeats its elements");
    }
    planLoop(p);
  }

  // Copies the leading numbers and reads the operands that follow.
  void numbers(Instruction& in, Reader& r, int count, int operands) {
    in.p = r.at;
    for (int i = 0; i < count; i++) r.within(0, MAX_COUNT, "extent");
    for (int i = 0; i < operands; i++) in.at[i] = operand(r);
  }

  int64_t matrix(int64_t batch, int64_t stride, int64_t rows, int64_t columns, int64_t ld) {
    if (rows == 0 || columns == 0 || batch == 0) return 0;
    if (ld < columns) fail("a leading dimension is less than its row");
    return times(plus(plus(times(batch - 1, stride), times(rows - 1, ld)), columns), 4);
  }

  void gemm(Instruction& in, Reader& r) {
    numbers(in, r, 13, 3);
    const int64_t *p = in.p, m = p[1], n = p[2], k = p[3];
    if (p[4] > 1 || p[5] > 1 || p[12] > 1) fail("transA, transB and accumulate are 0 or 1");
    for (int64_t v : {m, n, k, p[6], p[7], p[8]})
      if (v > INT32_MAX) fail("a matrix dimension exceeds 2^31 - 1");
    times({p[0], m, n});
    times({p[0], m, k});
    check(in.at[0], p[4] ? matrix(p[0], p[9], k, m, p[6]) : matrix(p[0], p[9], m, k, p[6]), 4);
    check(in.at[1], p[5] ? matrix(p[0], p[10], n, k, p[7]) : matrix(p[0], p[10], k, n, p[7]), 4);
    check(in.at[2], matrix(p[0], p[11], m, n, p[8]), 4);
  }

  void conv(Instruction& in, Reader& r) {
    numbers(in, r, 17, 3);
    const int64_t *p = in.p, tasks = p[0];
    for (int i : {5, 6, 8, 9})
      if (p[i] < 1) fail("kernel extents and strides are at least 1");
    for (int i = 1; i < 14; i++)
      if (p[i] > 1 << 24) fail("a convolution's extent exceeds 2^24");
    const int64_t x = times({p[1], p[2], p[3], p[4]}), w = times({p[5], p[6], p[4], p[7]}), y = times({p[1], p[12], p[13], p[7]});
    const int64_t padded = times({p[10] + p[2] + p[12] * p[8] + p[5], p[11] + p[3] + p[13] * p[9] + p[6], std::max(p[4], p[7])});
    if (padded > INT32_MAX || w > INT32_MAX || x > INT32_MAX || y > INT32_MAX) fail("a convolution's operand exceeds 2^31 - 1 elements");
    if (tasks > 1 && (in.opcode == QS_CONV ? p[16] : in.opcode == QS_CONV_DX ? p[14] : 1) == 0)
      fail("the tasks of a convolution cannot share its result");
    const int64_t sizes[3] = {x, w, y};
    for (int i = 0; i < 3; i++)
      check(in.at[i], times(plus(times(p[14 + i], std::max<int64_t>(tasks, 1) - 1), sizes[i]), 4), 4);
  }

  void pool(Instruction& in, Reader& r) {
    const bool three = in.opcode == QS_POOL_TAKE || in.opcode == QS_POOL_PUT;
    numbers(in, r, 12, in.opcode == QS_POOL_MAX ? 4 : three ? 3 : 2);
    const int64_t* p = in.p;
    for (int i = 4; i < 8; i++)
      if (p[i] < 1) fail("window extents and strides are at least 1");
    for (int i = 0; i < 12; i++)
      if (p[i] > INT32_MAX) fail("a pooling extent exceeds 2^31 - 1");
    const int64_t x = times({p[0], p[1], p[2], p[3], 4}), y = times({p[0], p[10], p[11], p[3], 4});
    times(p[4], p[5]);
    check(in.at[0], in.opcode == QS_POOL_PUT || in.opcode == QS_POOL_SPREAD ? y : x, 4);
    if (in.opcode == QS_POOL_MAX) {
      check(in.at[1], times({p[0], p[3], 4}), 4);
      check(in.at[2], y, 4);
      check(in.at[3], y, 4);
      return;
    }
    check(in.at[1], in.opcode == QS_POOL_SPREAD ? x : y, 4);
    if (in.opcode == QS_POOL_TAKE) check(in.at[2], y, 4);
    if (in.opcode == QS_POOL_PUT) check(in.at[2], x, 4);
  }

  void copy(Instruction& in, Reader& r) {
    in.p = r.at;
    const int64_t bytes = r.within(1, 4, "element size"), rank = r.within(1, QS_MAX_DIMS, "rank");
    if (bytes != 1 && bytes != 4) fail("elements have 1 or 4 bytes");
    const int64_t* dims = r.at;
    int64_t total = 1;
    for (int64_t d = 0; d < rank; d++) total = times(total, r.within(1, MAX_COUNT, "extent"));
    for (int i = 0; i < 2; i++) {
      in.at[i] = operand(r);
      int64_t last = 0;
      for (int64_t d = 0; d < rank; d++) {
        const int64_t stride = r.within(0, MAX_COUNT, "stride");
        if (i == 1 && stride == 0 && dims[d] > 1) fail("a copy writes one element twice");
        last = plus(last, times(stride, dims[d] - 1));
      }
      check(in.at[i], times(last + 1, bytes), bytes);
    }
  }

  void other(Instruction& in, Reader& r) {
    const int64_t* p = r.at;
    switch (in.opcode) {
      case QS_GATHER:
        numbers(in, r, 5, 3);
        if (p[1] > INT32_MAX) fail("an extent exceeds 2^31 - 1");
        check(in.at[0], plus(times(std::max<int64_t>(p[0], 1) - 1, p[4]), times(p[1], p[3])), p[3] % 4 == 0 ? 4 : 1);
        check(in.at[1], times({p[0], p[2], 4}), 4);
        check(in.at[2], times({p[0], p[2], p[3]}), p[3] % 4 == 0 ? 4 : 1);
        break;
      case QS_SCATTER_ADD:
        numbers(in, r, 4, 3);
        check(in.at[0], times({p[0], p[2], p[3], 4}), 4);
        check(in.at[1], times({p[0], p[2], 4}), 4);
        check(in.at[2], times({p[0], p[1], p[3], 4}), 4);
        break;
      case QS_TOPK:
        numbers(in, r, 3, 2);
        if (p[2] > p[1] || p[1] > INT32_MAX) fail("top-k asks for more than a row holds");
        check(in.at[0], times({p[0], p[1], 4}), 4);
        check(in.at[1], times({p[0], p[2], 4}), 4);
        break;
      case QS_CHOLESKY:
        numbers(in, r, 3, 2);
        if (p[1] > INT32_MAX) fail("a matrix dimension exceeds 2^31 - 1");
        if (p[2] != 0 && p[0] % p[2] != 0) fail("a task has a part of a matrix");
        for (int i = 0; i < 2; i++) check(in.at[i], times({p[0], p[1], p[1], 4}), 4);
        break;
      case QS_TRISOLVE:
        numbers(in, r, 4, 3);
        if (p[1] > INT32_MAX || p[2] > INT32_MAX) fail("a matrix dimension exceeds 2^31 - 1");
        if (p[3] > 1) fail("transpose is 0 or 1");
        check(in.at[0], times({p[0], p[1], p[1], 4}), 4);
        for (int i = 1; i < 3; i++) check(in.at[i], times({p[0], p[1], p[2], 4}), 4);
        break;
      case QS_RANDOM:
        numbers(in, r, 2, 2);
        check(in.at[0], times(p[0], 8), 4);
        check(in.at[1], times({p[0], p[1], 4}), 4);
        break;
      default:
        numbers(in, r, 3, 1);
        check(in.at[0], times({p[0], p[1], p[2], 4}), 4);
    }
  }

  void instruction(Instruction& in, Reader& r) {
    memset(&in, 0, sizeof in);
    in.index = program.count++;
    in.opcode = r.within(QS_LOOP, QS_REPEAT, "opcode");
    const int64_t length = r.word();
    if (length < 0 || length > r.end - r.at) fail("its length runs beyond the code");
    Reader payload = {r.at, r.at + length};
    r.at += length;
    if (in.opcode == QS_LOOP) loop(in, payload);
    else if (in.opcode == QS_GEMM) gemm(in, payload);
    else if (in.opcode <= QS_CONV_DW) conv(in, payload);
    else if (in.opcode <= QS_POOL_SPREAD || in.opcode == QS_POOL_MAX) pool(in, payload);
    else if (in.opcode == QS_COPY) copy(in, payload);
    else if (in.opcode == QS_REPEAT) repeat(in, payload);
    else other(in, payload);
    if (payload.at != payload.end) fail("its payload has " + std::to_string(payload.end - payload.at) + " words too many");
    in.split = chunks == 1;
  }
};

}  // namespace

const char* opcodeName(int64_t opcode) {
  static const char* const names[] = {"?", "loop", "gemm", "conv", "conv-dx", "conv-dw", "pool-argmax", "pool-take",
                                      "pool-put", "pool-sum", "pool-spread", "gather", "scatter-add", "top-k",
                                      "cholesky", "triangular-solve", "random", "iota", "copy", "pool-max", "repeat"};
  return opcode >= QS_LOOP && opcode <= QS_REPEAT ? names[opcode] : names[0];
}

void decode(Decoded& program, const int64_t* code, int64_t words) {
  if (code == nullptr || words < 4) fail("A program has at least four words.");
  program.code.assign(code, code + words);
  Reader r = {program.code.data(), program.code.data() + words};
  if (r.word() != QS_MAGIC) fail("This is not a program: its first word is not the magic number.");
  const int64_t version = r.word();
  if (version != QS_VERSION) fail("The program has version " + std::to_string(version) + ", this library reads " + std::to_string(QS_VERSION) + ".");
  program.spaces.assign(2, false);
  std::map<int64_t, Reach> reaches;
  int64_t index = 0, opcode = 0;
  try {
    program.localBytes = r.within(0, MAX_COUNT, "local arena size");
    const int64_t segments = r.within(0, words, "number of segments");
    for (int64_t s = 0; s < segments; s++) {
      Decoder decoder{program, reaches};
      program.segments.emplace_back();
      Segment& segment = program.segments.back();
      segment.chunks = decoder.chunks = r.within(0, INT32_MAX, "number of chunks");
      const int64_t count = r.within(0, words, "number of instructions");
      for (int64_t i = 0; i < count; i++, index++) {
        opcode = r.at < r.end ? *r.at : 0;
        segment.instructions.emplace_back();
        decoder.chunks = std::max<int64_t>(segment.chunks, 1);
        decoder.instruction(segment.instructions.back(), r);
      }
    }
    opcode = 0;
    if (r.at != r.end) fail("there are " + std::to_string(r.end - r.at) + " words after the last segment");
  } catch (const Error& e) {
    fail("Instruction " + std::to_string(index) + " (" + opcodeName(opcode) + "): " + e.text + ".");
  }
}

}  // namespace qs
