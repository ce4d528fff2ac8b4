// Rows by index, the largest of each row, random numbers, counting and copies of integers.
#include <string.h>

#include "level.h"

namespace QS_NS {
namespace {

bool outside(const Context* c, int64_t index, int64_t n) {
  if (index >= 0 && index < n) return false;
  int64_t none = 0;
  if (__atomic_compare_exchange_n(&c->fault->set, &none, FAULT_INDEX, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
    c->fault->index = index;
    c->fault->limit = n;
  }
  return true;
}

void gather(const Instruction* in, const Context* c, int64_t part) {
  const int64_t batch = in->p[0], n = in->p[1], k = in->p[2], bytes = in->p[3], stride = in->p[4];
  const char* x = address(c, in->at[0]);
  const int* index = (const int*)address(c, in->at[1]);
  char* y = address(c, in->at[2]);
  const int64_t total = batch * k, parts = in->parts[0], end = shareStart(total, parts, part + 1);
  for (int64_t j = shareStart(total, parts, part); j < end; j++) {
    if (outside(c, index[j], n)) return;
    const char* from = x + (stride == 0 ? 0 : j / k * stride) + index[j] * bytes;
    if (bytes % 4 == 0) copyFloats((float*)(y + j * bytes), (const float*)from, bytes / 4);
    else memcpy(y + j * bytes, from, (size_t)bytes);
  }
}

void scatterAdd(const Instruction* in, const Context* c, int64_t part) {
  const int64_t batch = in->p[0], n = in->p[1], k = in->p[2], row = in->p[3], parts = in->parts[0];
  const int* index = (const int*)address(c, in->at[1]);
  for (int64_t b = shareStart(batch, parts, part); b < shareStart(batch, parts, part + 1); b++) {
    float* y = floats(c, in->at[2]) + b * n * row;
    zeroFloats(y, n * row);
    for (int64_t j = b * k; j < b * k + k; j++) {
      if (outside(c, index[j], n)) return;
      const float* g = floats(c, in->at[0]) + j * row;
      float* to = y + index[j] * row;
#pragma GCC ivdep
      for (int64_t i = 0; i < row; i++) to[i] += g[i];
    }
  }
}

// Whether element i of a row comes before element j.
bool before(const float* x, int i, int j) {
  const float a = x[i], b = x[j];
  if (a != a || b != b) {
    if (a != a && b != b) return i < j;
    return a != a;
  }
  return a > b || (a == b && i < j);
}

void sink(const float* x, int* heap, int64_t at, int64_t n) {
  const int item = heap[at];
  for (;;) {
    int64_t child = 2 * at + 1;
    if (child >= n) break;
    if (child + 1 < n && before(x, heap[child + 1], heap[child])) child++;
    if (!before(x, heap[child], item)) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = item;
}

void topK(const Instruction* in, const Context* c, int64_t part) {
  const int64_t rows = in->p[0], n = in->p[1], k = in->p[2], parts = in->parts[0];
  int* heap = (int*)c->scratch;
  for (int64_t r = shareStart(rows, parts, part); r < shareStart(rows, parts, part + 1); r++) {
    const float* x = floats(c, in->at[0]) + r * n;
    int* y = (int*)address(c, in->at[1]) + r * k;
    if (k == 1) {
      int best = 0;
      for (int i = 1; i < n; i++)
        if (before(x, i, best)) best = i;
      y[0] = best;
      continue;
    }
    for (int64_t i = 0; i < n; i++) heap[i] = (int)i;
    for (int64_t i = n / 2 - 1; i >= 0; i--) sink(x, heap, i, n);
    for (int64_t i = 0; i < k; i++) {
      y[i] = heap[0];
      heap[0] = heap[n - 1 - i];
      sink(x, heap, 0, n - 1 - i);
    }
  }
}

// Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011).
void philox(uint32_t counter, uint32_t k0, uint32_t k1, uint32_t* out) {
  uint32_t a = counter, b = 0, c = 0, d = 0;
  for (int round = 0; round < 10; round++) {
    const uint64_t p = (uint64_t)0xD2511F53u * a, q = (uint64_t)0xCD9E8D57u * c;
    a = (uint32_t)(q >> 32) ^ b ^ k0;
    c = (uint32_t)(p >> 32) ^ d ^ k1;
    b = (uint32_t)q;
    d = (uint32_t)p;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  out[0] = a;
  out[1] = b;
  out[2] = c;
  out[3] = d;
}

void randomUniform(const Instruction* in, const Context* c, int64_t part) {
  const int64_t keys = in->p[0], count = in->p[1], parts = in->parts[0], blocks = ceilDiv(count, 4);
  const uint32_t* key = (const uint32_t*)address(c, in->at[0]);
  float* y = floats(c, in->at[1]);
  const int64_t end = shareStart(keys * blocks, parts, part + 1);
  for (int64_t t = shareStart(keys * blocks, parts, part); t < end; t++) {
    const int64_t i = t / blocks, j = t % blocks;
    uint32_t word[4];
    philox((uint32_t)j, key[2 * i], key[2 * i + 1], word);
    for (int64_t l = 0; l < least(4, count - 4 * j); l++)
      y[i * count + 4 * j + l] = (float)(int)(word[l] >> 8) * 0x1p-24f;
  }
}

void iota(const Instruction* in, const Context* c, int64_t part) {
  const int64_t outer = in->p[0], n = in->p[1], inner = in->p[2], parts = in->parts[0];
  int* y = (int*)address(c, in->at[0]);
  for (int64_t t = shareStart(outer * n, parts, part); t < shareStart(outer * n, parts, part + 1); t++)
    for (int64_t r = 0; r < inner; r++) y[t * inner + r] = (int)(t % n);
}

template <class T>
void copyRows(const int64_t* dims, const int64_t* from, const int64_t* to, int64_t rank, const T* x, T* y) {
  if (rank == 1) {
    for (int64_t i = 0; i < dims[0]; i++) y[i * to[0]] = x[i * from[0]];
    return;
  }
  for (int64_t i = 0; i < dims[0]; i++)
    copyRows(dims + 1, from + 1, to + 1, rank - 1, x + i * from[0], y + i * to[0]);
}

void copy(const Instruction* in, const Context* c) {
  const int64_t rank = in->p[1], *dims = in->p + 2, *from = dims + rank + 3, *to = from + rank + 3;
  const char* x = address(c, in->at[0]);
  char* y = address(c, in->at[1]);
  if (in->p[0] == 4) copyRows(dims, from, to, rank, (const int32_t*)x, (int32_t*)y);
  else copyRows(dims, from, to, rank, x, y);
}

}  // namespace

void indexPrepare(Instruction* in) {
  const int64_t* p = in->p;
  int64_t units = 1;
  switch (in->opcode) {
    case QS_COPY:
      break;
    case QS_GATHER:
      units = p[0] * p[2];
      in->work = (double)units * p[3] / 4;
      break;
    case QS_SCATTER_ADD:
      units = p[0];
      in->work = (double)units * (p[1] + p[2]) * p[3];
      break;
    case QS_TOPK:
      units = p[0];
      in->work = (double)units * p[1] * 4;
      in->scratch = p[1] * 4;
      break;
    case QS_RANDOM:
      units = p[0] * ceilDiv(p[1], 4);
      in->work = (double)units * 40;
      break;
    default:
      units = p[0] * p[1];
      in->work = (double)units * p[2];
  }
  in->phases = 1;
  in->parts[0] = in->split && in->work > 20e3 ? most(1, least(units, 32)) : 1;
}

void indexRun(const Instruction* in, const Context* c, int, int64_t part) {
  switch (in->opcode) {
    case QS_GATHER: return gather(in, c, part);
    case QS_SCATTER_ADD: return scatterAdd(in, c, part);
    case QS_TOPK: return topK(in, c, part);
    case QS_RANDOM: return randomUniform(in, c, part);
    case QS_COPY: return copy(in, c);
    default: return iota(in, c, part);
  }
}

}  // namespace QS_NS
