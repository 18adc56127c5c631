// The emulated device: what was given to a stream waits there until somebody waits for it, so that
// a result that is read too early, or memory that is overwritten too early, is seen.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <set>

#include "fiber_block.h"
#include "memory.h"
#include "ptx.h"
#include "trace.h"

namespace fovea {

struct Event {
  // What was recorded has not happened yet.
  bool pending = false;
  bool recorded = false;
  bool timed = true;
  double ms = 0;
  struct Stream *stream = nullptr;
};

struct Stream {
  bool waitsForDefault = true;
  std::deque<std::function<Code()>> work;
};

struct Module {
  Ptx ptx;
};

struct Function {
  const Module *module;
  const Kernel *kernel;
  PtxEntry entry;
};

struct Settings {
  int64_t initResult = SUCCESS;
  int64_t deviceCount = 1;
  int64_t driverVersion = 13000;
  int64_t computeCapability = 87;
  int64_t integrated = 1;
  int64_t mapsHostMemory = 1;
  // Newest PTX, ten times its version.
  int64_t ptxVersion = 90;
  int64_t order = (int64_t)Order::forward;
  int64_t seed = 1;
};

class Device {
 public:
  Settings settings;
  Memory memory;
  Stream defaultStream;
  std::map<void *, std::unique_ptr<Stream>> streams;
  std::map<void *, std::unique_ptr<Event>> events;
  std::map<void *, std::unique_ptr<Module>> modules;
  std::map<void *, std::unique_ptr<Function>> functions;
  int contexts = 0;
  // An error that no later call gets rid of, as on a real device.
  Code sticky = SUCCESS;
  std::string fault;
  FILE *trace = nullptr;

  Stream *find_stream(void *handle) {
    if (handle == nullptr) return &defaultStream;
    auto it = streams.find(handle);
    return it == streams.end() ? nullptr : it->second.get();
  }

  // Does the oldest work of a stream.
  Code step(Stream &stream) {
    std::function<Code()> work = std::move(stream.work.front());
    stream.work.pop_front();
    if (sticky != SUCCESS) return sticky;
    const Code code = work();
    return code;
  }

  Code drain(Stream &stream) {
    while (!stream.work.empty() && sticky == SUCCESS) step(stream);
    if (sticky != SUCCESS) stream.work.clear();
    return sticky;
  }

  Code drain_all() {
    drain(defaultStream);
    for (auto &[_, stream] : streams) drain(*stream);
    return sticky;
  }

  // What a call that is not part of a stream waits for: the default stream and those tied to it.
  Code drain_tied() {
    drain(defaultStream);
    for (auto &[_, stream] : streams) {
      if (stream->waitsForDefault) drain(*stream);
    }
    return sticky;
  }

  Code fail(Code code, const std::string &what) {
    sticky = code;
    fault = what;
    return code;
  }

  Code launch(const Function &function, Launch launch, const std::vector<char> &parameters) {
    launch.order = (Order)settings.order;
    launch.seed = (unsigned)settings.seed;
    if (trace != nullptr) record(*function.kernel, launch, parameters);
    try {
      run_grid(*function.kernel, parameters.data(), launch);
    } catch (const Divergence &divergence) {
      return fail(LAUNCH_FAILED, std::string(function.kernel->name) + ": " + divergence.what);
    }
    if (memory.zones_broken()) {
      return fail(ILLEGAL_ADDRESS, std::string(function.kernel->name) + " wrote outside its memory");
    }
    return SUCCESS;
  }

  // Frees everything that a lost context held.
  void forget() {
    functions.clear();
    modules.clear();
    events.clear();
    streams.clear();
    defaultStream.work.clear();
    while (!memory.blocks.empty()) {
      const Block &block = memory.blocks.begin()->second;
      memory.release(block.place == Place::device ? block.device : block.host, block.place);
    }
    contexts = 0;
  }

  static double now_ms() {
    using namespace std::chrono;
    return duration<double, std::milli>(steady_clock::now().time_since_epoch()).count();
  }

 private:
  void record(const Kernel &kernel, const Launch &launch, const std::vector<char> &parameters) {
    Trace record{kernel.name, launch, parameters, {}};
    std::set<const Block *> found;
    for (size_t at = 0; at + 8 <= parameters.size(); at += 8) {
      const char *address;
      memcpy(&address, &parameters[at], 8);
      const Block *block = memory.find_device(address, 1);
      if (block == nullptr || !found.insert(block).second) continue;
      record.areas.push_back({(uint64_t)(uintptr_t)block->device,
                              std::vector<char>(block->device, block->device + block->bytes)});
    }
    if (!write_trace(trace, record)) fail(UNKNOWN, "the trace cannot be written");
  }
};

}  // namespace fovea
