// The fused elementwise loop: the iteration space is walked in tiles that stay in the first-level
// cache, and each op runs over a whole tile at a time. A tile is some lines of `columns` elements, or
// a piece of one long line.
#include "ops.h"
#include "reduce.h"
#include "transpose.h"

namespace QS_NS {
namespace {

struct Tile {
  int64_t index[QS_MAX_DIMS];  // along all dimensions but the last two
  int64_t line, lines;         // first line within its run; lines of the tile
  int64_t column, columns;
  int64_t runs;                // whole runs, or 1 for (a part of) a single one
};

void seek(const LoopPlan& p, Tile& t, int64_t run) {
  for (int d = p.rank - 3; d >= 0; d--) {
    t.index[d] = run % p.dims[d];
    run /= p.dims[d];
  }
}

Tile tileAt(const LoopPlan& p, int64_t n) {
  Tile t;
  t.column = 0;
  t.columns = p.columns;
  t.runs = 1;
  int64_t run;
  if (p.pieces > 1) {
    const int64_t line = p.byPiece ? n % p.lines : n / p.pieces, piece = p.byPiece ? n / p.lines : n % p.pieces;
    t.column = piece * p.tileColumns;
    t.columns = least(p.tileColumns, p.columns - t.column);
    run = line / p.linesPerRun;
    t.line = line % p.linesPerRun;
    t.lines = 1;
  } else if (p.tilesPerRun > 0) {
    run = n / p.tilesPerRun;
    t.line = n % p.tilesPerRun * p.tileLines;
    t.lines = least(p.tileLines, p.linesPerRun - t.line);
  } else {
    const int64_t perTile = p.tileLines / p.linesPerRun;
    run = n * perTile;
    t.line = 0;
    t.runs = least(perTile, p.lines / p.linesPerRun - run);
    t.lines = t.runs * p.linesPerRun;
  }
  seek(p, t, run);
  return t;
}

int64_t outerOffset(const LoopPlan& p, const int64_t* index, const int64_t* strides) {
  int64_t o = 0;
  for (int d = 0; d < p.rank - 2; d++) o += index[d] * strides[d];
  return o;
}

// Calls f(offset in the tile, offsets in two operands, lines) for each run of the tile.
template <class F>
QS_INLINE void eachRun(const LoopPlan& p, const Tile& t, const int64_t* strides, const int64_t* others, F f) {
  const int along = p.rank - 3;
  int64_t index[QS_MAX_DIMS], offset = 0, other = 0;
  for (int d = 0; d <= along; d++) index[d] = t.index[d];
  for (int64_t r = 0; r < t.runs; r++) {
    if (r > 0) index[along]++, offset += strides[along], other += others[along];
    if (r == 0 || index[along] == p.dims[along]) {
      for (int d = along; d > 0 && index[d] == p.dims[d]; d--) index[d] = 0, index[d - 1]++;
      offset = outerOffset(p, index, strides) + t.line * strides[p.rank - 2] + t.column * strides[p.rank - 1];
      other = outerOffset(p, index, others) + t.line * others[p.rank - 2] + t.column * others[p.rank - 1];
    }
    f(r * p.linesPerRun * p.columns, offset, other, t.runs == 1 ? t.lines : p.linesPerRun);
  }
}
template <class F>
QS_INLINE void eachRun(const LoopPlan& p, const Tile& t, const int64_t* strides, F f) {
  eachRun(p, t, strides, strides, [&](int64_t at, int64_t offset, int64_t, int64_t lines) { f(at, offset, lines); });
}

// Whether the tile's elements of this operand lie one after another.
bool contiguous(const LoopPlan& p, const Tile& t, const int64_t* strides, int dense) {
  if (t.lines == 1) return strides[p.rank - 1] == 1;
  if (t.runs == 1) return dense >= 2;
  return dense >= p.rank || (dense >= 3 && t.index[p.rank - 3] + t.runs <= p.dims[p.rank - 3]);
}

void fill(float* to, float v, int64_t n) {
  for (int64_t i = 0; i < n; i++) to[i] = v;
}

template <class T>
void loadRun(float* to, const T* from, int64_t lines, int64_t columns, int64_t s1, int64_t s0) {
  for (int64_t i = 0; i < lines; i++, to += columns, from += s1)
    if (s0 == 1)
      for (int64_t j = 0; j < columns; j++) to[j] = (float)from[j];
    else
      for (int64_t j = 0; j < columns; j++) to[j] = (float)from[j * s0];
}

void loadFloats(float* to, const float* from, int64_t lines, int64_t columns, int64_t s1, int64_t s0) {
  if (s0 == 1 && s1 == columns) {
    copyFloats(to, from, lines * columns);
  } else if (s0 == 1) {
    for (int64_t i = 0; i < lines; i++) copyFloats(to + i * columns, from + i * s1, columns);
  } else if (s0 == 0) {
    for (int64_t i = 0; i < lines; i++, to += columns) {
      const float v = from[i * s1];
      const Vec w = Vec{} + v;
      int64_t j = 0;
      for (; j + QS_LANES <= columns; j += QS_LANES) store(to + j, w);
      if (j < columns) storeSome(to + j, w, (int)(columns - j));
    }
  } else if (s1 == 1 && lines > 1) {
    transpose(to, columns, from, s0, columns, lines);
  } else {
    loadRun(to, from, lines, columns, s1, s0);
  }
}

void loadTile(const LoopPlan& p, const Tile& t, const LoopInput& in, const char* base, float* to) {
  const int64_t s1 = in.strides[p.rank - 2], s0 = in.strides[p.rank - 1];
  eachRun(p, t, in.strides, [&](int64_t at, int64_t offset, int64_t lines) {
    if (in.dtype == QS_F32) loadFloats(to + at, (const float*)base + offset, lines, t.columns, s1, s0);
    else if (in.dtype == QS_I32) loadRun(to + at, (const int*)base + offset, lines, t.columns, s1, s0);
    else loadRun(to + at, (const unsigned char*)base + offset, lines, t.columns, s1, s0);
  });
}

template <class T>
void storeRun(T* to, const float* from, int64_t lines, int64_t columns, int64_t s1, int64_t s0) {
  for (int64_t i = 0; i < lines; i++, from += columns, to += s1)
    if (s0 == 1)
      for (int64_t j = 0; j < columns; j++) to[j] = (T)(int)from[j];
    else
      for (int64_t j = 0; j < columns; j++) to[j * s0] = (T)(int)from[j];
}

void storeFloats(float* to, const float* from, int64_t lines, int64_t columns, int64_t s1, int64_t s0) {
  if (s0 == 1 && s1 == columns) {
    copyFloats(to, from, lines * columns);
  } else if (s0 == 1) {
    for (int64_t i = 0; i < lines; i++) copyFloats(to + i * s1, from + i * columns, columns);
  } else if (s1 == 1 && lines > 1) {
    transpose(to, s0, from, columns, lines, columns);
  } else {
    for (int64_t i = 0; i < lines; i++)
      for (int64_t j = 0; j < columns; j++) to[i * s1 + j * s0] = from[i * columns + j];
  }
}

void storeAny(int64_t dtype, char* base, int64_t offset, const float* from, int64_t lines, int64_t columns, int64_t s1,
              int64_t s0) {
  if (dtype == QS_F32) storeFloats((float*)base + offset, from, lines, columns, s1, s0);
  else if (dtype == QS_I32) storeRun((int*)base + offset, from, lines, columns, s1, s0);
  else storeRun((unsigned char*)base + offset, from, lines, columns, s1, s0);
}

// Calls f(offset in the output, offset in a dense copy, elements, stride) for each line of a reduced output.
template <class F>
void eachKept(const LoopPlan& p, const LoopOutput& o, F f) {
  const int last = p.rank - 1;
  const bool inner = o.keptStrides[last] != 0;
  int64_t index[QS_MAX_DIMS] = {};
  for (int64_t done = 0; done < o.kept; done += inner ? p.columns : 1) {
    int64_t at = 0;
    for (int d = 0; d < last; d++) at += index[d] * o.strides[d];
    f(at, done, inner ? p.columns : 1, inner ? o.strides[last] : 0);
    for (int d = last - 1; d >= 0; d--) {
      if (o.keptStrides[d] == 0) continue;
      if (++index[d] < p.dims[d]) break;
      index[d] = 0;
    }
  }
}

float start(const LoopOutput& o) { return o.mode == QS_REDUCE_MAX ? -__builtin_inff() : 0.0f; }

void startPrivate(const LoopPlan& p, const Context* c) {
  for (int i = 0; i < p.nOut; i++) {
    const LoopOutput& o = p.out[i];
    if (o.mode == QS_STORE || o.partial) continue;
    float* to = floats(c, o.at);
    eachKept(p, o, [&](int64_t at, int64_t, int64_t n, int64_t s) {
      for (int64_t j = 0; j < n; j++) to[at + j * s] = start(o);
    });
  }
}

void addPartials(const LoopPlan& p, const Context* c, int64_t parts) {
  for (int i = 0; i < p.nOut; i++) {
    const LoopOutput& o = p.out[i];
    if (o.mode == QS_STORE || !o.partial) continue;
    float* sum = (float*)(c->shared + o.partialAt);
    for (int64_t part = 1; part < parts; part++) {
      const float* next = sum + part * o.kept;
      if (o.mode == QS_REDUCE_MAX)
        for (int64_t k = 0; k < o.kept; k++) sum[k] = join<true>(sum[k], next[k]);
      else
        for (int64_t k = 0; k < o.kept; k++) sum[k] += next[k];
    }
    char* to = address(c, o.at);
    eachKept(p, o, [&](int64_t at, int64_t k, int64_t n, int64_t s) {
      storeAny(o.dtype, to, at, sum + k, 1, n, n, n == 1 ? 1 : s);
    });
  }
}

// One op over n elements of its values, a multiple of 16.
void apply(const LoopOp& op, float* const* value, float* to, int64_t n) {
  if (op.fn == QS_NOTHING) return;
  if (op.fn < 0 || op.fn == QS_FMA) return chain(op, value, to, n);
  opFunction(op.fn)(to, value[op.a], value[op.b], value[op.c], n);
}

// What does not change from tile to tile: constants, scalars, repeated lines, and ops on those.
void prologue(const LoopPlan& p, const Context* c, float** value, float* slots) {
  for (int i = 0; i < p.nIn; i++) {
    const LoopInput& in = p.in[i];
    value[i] = slots + in.slot * p.slotFloats;
    if (in.kind == LOOP_STREAM || in.kind == LOOP_LEFT) continue;
    Tile t = {};
    t.lines = in.kind == LOOP_SCALAR ? 1 : p.tileLines;
    t.columns = in.kind == LOOP_SCALAR ? 1 : p.columns;
    t.runs = 1;
    loadTile(p, t, in, address(c, in.at), value[i]);
    if (in.kind == LOOP_SCALAR) fill(value[i], value[i][0], p.slotFloats);
  }
  for (int i = 0; i < p.nConst; i++) {
    value[p.nIn + i] = slots + p.constantSlots[i] * p.slotFloats;
    fill(value[p.nIn + i], p.constants[i], p.slotFloats);
  }
  for (int i = 0; i < p.nOps; i++) {
    const LoopOp& op = p.ops[i];
    float* d = value[p.nIn + p.nConst + i] = slots + op.slot * p.slotFloats;
    if (op.once) apply(op, value, d, p.slotFloats);
  }
}

// QS_PUT over a tile: the number where its index is the line's position, zero elsewhere.
void putTile(const LoopPlan& p, const Tile& t, const Context* c, const LoopOp& op, float* to) {
  const LoopInput &number = p.in[op.c], &position = p.in[op.b];
  const int* indices = (const int*)address(c, p.in[op.a].at);
  const float *numbers = floats(c, number.at), *positions = floats(c, position.at);
  const int64_t s1 = number.strides[p.rank - 2], p1 = position.strides[p.rank - 2], columns = t.columns;
  eachRun(p, t, number.strides, position.strides, [&](int64_t put, int64_t from, int64_t place, int64_t lines) {
    float* y = to + put;
    for (int64_t l = 0; l < lines; l++, y += columns) {
      const int* at = indices + from + l * s1;
      const float* v = numbers + from + l * s1;
      const int wanted = (int)positions[place + l * p1];
      const VecI all = VecI{} + wanted;
      int64_t j = 0;
      for (; j + QS_LANES <= columns; j += QS_LANES)
        store(y + j, (Vec)((VecI)load(v + j) & ((VecI)load((const float*)at + j) == all)));
      for (; j < columns; j++) y[j] = at[j] == wanted ? v[j] : 0;
    }
  });
}

// An op that adds up, over the n elements of a tile.
template <bool LESS>
void sumTile(const LoopOp& op, float* const* value, float* to, float* sum, float* product, int64_t n, int64_t width) {
  const float *a = value[op.a], *b = value[op.b], *c = value[op.c], *d = value[op.d], *e = value[op.e];
  switch (op.fn) {
    case QS_SUMS: return addUp<LESS>(sum, product, d, e, n, width, [=](int64_t i) { return load(a + i); });
    case QS_SUB_SUMS: return addUp<LESS>(sum, product, d, e, n, width, [=](int64_t i) { return load(a + i) - load(b + i); });
    default:
      return addUp<LESS>(sum, product, d, e, n, width, [=](int64_t i) {
        const Vec v = load(a + i) < load(b + i) ? load(c + i) : Vec{};
        store(to + i, v);
        return v;
      });
  }
}

void walk(const LoopPlan& p, const Context* c, int64_t part, int64_t from, int64_t to) {
  const int values = p.nIn + p.nConst + p.nOps;
  float** value = (float**)c->scratch;
  float* slots = (float*)(c->scratch + align64(values * 8));
  prologue(p, c, value, slots);
  for (int64_t n = from; n < to; n++) {
    const Tile t = tileAt(p, n);
    const int64_t size = t.lines * t.columns, rounded = (size + 15) & ~(int64_t)15;
    const bool whole = rounded == size;  // else ops would run beyond the ends of operands
    for (int i = 0; i < p.nIn; i++)
      if (p.in[i].kind == LOOP_STREAM) value[i] = slots + p.in[i].slot * p.slotFloats;
    for (int i = 0; i < p.nOut; i++) {  // results go straight to memory where they can
      const LoopOutput& o = p.out[i];
      if (!o.direct) continue;
      const int op = o.value - p.nIn - p.nConst;
      value[o.value] = whole && contiguous(p, t, o.strides, o.dense)
          ? floats(c, o.at) + outerOffset(p, t.index, o.strides) + t.line * o.strides[p.rank - 2] + t.column
          : slots + (op >= 0 ? p.ops[op].slot : p.in[o.value].slot) * p.slotFloats;
    }
    for (int i = 0; i < p.nIn; i++) {
      const LoopInput& in = p.in[i];
      if (in.kind != LOOP_STREAM) continue;
      const char* base = address(c, in.at);
      if (in.inPlace && whole && contiguous(p, t, in.strides, in.dense)) {
        value[i] = (float*)base + outerOffset(p, t.index, in.strides) + t.line * in.strides[p.rank - 2] + t.column;
      } else {
        loadTile(p, t, in, base, value[i]);
      }
    }
    for (int i = 0; i < p.nOps; i++) {
      const LoopOp& op = p.ops[i];
      float* to = value[p.nIn + p.nConst + i];
      if (op.fn == QS_PUT) {
        putTile(p, t, c, op, to);
      } else if (op.fn <= QS_SUMS) {
        const auto slot = [&](int out) { return slots + p.out[out].tileSlot * p.slotFloats; };
        (op.less ? sumTile<true> : sumTile<false>)(op, value, to, slot(op.sum), slot(op.product), size, p.width);
      } else if (!op.once) {
        apply(op, value, to, rounded);
      }
    }
    for (int i = 0; i < p.nOut; i++) {
      const LoopOutput& o = p.out[i];
      const float* v = value[o.value];
      char* base = address(c, o.at);
      if (o.mode == QS_STORE) {
        const int64_t s1 = o.strides[p.rank - 2], s0 = o.strides[p.rank - 1];
        if (o.past && contiguous(p, t, o.strides, o.dense)) {
          streamFloats((float*)base + outerOffset(p, t.index, o.strides) + t.line * s1 + t.column, v, size);
          continue;
        }
        eachRun(p, t, o.strides, [&](int64_t at, int64_t offset, int64_t lines) {
          if (o.dtype == QS_F32 && (const float*)base + offset == v + at) return;  // already there
          storeAny(o.dtype, base, offset, v + at, lines, t.columns, s1, s0);
        });
      } else {
        const int64_t* strides = o.partial ? o.keptStrides : o.strides;
        float* sum = o.partial ? (float*)(c->shared + o.partialAt) + part * o.kept : (float*)base;
        const int64_t s1 = strides[p.rank - 2], s0 = strides[p.rank - 1];
        if (o.tileSlot >= 0) {
          reduceLines<false>(sum, slots + o.tileSlot * p.slotFloats, p.width / p.columns, p.columns);
          continue;
        }
        eachRun(p, t, strides, [&](int64_t at, int64_t offset, int64_t lines) {
          if (o.mode == QS_REDUCE_MAX) reduceBlock<true>(sum + offset, v + at, lines, t.columns, s1, s0);
          else reduceBlock<false>(sum + offset, v + at, lines, t.columns, s1, s0);
        });
      }
    }
  }
  streamsDone();
}

int64_t units(const LoopPlan& p) { return p.pieces == 1 ? p.tiles : p.byPiece ? p.pieces : p.lines; }

// Whether two parts may add to the same element of a reduced output.
bool crosses(const LoopPlan& p, const LoopOutput& o) {
  if (p.pieces > 1 && p.byPiece) return o.keptStrides[p.rank - 1] == 0;
  for (int d = 0; d < p.rank - 1; d++)
    if (p.dims[d] > 1 && o.keptStrides[d] == 0) return true;
  return false;
}

}  // namespace

void loopPrepare(Instruction* in) {
  LoopPlan& p = *in->loop;
  in->work = (double)p.total * (p.nIn + p.nOps + p.nOut);
  const bool split = in->split && in->work >= 40e3;
  bool columnSums = p.lines < 8;
  for (int i = 0; i < p.nOut; i++)
    if (p.out[i].mode != QS_STORE && p.out[i].keptStrides[p.rank - 1] != 0) columnSums = true;
  p.byPiece = columnSums;
  int64_t parts = split ? most(1, least(least(units(p), 64), (int64_t)(in->work / 20e3))) : 1;
  int64_t kept = 0;
  for (int i = 0; i < p.nOut; i++)
    if (p.out[i].mode != QS_STORE && crosses(p, p.out[i])) kept += p.out[i].kept;
  if (kept > 0) parts = most(1, least(parts, most(p.total / 4, 16 * 1024) / kept));
  for (int i = 0; i < p.nOut; i++) {
    LoopOutput& o = p.out[i];
    if (o.mode == QS_STORE) continue;
    o.partial = o.dtype != QS_F32 || (parts > 1 && crosses(p, o));
    if (!o.partial) continue;
    o.partialAt = in->shared;
    in->shared += align64(o.kept * parts * 4);
  }
  in->scratch = align64((p.nIn + p.nConst + p.nOps) * 8) + p.slots * p.slotFloats * 4;
  in->phases = parts > 1 ? 3 : 1;
  in->parts[0] = in->parts[2] = 1;
  in->parts[parts > 1 ? 1 : 0] = parts;
}

void loopRun(const Instruction* in, const Context* c, int phase, int64_t part) {
  const LoopPlan& p = *in->loop;
  const bool alone = in->phases == 1;
  const int64_t parts = in->parts[alone ? 0 : 1];
  if (phase == 0) startPrivate(p, c);
  if (alone || phase == 1) {
    for (int i = 0; i < p.nOut; i++)
      if (p.out[i].mode != QS_STORE && p.out[i].partial)
        fill((float*)(c->shared + p.out[i].partialAt) + part * p.out[i].kept, start(p.out[i]), p.out[i].kept);
    const int64_t perUnit = p.pieces == 1 ? 1 : p.byPiece ? p.lines : p.pieces;
    if (p.tiles > 0) walk(p, c, part, shareStart(units(p), parts, part) * perUnit, shareStart(units(p), parts, part + 1) * perUnit);
  }
  if (alone || phase == 2) addPartials(p, c, parts);
}

}  // namespace QS_NS
