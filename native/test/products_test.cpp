// Matrix products and the three convolutions over random shapes.
#include "harness.h"

static void oneProduct(int64_t batch, int64_t m, int64_t n, int64_t k, int ta, int tb, int accumulate, bool sum) {
  const int64_t lda = (ta ? m : k) + rng.below(3), ldb = (tb ? k : n) + rng.below(3), ldc = n + rng.below(3);
  const int64_t sa = rng.below(3) == 0 ? 0 : (ta ? k : m) * lda, sb = rng.below(3) == 0 ? 0 : (tb ? n : k) * ldb;
  const int64_t sc = sum ? 0 : m * ldc;
  auto span = [&](int64_t stride, int64_t rows, int64_t columns, int64_t ld) { return rows && columns ? (batch - 1) * stride + (rows - 1) * ld + columns : 0; };
  Buffer a(4 * span(sa, ta ? k : m, ta ? m : k, lda), false), b(4 * span(sb, tb ? n : k, tb ? k : n, ldb), false);
  Buffer c(4 * span(sc, m, n, ldc), !accumulate);
  a.randomise();
  b.randomise();
  c.randomise();
  const Buffer before = c;
  Buffer start = before;
  c.output = false;
  const std::string name = "gemm " + std::to_string(batch) + "x" + std::to_string(m) + "x" + std::to_string(n) + "x" + std::to_string(k) + (ta ? " T" : " N") + (tb ? "T" : "N");
  Buffer work = c;
  // C is read when accumulating, so it is an input to restore as well as an output.
  for (int chunks : {1, 2}) {
    Words code = {QS_MAGIC, QS_VERSION, 0, 1, chunks, 1, QS_GEMM, 22, batch, m, n, k, ta, tb, lda, ldb, ldc, sa, sb, sc, accumulate,
                  2, 0, chunks > 1 ? a.bytes : 0, 3, 0, chunks > 1 ? b.bytes : 0, 4, 0, chunks > 1 ? c.bytes : 0};
    qs_program* p = qs_program_open(code.data(), (int64_t)code.size());
    if (!expect(p != nullptr, name + ": " + qs_error())) return;
    std::vector<char> first;
    for (int workers = 1; workers <= 3; workers++) {
      work.raw = start.raw;
      qs_program_bind(p, 2, a.data());
      qs_program_bind(p, 3, b.data());
      qs_program_bind(p, 4, work.data());
      expect(qs_program_run(p, workers) == 0, name + ": " + qs_error());
      expect(work.intact() && a.intact() && b.intact(), name + ": wrote outside a buffer");
      if (workers == 1) first = work.raw;
      else expect(first == work.raw, name + ": depends on the workers");
    }
    for (int copy = 0; copy < chunks; copy++)
      for (int64_t t = 0; t < (sum ? 1 : batch); t++)
        for (int64_t i = 0; i < m; i++)
          for (int64_t j = 0; j < n; j++) {
            const float* at = start.f(copy) + t * sc + i * ldc + j;
            double s = accumulate ? *at : 0;
            for (int64_t q = 0; q < (sum ? batch : 1); q++)
              for (int64_t l = 0; l < k; l++)
                s += (double)a.f(copy)[(t + q) * sa + (ta ? l * lda + i : i * lda + l)] * b.f(copy)[(t + q) * sb + (tb ? j * ldb + l : l * ldb + j)];
            if (!close(work.f(copy)[t * sc + i * ldc + j], s, 1e-5, 3e-6 * sqrt((double)k * (sum ? batch : 1)) + 1e-6)) {
              expect(false, name + " is wrong at " + std::to_string(i) + ", " + std::to_string(j));
              qs_program_close(p);
              return;
            }
          }
    expect(true, name);
    qs_program_close(p);
  }
}

void testProducts() {
  for (int k = 0; k < (quick ? 60 : 500); k++) {
    const int64_t big = rng.below(4) == 0 ? 150 : 45;
    const int64_t batch = rng.range(1, 5);
    oneProduct(batch, rng.range(1, big), rng.range(1, big), rng.below(30) ? rng.range(1, big) : 0, (int)rng.below(2), (int)rng.below(2), (int)rng.below(2), batch > 1 && rng.below(3) == 0);
  }
  oneProduct(1, 10, 40, 40, 0, 0, 0, false);
  oneProduct(1, 10, 40, 40, 0, 1, 1, false);
  oneProduct(1, 200, 130, 90, 1, 0, 0, false);
  oneProduct(2, 205, 300, 100, 1, 0, 0, false);
  oneProduct(3, 130, 150, 130, 1, 0, 1, true);
  oneProduct(1, 5, 300, 70, 0, 1, 0, false);
  // few rows, B transposed
  for (int64_t m : {1, 2, 7, 8, 9, 16})
    for (int64_t k : {64, 65, 79, 200, 801}) oneProduct(1, m, rng.range(1, 60) + 200, k, 0, 1, (int)rng.below(2), false);
  oneProduct(3, 5, 33, 130, 0, 1, 1, true);
  // few columns
  for (int64_t n : {1, 2, 3, 4})
    for (int64_t k : {31, 32, 64, 200}) oneProduct(rng.range(1, 2), rng.range(1, 70), n, k, 0, (int)rng.below(2), (int)rng.below(2), false);
  // OpenBLAS
  oneProduct(1, 6, 300, 400, 0, 1, 1, false);
  oneProduct(2, 300, 300, 40, 0, 0, 0, false);
  oneProduct(3, 300, 290, 40, 1, 0, 1, true);
  oneProduct(1, 20, 30, 1500, 1, 1, 0, false);
}

static void oneConvolution(int64_t tasks, int64_t N, int64_t H, int64_t W, int64_t C, int64_t KH, int64_t KW, int64_t O, int64_t SH, int64_t SW,
                           int64_t PT, int64_t PL, int64_t OH, int64_t OW) {
  const int64_t xs = N * H * W * C, ws = KH * KW * C * O, ys = N * OH * OW * O;
  const std::string shape = std::to_string(tasks) + "x" + std::to_string(N) + "x" + std::to_string(H) + "x" + std::to_string(W) + "x" + std::to_string(C) +
      " k" + std::to_string(KH) + "x" + std::to_string(KW) + " o" + std::to_string(O) + " s" + std::to_string(SH) + "x" + std::to_string(SW) + " p" +
      std::to_string(PT) + "," + std::to_string(PL) + " -> " + std::to_string(OH) + "x" + std::to_string(OW);
  for (int opcode : {QS_CONV, QS_CONV_DX, QS_CONV_DW}) {
    const int result = opcode == QS_CONV ? 2 : opcode == QS_CONV_DX ? 0 : 1;
    int64_t stride[3] = {xs, ws, ys};
    for (int i = 0; i < 3; i++)
      if ((i != result || opcode == QS_CONV_DW) && rng.below(3) == 0) stride[i] = 0;
    const int64_t sizes[3] = {xs, ws, ys};
    std::vector<Buffer> buffers;
    for (int i = 0; i < 3; i++) buffers.emplace_back(4 * ((tasks - 1) * stride[i] + sizes[i]), i == result);
    for (Buffer& b : buffers) b.randomise();
    verify("conv opcode " + std::to_string(opcode) + " " + shape, opcode, {&buffers[0], &buffers[1], &buffers[2]}, [&](Words& w, OperandFn operand) {
      w = {tasks, N, H, W, C, KH, KW, O, SH, SW, PT, PL, OH, OW, stride[0], stride[1], stride[2]};
      for (int i = 0; i < 3; i++) operand(i, 0);
    }, [&](int copy) -> std::string {
      std::vector<double> want((size_t)buffers[result].bytes / 4, 0.0);
      const float *x = buffers[0].f(copy), *f = buffers[1].f(copy), *y = buffers[2].f(copy);
      for (int64_t t = 0; t < tasks; t++)
        for (int64_t n = 0; n < N; n++)
          for (int64_t oh = 0; oh < OH; oh++)
            for (int64_t ow = 0; ow < OW; ow++)
              for (int64_t r = 0; r < KH; r++)
                for (int64_t s = 0; s < KW; s++) {
                  const int64_t ih = oh * SH + r - PT, iw = ow * SW + s - PL;
                  if (ih < 0 || iw < 0 || ih >= H || iw >= W) continue;
                  const int64_t xi = t * stride[0] + ((n * H + ih) * W + iw) * C, wi = t * stride[1] + (r * KW + s) * C * O, yi = t * stride[2] + ((n * OH + oh) * OW + ow) * O;
                  for (int64_t c = 0; c < C; c++)
                    for (int64_t o = 0; o < O; o++) {
                      if (result == 2) want[(size_t)(yi + o)] += (double)x[xi + c] * f[wi + c * O + o];
                      else if (result == 0) want[(size_t)(xi + c)] += (double)y[yi + o] * f[wi + c * O + o];
                      else want[(size_t)(wi + c * O + o)] += (double)x[xi + c] * y[yi + o];
                    }
                }
      const double depth = result == 2 ? KH * KW * C : result == 0 ? KH * KW * O : tasks * N * OH * OW;
      // Terms of size 1 add up to about sqrt(i) after i of them, each step rounding that to 2^-24: a sum of
      // 4608 in order is off by 7e-5 (one standard deviation), and six of these are allowed.
      return compare(buffers[result].f(copy), want, 1e-5, 4e-6 * sqrt(depth) + 1e-7 * depth + 1e-6);
    });
  }
}

void testConvolutions() {
  for (int k = 0; k < (quick ? 50 : 450); k++) {
    const int64_t KH = rng.range(1, rng.below(4) ? 3 : 7), KW = rng.below(3) ? KH : rng.range(1, 7), SH = rng.range(1, 3), SW = rng.below(3) ? SH : rng.range(1, 3);
    const bool wide = rng.below(12) == 0;
    const int64_t C = rng.below(4) == 0 ? rng.range(1, 3) : rng.range(1, wide ? 130 : 40), O = rng.below(4) == 0 ? 16 * rng.range(1, 5) : rng.range(1, wide ? 130 : 40);
    const int64_t H = rng.range(1, wide ? 6 : 14), W = rng.below(2) ? H : rng.range(1, 14);
    const int64_t PT = rng.below(3) ? rng.range(0, KH - 1) : rng.range(0, KH + 1), PL = rng.below(3) ? PT : rng.range(0, KW + 1);
    const int64_t bottom = rng.range(0, KH), right = rng.range(0, KW);
    int64_t OH = (H + PT + bottom - KH) / SH + 1, OW = (W + PL + right - KW) / SW + 1;
    if (H + PT + bottom < KH || W + PL + right < KW) continue;
    if (rng.below(8) == 0) OH = rng.range(1, OH), OW = rng.range(1, OW);
    oneConvolution(rng.below(3) ? 1 : rng.range(2, 4), rng.range(1, 5), H, W, C, KH, KW, O, SH, SW, PT, PL, OH, OW);
  }
  // 3x3 and whole vectors of channels, as the tiled way takes them: strides, any padding, odd sides, few tiles and many
  for (int k = 0; k < (quick ? 12 : 90); k++) {
    const int64_t H = rng.range(2, 17), W = rng.below(2) ? H : rng.range(2, 17), PT = rng.range(0, 2), PL = rng.below(3) ? PT : rng.range(0, 3);
    const int64_t SH = rng.range(1, 2), SW = rng.below(4) ? SH : 3 - SH;
    const int64_t OH = (H + PT + rng.range(0, 2) - 3) / SH + 1, OW = (W + PL + rng.range(0, 2) - 3) / SW + 1;
    if (OH < 1 || OW < 1) continue;
    oneConvolution(rng.below(2) ? 1 : rng.range(2, 4), rng.range(1, 6), H, W, 16 * rng.range(1, 5), 3, 3, 16 * rng.range(1, 5), SH, SW, PT, PL, OH, OW);
  }
  oneConvolution(1, 9, 28, 28, 1, 3, 3, 64, 2, 2, 1, 1, 14, 14);
  oneConvolution(1, 2, 42, 42, 32, 3, 3, 32, 1, 1, 1, 1, 42, 42);
  // few tiles of filters that are large: all of them as one block
  oneConvolution(1, 2, 7, 6, 176, 3, 3, 192, 1, 1, 1, 1, 7, 6);
  oneConvolution(1, 3, 13, 12, 192, 3, 3, 176, 2, 2, 0, 1, 7, 6);
  if (quick) return;
  oneConvolution(1, 1, 9, 9, 400, 3, 3, 80, 1, 1, 0, 2, 8, 10);
  oneConvolution(1, 2, 14, 8, 176, 3, 3, 208, 2, 1, 1, 1, 7, 8);
  oneConvolution(1, 1, 84, 84, 3, 3, 3, 32, 1, 1, 1, 1, 84, 84);
  oneConvolution(1, 11, 14, 14, 64, 3, 3, 64, 2, 2, 0, 0, 7, 7);
  oneConvolution(1, 3, 5, 5, 512, 3, 3, 130, 1, 1, 1, 1, 5, 5);
  oneConvolution(1, 2, 6, 6, 70, 3, 3, 512, 2, 2, 0, 1, 3, 3);
  oneConvolution(1, 1, 60, 60, 64, 3, 3, 16, 2, 2, 1, 1, 30, 30);
  oneConvolution(1, 1, 61, 47, 48, 5, 5, 20, 3, 3, 2, 2, 21, 16);
}
