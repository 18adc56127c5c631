// A library with the names of the CUDA driver API in front of an emulated device that runs the
// kernels of these sources. Its own name is another one than the real driver's, because within a
// process the first library of a name serves all who ask for it.
#include "../index.cu"
#include "layout_assertions.h"

#include "driver_device.cpp"
#include "driver_memory.cpp"
#include "driver_module.cpp"
#include "driver_stream.cpp"

// What tests tell the emulator and ask it.

#define CONTROL(type) extern "C" __attribute__((visibility("default"))) type

// Takes back every setting, fault and count. Objects that are alive stay, unless the context was
// lost: nothing can be freed then, and a process that went on would be a new one.
CONTROL(void) fovea_emulator_reset(void) {
  Driver &d = driver();
  if (d.device.sticky != SUCCESS) d.device.forget();
  d.device.settings = Settings();
  d.device.memory.bytesMax = (int64_t)8 << 30;
  d.device.sticky = SUCCESS;
  d.device.fault.clear();
  d.initialized = false;
  d.faults.clear();
  d.calls.clear();
}

// Changes a setting; 0 if there is none of that name.
CONTROL(int) fovea_emulator_set(const char *name, int64_t value) {
  Driver &d = driver();
  Settings &s = d.device.settings;
  const std::map<std::string, int64_t *> places = {
      {"initResult", &s.initResult},
      {"deviceCount", &s.deviceCount},
      {"driverVersion", &s.driverVersion},
      {"computeCapability", &s.computeCapability},
      {"integrated", &s.integrated},
      {"mapsHostMemory", &s.mapsHostMemory},
      {"ptxVersion", &s.ptxVersion},
      {"order", &s.order},
      {"seed", &s.seed},
      {"memoryBytes", &d.device.memory.bytesMax},
  };
  auto place = places.find(name);
  if (place == places.end()) return 0;
  *place->second = value;
  return 1;
}

// Lets a function give `code` once, after so many calls that go well; 0 takes that back.
CONTROL(void) fovea_emulator_fail(const char *function, int code, int64_t after) {
  if (code == SUCCESS) driver().faults.erase(function);
  else driver().faults[function] = {code, after};
}

// How often a function was called.
CONTROL(int64_t) fovea_emulator_calls(const char *function) {
  auto found = driver().calls.find(function);
  return found == driver().calls.end() ? 0 : found->second;
}

// How many objects of a kind are alive; -1 if there is no such kind.
CONTROL(int) fovea_emulator_alive(const char *kind) {
  const Device &d = driver().device;
  const std::map<std::string, int> counts = {
      {"context", d.contexts},
      {"device", d.memory.count(Place::device)},
      {"host", d.memory.count(Place::host)},
      {"stream", (int)d.streams.size()},
      {"event", (int)d.events.size()},
      {"module", (int)d.modules.size()},
  };
  auto found = counts.find(kind);
  return found == counts.end() ? -1 : found->second;
}

// What went wrong on the device, in words; empty where nothing did.
CONTROL(const char *) fovea_emulator_fault(void) { return driver().device.fault.c_str(); }

// Records launches from now on into a file; ends recording where `path` is null. 0 if that fails.
CONTROL(int) fovea_emulator_trace(const char *path) {
  FILE *&trace = driver().device.trace;
  const int closed = trace == nullptr || fclose(trace) == 0;
  trace = path == nullptr ? nullptr : fopen(path, "wb");
  return closed && (path == nullptr || trace != nullptr);
}
