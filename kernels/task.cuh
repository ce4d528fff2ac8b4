// What the kernels have in common that io.quickstudy.backend.cuda.tasks writes for a program's tasks. A block carries
// one task through all its steps. What to do is a table of rows, read one after the other:
//
//   head      bits 0..15 which of the kernel's functions, 0 for the end; 16..23 by how many warps the threads'
//             numbers are turned, so that small steps that run side by side fall on different ones; 31 whether
//             all threads have to come here first
//   operands  in the block's memory: its place there in bytes; elsewhere: the lower and the upper half of the first
//             task's address, then the bytes from one task to the next
#pragma once
#include "generated.cuh"

enum { QS_TASK_FUNCTION = 0xffff, QS_TASK_TURN = 16, QS_TASK_TURNS = 0xff, QS_TASK_BARRIER = 31 };

// An operand in the block's memory.
template <class T>
QS_DEV T* qs_task_own(char* memory, const unsigned* word) {
  return (T*)(memory + *word);
}

// An operand in the device's memory.
template <class T>
QS_DEV T* qs_task_far(const unsigned* word) {
  const unsigned long long first = word[0] | (unsigned long long)word[1] << 32;
  return (T*)(first + (unsigned long long)blockIdx.x * word[2]);
}

// Joins what ALONG neighbouring threads have; all of them get it. For all threads of the warp.
template <class J, int ALONG>
QS_DEV float qs_task_join(float s) {
#pragma unroll
  for (int bit = ALONG / 2; bit > 0; bit /= 2) s = J::join(s, __shfl_xor_sync(0xffffffffu, s, bit));
  return s;
}

// How a batch of products [M, K] times [K, N] is shared out: a thread makes ROWS x COLUMNS of the results, whose
// indices lie as far apart as there are threads along that axis; ALONG threads share the summands.
template <int BATCH, int M, int N, int K, int ROWS, int COLUMNS, int ALONG>
struct QsTaskTile {
  enum {
    DOWN = (M + ROWS - 1) / ROWS,
    ACROSS = (N + COLUMNS - 1) / COLUMNS,
    TILES = BATCH * DOWN * ACROSS,
    EVEN = M % ROWS == 0 && N % COLUMNS == 0
  };
};

// Strides in elements, along the batch, the rows and the columns of the operands. `then` is called for each result
// by the thread that wrote it.
template <int THREADS, int BATCH, int M, int N, int K, int ROWS, int COLUMNS, int ALONG, int AB, int AM, int AK, int BB,
          int BK, int BN, class Then>
QS_DEV void qs_task_product(const float* a, const float* b, float* c, unsigned t, Then then) {
  typedef QsTaskTile<BATCH, M, N, K, ROWS, COLUMNS, ALONG> S;
  const unsigned lane = t % ALONG;
#pragma unroll 1
  for (unsigned first = 0; first < S::TILES; first += THREADS / ALONG) {
    const unsigned tile = first + t / ALONG;
    const unsigned column = tile % S::ACROSS, row = tile / S::ACROSS % S::DOWN, batch = tile / (S::ACROSS * S::DOWN);
    const bool busy = tile < S::TILES;
    float sum[ROWS][COLUMNS];
#pragma unroll
    for (int i = 0; i < ROWS; i++)
#pragma unroll
      for (int j = 0; j < COLUMNS; j++) sum[i][j] = 0.0f;
    if (busy) {
      unsigned left[ROWS], right[COLUMNS];  // what lies outside is read from the first row or column
#pragma unroll
      for (int i = 0; i < ROWS; i++) {
        const unsigned m = row + i * S::DOWN;
        left[i] = batch * AB + (S::EVEN || m < M ? m : 0) * AM;
      }
#pragma unroll
      for (int j = 0; j < COLUMNS; j++) {
        const unsigned n = column + j * S::ACROSS;
        right[j] = batch * BB + (S::EVEN || n < N ? n : 0) * BN;
      }
#pragma unroll 4
      for (unsigned k = lane; k < K; k += ALONG) {
        float x[ROWS], y[COLUMNS];
#pragma unroll
        for (int i = 0; i < ROWS; i++) x[i] = a[left[i] + k * AK];
#pragma unroll
        for (int j = 0; j < COLUMNS; j++) y[j] = b[right[j] + k * BK];
#pragma unroll
        for (int i = 0; i < ROWS; i++)
#pragma unroll
          for (int j = 0; j < COLUMNS; j++) sum[i][j] = fmaf(x[i], y[j], sum[i][j]);
      }
    }
#pragma unroll
    for (int i = 0; i < ROWS; i++)
#pragma unroll
      for (int j = 0; j < COLUMNS; j++) sum[i][j] = qs_task_join<QsSum, ALONG>(sum[i][j]);
    if (busy && lane == 0) {
#pragma unroll
      for (int i = 0; i < ROWS; i++)
#pragma unroll
        for (int j = 0; j < COLUMNS; j++) {
          const unsigned m = row + i * S::DOWN, n = column + j * S::ACROSS;
          if (S::EVEN || (m < M && n < N)) {
            const unsigned e = (batch * M + m) * N + n;
            c[e] = sum[i][j];
            then(e);
          }
        }
    }
  }
}
