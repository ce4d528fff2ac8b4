// What all kernels share. The same text is compiled by NVRTC or nvcc for a GPU, and by g++ for the
// emulator, whose header then stands in for the language.
//
// Every kernel is right for any one-dimensional grid: it strides over what is left. The comment above
// each says how to choose the grid and the block; Div(a, b) rounds up.
#pragma once
#ifdef QS_EMULATED
#include "emulated.h"
#else
#define QS_KERNEL(NAME) extern "C" __global__ void NAME(const __grid_constant__ QsArgs a)
// For blocks of at most so many threads, and as many blocks on a multiprocessor as a second number says.
#define QS_KERNEL_OF(NAME, ...) \
  extern "C" __global__ void __launch_bounds__(__VA_ARGS__) NAME(const __grid_constant__ QsArgs a)
#define QS_NEEDS_THREADS(N)
// What a block's threads share, by reference.
#define QS_SHARED(T, NAME) __shared__ T NAME
// Memory that a block's threads share, as much as the launch says.
#define QS_DYNAMIC_SHARED(T, NAME) extern __shared__ T NAME[]
#endif
#include "args.h"

#define QS_DEV static __device__ __forceinline__
#ifndef QS_DEV_APART
#define QS_DEV_APART static __device__ __noinline__
#endif

typedef long long qs_long;

// Four floats that move together; the address has to be a multiple of 16.
struct __align__(16) QsQuad {
  float x, y, z, w;
};

// Two, on a multiple of 8.
struct __align__(8) QsPair {
  float x, y;
};

QS_DEV qs_long qs_thread() { return (qs_long)blockIdx.x * blockDim.x + threadIdx.x; }
QS_DEV qs_long qs_threads() { return (qs_long)gridDim.x * blockDim.x; }
QS_DEV qs_long qs_least(qs_long a, qs_long b) { return a < b ? a : b; }
QS_DEV qs_long qs_most(qs_long a, qs_long b) { return a > b ? a : b; }
QS_DEV qs_long qs_ceil_div(qs_long a, qs_long b) { return (a + b - 1) / b; }

QS_DEV float qs_infinity(int sign) { return __int_as_float(sign < 0 ? (int)0xff800000 : 0x7f800000); }
QS_DEV bool qs_finite(float x) { return x - x == 0.0f; }
QS_DEV float qs_not_a_number() { return __int_as_float(0x7fc00000); }

// a becomes a / b, and the remainder is returned; neither is negative. A GPU divides 64 bits slowly.
QS_DEV qs_long qs_divide(qs_long& a, qs_long b) {
  if (((a | b) >> 32) == 0) {
    const unsigned x = (unsigned)a, y = (unsigned)b, q = x / y;
    a = q;
    return x - q * y;
  }
  const qs_long x = a;
  a = x / b;
  return x - a * b;
}

// The first fault of a run.
QS_DEV void qs_record(void* fault, int kind, qs_long index, qs_long limit) {
  qs_long* record = (qs_long*)fault;
  if (record != nullptr && atomicCAS((unsigned long long*)record, 0ull, (unsigned long long)kind) == 0) {
    record[1] = index;
    record[2] = limit;
  }
}

// Whether index is outside 0..n-1, of which the first is recorded.
QS_DEV bool qs_outside(void* fault, int index, qs_long n) {
  if (index >= 0 && index < n) return false;
  qs_record(fault, QS_OUTSIDE, index, n);
  return true;
}

// As it is, or with TF32's 11 bits, halves away from zero.
template <bool ROUNDED>
QS_DEV float qs_taken(float x) {
  if constexpr (ROUNDED) {
    const unsigned bits = (unsigned)__float_as_int(x);
    if ((bits & 0x7f800000u) != 0x7f800000u) return __int_as_float((int)((bits + 0x1000u) & 0xffffe000u));
  }
  return x;
}
