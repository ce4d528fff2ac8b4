// Cholesky factors and triangular systems of native/factor.cpp beside OpenBLAS's (spotrf, strsm), on one core:
//   g++ -O3 -std=c++17 -march=native -ffp-contract=fast -fno-math-errno -DQS_LEVEL=v4 -Inative benchmarks/native/factor.cpp PATH/libopenblas.so.0 -o factor
//   taskset -c 0 env OPENBLAS_NUM_THREADS=1 LD_LIBRARY_PATH=PATH ./factor
// Prints microseconds for each matrix, the least of several rounds, and the ratio.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <vector>

#include "../../native/factor.cpp"

// Least microseconds of one call.
template <class F>
static double least(int64_t n, F once) {
  const int calls = (int)(4e6 / ((double)n * n * n)) + 2;
  double best = 1e30;
  for (int round = 0; round < 15; round++) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < calls; i++) once();
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
    best = std::min(best, took.count() / calls);
  }
  return best;
}

int main() {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  printf("    n     m   factor: ours OpenBLAS ratio   L X = B: ours OpenBLAS ratio   L'X = B: ours OpenBLAS ratio\n");
  for (int64_t n : {8, 16, 25, 32, 48, 64, 80, 96, 128, 160, 256, 400}) {
    for (int64_t m : {(int64_t)1, (int64_t)5, n}) {
      std::vector<float> g(n * n), a(n * n), l(n * n), b(n * m), x(n * m), y(n * m);
      for (float& v : g) v = normal(random);
      for (float& v : b) v = normal(random);
      for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++) {
          float s = i == j ? (float)n : 0;
          for (int64_t q = 0; q < n; q++) s += g[i * n + q] * g[j * n + q];
          a[i * n + j] = s;
        }
      using namespace QS_NS;
      const double ours = least(n, [&] { smallCholesky(a.data(), l.data(), n); });
      std::vector<float> other(n * n);
      const double theirs = least(n, [&] {
        for (int64_t i = 0; i < n; i++)
          for (int64_t j = 0; j < n; j++) other[i * n + j] = j <= i ? a[i * n + j] : 0;
        const int size = (int)n;
        int info;
        spotrf_("U", &size, other.data(), &size, &info);
        if (info != 0) abort();
      });
      double times[2][2];
      for (int transposed = 0; transposed < 2; transposed++) {
        times[transposed][0] = least(n, [&] { smallSolve(l.data(), b.data(), x.data(), n, m, transposed != 0); });
        times[transposed][1] = least(n, [&] {
          std::copy(b.begin(), b.end(), y.begin());
          cblas_strsm(101, 141, 122, transposed ? 112 : 111, 131, (int)n, (int)m, 1.0f, l.data(), (int)n, y.data(), (int)m);
        });
        for (int64_t i = 0; i < n * m; i++)
          if (fabsf(x[i] - y[i]) > 1e-3f * (1 + fabsf(x[i]))) abort();
      }
      printf("%5d %5d %14.2f %8.2f %5.2f %15.2f %8.2f %5.2f %15.2f %8.2f %5.2f\n", (int)n, (int)m, ours, theirs, theirs / ours,
             times[0][0], times[0][1], times[0][1] / times[0][0], times[1][0], times[1][1], times[1][1] / times[1][0]);
    }
  }
}
