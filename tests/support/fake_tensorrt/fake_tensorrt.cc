// ONNX Runtime with a TensorRT provider that is none: the real library behind a table in which a few
// functions are others.
//
// A session on this provider, or on CUDA, is a session on the processor. Before one on TensorRT is
// made, an engine is "built" into the cache folder where none is there: half of it, then all of it.
// FAKE_TENSORRT says what is wrong: "fails" lets building fail, "slow" lets it take ten minutes,
// "deaf" lets every output be zero. A GPU's memory is ordinary memory, as it is for the stand-in for
// the CUDA driver. REAL_LIBRARY and the slots come from slots.h, which the test writes.

#include <dirent.h>
#include <dlfcn.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "slots.h"

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace {

/** Longer than anybody waits. */
constexpr unsigned SLOW_SECONDS = 600;

using Status = void;
using Slot = void (*)();

struct Base {
  Slot* (*get_api)(uint32_t);
  const char* (*get_version)();
};

// What a provider was told.
struct Provider {
  bool is_tensorrt = false;
  std::string cache_path;
  /** The stream to compute on; null for none. */
  void* stream = nullptr;
};

struct Output {
  void* data;
  size_t bytes;
};

Base real_base;
Slot* real;
Slot table[SLOT_COUNT];
std::mutex lock;
/** Session options that ask for a provider, with what it was told. */
std::map<void*, Provider> asked;
/** The sessions on one of the providers. */
std::map<void*, Provider> sessions;
std::map<void*, size_t> value_bytes;
std::map<void*, std::map<std::string, Output>> outputs;
std::map<void*, void*> data_of;

template <class Function>
Function of(int slot) {
  return reinterpret_cast<Function>(real[slot]);
}

bool is_wrong(const char* what) {
  const char* wrong = getenv("FAKE_TENSORRT");
  return wrong != nullptr && strcmp(wrong, what) == 0;
}

Status* fail(const char* message) {
  constexpr int create_status = 0;
  constexpr int code_fail = 1;
  return of<Status* (*)(int, const char*)>(create_status)(code_fail, message);
}

Status* create_options(void** out) {
  *out = new Provider();
  return nullptr;
}
void release_options(void* options) { delete static_cast<Provider*>(options); }
Status* update_options(void* options, const char* const* keys, const char* const* values, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (strcmp(keys[i], "trt_engine_cache_path") == 0) static_cast<Provider*>(options)->cache_path = values[i];
  }
  return nullptr;
}
Status* update_with_value(void* options, const char* key, void* value) {
  if (strcmp(key, "user_compute_stream") == 0) static_cast<Provider*>(options)->stream = value;
  return nullptr;
}
Status* append_tensorrt(void* session_options, void* options) {
  std::lock_guard<std::mutex> guard(lock);
  asked[session_options] = *static_cast<Provider*>(options);
  asked[session_options].is_tensorrt = true;
  return nullptr;
}
Status* append_cuda(void* session_options, void* options) {
  std::lock_guard<std::mutex> guard(lock);
  // Behind TensorRT it takes what is left, which is nothing.
  asked.emplace(session_options, *static_cast<Provider*>(options));
  return nullptr;
}

bool has_engine(const std::string& folder) {
  DIR* listing = opendir(folder.c_str());
  if (listing == nullptr) return false;
  bool found = false;
  while (const dirent* entry = readdir(listing)) {
    const std::string name = entry->d_name;
    found = found || (name.size() > 7 && name.compare(name.size() - 7, 7, ".engine") == 0);
  }
  closedir(listing);
  return found;
}

void write(const std::string& path, const char* text) {
  if (FILE* file = fopen(path.c_str(), "w")) {
    fputs(text, file);
    fclose(file);
  }
}

Status* create_session(void* env, const void* model, size_t bytes, void* options, void** out) {
  Provider provider;
  bool is_asked;
  {
    std::lock_guard<std::mutex> guard(lock);
    is_asked = asked.count(options) > 0;
    if (is_asked) provider = asked[options];
    asked.erase(options);
  }
  const std::string& cache = provider.cache_path;
  if (provider.is_tensorrt && !has_engine(cache)) {
    fprintf(stderr, "fake tensorrt: builds in %s\n", cache.c_str());
    write(cache + "/graph_0_sm86.engine", "half");
    if (is_wrong("slow")) sleep(SLOW_SECONDS);
    if (is_wrong("fails")) return fail("TensorRT EP failed to create engine from network");
    write(cache + "/graph_0_sm86.engine", "whole");
    write(cache + "/cache_sm86.timing", "timings");
  }
  using Create = Status* (*)(void*, const void*, size_t, void*, void**);
  Status* status = of<Create>(SLOT_CreateSessionFromArray)(env, model, bytes, options, out);
  if (status != nullptr) return status;
  std::lock_guard<std::mutex> guard(lock);
  sessions.erase(*out);
  if (is_asked) sessions[*out] = provider;
  return nullptr;
}

/** What is on the stream before the run must be done, because the processor does not queue up. */
void wait_for(void* stream) {
  const char* path = getenv("FOVEA_LIBCUDA");
  void* driver = dlopen(path == nullptr ? "libcuda.so.1" : path, RTLD_NOW | RTLD_LOCAL);
  reinterpret_cast<int (*)(void*)>(dlsym(driver, "cuStreamSynchronize"))(stream);
  dlclose(driver);
}

Status* create_memory_info(const char*, int type, int, int memory, void** out) {
  return of<Status* (*)(const char*, int, int, int, void**)>(SLOT_CreateMemoryInfo)("Cpu", type, 0, memory, out);
}

Status* create_tensor(void* info, void* data, size_t bytes, const int64_t* dims, size_t rank, int type, void** out) {
  using Create = Status* (*)(void*, void*, size_t, const int64_t*, size_t, int, void**);
  Status* status = of<Create>(SLOT_CreateTensorWithDataAsOrtValue)(info, data, bytes, dims, rank, type, out);
  if (status != nullptr) return status;
  std::lock_guard<std::mutex> guard(lock);
  value_bytes[*out] = bytes;
  data_of[*out] = data;
  return nullptr;
}

Status* bind_output(void* binding, const char* name, void* value) {
  {
    std::lock_guard<std::mutex> guard(lock);
    outputs[binding][name] = {data_of[value], value_bytes[value]};
  }
  return of<Status* (*)(void*, const char*, void*)>(SLOT_BindOutput)(binding, name, value);
}

Status* run(void* session, void* run_options, void* binding) {
  Provider provider;
  {
    std::lock_guard<std::mutex> guard(lock);
    if (sessions.count(session) > 0) provider = sessions[session];
  }
  if (provider.stream != nullptr) wait_for(provider.stream);
  Status* status = of<Status* (*)(void*, void*, void*)>(SLOT_RunWithBinding)(session, run_options, binding);
  if (status != nullptr || !provider.is_tensorrt || !is_wrong("deaf")) return status;
  std::lock_guard<std::mutex> guard(lock);
  for (auto& [name, output] : outputs[binding]) memset(output.data, 0, output.bytes);
  return nullptr;
}

void put(int slot, void* function) { table[slot] = reinterpret_cast<Slot>(function); }

Slot* get_api(uint32_t version) {
  Slot* theirs = real_base.get_api(version);
  if (theirs == nullptr) return nullptr;
  std::lock_guard<std::mutex> guard(lock);
  real = theirs;
  memcpy(table, real, sizeof table);
  put(SLOT_CreateTensorRTProviderOptions, reinterpret_cast<void*>(create_options));
  put(SLOT_UpdateTensorRTProviderOptions, reinterpret_cast<void*>(update_options));
  put(SLOT_UpdateTensorRTProviderOptionsWithValue, reinterpret_cast<void*>(update_with_value));
  put(SLOT_ReleaseTensorRTProviderOptions, reinterpret_cast<void*>(release_options));
  put(SLOT_SessionOptionsAppendExecutionProvider_TensorRT_V2, reinterpret_cast<void*>(append_tensorrt));
  put(SLOT_CreateCUDAProviderOptions, reinterpret_cast<void*>(create_options));
  put(SLOT_UpdateCUDAProviderOptions, reinterpret_cast<void*>(update_options));
  put(SLOT_UpdateCUDAProviderOptionsWithValue, reinterpret_cast<void*>(update_with_value));
  put(SLOT_ReleaseCUDAProviderOptions, reinterpret_cast<void*>(release_options));
  put(SLOT_SessionOptionsAppendExecutionProvider_CUDA_V2, reinterpret_cast<void*>(append_cuda));
  put(SLOT_CreateSessionFromArray, reinterpret_cast<void*>(create_session));
  put(SLOT_CreateMemoryInfo, reinterpret_cast<void*>(create_memory_info));
  put(SLOT_CreateTensorWithDataAsOrtValue, reinterpret_cast<void*>(create_tensor));
  put(SLOT_BindOutput, reinterpret_cast<void*>(bind_output));
  put(SLOT_RunWithBinding, reinterpret_cast<void*>(run));
  return table;
}

const char* get_version() { return real_base.get_version(); }

Base base = {get_api, get_version};

}  // namespace

EXPORT const Base* OrtGetApiBase() {
  static const bool opened = [] {
    void* library = dlopen(REAL_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
      fprintf(stderr, "fake tensorrt: %s\n", dlerror());
      return false;
    }
    real_base = *reinterpret_cast<const Base* (*)()>(dlsym(library, "OrtGetApiBase"))();
    return true;
  }();
  return opened ? &base : nullptr;
}
