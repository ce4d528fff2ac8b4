// Convolution as im2col and OpenBLAS products, one thread: what the sweep measures ours against.
//   im2col OP N H W C O K STRIDE    OP: forward, input (gradient) or filter (gradient)
// Images are [N, H, W, C], filters [K, K, C, O], padded so that the result has ceil(H / STRIDE) rows.
// Answers lines of standard input: "run N" with N times in nanoseconds, "sum" with a checksum of the
// result and the sum of its terms' absolute values.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

extern "C" void cblas_sgemm(int order, int transA, int transB, int m, int n, int k, float alpha, const float* a,
                            int lda, const float* b, int ldb, float beta, float* c, int ldc);

namespace {

constexpr int kRowMajor = 101, kPlain = 111, kTransposed = 112;
// Columns of as many images at a time as stay in the second-level cache, or of one.
constexpr long kColumnBytes = 512 << 10;

struct Shape {
  int n, h, w, c, o, k, stride;
  int oh() const { return (h + stride - 1) / stride; }
  int ow() const { return (w + stride - 1) / stride; }
  int top() const { return std::max(0, (oh() - 1) * stride + k - h) / 2; }
  int left() const { return std::max(0, (ow() - 1) * stride + k - w) / 2; }
  int columns() const { return k * k * c; }
  int positions() const { return oh() * ow(); }
  bool copies() const { return k > 1 || stride > 1; }
};

// For every position of one image and every tap: the place of its C numbers, or null outside.
template <class Visit>
void taps(const Shape& s, Visit visit) {
  for (int y = 0, row = 0; y < s.oh(); y++)
    for (int x = 0; x < s.ow(); x++, row++)
      for (int i = 0; i < s.k; i++)
        for (int j = 0; j < s.k; j++) {
          int r = y * s.stride + i - s.top(), q = x * s.stride + j - s.left();
          bool inside = r >= 0 && r < s.h && q >= 0 && q < s.w;
          visit((long)row * s.columns() + (i * s.k + j) * s.c, inside ? ((long)r * s.w + q) * s.c : -1);
        }
}

void gather(const Shape& s, const float* image, float* columns) {
  taps(s, [&](long to, long from) {
    if (from < 0)
      std::memset(columns + to, 0, sizeof(float) * s.c);
    else
      std::memcpy(columns + to, image + from, sizeof(float) * s.c);
  });
}

void scatter(const Shape& s, const float* columns, float* image) {
  taps(s, [&](long from, long to) {
    if (to >= 0)
      for (int c = 0; c < s.c; c++) image[to + c] += columns[from + c];
  });
}

class Convolution {
 public:
  Convolution(const std::string& op, const Shape& s) : op_(op), s_(s) {
    chunk_ = std::clamp<long>(kColumnBytes / (4L * s.positions() * s.columns()), 1, s.n);
    columns_.resize(chunk_ * s.positions() * s.columns());
    fill(x_, (long)s.n * s.h * s.w * s.c);
    fill(w_, (long)s.columns() * s.o);
    fill(y_, (long)s.n * s.positions() * s.o);
  }

  void run() {
    if (op_ == "filter") std::fill(w_.begin(), w_.end(), 0.f);
    if (op_ == "input" && s_.copies()) std::fill(x_.begin(), x_.end(), 0.f);
    for (int n = 0; n < s_.n; n += chunk_) images(n, std::min<int>(chunk_, s_.n - n));
  }

  const std::vector<float>& result() const { return op_ == "forward" ? y_ : op_ == "input" ? x_ : w_; }

 private:
  // The numbers that the other side has.
  static void fill(std::vector<float>& v, long size) {
    v.resize(size);
    for (long i = 0; i < size; i++) v[i] = ((uint32_t)i * 0x9e3779b1u >> 28) * 0.1f - 0.75f;
  }

  void images(int first, int count) {
    long pixels = (long)s_.h * s_.w * s_.c, outputs = (long)s_.positions() * s_.o;
    int rows = count * s_.positions(), depth = s_.columns();
    float *x = x_.data() + first * pixels, *y = y_.data() + first * outputs, *w = w_.data();
    float* columns = s_.copies() ? columns_.data() : x;
    long each = (long)s_.positions() * depth;
    if (op_ != "input" && s_.copies())
      for (int n = 0; n < count; n++) gather(s_, x + n * pixels, columns + n * each);
    if (op_ == "forward") {
      cblas_sgemm(kRowMajor, kPlain, kPlain, rows, s_.o, depth, 1, columns, depth, w, s_.o, 0, y, s_.o);
    } else if (op_ == "filter") {
      cblas_sgemm(kRowMajor, kTransposed, kPlain, depth, s_.o, rows, 1, columns, depth, y, s_.o, 1, w, s_.o);
    } else {
      cblas_sgemm(kRowMajor, kPlain, kTransposed, rows, depth, s_.o, 1, y, s_.o, w, s_.o, 0, columns, depth);
      if (s_.copies())
        for (int n = 0; n < count; n++) scatter(s_, columns + n * each, x + n * pixels);
    }
  }

  std::string op_;
  Shape s_;
  long chunk_;
  std::vector<float> x_, w_, y_, columns_;
};

long now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 9) {
    std::fprintf(stderr, "im2col: %d arguments, expected OP N H W C O K STRIDE.\n", argc - 1);
    return 2;
  }
  int v[7];
  for (int i = 0; i < 7; i++) v[i] = std::atoi(argv[i + 2]);
  Convolution convolution(argv[1], {v[0], v[1], v[2], v[3], v[4], v[5], v[6]});
  char line[64];
  while (std::fgets(line, sizeof line, stdin)) {
    if (!std::strncmp(line, "run ", 4)) {
      for (int i = std::atoi(line + 4); i > 0; i--) {
        long start = now();
        convolution.run();
        std::printf("%ld%c", now() - start, i > 1 ? ' ' : '\n');
      }
    } else {
      double sum = 0, size = 0;
      long i = 0;
      for (float r : convolution.result()) {
        double term = (double)r * (i++ % 7 - 3);
        sum += term;
        size += std::fabs(term);
      }
      std::printf("%.9e %.9e\n", sum, size);
    }
    std::fflush(stdout);
  }
}
