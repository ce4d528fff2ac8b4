// CUDA C++ as far as the kernels use it, for g++. Blocks run one after another and the threads of a
// block take turns, so that what a block shares can be static.
#pragma once
#include <math.h>
#include <stddef.h>

struct QsArgs;

namespace qs_emu {

struct Dim {
  unsigned x, y, z;
};
extern Dim threadIdx, blockIdx, blockDim, gridDim;
extern char* dynamicShared;

// The running thread waits until all of its block or warp have come to this line.
void blockWait(int line);
void warpWait(int line);
// What lane `source` of the warp brings; for all its lanes together.
unsigned exchange(int line, unsigned bits, unsigned source);
unsigned lane();
unsigned self();  // the running thread's number in its block
// Ends the launch where the block has another size.
void needThreads(int count);

// Memory of the block, up to what every GPU has, and of what a launch asks for, up to what newer ones do; its end is
// watched.
enum { MOST_SHARED = 48 * 1024, MOST_DYNAMIC = 227 * 1024 };
char* sharedMemory(size_t bytes);
template <class T>
T& sharedObject() {
  static_assert(sizeof(T) <= MOST_SHARED && sizeof(T) % 16 == 0, "a block does not get it");
  return *(T*)sharedMemory(sizeof(T));
}

// Copies that are made when they are waited for, and not before: what is read too early is old.
void copyLater(void* to, const void* from, int bytes, bool inside);
void copiesEnd();
void copiesWait(int groups);

// Whether any of the block's threads brings one that is not 0; for all of them together.
int blockAny(int line, int one);

// A float as tensor cores take it, and products of 16 x 8 by 8 x 8, n of them with one first matrix, each added to
// a sum of its own, as PTX deals them out to a warp.
enum { MOST_MMAS = 8 };
unsigned tf32(float x);
void mmas(int line, int n, float* sums, const unsigned* a, const unsigned* b);

inline float exchanged(int line, float v, unsigned source) {
  return __builtin_bit_cast(float, exchange(line, __builtin_bit_cast(unsigned, v), source));
}
inline int exchanged(int line, int v, unsigned source) { return (int)exchange(line, (unsigned)v, source); }
inline unsigned exchanged(int line, unsigned v, unsigned source) { return exchange(line, v, source); }

// How a source of kernels makes them known to the launcher.
typedef void (*Kernel)(const QsArgs&);
struct Registration {
  const char* name;
  Kernel kernel;
  int most;  // threads of a block
  // What blocks share statically, where the kernel was loaded.
  char* shared = nullptr;
  char* sharedEnd = nullptr;
};

template <class T>
inline T compareAndSwap(T* at, T expected, T wanted) {
  const T old = *at;
  if (old == expected) *at = wanted;
  return old;
}

inline unsigned fetchAndAdd(unsigned* at, unsigned more) {
  const unsigned old = *at;
  *at = old + more;
  return old;
}

}  // namespace qs_emu

using qs_emu::blockDim;
using qs_emu::blockIdx;
using qs_emu::gridDim;
using qs_emu::threadIdx;

#define QS_KERNEL(NAME) extern "C" void NAME([[maybe_unused]] const QsArgs& a)
#define QS_KERNEL_OF(NAME, MOST, ...)  \
  extern "C" {                         \
  extern const int NAME##_threads;     \
  const int NAME##_threads = MOST;     \
  }                                    \
  QS_KERNEL(NAME)
#define QS_NEEDS_THREADS(N) qs_emu::needThreads(N)
#define QS_SHARED(T, NAME) T& NAME = qs_emu::sharedObject<T>()
#define QS_DEV_APART static __attribute__((noinline))

#define __device__
#ifdef __OPTIMIZE__
#define __forceinline__ inline __attribute__((always_inline))
#else
#define __forceinline__ inline  // what is generated for tests is not optimised, and compiles sooner so
#endif
#define __align__(N) __attribute__((aligned(N)))
// One section, so that all of it can be filled with what a kernel must not count on.
#if defined(__ELF__)
#define __shared__ static __attribute__((section("qs_shared")))
#else
#define __shared__ static
#endif
#if defined(QS_EMULATED_MODULE)
extern "C" {
extern char __start_qs_shared[] __attribute__((weak, visibility("hidden")));
extern char __stop_qs_shared[] __attribute__((weak, visibility("hidden")));
void qs_emu_shared(char** begin, char** end) { *begin = __start_qs_shared, *end = __stop_qs_shared; }
}
#endif
#define QS_DYNAMIC_SHARED(T, NAME) T* NAME = (T*)qs_emu::dynamicShared

#define __syncthreads() qs_emu::blockWait(__LINE__)
#define __syncthreads_or(V) qs_emu::blockAny(__LINE__, V)
#define __syncwarp() qs_emu::warpWait(__LINE__)
#define __shfl_sync(MASK, V, LANE) qs_emu::exchanged(__LINE__, V, (unsigned)(LANE) & 31)
#define __shfl_xor_sync(MASK, V, BITS) qs_emu::exchanged(__LINE__, V, qs_emu::lane() ^ (unsigned)(BITS))
#define __shfl_down_sync(MASK, V, BY) \
  qs_emu::exchanged(__LINE__, V, qs_emu::lane() + (BY) < 32 ? qs_emu::lane() + (BY) : qs_emu::lane())
#define atomicCAS(AT, EXPECTED, WANTED) qs_emu::compareAndSwap(AT, EXPECTED, WANTED)
#define atomicAdd(AT, MORE) qs_emu::fetchAndAdd(AT, MORE)
#define __threadfence() ((void)0)  // blocks run one after another
#define __ldcg(AT) (*(AT))
#define __int_as_float(BITS) __builtin_bit_cast(float, (int)(BITS))
#define __float_as_int(V) __builtin_bit_cast(int, (float)(V))
#define __uint_as_float(BITS) __builtin_bit_cast(float, (unsigned)(BITS))
#define __float_as_uint(X) __builtin_bit_cast(unsigned, (float)(X))
