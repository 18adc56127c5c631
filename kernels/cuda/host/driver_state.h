// What all calls of the emulated driver share.
#pragma once

#include <mutex>

#include "device.h"

namespace fovea {

struct Fault {
  int code;
  // How many calls go well before.
  int64_t after;
};

struct Driver {
  // One thread at a time is on the device. Work that one gave to a stream may be done by another.
  std::recursive_mutex lock;
  Device device;
  bool initialized = false;
  std::map<std::string, Fault> faults;
  std::map<std::string, int64_t> calls;
};

inline Driver &driver() {
  static Driver one;
  return one;
}

// Whether the running thread of the operating system has made the context its own.
inline thread_local bool has_context = false;

// Counts the call and gives the error that a test asked for.
inline Code enter(const char *name, bool needsContext) {
  Driver &d = driver();
  d.calls[name]++;
  auto fault = d.faults.find(name);
  if (fault != d.faults.end() && fault->second.after-- <= 0) {
    const Code code = (Code)fault->second.code;
    d.faults.erase(fault);
    return code;
  }
  if (!d.initialized) return NOT_INITIALIZED;
  if (!needsContext) return SUCCESS;
  if (!has_context || d.device.contexts == 0) return INVALID_CONTEXT;
  return d.device.sticky;
}

template <typename Object>
void *keep(std::map<void *, std::unique_ptr<Object>> &all, std::unique_ptr<Object> object) {
  void *handle = object.get();
  all[handle] = std::move(object);
  return handle;
}

}  // namespace fovea

#define API extern "C" __attribute__((visibility("default"))) int

// What every call begins with: its turn on the device lasts until it returns.
#define ENTER(name, needsContext)                                         \
  const std::lock_guard<std::recursive_mutex> turn(fovea::driver().lock); \
  CHECK(fovea::enter(name, needsContext))

// Ends the calling function with the code of a call that went wrong.
#define CHECK(expression)                              \
  do {                                                 \
    const Code check_code = (expression);              \
    if (check_code != SUCCESS) return (int)check_code; \
  } while (0)
