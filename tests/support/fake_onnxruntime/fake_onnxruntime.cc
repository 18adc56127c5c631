// A shared library that looks like ONNX Runtime to its callers and runs nothing.
//
// It keeps a log of the calls that matter, counts the objects it handed out, and fails where it is
// told to. Its table is laid out by ort_slots.h, which the test writes from what the real header
// says. Objects are numbered blocks, so that a double release or a wrong kind ends the process.

#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "ort_slots.h"

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace {

struct Object {
  const char* kind;
};

struct Status {
  int code;
  std::string message;
};

struct Value : Object {
  void* data;
  size_t bytes;
};

struct Binding : Object {
  Value input, output;
};

std::string calls;
std::map<std::string, Status> failures;
std::string version = "1.17.3";
uint32_t api_max = 17;
int live = 0;

void note(const char* format, ...) {
  char line[1024];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  calls += line;
  calls += '\n';
}

Status* outcome(const char* name) {
  auto found = failures.find(name);
  if (found == failures.end()) return nullptr;
  live++;
  return new Status(found->second);
}

template <class T = Object>
Status* create(const char* function, const char* kind, void** out) {
  if (Status* failure = outcome(function)) return failure;
  T* made = new T();
  made->kind = kind;
  live++;
  *out = made;
  return nullptr;
}

void check(const void* object, const char* kind) {
  const char* found = object ? static_cast<const Object*>(object)->kind : "null";
  if (strcmp(found, kind) == 0) return;
  fprintf(stderr, "fake onnxruntime: wanted %s, got %s\n", kind, found);
  abort();
}

template <class T = Object>
void release(void* object, const char* kind) {
  check(object, kind);
  static_cast<T*>(object)->kind = "freed";
  live--;
}

// What is read by address and freed by AllocatorFree.
void* allocate(size_t bytes) {
  live++;
  return malloc(bytes);
}

char* text(const char* value) {
  return strcpy(static_cast<char*>(allocate(strlen(value) + 1)), value);
}

Object allocator = {"Allocator"};
Object tensor_info = {"TensorInfo"};

#define FAIL(name) \
  if (Status* failure = outcome(#name)) return failure

int GetErrorCode(Status* status) { return status->code; }
const char* GetErrorMessage(Status* status) { return status->message.c_str(); }
void ReleaseStatus(Status* status) {
  delete status;
  live--;
}

Status* CreateEnv(int, const char* id, void** out) {
  note("CreateEnv(%s)", id);
  return create("CreateEnv", "Env", out);
}
void ReleaseEnv(void* env) { release(env, "Env"); }

Status* CreateCpuMemoryInfo(int, int, void** out) { return create("CreateCpuMemoryInfo", "MemoryInfo", out); }
Status* CreateMemoryInfo(const char* name, int type, int id, int memory, void** out) {
  note("CreateMemoryInfo(%s, %d, %d, %d)", name, type, id, memory);
  return create("CreateMemoryInfo", "MemoryInfo", out);
}
void ReleaseMemoryInfo(void* info) { release(info, "MemoryInfo"); }
Status* GetAllocatorWithDefaultOptions(void** out) {
  FAIL(GetAllocatorWithDefaultOptions);
  *out = &allocator;
  return nullptr;
}
Status* AllocatorFree(void* owner, void* memory) {
  check(owner, "Allocator");
  free(memory);
  live--;
  return nullptr;
}

Status* CreateSessionOptions(void** out) { return create("CreateSessionOptions", "SessionOptions", out); }
void ReleaseSessionOptions(void* options) { release(options, "SessionOptions"); }

Status* number(const char* name, void* options, int value) {
  check(options, "SessionOptions");
  note("%s(%d)", name, value);
  return outcome(name);
}
Status* SetSessionExecutionMode(void* o, int v) { return number("SetSessionExecutionMode", o, v); }
Status* SetSessionLogSeverityLevel(void* o, int v) { return number("SetSessionLogSeverityLevel", o, v); }
Status* SetSessionGraphOptimizationLevel(void* o, int v) { return number("SetSessionGraphOptimizationLevel", o, v); }
Status* SetIntraOpNumThreads(void* o, int v) { return number("SetIntraOpNumThreads", o, v); }
Status* SetInterOpNumThreads(void* o, int v) { return number("SetInterOpNumThreads", o, v); }
Status* EnableProfiling(void* options, const char* prefix) {
  check(options, "SessionOptions");
  note("EnableProfiling(%s)", prefix);
  return outcome("EnableProfiling");
}
Status* AddSessionConfigEntry(void* options, const char* key, const char* value) {
  check(options, "SessionOptions");
  note("AddSessionConfigEntry(%s=%s)", key, value);
  return outcome("AddSessionConfigEntry");
}

Status* CreateSessionFromArray(void* env, const void*, size_t bytes, void* options, void** out) {
  check(env, "Env");
  check(options, "SessionOptions");
  note("CreateSessionFromArray(%zu)", bytes);
  return create("CreateSessionFromArray", "Session", out);
}
void ReleaseSession(void* session) { release(session, "Session"); }
Status* SessionEndProfiling(void* session, void*, char** out) {
  check(session, "Session");
  note("SessionEndProfiling()");
  FAIL(SessionEndProfiling);
  *out = text("profile.json");
  return nullptr;
}

// One input "x" and one output "y", float32 [1, 4].
Status* SessionGetInputCount(void*, size_t* out) {
  FAIL(SessionGetInputCount);
  *out = 1;
  return nullptr;
}
Status* SessionGetOutputCount(void*, size_t* out) {
  FAIL(SessionGetOutputCount);
  *out = 1;
  return nullptr;
}
Status* SessionGetInputName(void*, size_t, void*, char** out) {
  FAIL(SessionGetInputName);
  *out = text("x");
  return nullptr;
}
Status* SessionGetOutputName(void*, size_t, void*, char** out) {
  FAIL(SessionGetOutputName);
  *out = text("y");
  return nullptr;
}
Status* SessionGetInputTypeInfo(void*, size_t, void** out) { return create("SessionGetInputTypeInfo", "TypeInfo", out); }
Status* SessionGetOutputTypeInfo(void*, size_t, void** out) { return create("SessionGetOutputTypeInfo", "TypeInfo", out); }
void ReleaseTypeInfo(void* info) { release(info, "TypeInfo"); }
Status* CastTypeInfoToTensorInfo(void* info, void** out) {
  check(info, "TypeInfo");
  FAIL(CastTypeInfoToTensorInfo);
  *out = &tensor_info;
  return nullptr;
}
Status* GetTensorElementType(void*, int* out) {
  FAIL(GetTensorElementType);
  *out = 1;
  return nullptr;
}
Status* GetDimensionsCount(void*, size_t* out) {
  FAIL(GetDimensionsCount);
  *out = 2;
  return nullptr;
}
Status* GetDimensions(void*, int64_t* out, size_t) {
  FAIL(GetDimensions);
  out[0] = 1;
  out[1] = 4;
  return nullptr;
}

Status* CreateTensorWithDataAsOrtValue(void* info, void* data, size_t bytes, const int64_t*, size_t, int, void** out) {
  check(info, "MemoryInfo");
  if (Status* failure = create<Value>("CreateTensorWithDataAsOrtValue", "Value", out)) return failure;
  static_cast<Value*>(*out)->data = data;
  static_cast<Value*>(*out)->bytes = bytes;
  return nullptr;
}
void ReleaseValue(void* value) { release<Value>(value, "Value"); }

Status* CreateIoBinding(void* session, void** out) {
  check(session, "Session");
  return create<Binding>("CreateIoBinding", "Binding", out);
}
void ReleaseIoBinding(void* binding) { release<Binding>(binding, "Binding"); }
Status* BindInput(void* binding, const char*, void* value) {
  check(value, "Value");
  FAIL(BindInput);
  static_cast<Binding*>(binding)->input = *static_cast<Value*>(value);
  return nullptr;
}
Status* BindOutput(void* binding, const char*, void* value) {
  check(value, "Value");
  FAIL(BindOutput);
  static_cast<Binding*>(binding)->output = *static_cast<Value*>(value);
  return nullptr;
}
Status* BindOutputToDevice(void*, const char*, void* info) {
  check(info, "MemoryInfo");
  return outcome("BindOutputToDevice");
}
// The model is the identity.
Status* RunWithBinding(void* session, void*, Binding* binding) {
  check(session, "Session");
  FAIL(RunWithBinding);
  memcpy(binding->output.data, binding->input.data, binding->input.bytes);
  return nullptr;
}
Status* CreateRunOptions(void** out) { return create("CreateRunOptions", "RunOptions", out); }
Status* AddRunConfigEntry(void* options, const char* key, const char* value) {
  check(options, "RunOptions");
  note("AddRunConfigEntry(%s=%s)", key, value);
  return outcome("AddRunConfigEntry");
}
void ReleaseRunOptions(void* options) { release(options, "RunOptions"); }
Status* RunOptionsSetTerminate(void*) { return nullptr; }

Status* GetAvailableProviders(char*** out, int* count) {
  FAIL(GetAvailableProviders);
  *out = static_cast<char**>(allocate(2 * sizeof(char*)));
  (*out)[0] = text("CUDAExecutionProvider");
  (*out)[1] = text("CPUExecutionProvider");
  *count = 2;
  return nullptr;
}
Status* ReleaseAvailableProviders(char** list, int count) {
  for (int i = 0; i < count; i++) AllocatorFree(&allocator, list[i]);
  return AllocatorFree(&allocator, list);
}

Status* update(const char* name, void* options, const char* kind, const char* const* keys, const char* const* values, size_t count) {
  check(options, kind);
  for (size_t i = 0; i < count; i++) note("%s(%s=%s)", name, keys[i], values[i]);
  return outcome(name);
}
#define PROVIDER(P)                                                                                              \
  Status* Create##P##ProviderOptions(void** out) { return create("Create" #P "ProviderOptions", #P, out); }        \
  void Release##P##ProviderOptions(void* options) { release(options, #P); }                                       \
  Status* Update##P##ProviderOptions(void* o, const char* const* k, const char* const* v, size_t n) {             \
    return update("Update" #P "ProviderOptions", o, #P, k, v, n);                                                 \
  }                                                                                                              \
  Status* Update##P##ProviderOptionsWithValue(void* options, const char* key, void* value) {                      \
    check(options, #P);                                                                                          \
    note("Update" #P "ProviderOptionsWithValue(%s=%p)", key, value);                                              \
    return outcome("Update" #P "ProviderOptionsWithValue");                                                       \
  }                                                                                                              \
  Status* SessionOptionsAppendExecutionProvider_##P##_V2(void* session, void* options) {                          \
    check(session, "SessionOptions");                                                                            \
    check(options, #P);                                                                                          \
    note("SessionOptionsAppendExecutionProvider_" #P "_V2()");                                                    \
    return outcome("SessionOptionsAppendExecutionProvider_" #P "_V2");                                            \
  }
PROVIDER(CUDA)
PROVIDER(TensorRT)

// Not reached: outputs of a fixed shape are never asked for by value.
Status* unexpected() {
  live++;
  return new Status{1, "the fake has no such function"};
}

void* table[512];

const void* GetApi(uint32_t wanted) {
  note("GetApi(%u)", wanted);
  if (wanted > api_max) return nullptr;
  for (void*& entry : table) entry = reinterpret_cast<void*>(unexpected);
#define PLACE(name) table[SLOT_##name] = reinterpret_cast<void*>(name);
  FAKE_FUNCTIONS(PLACE)
  return table;
}
const char* GetVersionString() { return version.c_str(); }

struct {
  const void* (*get_api)(uint32_t);
  const char* (*get_version_string)();
} base = {GetApi, GetVersionString};

}  // namespace

EXPORT const void* OrtGetApiBase() { return &base; }

EXPORT void fake_reset() {
  calls.clear();
  failures.clear();
  version = "1.17.3";
  api_max = 17;
}
EXPORT void fake_version(const char* text, uint32_t newest_api) {
  version = text;
  api_max = newest_api;
}
EXPORT void fake_fail(const char* name, int code, const char* message) { failures[name] = {code, message}; }
EXPORT const char* fake_log() { return calls.c_str(); }
EXPORT int fake_live() { return live; }
