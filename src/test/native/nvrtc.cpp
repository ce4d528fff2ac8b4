// A libnvrtc.so.13 for a machine without CUDA: takes what it is given and answers with an empty file, or, for
// kernels that are generated, with their source, which cuda.cpp compiles.
#include <stddef.h>
#include <string.h>

#include <string>

enum { OK = 0, INVALID_INPUT = 3 };

static const char CODE[] = "\177ELF, nothing behind it";

// Programs are made by several threads at once.
static std::string& code(void* program) { return *(std::string*)program; }

extern "C" {

int nvrtcVersion(int* major, int* minor) { return *major = 13, *minor = 1, OK; }
const char* nvrtcGetErrorString(int) { return "an error of the library for tests"; }
int nvrtcGetNumSupportedArchs(int* n) { return *n = 2, OK; }
int nvrtcGetSupportedArchs(int* all) { return all[0] = 75, all[1] = 90, OK; }
int nvrtcCreateProgram(void** program, const char* source, const char*, int headers, const char* const* texts,
                       const char* const* names) {
  std::string* made = new std::string(CODE, sizeof CODE);
  if (strstr(source, "generated.cuh") || strstr(source, "task.cuh")) *made += source;
  *program = made;
  bool known = false;
  for (int i = 0; i < headers; i++) known |= strcmp(names[i], "args.h") == 0 && strstr(texts[i], "struct QsArgs");
  return known && (strstr(source, "QS_KERNEL") || strstr(source, "QS_TILED")) ? OK : INVALID_INPUT;
}
int nvrtcCompileProgram(void*, int n, const char* const* options) {
  for (int i = 0; i < n; i++)
    if (strcmp(options[i], "--gpu-architecture=sm_90") == 0) return OK;
  return INVALID_INPUT;
}
int nvrtcGetCUBINSize(void* program, size_t* size) { return *size = code(program).size() + 1, OK; }
int nvrtcGetCUBIN(void* program, char* to) { return memcpy(to, code(program).c_str(), code(program).size() + 1), OK; }
int nvrtcGetProgramLogSize(void*, size_t* size) { return *size = 1, OK; }
int nvrtcGetProgramLog(void*, char* log) { return *log = 0, OK; }
int nvrtcDestroyProgram(void** program) { return delete (std::string*)*program, *program = nullptr, OK; }

}  // extern "C"
