// The driver API: modules and launches.
#include "driver_state.h"

using namespace fovea;

namespace {

void write_log(unsigned count, const int *options, void **values, const char *text) {
  char *buffer = nullptr;
  size_t bytes = 0;
  for (unsigned i = 0; i < count; i++) {
    if (options[i] == 5) buffer = (char *)values[i];      // ERROR_LOG_BUFFER
    if (options[i] == 6) bytes = (size_t)(uintptr_t)values[i];
  }
  if (buffer != nullptr && bytes > 0) snprintf(buffer, bytes, "%s", text);
}

}  // namespace

API cuModuleLoadDataEx(void **out, const char *image, unsigned count, const int *options,
                       void **values) {
  ENTER("cuModuleLoadDataEx", true);
  const Settings &settings = driver().device.settings;
  auto module = std::make_unique<Module>();
  if (!read_ptx(image, module->ptx)) {
    write_log(count, options, values, "ptxas fatal   : Ptx assembly aborted due to errors");
    return INVALID_PTX;
  }
  const Ptx &ptx = module->ptx;
  if (ptx.version > settings.ptxVersion) {
    const std::string text = "ptxas application ptx input, line 9; fatal   : Unsupported .version " +
                             std::to_string(ptx.version / 10) + "." +
                             std::to_string(ptx.version % 10) + "; current version is '" +
                             std::to_string(settings.ptxVersion / 10) + "." +
                             std::to_string(settings.ptxVersion % 10) + "'";
    write_log(count, options, values, text.c_str());
    return UNSUPPORTED_PTX_VERSION;
  }
  if (ptx.target > settings.computeCapability) return NO_BINARY_FOR_GPU;
  *out = keep(driver().device.modules, std::move(module));
  return SUCCESS;
}

API cuModuleUnload(void *handle) {
  ENTER("cuModuleUnload", true);
  Device &device = driver().device;
  device.drain_all();
  if (device.modules.count(handle) == 0) return INVALID_HANDLE;
  for (auto it = device.functions.begin(); it != device.functions.end();) {
    it = it->second->module == handle ? device.functions.erase(it) : std::next(it);
  }
  device.modules.erase(handle);
  return SUCCESS;
}

API cuModuleGetFunction(void **out, void *handle, const char *name) {
  ENTER("cuModuleGetFunction", true);
  Device &device = driver().device;
  if (device.modules.count(handle) == 0) return INVALID_HANDLE;
  const Module *module = device.modules[handle].get();
  const Ptx &ptx = module->ptx;
  auto entry = ptx.entries.find(name);
  if (entry == ptx.entries.end()) return NOT_FOUND;
  for (const Kernel &kernel : kernels()) {
    if (strcmp(kernel.name, name) != 0) continue;
    if (kernel.parameterBytes != entry->second.parameterBytes) {
      device.fault = std::string(name) + ": PTX and sources differ in their parameters";
      return INVALID_IMAGE;
    }
    const Function function{module, &kernel, entry->second};
    *out = keep(device.functions, std::make_unique<Function>(function));
    return SUCCESS;
  }
  device.fault = std::string(name) + ": it is in the PTX and not in the sources";
  return INVALID_IMAGE;
}

API cuLaunchKernel(void *handle, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX,
                   unsigned blockY, unsigned blockZ, unsigned sharedBytes, void *streamHandle,
                   void **parameters, void **) {
  ENTER("cuLaunchKernel", true);
  Device &device = driver().device;
  Stream *stream = device.find_stream(streamHandle);
  if (stream == nullptr || device.functions.count(handle) == 0) return INVALID_HANDLE;
  const Function function = *device.functions[handle];
  Launch launch;
  launch.grid = {gridX, gridY, gridZ};
  launch.block = {blockX, blockY, blockZ};
  if (volume(launch.grid) == 0 || volume(launch.block) == 0 || sharedBytes != 0) {
    return INVALID_VALUE;
  }
  if (volume(launch.block) > function.entry.threadsMax) return LAUNCH_OUT_OF_RESOURCES;
  if (parameters == nullptr || parameters[0] == nullptr) return INVALID_VALUE;
  // Parameters are taken now; memory is looked at when the kernel runs.
  const char *values = (const char *)parameters[0];
  std::vector<char> taken(values, values + function.kernel->parameterBytes);
  stream->work.push_back(
      [function, launch, taken, &device] { return device.launch(function, launch, taken); });
  return SUCCESS;
}
