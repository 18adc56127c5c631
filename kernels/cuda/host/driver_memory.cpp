// The driver API: memory and copies.
#include "driver_state.h"

using namespace fovea;

namespace {

Code copy(char *to, const char *from, size_t bytes) {
  memcpy(to, from, bytes);
  return SUCCESS;
}

}  // namespace

API cuMemGetInfo_v2(size_t *available, size_t *total) {
  ENTER("cuMemGetInfo_v2", true);
  const Memory &memory = driver().device.memory;
  *total = (size_t)memory.bytesMax;
  *available = (size_t)(memory.bytesMax - memory.used);
  return SUCCESS;
}

API cuMemAlloc_v2(char **out, size_t bytes) {
  ENTER("cuMemAlloc_v2", true);
  return driver().device.memory.allocate_device(bytes, out);
}

API cuMemFree_v2(char *address) {
  ENTER("cuMemFree_v2", true);
  driver().device.drain_all();
  return driver().device.memory.release(address, Place::device);
}

API cuMemHostAlloc(char **out, size_t bytes, unsigned) {
  ENTER("cuMemHostAlloc", true);
  return driver().device.memory.allocate_host(bytes, out);
}

API cuMemFreeHost(char *address) {
  ENTER("cuMemFreeHost", true);
  driver().device.drain_all();
  return driver().device.memory.release(address, Place::host);
}

API cuMemHostGetDevicePointer_v2(char **out, char *host, unsigned) {
  ENTER("cuMemHostGetDevicePointer_v2", true);
  const Block *block = driver().device.memory.find_host(host, 1);
  if (block == nullptr || driver().device.settings.mapsHostMemory == 0) return INVALID_VALUE;
  *out = block->device + (host - block->host);
  return SUCCESS;
}

API cuMemcpyHtoD_v2(char *to, const char *from, size_t bytes) {
  ENTER("cuMemcpyHtoD_v2", true);
  CHECK(driver().device.drain_tied());
  if (driver().device.memory.find_device(to, bytes) == nullptr) return INVALID_VALUE;
  return copy(to, from, bytes);
}

API cuMemcpyDtoH_v2(char *to, const char *from, size_t bytes) {
  ENTER("cuMemcpyDtoH_v2", true);
  CHECK(driver().device.drain_tied());
  if (driver().device.memory.find_device(from, bytes) == nullptr) return INVALID_VALUE;
  return copy(to, from, bytes);
}

// Only pinned memory is taken: a copy from or to any other would wait without a word.
API cuMemcpyHtoDAsync_v2(char *to, const char *from, size_t bytes, void *handle) {
  ENTER("cuMemcpyHtoDAsync_v2", true);
  Device &device = driver().device;
  Stream *stream = device.find_stream(handle);
  if (stream == nullptr) return INVALID_HANDLE;
  if (device.memory.find_device(to, bytes) == nullptr) return INVALID_VALUE;
  if (device.memory.find_host(from, bytes) == nullptr) return INVALID_VALUE;
  stream->work.push_back([=] { return copy(to, from, bytes); });
  return SUCCESS;
}

API cuMemcpyDtoHAsync_v2(char *to, const char *from, size_t bytes, void *handle) {
  ENTER("cuMemcpyDtoHAsync_v2", true);
  Device &device = driver().device;
  Stream *stream = device.find_stream(handle);
  if (stream == nullptr) return INVALID_HANDLE;
  if (device.memory.find_device(from, bytes) == nullptr) return INVALID_VALUE;
  if (device.memory.find_host(to, bytes) == nullptr) return INVALID_VALUE;
  stream->work.push_back([=] { return copy(to, from, bytes); });
  return SUCCESS;
}

API cuMemcpyDtoDAsync_v2(char *to, const char *from, size_t bytes, void *handle) {
  ENTER("cuMemcpyDtoDAsync_v2", true);
  Device &device = driver().device;
  Stream *stream = device.find_stream(handle);
  if (stream == nullptr) return INVALID_HANDLE;
  if (device.memory.find_device(to, bytes) == nullptr) return INVALID_VALUE;
  if (device.memory.find_device(from, bytes) == nullptr) return INVALID_VALUE;
  stream->work.push_back([=] { return copy(to, from, bytes); });
  return SUCCESS;
}

API cuMemsetD8Async(char *to, unsigned char value, size_t bytes, void *handle) {
  ENTER("cuMemsetD8Async", true);
  Device &device = driver().device;
  Stream *stream = device.find_stream(handle);
  if (stream == nullptr) return INVALID_HANDLE;
  if (device.memory.find_device(to, bytes) == nullptr) return INVALID_VALUE;
  stream->work.push_back([=] {
    memset(to, value, bytes);
    return SUCCESS;
  });
  return SUCCESS;
}
