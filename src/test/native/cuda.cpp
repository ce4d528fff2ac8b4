// A libcuda.so.1 for a machine without a GPU: what the backend calls of CUDA's driver interface, on the
// emulator of native/emulator, for which it has g++ compile the kernels that nvrtc.cpp passes on. It is stricter than a GPU's: no call without a context, no default stream,
// nothing that waits while a graph is recorded. QUICKSTUDY_TEST_DRIVER, _GPUS, _CAPABILITY and _MEMORY in the
// environment make it a worse one; QUICKSTUDY_TEST_KERNELS names a folder that keeps what was compiled.
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "emulator/emulator.h"

namespace {

enum { OK = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, INVALID_IMAGE = 200, INVALID_CONTEXT = 201, INVALID_HANDLE = 400 };
enum { NOT_FOUND = 500, ILLEGAL_ADDRESS = 700, NOT_WHILE_CAPTURING = 900 };
enum { NO_DEVICE = 100, DEVICE = 42, COMPUTE_CAPABILITY_MAJOR = 75, MOST_SHARED_OF_A_BLOCK = 97 };
enum { UNJOINED = 904, ISOLATED = 906, STREAMS = 16, MOST_SHARED_OF_A_LAUNCH = 8 };

typedef std::function<int()> Call;
struct Graph {
  std::vector<Call> calls;
};

// Where it was marked while a graph was recorded: the stream and how much that had.
struct Event {
  int marks;
  Graph* in;
  int stream, calls;
};

// While a graph is recorded: whether the stream takes part, its calls, and how many of them what is recorded
// from now on in the first stream comes behind.
struct Stream {
  bool records;
  int calls, joined;
};

int context, opened, module;
Stream streams[STREAMS];
std::map<const char*, size_t> pinned;
std::map<void*, unsigned> asked;  // bytes of shared memory, of kernels that may have more than 48 KiB
void* current;
Graph* recording;

int given(const char* name, int otherwise) {
  const char* value = getenv(name);
  return value ? atoi(value) : otherwise;
}
size_t memory() { return (size_t)given("QUICKSTUDY_TEST_MEMORY", 1 << 30); }

int emulated(int rc) {
  if (rc == 0) return OK;
  fprintf(stderr, "libcuda for tests: %s\n", qs_emu_error());
  return ILLEGAL_ADDRESS;
}
// Where compiled kernels are kept that some source has; empty if they are not.
std::string kept(const char* source) {
  const char* folder = getenv("QUICKSTUDY_TEST_KERNELS");
  return folder ? std::string(folder) + "/" + std::to_string(std::hash<std::string>()(source)) + ".so" : "";
}
// Compiles and loads kernels; 0 where that fails.
int64_t compiled(const char* source) {
  const std::string file = kept(source);
  if (!file.empty() && access(file.c_str(), R_OK) == 0) return qs_emu_load(file.c_str());
  Dl_info here;
  if (!dladdr((void*)&context, &here)) return 0;
  char folder[] = "/tmp/quickstudy-kernels-XXXXXX";
  if (!mkdtemp(folder)) return 0;
  const std::string in = folder, text = in + "/kernels.cu", library = in + "/kernels.so";
  FILE* f = fopen(text.c_str(), "w");
  fputs(source, f);
  fclose(f);
  const char* cxx = getenv("CXX");
  const std::string command = std::string(cxx ? cxx : "g++") +
      " -std=c++17 -O0 -fPIC -fno-math-errno -fno-trapping-math -w -DQS_EMULATED -DQS_EMULATED_MODULE -Inative"
      " -Inative/emulator -Ikernels -shared -x c++ " + text + " -x none " + here.dli_fname + " -o " + library;
  const int64_t made = system(command.c_str()) == 0 ? qs_emu_load(library.c_str()) : 0;
  if (made && !file.empty() && system(("cp " + library + " " + file + ".part && mv " + file + ".part " + file).c_str()))
    return 0;
  remove(text.c_str());
  remove(library.c_str());
  rmdir(folder);
  return made;
}
bool known(void* on) { return on >= &streams[0] && on < &streams[opened]; }
int usable(void* on) { return current != &context ? INVALID_CONTEXT : !known(on) ? INVALID_HANDLE : OK; }
int waits(void* on) { return recording ? NOT_WHILE_CAPTURING : usable(on); }

// Only such memory is copied beside the host.
bool isPinned(const void* at, size_t bytes) {
  auto p = pinned.upper_bound((const char*)at);
  if (p == pinned.begin()) return false;
  --p;
  return (const char*)at + bytes <= p->first + p->second;
}

}  // namespace

extern "C" {

// For the library that stands in for cuBLAS.
int quickstudy_start(void* on, const Call& call) {
  if (int rc = usable(on)) return rc;
  if (!recording) return call();
  Stream& stream = *(Stream*)on;
  if (!stream.records) return ISOLATED;
  stream.calls++;
  recording->calls.push_back(call);
  return OK;
}

int cuInit(unsigned) { return given("QUICKSTUDY_TEST_GPUS", 1) ? (int)OK : (int)NO_DEVICE; }
int cuDriverGetVersion(int* version) { return *version = given("QUICKSTUDY_TEST_DRIVER", 13010), OK; }
int cuDeviceGetCount(int* n) { return *n = given("QUICKSTUDY_TEST_GPUS", 1), OK; }
int cuDeviceGet(int* device, int i) { return i == 0 ? (*device = DEVICE, OK) : INVALID_VALUE; }
int cuDeviceGetName(char* name, int n, int device) { return snprintf(name, n, "no GPU"), device == DEVICE ? OK : INVALID_VALUE; }
int cuDeviceGetAttribute(int* value, int what, int device) {
  *value = what == COMPUTE_CAPABILITY_MAJOR ? given("QUICKSTUDY_TEST_CAPABILITY", 9) : 0;
  if (what == MOST_SHARED_OF_A_BLOCK) *value = 227 << 10;
  return device == DEVICE ? OK : INVALID_VALUE;
}
int cuGetErrorString(int, const char** text) { return *text = "an error of the library for tests", OK; }

int cuDevicePrimaryCtxRetain(void** c, int device) {
  opened = 0;
  return *c = &context, device == DEVICE ? OK : INVALID_VALUE;
}
int cuDevicePrimaryCtxRelease_v2(int) { return OK; }
int cuCtxSetCurrent(void* c) { return current = c, OK; }

int cuMemGetInfo_v2(size_t* free, size_t* total) { return *free = *total = memory(), OK; }
int cuMemAlloc_v2(uint64_t* at, size_t bytes) {
  if (current != &context) return INVALID_CONTEXT;
  *at = bytes <= memory() ? (uint64_t)qs_emu_alloc((int64_t)bytes) : 0;
  return *at ? OK : OUT_OF_MEMORY;
}
int cuMemFree_v2(uint64_t at) { return emulated(qs_emu_free((int64_t)at)); }
int cuMemcpyHtoDAsync_v2(uint64_t to, const void* from, size_t bytes, void* on) {
  if (int rc = waits(on)) return rc;
  if (on == &streams[1] && !isPinned(from, bytes)) return INVALID_VALUE;
  return emulated(qs_emu_copy_in((int64_t)to, from, (int64_t)bytes));
}
int cuMemcpyDtoHAsync_v2(void* to, uint64_t from, size_t bytes, void* on) {
  if (int rc = waits(on)) return rc;
  return emulated(qs_emu_copy_out(to, (int64_t)from, (int64_t)bytes));
}
int cuMemcpyDtoDAsync_v2(uint64_t to, uint64_t from, size_t bytes, void* on) {
  if (int rc = waits(on)) return rc;
  return emulated(qs_emu_copy((int64_t)to, (int64_t)from, (int64_t)bytes));
}
int cuMemAllocHost_v2(void** at, size_t bytes) {
  if (current != &context) return INVALID_CONTEXT;
  *at = malloc(bytes);
  pinned[(const char*)*at] = bytes;
  return *at ? OK : OUT_OF_MEMORY;
}
int cuMemFreeHost(void* at) {
  if (!pinned.erase((const char*)at)) return INVALID_VALUE;
  free(at);
  return OK;
}
int cuMemsetD8Async(uint64_t at, unsigned char value, size_t bytes, void* on) {
  return quickstudy_start(on, [=] { return emulated(qs_emu_fill((int64_t)at, value, (int64_t)bytes)); });
}

int cuModuleLoadData(void** m, const void* image) {
  const char* source = (const char*)image + strlen((const char*)image) + 1;
  *m = strstr(source, "generated.cuh") || strstr(source, "task.cuh") ? (void*)compiled(source) : &module;
  return strncmp((const char*)image, "\177ELF", 4) == 0 && *m ? OK : INVALID_IMAGE;
}
int cuModuleUnload(void* m) { return m ? (int)OK : (int)INVALID_HANDLE; }
int cuModuleGetFunction(void** f, void* m, const char* name) {
  *f = (void*)(m == &module ? qs_emu_kernel(name) : qs_emu_loaded_kernel((int64_t)m, name));
  return *f ? (int)OK : (int)NOT_FOUND;
}
int cuFuncSetAttribute(void* f, int what, int value) {
  if (what != MOST_SHARED_OF_A_LAUNCH || value < 0 || value > 227 << 10) return INVALID_VALUE;
  return asked[f] = (unsigned)value, OK;
}
int cuLaunchKernel(void* f, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX, unsigned blockY,
                   unsigned blockZ, unsigned shared, void* on, void** parameters, void** extra) {
  if (extra || (shared > 48 << 10 && shared > asked[f])) return INVALID_VALUE;
  std::vector<int64_t> args((const int64_t*)parameters[0], (const int64_t*)parameters[0] + 56);
  return quickstudy_start(on, [=] {
    return emulated(qs_emu_launch((int64_t)f, (int)gridX, (int)gridY, (int)gridZ, (int)blockX, (int)blockY, (int)blockZ,
                                  (int)shared, args.data()));
  });
}

int cuStreamCreate(void** s, unsigned flags) {
  if (opened == STREAMS || flags != 1) return INVALID_VALUE;
  return *s = &streams[opened++], OK;
}
int cuStreamDestroy_v2(void*) { return OK; }
int cuStreamSynchronize(void* on) { return waits(on); }
int cuEventCreate(void** event, unsigned flags) { return *event = new Event{}, flags == 2 ? OK : INVALID_VALUE; }
int cuEventRecord(void* event, void* on) {
  Event& e = *(Event*)event;
  Stream& stream = *(Stream*)on;
  e.marks++;
  if (!recording) return usable(on);
  if (!stream.records) return ISOLATED;
  return e.in = recording, e.stream = (int)(&stream - streams), e.calls = stream.calls, OK;
}
int cuEventSynchronize(void*) { return waits(&streams[0]); }
int cuEventDestroy_v2(void* event) { return delete (Event*)event, OK; }
int cuStreamWaitEvent(void* on, void* event, unsigned flags) {
  const Event& e = *(Event*)event;
  Stream& stream = *(Stream*)on;
  if (flags || !known(on)) return INVALID_VALUE;
  if (!recording) return usable(on);
  if (!e.in || e.in != recording) return ISOLATED;
  stream.records = true;
  if (&stream == &streams[0] && streams[e.stream].joined < e.calls) streams[e.stream].joined = e.calls;
  return OK;
}
int cuStreamBeginCapture_v2(void* on, int) {
  if (int rc = waits(on)) return rc;
  for (Stream& s : streams) s = {};
  ((Stream*)on)->records = true;
  recording = new Graph;
  return on == &streams[0] ? OK : INVALID_VALUE;
}
int cuStreamEndCapture(void* on, void** graph) {
  *graph = recording;
  recording = nullptr;
  for (int i = 1; i < opened; i++)
    if (streams[i].joined < streams[i].calls) return UNJOINED;
  return *graph ? usable(on) : INVALID_VALUE;
}
int cuGraphInstantiateWithFlags(void** ready, void* graph, unsigned long long) {
  *ready = new Graph(*(Graph*)graph);
  return OK;
}
int cuGraphLaunch(void* ready, void* on) {
  if (int rc = waits(on)) return rc;
  for (const Call& call : ((Graph*)ready)->calls)
    if (int rc = call()) return rc;
  return OK;
}
int cuGraphExecDestroy(void* ready) { return delete (Graph*)ready, OK; }
int cuGraphDestroy(void* graph) { return delete (Graph*)graph, OK; }

}  // extern "C"
