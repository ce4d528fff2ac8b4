// A libnvrtc.so.13 for a machine without CUDA: takes what it is given and answers with an empty file.
#include <stddef.h>
#include <string.h>

enum { OK = 0, INVALID_INPUT = 3 };

static const char CODE[] = "\177ELF, nothing behind it";

extern "C" {

int nvrtcVersion(int* major, int* minor) { return *major = 13, *minor = 1, OK; }
const char* nvrtcGetErrorString(int) { return "an error of the library for tests"; }
int nvrtcGetNumSupportedArchs(int* n) { return *n = 2, OK; }
int nvrtcGetSupportedArchs(int* all) { return all[0] = 75, all[1] = 90, OK; }
int nvrtcCreateProgram(void** program, const char* source, const char*, int headers, const char* const* texts,
                       const char* const* names) {
  static int made;
  *program = &made;
  bool known = false;
  for (int i = 0; i < headers; i++) known |= strcmp(names[i], "args.h") == 0 && strstr(texts[i], "struct QsArgs");
  return known && (strstr(source, "QS_KERNEL") || strstr(source, "QS_TILED")) ? OK : INVALID_INPUT;
}
int nvrtcCompileProgram(void*, int n, const char* const* options) {
  for (int i = 0; i < n; i++)
    if (strcmp(options[i], "--gpu-architecture=sm_90") == 0) return OK;
  return INVALID_INPUT;
}
int nvrtcGetCUBINSize(void*, size_t* size) { return *size = sizeof CODE, OK; }
int nvrtcGetCUBIN(void*, char* code) { return memcpy(code, CODE, sizeof CODE), OK; }
int nvrtcGetProgramLogSize(void*, size_t* size) { return *size = 1, OK; }
int nvrtcGetProgramLog(void*, char* log) { return *log = 0, OK; }
int nvrtcDestroyProgram(void** program) { return *program = nullptr, OK; }

}  // extern "C"
