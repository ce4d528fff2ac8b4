// Prepares a decoded loop: merges dimensions, chooses the tile and gives values their places.
#include "program.h"

#include <string.h>

#include <algorithm>

namespace qs {
namespace {

std::vector<int64_t*> allStrides(LoopPlan& p) {
  std::vector<int64_t*> all;
  for (int i = 0; i < p.nIn; i++) all.push_back(p.in[i].strides);
  for (int i = 0; i < p.nOut; i++) all.push_back(p.out[i].strides);
  return all;
}

// Drops dimensions of one element and merges neighbours that every operand steps through evenly.
void collapse(LoopPlan& p) {
  const std::vector<int64_t*> all = allStrides(p);
  int rank = 0;
  for (int d = 0; d < p.rank; d++) {
    if (p.dims[d] == 1) continue;
    p.dims[rank] = p.dims[d];
    for (int64_t* s : all) s[rank] = s[d];
    rank++;
    if (rank < 2) continue;
    const int64_t extent = p.dims[rank - 1];
    if (!std::all_of(all.begin(), all.end(), [&](int64_t* s) { return s[rank - 2] == s[rank - 1] * extent; })) continue;
    p.dims[rank - 2] *= extent;
    for (int64_t* s : all) s[rank - 2] = s[rank - 1];
    rank--;
  }
  while (rank < 2) {  // the kernels count on lines and columns
    for (int d = rank; d > 0; d--) {
      p.dims[d] = p.dims[d - 1];
      for (int64_t* s : all) s[d] = s[d - 1];
    }
    p.dims[0] = 1;
    for (int64_t* s : all) s[0] = 0;
    rank++;
  }
  p.rank = rank;
}

int denseDimensions(const LoopPlan& p, const int64_t* strides) {
  int64_t expected = 1;
  int dense = 0;
  for (int d = p.rank - 1; d >= 0; d--) {
    if (p.dims[d] != 1 && strides[d] != expected) break;
    expected *= p.dims[d];
    dense++;
  }
  return dense;
}

// Bytes of a result that no cache is likely to hold until it is read: fetching its lines before they are
// overwritten would be for nothing.
const int64_t PAST_CACHE = 12 << 20;

// Whether the lines of an operand lie side by side, and its columns apart.
bool transposes(const LoopPlan& p) {
  const auto turned = [&](const int64_t* s) { return s[p.rank - 2] == 1 && s[p.rank - 1] > 1; };
  bool any = false;
  for (int i = 0; i < p.nIn; i++) any |= p.in[i].dtype == QS_F32 && turned(p.in[i].strides);
  for (int i = 0; i < p.nOut; i++) any |= p.out[i].dtype == QS_F32 && turned(p.out[i].strides);
  return any;
}

int64_t roundUp(int64_t n, int64_t step) { return (n + step - 1) / step * step; }

void chooseTile(LoopPlan& p) {
  p.total = 1;
  for (int d = 0; d < p.rank; d++) p.total *= p.dims[d];
  p.columns = p.dims[p.rank - 1];
  p.linesPerRun = p.dims[p.rank - 2];
  p.pieces = 1;
  p.tiles = 0;
  p.slotFloats = 16;
  p.width = p.columns;
  if (p.total == 0) return;
  p.lines = p.total / p.columns;
  const int arrays = p.nIn + p.nConst + p.nOut + 2;  // roughly what the first-level cache has to hold
  const int64_t size = arrays <= 10 ? 1024 : arrays <= 20 ? 512 : 256;
  p.tileColumns = p.columns;
  p.tileLines = 1;
  if (p.columns > size) {
    p.tileColumns = roundUp((p.columns + (p.columns + size - 1) / size - 1) / ((p.columns + size - 1) / size), 16);
    p.pieces = (p.columns + p.tileColumns - 1) / p.tileColumns;
    p.tiles = p.lines * p.pieces;
    p.slotFloats = p.tileColumns;
    return;
  }
  const int64_t fit = size / p.columns, runs = p.lines / p.linesPerRun;
  if (p.linesPerRun >= fit || runs == 1) {
    const int64_t count = (p.linesPerRun + fit - 1) / fit;
    int64_t lines = (p.linesPerRun + count - 1) / count;
    int64_t step = 16;  // lines that make whole vectors
    while (step > 1 && step / 2 * p.columns % 16 == 0) step /= 2;
    // Transposition takes squares of 16; with little else in the tile there is room for them.
    if (lines < 16 && transposes(p) && arrays <= 6 && 16 * p.columns <= 4 * size) lines = 16;
    if (lines < p.linesPerRun && roundUp(lines, step) * p.columns <= size + size / 4) lines = roundUp(lines, step);
    p.tileLines = std::min(lines, p.linesPerRun);
    p.tilesPerRun = (p.linesPerRun + p.tileLines - 1) / p.tileLines;
    p.tiles = runs * p.tilesPerRun;
  } else {
    const int64_t runsPerTile = std::min(runs, fit / p.linesPerRun);
    p.tileLines = runsPerTile * p.linesPerRun;
    p.tilesPerRun = 0;
    p.tiles = (runs + runsPerTile - 1) / runsPerTile;
  }
  p.slotFloats = roundUp(p.tileLines * p.columns, 16);
  while (p.width <= 32 && p.width * 2 <= p.slotFloats) p.width *= 2;
}

bool overlap(const LoopPlan& p, const LoopInput& a, const LoopOutput& b) {
  if (a.at.space != b.at.space) return false;
  int64_t sizeA = a.dtype == QS_U8 ? 1 : 4, sizeB = b.dtype == QS_U8 ? 1 : 4, endA = sizeA, endB = sizeB;
  for (int d = 0; d < p.rank; d++) {
    endA += (p.dims[d] - 1) * a.strides[d] * sizeA;
    endB += (p.dims[d] - 1) * b.strides[d] * sizeB;
  }
  return a.at.offset < b.at.offset + endB && b.at.offset < a.at.offset + endA;
}

// Values that are the same in every tile keep a slot; the others share slots by when they are last used.
void placeValues(LoopPlan& p) {
  const int firstOp = p.nIn + p.nConst, values = firstOp + p.nOps;
  std::vector<char> once(values, 1), stored(values, 0);
  std::vector<int> last(values, -1), slot(values, -1), spare;
  for (int i = 0; i < p.nIn; i++) once[i] = p.in[i].kind == LOOP_ROW || p.in[i].kind == LOOP_SCALAR;
  for (int i = 0; i < p.nOps; i++) {
    LoopOp& o = p.ops[i];
    o.once = once[firstOp + i] = o.fn > QS_SUMS && once[o.a] && once[o.b] && once[o.c] && once[o.d] && once[o.e] && once[o.f];
    for (int v : {o.a, o.b, o.c, o.d, o.e, o.f}) last[v] = i;
  }
  for (int i = 0; i < p.nOut; i++) last[p.out[i].value] = p.nOps;
  for (int v = 0; v < values; v++)
    if (once[v]) slot[v] = p.slots++;
  for (int v = 0; v < p.nIn; v++)
    if (!once[v]) slot[v] = p.slots++;
  for (int i = 0; i < p.nOps; i++) {
    if (p.ops[i].once) continue;
    const LoopOp& o = p.ops[i];
    for (int v : {o.a, o.b, o.c, o.d, o.e, o.f})
      if (!once[v] && last[v] == i) {
        spare.push_back(slot[v]);
        last[v] = -2;  // given back once
      }
    if (spare.empty()) spare.push_back(p.slots++);
    slot[firstOp + i] = spare.back();
    spare.pop_back();
    if (last[firstOp + i] == -1) spare.push_back(slot[firstOp + i]);  // never used
  }
  for (int i = 0; i < p.nIn; i++) p.in[i].slot = slot[i];
  for (int i = 0; i < p.nConst; i++) p.constantSlots[i] = slot[p.nIn + i];
  for (int i = 0; i < p.nOps; i++) p.ops[i].slot = slot[firstOp + i];
  // An input must not be loaded straight into an output that another input, loaded later, overlaps.
  bool apart = true;
  for (int i = 0; i < p.nIn; i++) apart &= !p.in[i].overlaps;
  for (int i = 0; i < p.nOut; i++) {
    LoopOutput& o = p.out[i];
    if (o.tileSlot >= 0) o.tileSlot = p.slots++;
    o.past = o.mode == QS_STORE && o.dtype == QS_F32 && p.total * 4 >= PAST_CACHE;
    o.direct = !o.past && o.mode == QS_STORE && o.dtype == QS_F32 && !once[o.value] && !stored[o.value] &&
        (o.value >= firstOp || apart);
    if (o.direct) stored[o.value] = 1;
  }
}

bool reads(const LoopOp& o, int value) {
  return o.a == value || o.b == value || o.c == value || o.d == value || o.e == value || o.f == value;
}

// How many ops and outputs read a value.
int readers(const LoopPlan& p, int value) {
  int n = 0;
  for (int i = 0; i < p.nOps; i++) n += p.ops[i].fn != QS_NOTHING && reads(p.ops[i], value);
  for (int i = 0; i < p.nOut; i++) n += p.out[i].value == value;
  return n;
}

// Whether nothing but one op reads a value.
bool readsAlone(const LoopPlan& p, int op, int value) { return readers(p, value) == reads(p.ops[op], value); }

bool isZero(const LoopPlan& p, int value) {
  const int k = value - p.nIn;
  uint32_t bits = 1;
  if (k >= 0 && k < p.nConst) memcpy(&bits, &p.constants[k], 4);
  return bits == 0;
}

// The op of a function that computes a value which `reader` alone reads, or null.
LoopOp* only(const LoopPlan& p, int reader, int value, int fn) {
  const int at = value - p.nIn - p.nConst;
  return at >= 0 && p.ops[at].fn == fn && readsAlone(p, reader, value) ? &p.ops[at] : nullptr;
}

LoopOp fused(LoopOp& of, int fn, int a, int b, int c, int d, int e, int f) {
  of.fn = QS_NOTHING;
  of.b = of.c = of.d = of.e = of.f = of.a;
  return {fn, 0, 0, a, b, c, d, e, f, 0, 0, 0};
}

// What a pooling window took goes back where its index says: one pass in place of five.
bool fusePut(LoopPlan& p, LoopOp& put, LoopOp& equal, int i) {
  if (equal.a >= p.nIn || equal.b >= p.nIn || put.b >= p.nIn) return false;
  LoopInput &index = p.in[equal.a], &position = p.in[equal.b], &number = p.in[put.b];
  const int last = p.rank - 1, at = (int)(&equal - p.ops);
  if (index.dtype != QS_I32 || position.dtype != QS_F32 || number.dtype != QS_F32 || index.overlaps ||
      position.overlaps || number.overlaps || index.strides[last] != 1 || position.strides[last] != 0 ||
      !std::equal(index.strides, index.strides + p.rank, number.strides))
    return false;
  if (!readsAlone(p, at, equal.a) || !readsAlone(p, at, equal.b) || !readsAlone(p, i, put.b)) return false;
  for (LoopInput* in : {&index, &position, &number}) in->kind = LOOP_LEFT;
  put = fused(equal, QS_PUT, equal.a, equal.b, put.b, put.b, put.b, put.b);
  return true;
}

void fuseOps(LoopPlan& p) {
  for (int i = 0; i < p.nOps; i++) {
    LoopOp& o = p.ops[i];
    LoopOp* of;
    if (o.fn == QS_SELECT && isZero(p, o.c)) {
      if ((of = only(p, i, o.a, QS_EQUAL))) fusePut(p, o, *of, i);
      else if (o.b != o.a && (of = only(p, i, o.a, QS_LESS))) o = fused(*of, QS_MASK, of->a, of->b, o.b, o.b, o.b, o.b);
    }
    if (o.fn == QS_ADD && o.a != o.b) {
      if ((of = only(p, i, o.b, QS_MUL))) o = fused(*of, QS_FMA, of->a, of->b, o.a, o.a, o.a, o.a);
      else if ((of = only(p, i, o.a, QS_MUL))) o = fused(*of, QS_FMA, of->a, of->b, o.b, o.b, o.b, o.b);
    }
    if (o.fn == QS_ADD && o.a != o.b) {
      if ((of = only(p, i, o.a, QS_SHIFT))) o = fused(*of, QS_SHIFT_ADD, of->a, of->b, of->c, of->d, o.b, o.b);
      else if ((of = only(p, i, o.b, QS_SHIFT))) o = fused(*of, QS_SHIFT_ADD, of->a, of->b, of->c, of->d, o.a, o.a);
    }
    if (o.fn == QS_FMA && o.a != o.b) {
      if ((of = only(p, i, o.a, QS_SUB)) && o.c != o.a) o = fused(*of, QS_SHIFT, of->a, of->b, o.b, o.c, o.c, o.c);
      else if ((of = only(p, i, o.b, QS_SUB)) && o.c != o.b) o = fused(*of, QS_SHIFT, of->a, of->b, o.a, o.c, o.c, o.c);
      else if ((of = only(p, i, o.c, QS_SHIFT)) && o.c != o.a && o.c != o.b)
        o = fused(*of, QS_SHIFT_FMA, of->a, of->b, of->c, of->d, o.a, o.b);
    }
    if (o.fn == QS_MAX && isZero(p, o.b) && (of = only(p, i, o.a, QS_SHIFT)))
      o = fused(*of, QS_SHIFT_RELU, of->a, of->b, of->c, of->d, of->d, of->d);
  }
}

// Sums over all lines of v and of v * (x - y), as batch norm and its gradient have them: one pass, and no product stored.
void fuseSums(LoopPlan& p, int sum, int product) {
  for (int i : {sum, product}) {
    const LoopOutput& o = p.out[i];
    if (o.mode != QS_REDUCE_SUM || p.pieces > 1 || p.columns % 16 != 0 || o.kept != p.columns ||
        o.strides[p.rank - 1] != 1 || o.tileSlot >= 0)
      return;
  }
  const int first = p.nIn + p.nConst, v = p.out[sum].value, value = p.out[product].value;
  if (value < first || readers(p, value) > 1) return;
  LoopOp& op = p.ops[value - first];
  if (op.fn != QS_MUL || (op.a != v && op.b != v)) return;
  const int by = op.a == v ? op.b : op.a;
  LoopOp sums = {QS_SUMS, 0, 0, v, v, v, by, by, v, sum, product, 0};
  LoopOp *of = v >= first ? &p.ops[v - first] : nullptr, *shift = by >= first ? &p.ops[by - first] : nullptr;
  if (shift != nullptr && shift->fn == QS_SUB && readers(p, by) == (by == v ? 2 : 1)) {
    sums.d = shift->a, sums.e = shift->b, sums.less = 1;
    if (by == v) sums.fn = QS_SUB_SUMS, sums.a = sums.c = sums.f = shift->a, sums.b = shift->b;
    shift->fn = QS_NOTHING;
  }
  if (of != nullptr && of->fn == QS_MASK && sums.d < first && sums.e < first) {  // in its place, since it may be read
    sums.fn = QS_MASK_SUMS, sums.a = sums.f = of->a, sums.b = of->b, sums.c = of->c;
    op.fn = QS_NOTHING;
    *of = sums;
  } else {
    op = sums;
  }
  p.out[sum].tileSlot = p.out[product].tileSlot = 0;
}

}  // namespace

void planLoop(LoopPlan& p) {
  collapse(p);
  chooseTile(p);
  for (int i = 0; i < p.nIn; i++) {
    LoopInput& in = p.in[i];
    bool outer = false, inner = p.columns > 1 && in.strides[p.rank - 1] != 0;
    for (int d = 0; d < p.rank - 1; d++) outer |= p.dims[d] > 1 && in.strides[d] != 0;
    in.kind = !outer && !inner ? LOOP_SCALAR : !outer && p.pieces == 1 && p.lines > 1 ? LOOP_ROW : LOOP_STREAM;
    in.dense = denseDimensions(p, in.strides);
    in.overlaps = false;
    for (int k = 0; k < p.nOut; k++) in.overlaps |= overlap(p, in, p.out[k]);
    in.inPlace = in.dtype == QS_F32 && !in.overlaps;
  }
  for (int i = 0; i < p.nOut; i++) {
    LoopOutput& o = p.out[i];
    o.dense = denseDimensions(p, o.strides);
    o.tileSlot = -1;
    o.kept = 1;
    for (int d = p.rank - 1; d >= 0; d--) {
      const bool kept = p.dims[d] != 1 && o.strides[d] != 0;
      o.keptStrides[d] = kept ? o.kept : 0;
      if (kept) o.kept *= p.dims[d];
    }
  }
  fuseOps(p);
  for (int i = 0; i < p.nOut; i++)
    for (int k = 0; k < p.nOut; k++)
      if (i != k) fuseSums(p, i, k);
  placeValues(p);
}

}  // namespace qs
