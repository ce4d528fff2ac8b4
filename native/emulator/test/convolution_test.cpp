// cuDNN's convolution: by its definition, for any strides and both layouts of filters, and its refusals.
#include "emulated_test.h"

namespace {

struct Problem {
  int32_t x[8], w[5], y[8], window[4];
};

// Extents n c h w, laid out as n h w c with a gap behind each image.
void lay(int32_t* t, int64_t n, int64_t c, int64_t h, int64_t w, int64_t gap) {
  const int64_t all[] = {n, c, h, w, h * w * c + gap, 1, w * c, c};
  for (int i = 0; i < 8; i++) t[i] = (int32_t)all[i];
}

int64_t size(const int32_t* t) {
  int64_t last = 0;
  for (int i = 0; i < 4; i++) last += (t[i] - 1) * (int64_t)t[4 + i];
  return last + 1;
}

int64_t place(const int32_t* t, int64_t n, int64_t c, int64_t h, int64_t w) {
  return n * t[4] + c * t[5] + h * t[6] + w * t[7];
}

int64_t tap(const Problem& p, int64_t k, int64_t c, int64_t r, int64_t s) {
  const int64_t channels = p.w[2], height = p.w[3], width = p.w[4];
  return p.w[0] == 0 ? ((k * channels + c) * height + r) * width + s : ((k * height + r) * width + s) * channels + c;
}

Problem draw() {
  for (;;) {
    const int64_t n = rng.range(1, 3), c = rng.range(1, 5), k = rng.range(1, 5), h = rng.range(1, 9), w = rng.range(1, 9);
    const int64_t kh = rng.range(1, 4), kw = rng.range(1, 4), ph = rng.range(0, 2), pw = rng.range(0, 2);
    const int64_t sh = rng.range(1, 3), sw = rng.range(1, 3), freeH = h + 2 * ph - kh, freeW = w + 2 * pw - kw;
    if (freeH < 0 || freeW < 0) continue;
    Problem p = {{}, {(int32_t)rng.range(0, 1), (int32_t)k, (int32_t)c, (int32_t)kh, (int32_t)kw}, {},
                 {(int32_t)ph, (int32_t)pw, (int32_t)sh, (int32_t)sw}};
    lay(p.x, n, c, h, w, rng.range(0, 3));
    lay(p.y, n, k, freeH / sh + 1, freeW / sw + 1, rng.range(0, 3));
    return p;
  }
}

void refused(int code, const std::string& words) {
  const std::string said = qs_emu_error();
  expect(code == -1 && said.find(words) != std::string::npos, "expected '" + words + "', got '" + said + "'");
}

void tryOne(int what) {
  Problem p = draw();
  Floats x(size(p.x)), w((int64_t)p.w[1] * p.w[2] * p.w[3] * p.w[4]), y(size(p.y));
  for (Floats* f : {&x, &w, &y}) f->randomise();
  Floats& result = what == 0 ? y : what == 1 ? x : w;
  const float alpha = (float)rng.pick({1, 2}), beta = (float)rng.pick({0, 1, 3});
  std::vector<double> sum(result.host.size()), want(result.host.begin(), result.host.end());
  std::vector<bool> written(result.host.size());
  for (int64_t k = 0; k < p.w[1]; k++)
    for (int64_t c = 0; c < p.w[2]; c++)
      for (int64_t r = 0; r < p.w[3]; r++)
        for (int64_t s = 0; s < p.w[4]; s++)
          for (int64_t n = 0; n < p.x[0]; n++)
            for (int64_t i = 0; i < p.x[2]; i++)
              for (int64_t j = 0; j < p.x[3]; j++) {
                const int64_t atX = place(p.x, n, c, i, j), atW = tap(p, k, c, r, s);
                if (what == 1) written[(size_t)atX] = true;
                if (what == 2) written[(size_t)atW] = true;
                const int64_t u = i + p.window[0] - r, v = j + p.window[1] - s;
                if (u < 0 || v < 0 || u % p.window[2] || v % p.window[3]) continue;
                if (u / p.window[2] >= p.y[2] || v / p.window[3] >= p.y[3]) continue;
                const int64_t atY = place(p.y, n, k, u / p.window[2], v / p.window[3]);
                if (what == 0) sum[(size_t)atY] += (double)x[atX] * w[atW];
                else if (what == 1) sum[(size_t)atX] += (double)y[atY] * w[atW];
                else sum[(size_t)atW] += (double)x[atX] * y[atY];
              }
  for (int64_t n = 0; what == 0 && n < p.y[0]; n++)
    for (int64_t k = 0; k < p.y[1]; k++)
      for (int64_t u = 0; u < p.y[2]; u++)
        for (int64_t v = 0; v < p.y[3]; v++) written[(size_t)place(p.y, n, k, u, v)] = true;
  for (size_t i = 0; i < want.size(); i++)
    if (written[i]) want[i] = alpha * sum[i] + (beta == 0 ? 0 : beta * want[i]);
  Floats room(qs_emu_convolution_workspace(what, p.x, p.w, p.y) / 4);
  auto call = [&](const Problem& q, int64_t shift, int64_t bytes) {
    return qs_emu_convolution(what, q.window, alpha, beta, q.x, x.address + shift, q.w, w.address, q.y, y.address,
                              room.address, bytes);
  };
  well(call(p, 0, room.bytes()));
  compare("convolution " + std::to_string(what), result, want, 1e-6, 1e-6);

  refused(call(p, 0, room.bytes() - 1), "workspace");
  refused(call(p, 0, room.bytes() + 4), "leave allocation");
  refused(call(p, 4, room.bytes()), "boundary");
  Problem q = p;
  q.y[2]++;
  refused(call(q, 0, room.bytes()), "");
  q = p;
  q.x[4] += 1000;
  if (q.x[0] > 1) refused(call(q, 0, room.bytes()), "leave allocation");
  q = p;
  q.y[5] = 0;
  if (what == 0 && q.y[1] > 1) {
    refused(call(q, 0, room.bytes()), "share places");
  }
}

}  // namespace

void testConvolution() {
  for (int t = 0; t < 150; t++) tryOne(t % 3);
}
