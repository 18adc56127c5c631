// The driver API: the device and its context.
#include "driver_state.h"

using namespace fovea;

namespace {

int64_t attribute(int which) {
  const Settings &settings = driver().device.settings;
  switch (which) {
    case 1: return 1024;                                  // MAX_THREADS_PER_BLOCK
    case 16: return 8;                                    // MULTIPROCESSOR_COUNT
    case 18: return settings.integrated;                  // INTEGRATED
    case 19: return settings.mapsHostMemory;              // CAN_MAP_HOST_MEMORY
    case 41: return 1;                                    // UNIFIED_ADDRESSING
    case 75: return settings.computeCapability / 10;      // COMPUTE_CAPABILITY_MAJOR
    case 76: return settings.computeCapability % 10;      // COMPUTE_CAPABILITY_MINOR
    default: return 0;
  }
}

}  // namespace

API cuInit(unsigned flags) {
  Driver &d = driver();
  const std::lock_guard<std::recursive_mutex> turn(driver().lock);
  const Code code = enter("cuInit", false);
  if (code != NOT_INITIALIZED) CHECK(code);
  if (flags != 0) return INVALID_VALUE;
  if (d.device.settings.initResult != SUCCESS) return (int)d.device.settings.initResult;
  if (d.device.settings.deviceCount == 0) return NO_DEVICE;
  d.initialized = true;
  return SUCCESS;
}

API cuDriverGetVersion(int *version) {
  driver().calls["cuDriverGetVersion"]++;
  *version = (int)driver().device.settings.driverVersion;
  return SUCCESS;
}

API cuGetErrorName(int code, const char **out) {
  *out = name_of(code);
  return *out == nullptr ? INVALID_VALUE : SUCCESS;
}

API cuGetErrorString(int code, const char **out) {
  *out = name_of(code) == nullptr ? nullptr : "emulated";
  return *out == nullptr ? INVALID_VALUE : SUCCESS;
}

API cuDeviceGetCount(int *count) {
  ENTER("cuDeviceGetCount", false);
  *count = (int)driver().device.settings.deviceCount;
  return SUCCESS;
}

API cuDeviceGet(int *device, int ordinal) {
  ENTER("cuDeviceGet", false);
  if (ordinal < 0 || ordinal >= driver().device.settings.deviceCount) return INVALID_DEVICE;
  *device = ordinal;
  return SUCCESS;
}

API cuDeviceGetName(char *name, int bytes, int) {
  ENTER("cuDeviceGetName", false);
  snprintf(name, (size_t)bytes, "Emulated GPU");
  return SUCCESS;
}

API cuDeviceGetAttribute(int *value, int which, int) {
  ENTER("cuDeviceGetAttribute", false);
  *value = (int)attribute(which);
  return SUCCESS;
}

API cuDeviceTotalMem_v2(size_t *bytes, int) {
  ENTER("cuDeviceTotalMem_v2", false);
  *bytes = (size_t)driver().device.memory.bytesMax;
  return SUCCESS;
}

API cuDevicePrimaryCtxSetFlags_v2(int, unsigned) {
  ENTER("cuDevicePrimaryCtxSetFlags_v2", false);
  return SUCCESS;
}

API cuDevicePrimaryCtxRetain(void **context, int device) {
  ENTER("cuDevicePrimaryCtxRetain", false);
  driver().device.contexts++;
  *context = (void *)(uintptr_t)(0x1000 + device);
  return SUCCESS;
}

API cuDevicePrimaryCtxRelease_v2(int) {
  ENTER("cuDevicePrimaryCtxRelease_v2", false);
  if (driver().device.contexts == 0) return INVALID_CONTEXT;
  driver().device.contexts--;
  return SUCCESS;
}

API cuCtxSetCurrent(void *context) {
  ENTER("cuCtxSetCurrent", false);
  has_context = context != nullptr;
  return SUCCESS;
}

API cuCtxGetCurrent(void **context) {
  ENTER("cuCtxGetCurrent", false);
  *context = has_context ? (void *)(uintptr_t)0x1000 : nullptr;
  return SUCCESS;
}

API cuCtxSynchronize(void) {
  ENTER("cuCtxSynchronize", true);
  return driver().device.drain_all();
}
