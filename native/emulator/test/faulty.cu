// Kernels with mistakes that the emulator has to find, and some that try what it offers.
#include "copy.cuh"

QS_KERNEL(faulty_some_skip_barrier) {
  if (threadIdx.x < 40) __syncthreads();
}
QS_KERNEL(faulty_two_barriers) {
  if (threadIdx.x < 64) {
    __syncthreads();
  } else {
    __syncthreads();
  }
}
QS_KERNEL(faulty_lane_missing) {
  if (threadIdx.x != 5) __shfl_xor_sync(~0u, 1.0f, 1);
}
QS_KERNEL(faulty_writes_behind) {
  if (threadIdx.x == 3) ((float*)a.at[0])[a.n[0]] = 1.0f;
}
QS_KERNEL(faulty_shared) {
  QS_DYNAMIC_SHARED(float, room);
  room[threadIdx.x] = 1.0f;
}

// The sum of a block's thread numbers by shuffles and dynamic shared memory, in block (x, y, z)'s place.
QS_KERNEL(sound_sum) {
  QS_DYNAMIC_SHARED(int, room);
  const int id = (int)(threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z));
  const int threads = (int)(blockDim.x * blockDim.y * blockDim.z);
  int v = id;
  for (int bits = 16; bits > 0; bits /= 2) v += __shfl_xor_sync(~0u, v, bits);
  if (id % 32 == 0) room[id / 32] = v;
  __syncthreads();
  if (id != 0) return;
  int sum = 0;
  for (int w = 0; w < threads / 32; w++) sum += room[w];
  ((int*)a.at[0])[blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z)] = sum;
}

// Whether shared memory begins as something to count on: bits of the first word.
QS_KERNEL(sound_shared_is_filled) {
  __shared__ unsigned word;
  if (threadIdx.x == 0) ((unsigned*)a.at[0])[0] = word;
  __syncthreads();
  if (threadIdx.x == 0) word = 0;
  __syncthreads();
}

QS_KERNEL(faulty_copy) { qs_copy<4>((float*)a.at[0], (const float*)a.at[0] + 5, true); }
struct Small {
  float room[4];
};
QS_KERNEL(faulty_object) {
  QS_SHARED(Small, shared);
  shared.room[a.n[0]] = 1.0f;
}

// What is there after no, one and two of two groups: of X's first two floats, and a zero.
QS_KERNEL(sound_copies) {
  QS_SHARED(Small, shared);
  const float* x = (const float*)a.at[0];
  float* y = (float*)a.at[1];
  qs_copy<1>(shared.room, x, true);
  qs_copies_end();
  qs_copy<1>(shared.room + 1, x + 1, true);
  qs_copy<1>(shared.room + 2, x, false);
  qs_copies_end();
  for (int i = 0; i < 3; i++) y[i] = shared.room[i];
  qs_copies_wait<1>();
  for (int i = 0; i < 3; i++) y[3 + i] = shared.room[i];
  qs_copies_wait<0>();
  for (int i = 0; i < 3; i++) y[6 + i] = shared.room[i];
}
