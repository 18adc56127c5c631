// The driver API: streams and events.
#include "driver_state.h"

using namespace fovea;

API cuStreamCreate(void **out, unsigned flags) {
  ENTER("cuStreamCreate", true);
  auto stream = std::make_unique<Stream>();
  stream->waitsForDefault = (flags & 1) == 0;
  *out = keep(driver().device.streams, std::move(stream));
  return SUCCESS;
}

API cuStreamDestroy_v2(void *handle) {
  ENTER("cuStreamDestroy_v2", true);
  Device &device = driver().device;
  if (device.streams.count(handle) == 0) return INVALID_HANDLE;
  device.drain(*device.streams[handle]);
  device.streams.erase(handle);
  return SUCCESS;
}

API cuStreamSynchronize(void *handle) {
  ENTER("cuStreamSynchronize", true);
  Stream *stream = driver().device.find_stream(handle);
  return stream == nullptr ? INVALID_HANDLE : driver().device.drain(*stream);
}

API cuStreamQuery(void *handle) {
  ENTER("cuStreamQuery", true);
  Stream *stream = driver().device.find_stream(handle);
  if (stream == nullptr) return INVALID_HANDLE;
  if (stream->work.empty()) return SUCCESS;
  driver().device.step(*stream);
  return driver().device.sticky != SUCCESS ? driver().device.sticky : NOT_READY;
}

API cuEventCreate(void **out, unsigned flags) {
  ENTER("cuEventCreate", true);
  auto event = std::make_unique<Event>();
  event->timed = (flags & 2) == 0;
  *out = keep(driver().device.events, std::move(event));
  return SUCCESS;
}

API cuEventDestroy_v2(void *handle) {
  ENTER("cuEventDestroy_v2", true);
  driver().device.drain_all();
  return driver().device.events.erase(handle) == 1 ? SUCCESS : INVALID_HANDLE;
}

API cuEventRecord(void *handle, void *streamHandle) {
  ENTER("cuEventRecord", true);
  Device &device = driver().device;
  Stream *stream = device.find_stream(streamHandle);
  if (stream == nullptr || device.events.count(handle) == 0) return INVALID_HANDLE;
  Event *event = device.events[handle].get();
  event->pending = event->recorded = true;
  event->stream = stream;
  stream->work.push_back([event] {
    event->pending = false;
    event->ms = Device::now_ms();
    return SUCCESS;
  });
  return SUCCESS;
}

API cuEventQuery(void *handle) {
  ENTER("cuEventQuery", true);
  Device &device = driver().device;
  if (device.events.count(handle) == 0) return INVALID_HANDLE;
  Event &event = *device.events[handle];
  if (!event.pending) return SUCCESS;
  device.step(*event.stream);
  return device.sticky != SUCCESS ? device.sticky : NOT_READY;
}

API cuEventSynchronize(void *handle) {
  ENTER("cuEventSynchronize", true);
  Device &device = driver().device;
  if (device.events.count(handle) == 0) return INVALID_HANDLE;
  Event &event = *device.events[handle];
  while (event.pending && device.sticky == SUCCESS) device.step(*event.stream);
  return device.sticky;
}

API cuEventElapsedTime(float *ms, void *from, void *to) {
  ENTER("cuEventElapsedTime", true);
  Device &device = driver().device;
  if (device.events.count(from) == 0 || device.events.count(to) == 0) return INVALID_HANDLE;
  const Event &first = *device.events[from], &last = *device.events[to];
  if (!first.timed || !last.timed || !first.recorded || !last.recorded) return INVALID_HANDLE;
  if (first.pending || last.pending) return NOT_READY;
  *ms = (float)(last.ms - first.ms);
  return SUCCESS;
}

API cuStreamWaitEvent(void *streamHandle, void *handle, unsigned) {
  ENTER("cuStreamWaitEvent", true);
  Device &device = driver().device;
  Stream *stream = device.find_stream(streamHandle);
  if (stream == nullptr || device.events.count(handle) == 0) return INVALID_HANDLE;
  Event *event = device.events[handle].get();
  stream->work.push_back([event, &device] {
    while (event->pending && device.sticky == SUCCESS) device.step(*event->stream);
    return device.sticky;
  });
  return SUCCESS;
}
