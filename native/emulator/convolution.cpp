#include "convolution.h"

#include <algorithm>
#include <utility>

namespace qs_emu {
namespace {

enum { FORWARD = 0, DATA = 1, FILTER = 2, NCHW = 0, NHWC = 1, BOUNDARY = 16 };

// Four extents and the elements from one to the next along each: n c h w, or k c h w of a filter.
struct Operand {
  const char* name;
  int64_t extent[4], step[4], address;

  int64_t elements() const { return extent[0] * extent[1] * extent[2] * extent[3]; }
  int64_t place(int64_t a, int64_t b, int64_t c, int64_t d) const {
    return a * step[0] + b * step[1] + c * step[2] + d * step[3];
  }
  int64_t last() const { return place(extent[0] - 1, extent[1] - 1, extent[2] - 1, extent[3] - 1); }

  // Whether two elements share a place.
  bool overlaps() const {
    std::pair<int64_t, int64_t> axes[4];
    for (int i = 0; i < 4; i++) axes[i] = {step[i], extent[i]};
    std::sort(axes, axes + 4);
    int64_t span = 1;
    for (const auto& a : axes) {
      if (a.second > 1 && a.first < span) return true;
      span += (a.second - 1) * a.first;
    }
    return false;
  }
};

Operand tensor(const char* name, const int32_t* t, int64_t address) {
  Operand o = {name, {t[0], t[1], t[2], t[3]}, {t[4], t[5], t[6], t[7]}, address};
  return o;
}

Operand filter(const int32_t* w, int64_t address) {
  const int64_t k = w[1], c = w[2], h = w[3], v = w[4];
  Operand o = {"w", {k, c, h, v}, {c * h * v, h * v, v, 1}, address};
  if (w[0] == NHWC) {
    const int64_t step[] = {h * v * c, 1, v * c, c};
    std::copy(step, step + 4, o.step);
  }
  return o;
}

std::string wrongOperand(const Operand& o, const DeviceMemory& memory) {
  const std::string name = std::string("convolution: ") + o.name;
  for (int i = 0; i < 4; i++)
    if (o.extent[i] < 1 || o.step[i] < 0) return name + " has an extent below 1 or a negative stride.";
  if (o.address % BOUNDARY != 0) return name + " is not on a boundary of 16 bytes.";
  const std::string outside = memory.within(o.address, (o.last() + 1) * 4);
  return outside.empty() ? "" : name + ": " + outside;
}

std::string shape(const Operand& o) {
  std::string s;
  for (int64_t e : o.extent) s += (s.empty() ? "" : " x ") + std::to_string(e);
  return s;
}

}  // namespace

// A sum in double precision for every element of the result, so that all of it is used.
int64_t Convolution::workspace() const {
  const Operand result = what == FORWARD ? tensor("y", y, 0) : what == DATA ? tensor("x", x, 0) : filter(w, 0);
  return 8 * result.elements();
}

std::string convolve(const Convolution& c, float alpha, float beta, const ConvolutionData& at, const DeviceMemory& memory) {
  if (c.what < FORWARD || c.what > FILTER) return "convolution: there is no direction " + std::to_string(c.what) + ".";
  if (c.w[0] != NCHW && c.w[0] != NHWC) return "convolution: there is no layout " + std::to_string(c.w[0]) + " of filters.";
  const Operand x = tensor("x", c.x, at.x), w = filter(c.w, at.w), y = tensor("y", c.y, at.y);
  for (const Operand* o : {&x, &w, &y}) {
    const std::string wrong = wrongOperand(*o, memory);
    if (!wrong.empty()) return wrong;
  }
  const int64_t padH = c.window[0], padW = c.window[1], strideH = c.window[2], strideW = c.window[3];
  if (padH < 0 || padW < 0 || strideH < 1 || strideW < 1) return "convolution: a padding or stride is too small.";
  const int64_t freeH = x.extent[2] + 2 * padH - w.extent[2], freeW = x.extent[3] + 2 * padW - w.extent[3];
  Operand wanted = y;
  const int64_t extent[] = {x.extent[0], w.extent[0], freeH / strideH + 1, freeW / strideW + 1};
  std::copy(extent, extent + 4, wanted.extent);
  if (freeH < 0 || freeW < 0 || x.extent[1] != w.extent[1] || !std::equal(extent, extent + 4, y.extent))
    return "convolution: y is " + shape(y) + ", but x of " + shape(x) + " and w of " + shape(w) + " make " + shape(wanted) + ".";

  const Operand& result = c.what == FORWARD ? y : c.what == DATA ? x : w;
  if (result.overlaps()) return std::string("convolution: elements of ") + result.name + " share places.";
  if (at.workspaceBytes < c.workspace() || at.workspace % BOUNDARY != 0)
    return "convolution: a workspace of " + std::to_string(at.workspaceBytes) + " bytes is given, " +
        std::to_string(c.workspace()) + " on a boundary of 16 bytes are needed.";
  const std::string outside = memory.within(at.workspace, at.workspaceBytes);
  if (!outside.empty()) return "convolution: its workspace: " + outside;

  const float *px = (const float*)x.address, *pw = (const float*)w.address, *py = (const float*)y.address;
  double* sums = (double*)at.workspace;
  std::fill(sums, sums + result.elements(), 0.0);
  // The element of a result without gaps, n c h w or k c h w.
  auto sum = [&](int64_t a, int64_t b, int64_t e, int64_t d) -> double& {
    return sums[((a * result.extent[1] + b) * result.extent[2] + e) * result.extent[3] + d];
  };
  for (int64_t n = 0; n < y.extent[0]; n++)
    for (int64_t p = 0; p < y.extent[2]; p++)
      for (int64_t q = 0; q < y.extent[3]; q++)
        for (int64_t r = 0; r < w.extent[2]; r++)
          for (int64_t s = 0; s < w.extent[3]; s++) {
            const int64_t h = p * strideH - padH + r, v = q * strideW - padW + s;
            if (h < 0 || h >= x.extent[2] || v < 0 || v >= x.extent[3]) continue;
            for (int64_t k = 0; k < w.extent[0]; k++)
              for (int64_t i = 0; i < w.extent[1]; i++) {
                const int64_t atX = x.place(n, i, h, v), atW = w.place(k, i, r, s), atY = y.place(n, k, p, q);
                if (c.what == FORWARD) sum(n, k, p, q) += (double)px[atX] * pw[atW];
                else if (c.what == DATA) sum(n, i, h, v) += (double)py[atY] * pw[atW];
                else sum(k, i, r, s) += (double)px[atX] * py[atY];
              }
          }
  float* to = (float*)result.address;
  for (int64_t a = 0; a < result.extent[0]; a++)
    for (int64_t b = 0; b < result.extent[1]; b++)
      for (int64_t e = 0; e < result.extent[2]; e++)
        for (int64_t d = 0; d < result.extent[3]; d++) {
          float& z = to[result.place(a, b, e, d)];
          z = beta == 0 ? (float)(alpha * sum(a, b, e, d)) : (float)(alpha * sum(a, b, e, d) + beta * z);
        }
  // A real one leaves anything there.
  std::fill((unsigned char*)at.workspace, (unsigned char*)at.workspace + at.workspaceBytes, (unsigned char)0xFF);
  return memory.check();
}

}  // namespace qs_emu
