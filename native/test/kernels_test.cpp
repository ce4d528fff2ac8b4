// Self-test of the kernels at the level that QUICKSTUDY_KERNELS names. Exits with 1 on any failure.
#include "harness.h"

int failures = 0, checks = 0;
bool quick = getenv("QUICK") != nullptr;
Random rng{0x9E3779B97F4A7C15ULL};

static Words program(std::vector<Words> instructions) {
  Words code = {QS_MAGIC, QS_VERSION, 0, 1, 1, (int64_t)instructions.size()};
  for (const Words& in : instructions) {
    code.push_back(in[0]);
    code.push_back((int64_t)in.size() - 1);
    code.insert(code.end(), in.begin() + 1, in.end());
  }
  return code;
}

static void rejected(const Words& code, const std::string& what) {
  qs_program* p = qs_program_open(code.data(), (int64_t)code.size());
  expect(p == nullptr, what + " was accepted");
  expect(p != nullptr || strlen(qs_error()) > 10, what + ": no error text");
  qs_program_close(p);
}

void testValidation() {
  const Words loop = {QS_LOOP, 1, 8, 1, 0, 2, 0, 0, 1, 0, 1, QS_EXP, 1, 0, 0, 0, 1, 1, 0, 0, 3, 0, 0, 1};
  Words good = program({loop, {QS_GEMM, 1, 4, 5, 6, 0, 0, 6, 5, 5, 0, 0, 0, 0, 2, 0, 0, 3, 0, 0, 4, 0, 0}});
  qs_program* p = qs_program_open(good.data(), (int64_t)good.size());
  expect(p != nullptr, std::string("a good program was refused: ") + qs_error());
  expect(qs_program_run(p, 1) == -1, "an unbound program ran");
  qs_program_close(p);
  for (size_t n = 0; n < good.size(); n++) rejected(Words(good.begin(), good.begin() + (long)n), "a program cut to " + std::to_string(n) + " words");
  const int64_t odd[] = {-1, 0x5153, 1LL << 62, INT64_MIN, 1000000};
  for (size_t k = 0; k < good.size(); k++)  // whatever is changed, opening must not crash
    for (int64_t v : odd) {
      Words bad = good;
      bad[k] = v;
      p = qs_program_open(bad.data(), (int64_t)bad.size());
      qs_program_close(p);
    }
  // 64 bytes of local arena; four steps write a number each
  auto repeat = [](int64_t times, int64_t space, int64_t offset, int64_t perStep, int64_t used) {
    Words w = program({{QS_REPEAT, times, 1, space, 1, offset, 0, perStep, 1, QS_IOTA, 6, 1, 1, 1, used, 0, 0}});
    w[2] = 64;
    return w;
  };
  good = repeat(4, 5, 0, 4, 5);
  p = qs_program_open(good.data(), (int64_t)good.size());
  expect(p != nullptr && qs_program_run(p, 1) == 0, std::string("repeated instructions: ") + qs_error());
  qs_program_close(p);
  for (size_t n = 0; n < good.size(); n++) rejected(Words(good.begin(), good.begin() + (long)n), "a repetition cut to " + std::to_string(n) + " words");
  for (size_t k = 0; k < good.size(); k++)
    for (int64_t v : odd) {
      Words bad = good;
      bad[k] = v;
      p = qs_program_open(bad.data(), (int64_t)bad.size());
      qs_program_close(p);
    }
  rejected(repeat(0, 5, 0, 4, 5), "no repetition");
  rejected(repeat(4, 1, 0, 4, 1), "a local arena that moves");
  rejected(repeat(4, 5, 0, 24, 5), "a part that moves beyond its memory");
  rejected(repeat(4, 5, 8, -4, 5), "a part that moves to before its memory");
  rejected(repeat(17, 5, 0, 4, 5), "a step that writes beyond the local arena");
  Words outside = program({{QS_REPEAT, 4, 1, 5, 1, 0, 0, 4, 1, QS_IOTA, 6, 1, 1, 1, 5, 0, 0}, {QS_IOTA, 1, 1, 1, 5, 0, 0}});
  outside[2] = 64;
  rejected(outside, "a space that moves, behind its steps");
  Words before = program({{QS_IOTA, 1, 1, 1, 5, 0, 0}, {QS_REPEAT, 4, 1, 5, 1, 0, 0, 4, 1, QS_IOTA, 6, 1, 1, 1, 5, 0, 0}});
  before[2] = 64;
  rejected(before, "a bound space that moves");
  Words bad = program({loop});
  bad[0] = 7;
  rejected(bad, "wrong magic");
  rejected(program({{99, 1}}), "an unknown opcode");
  rejected(program({{QS_IOTA, 1, -2, 1, 2, 0, 0}}), "a negative extent");
  rejected(program({{QS_IOTA, 1, 2, 1, 2, 0, 0, 0}}), "a payload that is too long");
  rejected(program({{QS_IOTA, 1, 2, 1, 1, 0, 0}}), "an operand beyond the local arena");
  Words badFn = loop;
  badFn[11] = 20;
  rejected(program({badFn}), "an unknown function");
  Words badReg = loop;
  badReg[13] = 3;
  rejected(program({badReg}), "a register that was never written");

  int index[4] = {0, 1, 9, 2};
  float x[16] = {}, y[16];
  Words gather = program({{QS_GATHER, 1, 4, 4, 16, 0, 2, 0, 0, 3, 0, 0, 4, 0, 0}});
  p = qs_program_open(gather.data(), (int64_t)gather.size());
  qs_program_bind(p, 2, x);
  qs_program_bind(p, 3, index);
  qs_program_bind(p, 4, y);
  expect(qs_program_run(p, 1) == -1 && strstr(qs_error(), "9") != nullptr, "an index out of range passed");
  index[2] = 3;
  expect(qs_program_run(p, 2) == 0, "the run after an error failed");
  int64_t ns[1] = {0};
  expect(qs_program_profile(p, ns, 1) == 0 && ns[0] > 0, "no time was measured");
  qs_program_close(p);
  const int64_t held = qs_allocated();
  void* m = qs_alloc(1 << 24);
  expect(m != nullptr && ((uintptr_t)m & 63) == 0 && qs_allocated() == held + (1 << 24), "qs_alloc");
  qs_free(m);
  expect(qs_alloc(1LL << 60) == nullptr && strlen(qs_error()) > 10, "an impossible allocation");
}

int main() {
  printf("%s: ", qs_level());
  fflush(stdout);
  const char* wanted = getenv("QUICKSTUDY_KERNELS");
  if (wanted != nullptr && strcmp(wanted, qs_level()) != 0) {
    printf("skipped, this machine does not have %s\n", wanted);
    return 0;
  }
  testValidation();
  testScalars();
  testLoops();
  testProducts();
  testConvolutions();
  testRest();
  expect(qs_allocated() == 0, "memory was not given back");
  printf("%d checks, %d failures\n", checks, failures);
  return failures != 0;
}
