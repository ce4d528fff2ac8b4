// Runs one instruction in every way that there is (one chunk and several, one to three workers),
// between guard bytes, and hands the results to a plain reference in double precision.
#pragma once
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <functional>
#include <string>
#include <vector>

#include "quickstudy.h"

extern int failures, checks;
extern bool quick;  // fewer cases, for the sanitizers

struct Random {
  uint64_t state;
  uint64_t next() {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state * 0x2545F4914F6CDD1DULL;
  }
  int64_t below(int64_t n) { return (int64_t)((next() >> 33) % (uint64_t)n); }
  int64_t range(int64_t a, int64_t b) { return a + below(b - a + 1); }
  float normal() {
    double s = 0;
    for (int i = 0; i < 4; i++) s += (double)(next() >> 40) / (1 << 24) - 0.5;
    return (float)(s * 1.7);
  }
};
extern Random rng;

enum { COPIES = 3 };  // chunks of the chunked run

// COPIES times `bytes`, with guards in front and behind.
struct Buffer {
  int64_t bytes;
  bool output;
  std::vector<char> raw;
  Buffer(int64_t bytes, bool output) : bytes(bytes), output(output), raw((size_t)(bytes * COPIES + 2 * 256), (char)0x5A) {}
  char* data(int copy = 0) { return raw.data() + 256 + copy * bytes; }
  float* f(int copy = 0) { return (float*)data(copy); }
  int* i(int copy = 0) { return (int*)data(copy); }
  Buffer& randomise(float scale = 1) {
    for (int64_t k = 0; k < bytes * COPIES / 4; k++) f()[k] = rng.normal() * scale;
    return *this;
  }
  bool intact() const {
    for (int k = 0; k < 256; k++)
      if (raw[(size_t)k] != 0x5A || raw[raw.size() - 1 - (size_t)k] != 0x5A) return false;
    return true;
  }
};

typedef std::vector<int64_t> Words;

inline bool expect(bool ok, const std::string& what) {
  checks++;
  if (!ok) {
    if (failures++ < 40) printf("FAILED %s\n", what.c_str());
  }
  return ok;
}

// True when x is y up to a relative and an absolute tolerance; NaN equals NaN.
inline bool close(double x, double y, double relative, double absolute) {
  if (isnan(x) || isnan(y)) return isnan(x) && isnan(y);
  if (isinf(x) || isinf(y)) return x == y;
  return fabs(x - y) <= relative * fabs(y) + absolute;
}

// emit writes the payload, with operand(buffer, byte offset) standing for an operand. reference(copy)
// compares one copy of the outputs with what they ought to be and returns the first discrepancy.
typedef std::function<void(int buffer, int64_t offset)> OperandFn;
inline void verify(const std::string& name, int opcode, std::vector<Buffer*> buffers,
                   std::function<void(Words&, OperandFn)> emit, std::function<std::string(int copy)> reference) {
  std::vector<std::vector<char>> inputs;
  for (Buffer* b : buffers) inputs.push_back(b->raw);
  for (int chunks : {1, (int)COPIES}) {
    Words payload;
    emit(payload, [&](int buffer, int64_t offset) {
      payload.insert(payload.end(), {buffer + 2, offset, chunks > 1 ? buffers[(size_t)buffer]->bytes : 0});
    });
    Words code = {QS_MAGIC, QS_VERSION, 0, 1, chunks, 1, opcode, (int64_t)payload.size()};
    code.insert(code.end(), payload.begin(), payload.end());
    qs_program* p = qs_program_open(code.data(), (int64_t)code.size());
    if (!expect(p != nullptr, name + ": " + qs_error())) return;
    std::vector<std::vector<char>> first;
    for (int workers = 1; workers <= 3; workers++) {
      for (size_t k = 0; k < buffers.size(); k++) {
        buffers[k]->raw = inputs[k];
        if (buffers[k]->output) memset(buffers[k]->data(), 0xFE, (size_t)(buffers[k]->bytes * COPIES));
        qs_program_bind(p, (int32_t)k + 2, buffers[k]->data());
      }
      if (!expect(qs_program_run(p, workers) == 0, name + ": " + qs_error())) break;
      for (Buffer* b : buffers) expect(b->intact(), name + ": wrote outside a buffer");
      for (size_t k = 0; k < buffers.size(); k++) {
        if (workers == 1) first.push_back(buffers[k]->raw);
        else expect(buffers[k]->raw == first[k], name + ": differs between 1 and " + std::to_string(workers) + " workers, chunks " + std::to_string(chunks));
        if (!buffers[k]->output) expect(buffers[k]->raw == inputs[k], name + ": changed an input");
      }
    }
    for (int copy = 0; copy < chunks; copy++) {
      const std::string wrong = reference(copy);
      expect(wrong.empty(), name + ", chunk " + std::to_string(copy) + " of " + std::to_string(chunks) + ": " + wrong);
    }
    qs_program_close(p);
  }
}

// The first element of n that differs too much, or nothing.
inline std::string compare(const float* got, const std::vector<double>& want, double relative, double absolute) {
  for (size_t k = 0; k < want.size(); k++)
    if (!close(got[k], want[k], relative, absolute))
      return "element " + std::to_string(k) + " is " + std::to_string(got[k]) + ", not " + std::to_string(want[k]);
  return "";
}

void testScalars();
void testLoops();
void testProducts();
void testConvolutions();
void testRest();
void testValidation();
