#include "emulator.h"

#include <dlfcn.h>
#include <string.h>

#include <mutex>
#include <vector>

#include "convolution.h"
#include "fibers.h"
#include "device_memory.h"
#include "registry.h"

using namespace qs_emu;

namespace {

thread_local std::string lastError;
bool backwards;

// One launch at a time: threads of a block share static memory.
std::mutex& one() {
  static std::mutex* m = new std::mutex;
  return *m;
}
DeviceMemory& memory() {
  static DeviceMemory* m = new DeviceMemory;  // not destroyed before those who use it at exit
  return *m;
}

int32_t result(const std::string& error) {
  if (error.empty()) return 0;
  lastError = error;
  return -1;
}

std::string extents(Dim d) {
  return std::to_string((int)d.x) + " x " + std::to_string((int)d.y) + " x " + std::to_string((int)d.z);
}
bool outside(unsigned n, unsigned most) { return n < 1 || n > most; }

std::string refusal(int64_t kernel, Dim grid, Dim block, int32_t shared) {
  if (kernel < 1 || kernel > (int64_t)registry().size())
    return "There is no kernel with number " + std::to_string(kernel) + ".";
  const Registration& k = registry()[(size_t)kernel - 1];
  const std::string name = k.name;
  if (outside(grid.x, 0x7fffffff) || outside(grid.y, MOST_BLOCKS_YZ) || outside(grid.z, MOST_BLOCKS_YZ))
    return name + ": no GPU takes a grid of " + extents(grid) + " blocks.";
  if (outside(block.x, MOST_THREADS) || outside(block.y, MOST_THREADS) || outside(block.z, 64) ||
      block.x * block.y * block.z > MOST_THREADS)
    return name + ": no GPU takes a block of " + extents(block) + " threads.";
  const int threads = (int)(block.x * block.y * block.z);
  if (threads > k.most)
    return name + " takes blocks of at most " + std::to_string(k.most) + " threads, not of " + std::to_string(threads) + ".";
  if (shared < 0 || shared > MOST_DYNAMIC)
    return name + ": a block does not get " + std::to_string(shared) + " bytes of shared memory.";
  return "";
}

// Bytes from the first to behind the last element of a batch of matrices, column by column.
int64_t span(int64_t rows, int64_t columns, int64_t ld, int64_t stride, int64_t batch) {
  if (rows <= 0 || columns <= 0 || batch <= 0) return 0;
  return ((batch - 1) * stride + (columns - 1) * ld + rows) * 4;
}

struct Operand {
  const char* name;
  int64_t address, rows, columns, ld, stride;
};

std::string checkOperand(const Operand& o, int64_t batch) {
  const std::string where = std::string("sgemm: ") + o.name;
  if (o.ld < (o.rows > 1 ? o.rows : 1))
    return where + " has a leading dimension of " + std::to_string(o.ld) + ", but " + std::to_string(o.rows) + " rows.";
  if (o.stride < 0) return where + " has a negative stride.";
  if (o.address % 4 != 0) return where + " is not aligned to its elements.";
  const std::string wrong = memory().within(o.address, span(o.rows, o.columns, o.ld, o.stride, batch));
  return wrong.empty() ? "" : where + ": " + wrong;
}

// One matrix, its columns one behind the other without gaps, as products take its elements.
const float* packed(bool turned, bool rounded, const float* a, int64_t rows, int64_t columns, int64_t ld,
                    std::vector<float>& room) {
  if (!turned && !rounded && ld == rows) return a;
  room.resize((size_t)(rows * columns));
  for (int64_t j = 0; j < columns; j++)
    for (int64_t i = 0; i < rows; i++) {
      const float v = turned ? a[i * ld + j] : a[j * ld + i];
      room[(size_t)(j * rows + i)] = rounded ? __builtin_bit_cast(float, tf32(v)) : v;
    }
  return room.data();
}

}  // namespace

extern "C" {

const char* qs_emu_error(void) { return lastError.c_str(); }

int64_t qs_emu_alloc(int64_t bytes) {
  std::lock_guard<std::mutex> lock(one());
  const int64_t address = memory().alloc(bytes);
  if (address == 0) lastError = "There is no device memory for " + std::to_string(bytes) + " bytes.";
  return address;
}
int32_t qs_emu_free(int64_t address) {
  std::lock_guard<std::mutex> lock(one());
  return result(memory().free(address));
}
int64_t qs_emu_live(void) {
  std::lock_guard<std::mutex> lock(one());
  return memory().live();
}
int64_t qs_emu_bytes(void) {
  std::lock_guard<std::mutex> lock(one());
  return memory().bytes();
}
int32_t qs_emu_check(void) {
  std::lock_guard<std::mutex> lock(one());
  return result(memory().check());
}

int32_t qs_emu_copy_in(int64_t to, const void* from, int64_t bytes) {
  std::lock_guard<std::mutex> lock(one());
  const std::string wrong = memory().within(to, bytes);
  if (wrong.empty() && bytes > 0) memcpy((void*)to, from, (size_t)bytes);
  return result(wrong);
}
int32_t qs_emu_copy_out(void* to, int64_t from, int64_t bytes) {
  std::lock_guard<std::mutex> lock(one());
  const std::string wrong = memory().within(from, bytes);
  if (wrong.empty() && bytes > 0) memcpy(to, (const void*)from, (size_t)bytes);
  return result(wrong);
}
int32_t qs_emu_copy(int64_t to, int64_t from, int64_t bytes) {
  std::lock_guard<std::mutex> lock(one());
  std::string wrong = memory().within(to, bytes);
  if (wrong.empty()) wrong = memory().within(from, bytes);
  if (wrong.empty() && bytes > 0) memmove((void*)to, (const void*)from, (size_t)bytes);
  return result(wrong);
}
int32_t qs_emu_fill(int64_t address, int32_t value, int64_t bytes) {
  std::lock_guard<std::mutex> lock(one());
  const std::string wrong = memory().within(address, bytes);
  if (wrong.empty() && bytes > 0) memset((void*)address, value & 0xFF, (size_t)bytes);
  return result(wrong);
}

void qs_emu_order(int32_t order) {
  std::lock_guard<std::mutex> lock(one());
  backwards = order != 0;
}

int64_t qs_emu_kernel(const char* name) {
  const auto& all = registry();
  for (size_t i = 0; i < all.size(); i++)
    if (strcmp(all[i].name, name) == 0) return (int64_t)i + 1;
  lastError = std::string("There is no kernel ") + name + ".";
  return 0;
}

int64_t qs_emu_load(const char* path) {
  std::lock_guard<std::mutex> lock(one());
  void* module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (module == nullptr) lastError = std::string("Kernels could not be loaded: ") + dlerror() + ".";
  return (int64_t)module;
}

int64_t qs_emu_loaded_kernel(int64_t module, const char* name) {
  std::lock_guard<std::mutex> lock(one());
  Registration r = {nullptr, (Kernel)dlsym((void*)module, name), 0};
  const int* most = (const int*)dlsym((void*)module, (std::string(name) + "_threads").c_str());
  if (r.kernel == nullptr || most == nullptr) {
    lastError = std::string("There is no kernel ") + name + " in what was loaded.";
    return 0;
  }
  r.name = strdup(name);  // kept, like the module
  r.most = *most;
  typedef void (*Shared)(char**, char**);
  if (Shared shared = (Shared)dlsym((void*)module, "qs_emu_shared")) shared(&r.shared, &r.sharedEnd);
  registry().push_back(r);
  return (int64_t)registry().size();
}

int32_t qs_emu_launch(int64_t kernel, int32_t gridX, int32_t gridY, int32_t gridZ, int32_t blockX, int32_t blockY,
                      int32_t blockZ, int32_t shared, const int64_t* words) {
  std::lock_guard<std::mutex> lock(one());
  const Dim grid = {(unsigned)gridX, (unsigned)gridY, (unsigned)gridZ};
  const Dim block = {(unsigned)blockX, (unsigned)blockY, (unsigned)blockZ};
  const std::string refused = refusal(kernel, grid, block, shared);
  if (!refused.empty()) return result(refused);
  const Registration& k = registry()[(size_t)kernel - 1];
  if (k.shared != nullptr) memset(k.shared, 0xFF, (size_t)(k.sharedEnd - k.shared));
  QsArgs args;
  memcpy(&args, words, sizeof args);
  for (int i = 0; i < QS_ARGS_POINTERS; i++) {
    // An empty operand may begin where an allocation ends.
    if (args.at[i] == nullptr || memory().known((int64_t)args.at[i])) continue;
    return result(std::string(k.name) + ": address " + std::to_string(i) + " is not device memory.");
  }
  const std::string failed = runGrid(k.kernel, args, grid, block, (unsigned)shared, backwards);
  if (!failed.empty()) return result(std::string(k.name) + ": " + failed + ".");
  const std::string wrong = memory().check();
  return result(wrong.empty() ? "" : std::string(k.name) + ": " + wrong);
}

int32_t qs_emu_sgemm_strided_batched(int32_t transa, int32_t transb, int32_t m, int32_t n, int32_t k, float alpha,
                                     int64_t a, int32_t lda, int64_t strideA, int64_t b, int32_t ldb, int64_t strideB,
                                     float beta, int64_t c, int32_t ldc, int64_t strideC, int32_t batch, int32_t round) {
  std::lock_guard<std::mutex> lock(one());
  if (m < 0 || n < 0 || k < 0 || batch < 0) return result("sgemm: an extent is negative.");
  for (int32_t t : {transa, transb})
    if (t < 0 || t > 2) return result("sgemm: there is no operation " + std::to_string(t) + ".");
  const bool ta = transa != 0, tb = transb != 0;
  const Operand all[] = {{"A", a, ta ? k : m, ta ? m : k, lda, strideA},
                         {"B", b, tb ? n : k, tb ? k : n, ldb, strideB},
                         {"C", c, m, n, ldc, strideC}};
  for (const Operand& o : all) {
    const std::string wrong = checkOperand(o, batch);
    if (!wrong.empty()) return result(wrong);
  }
  if (batch > 1 && m > 0 && n > 0 && strideC < (int64_t)ldc * (n - 1) + m)
    return result("sgemm: the products of a batch of " + std::to_string(batch) + " share places in C.");
  const int64_t run = 32;  // summed by itself, so that errors grow as slowly as on a GPU
  std::vector<float> roomA, roomB, sum((size_t)m), part((size_t)m);
  for (int32_t t = 0; t < batch; t++) {
    const float* x = packed(ta, round != 0, (const float*)a + t * strideA, m, k, lda, roomA);
    const float* y = packed(tb, round != 0, (const float*)b + t * strideB, k, n, ldb, roomB);
    float* z = (float*)c + t * strideC;
    for (int64_t j = 0; j < n; j++) {
      for (float& s : sum) s = 0;
      for (int64_t first = 0; first < k; first += run) {
        for (float& s : part) s = 0;
        for (int64_t p = first; p < k && p < first + run; p++) {
          const float f = y[j * k + p], *column = x + p * m;
          for (int64_t i = 0; i < m; i++) part[(size_t)i] += column[i] * f;
        }
        for (int64_t i = 0; i < m; i++) sum[(size_t)i] += part[(size_t)i];
      }
      float* to = z + j * ldc;
      for (int64_t i = 0; i < m; i++) to[i] = beta == 0 ? alpha * sum[(size_t)i] : alpha * sum[(size_t)i] + beta * to[i];
    }
  }
  return result(memory().check());
}

int64_t qs_emu_convolution_workspace(int32_t what, const int32_t* x, const int32_t* w, const int32_t* y) {
  return Convolution{what, nullptr, x, w, y}.workspace();
}
int32_t qs_emu_convolution(int32_t what, const int32_t* window, float alpha, float beta, const int32_t* x, int64_t atX,
                           const int32_t* w, int64_t atW, const int32_t* y, int64_t atY, int64_t workspace,
                           int64_t workspaceBytes) {
  std::lock_guard<std::mutex> lock(one());
  return result(convolve({what, window, x, w, y}, alpha, beta, {atX, atW, atY, workspace, workspaceBytes}, memory()));
}

}  // extern "C"
