// Copies from global to shared memory that go on while a thread computes: WIDTH floats at a time, zeros
// where they are not `inside`, whose address is then not read. Both addresses are multiples of 4 * WIDTH.
// A thread's copies since its last qs_copies_end are a group; qs_copies_wait<N> waits for all groups but
// the last N, and a barrier has to follow before other threads see what was copied.
#pragma once
#include "device.cuh"

namespace {

#ifdef QS_EMULATED

template <int WIDTH>
QS_DEV void qs_copy(float* to, const float* from, bool inside) {
  qs_emu::copyLater(to, from, 4 * WIDTH, inside);
}
QS_DEV void qs_copies_end() { qs_emu::copiesEnd(); }
template <int N>
QS_DEV void qs_copies_wait() {
  qs_emu::copiesWait(N);
}

#elif __CUDA_ARCH__ >= 800

// Kept in the first-level cache: the taps of a filter meet the same pixels. Other loads may move past it,
// but not past the wait.
template <int WIDTH>
QS_DEV void qs_copy(float* to, const float* from, bool inside) {
  const unsigned at = (unsigned)__cvta_generic_to_shared(to);
  const int bytes = inside ? 4 * WIDTH : 0;
  asm volatile("cp.async.ca.shared.global [%0], [%1], %2, %3;" ::"r"(at), "l"(from), "n"(4 * WIDTH), "r"(bytes));
}
QS_DEV void qs_copies_end() { asm volatile("cp.async.commit_group;" ::: "memory"); }
template <int N>
QS_DEV void qs_copies_wait() {
  asm volatile("cp.async.wait_group %0;" ::"n"(N) : "memory");
}

#else  // older GPUs copy at once

template <int WIDTH>
QS_DEV void qs_copy(float* to, const float* from, bool inside) {
#pragma unroll
  for (int i = 0; i < WIDTH; i++) to[i] = inside ? from[i] : 0.0f;
}
QS_DEV void qs_copies_end() {}
template <int N>
QS_DEV void qs_copies_wait() {}

#endif

}  // namespace
