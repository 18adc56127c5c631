/**
 * The functions of the CUDA driver API that fovea calls, under the names that the library exports:
 * where `cuda.h` redefines a name to one with a version, it is that one. All required ones are in
 * every driver from CUDA 11.2 on. A `CUdeviceptr` is passed as an address.
 *
 * Source: NVIDIA, CUDA Driver API, `cuda.h`.
 */
export const CUDA_SYMBOLS = {
  // CUresult cuInit(unsigned int flags)
  cuInit: { parameters: ["u32"], result: "i32" },
  // CUresult cuDriverGetVersion(int* version)
  cuDriverGetVersion: { parameters: ["buffer"], result: "i32" },
  // CUresult cuGetErrorName(CUresult code, const char** text)
  cuGetErrorName: { parameters: ["i32", "buffer"], result: "i32" },
  // CUresult cuGetErrorString(CUresult code, const char** text)
  cuGetErrorString: { parameters: ["i32", "buffer"], result: "i32" },

  // CUresult cuDeviceGetCount(int* count)
  cuDeviceGetCount: { parameters: ["buffer"], result: "i32" },
  // CUresult cuDeviceGet(CUdevice* device, int ordinal)
  cuDeviceGet: { parameters: ["buffer", "i32"], result: "i32" },
  // CUresult cuDeviceGetName(char* name, int bytes, CUdevice device)
  cuDeviceGetName: { parameters: ["buffer", "i32", "i32"], result: "i32" },
  // CUresult cuDeviceGetAttribute(int* value, CUdevice_attribute attribute, CUdevice device)
  cuDeviceGetAttribute: { parameters: ["buffer", "i32", "i32"], result: "i32" },
  // CUresult cuDeviceTotalMem(size_t* bytes, CUdevice device)
  cuDeviceTotalMem_v2: { parameters: ["buffer", "i32"], result: "i32" },

  // CUresult cuDevicePrimaryCtxSetFlags(CUdevice device, unsigned int flags)
  cuDevicePrimaryCtxSetFlags_v2: { parameters: ["i32", "u32"], result: "i32", optional: true },
  // CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice device)
  cuDevicePrimaryCtxRetain: { parameters: ["buffer", "i32"], result: "i32" },
  // CUresult cuDevicePrimaryCtxRelease(CUdevice device)
  cuDevicePrimaryCtxRelease_v2: { parameters: ["i32"], result: "i32" },
  // CUresult cuCtxSetCurrent(CUcontext context)
  cuCtxSetCurrent: { parameters: ["pointer"], result: "i32" },
  // CUresult cuCtxSynchronize()
  cuCtxSynchronize: { parameters: [], result: "i32" },

  // CUresult cuMemGetInfo(size_t* free, size_t* total)
  cuMemGetInfo_v2: { parameters: ["buffer", "buffer"], result: "i32" },
  // CUresult cuMemAlloc(CUdeviceptr* address, size_t bytes)
  cuMemAlloc_v2: { parameters: ["buffer", "usize"], result: "i32" },
  // CUresult cuMemFree(CUdeviceptr address)
  cuMemFree_v2: { parameters: ["pointer"], result: "i32" },
  // CUresult cuMemHostAlloc(void** address, size_t bytes, unsigned int flags)
  cuMemHostAlloc: { parameters: ["buffer", "usize", "u32"], result: "i32" },
  // CUresult cuMemFreeHost(void* address)
  cuMemFreeHost: { parameters: ["pointer"], result: "i32" },
  // CUresult cuMemHostGetDevicePointer(CUdeviceptr* device, void* host, unsigned int flags)
  cuMemHostGetDevicePointer_v2: { parameters: ["buffer", "pointer", "u32"], result: "i32" },
  // CUresult cuMemcpyHtoD(CUdeviceptr to, const void* from, size_t bytes)
  cuMemcpyHtoD_v2: { parameters: ["pointer", "buffer", "usize"], result: "i32" },
  // CUresult cuMemcpyDtoH(void* to, CUdeviceptr from, size_t bytes)
  cuMemcpyDtoH_v2: { parameters: ["buffer", "pointer", "usize"], result: "i32" },
  // CUresult cuMemcpyHtoDAsync(CUdeviceptr to, const void* from, size_t bytes, CUstream stream)
  cuMemcpyHtoDAsync_v2: { parameters: ["pointer", "pointer", "usize", "pointer"], result: "i32" },
  // CUresult cuMemcpyDtoHAsync(void* to, CUdeviceptr from, size_t bytes, CUstream stream)
  cuMemcpyDtoHAsync_v2: { parameters: ["pointer", "pointer", "usize", "pointer"], result: "i32" },
  // CUresult cuMemsetD8Async(CUdeviceptr to, unsigned char value, size_t count, CUstream stream)
  cuMemsetD8Async: { parameters: ["pointer", "u8", "usize", "pointer"], result: "i32" },

  // CUresult cuStreamCreate(CUstream* stream, unsigned int flags)
  cuStreamCreate: { parameters: ["buffer", "u32"], result: "i32" },
  // CUresult cuStreamDestroy(CUstream stream)
  cuStreamDestroy_v2: { parameters: ["pointer"], result: "i32" },
  // CUresult cuStreamSynchronize(CUstream stream)
  cuStreamSynchronize: { parameters: ["pointer"], result: "i32" },
  // CUresult cuStreamQuery(CUstream stream)
  cuStreamQuery: { parameters: ["pointer"], result: "i32" },
  // CUresult cuStreamWaitEvent(CUstream stream, CUevent event, unsigned int flags)
  cuStreamWaitEvent: { parameters: ["pointer", "pointer", "u32"], result: "i32" },
  // CUresult cuEventCreate(CUevent* event, unsigned int flags)
  cuEventCreate: { parameters: ["buffer", "u32"], result: "i32" },
  // CUresult cuEventDestroy(CUevent event)
  cuEventDestroy_v2: { parameters: ["pointer"], result: "i32" },
  // CUresult cuEventRecord(CUevent event, CUstream stream)
  cuEventRecord: { parameters: ["pointer", "pointer"], result: "i32" },
  // CUresult cuEventQuery(CUevent event)
  cuEventQuery: { parameters: ["pointer"], result: "i32" },
  // CUresult cuEventSynchronize(CUevent event)
  cuEventSynchronize: { parameters: ["pointer"], result: "i32" },
  // CUresult cuEventElapsedTime(float* milliseconds, CUevent start, CUevent end)
  cuEventElapsedTime: { parameters: ["buffer", "pointer", "pointer"], result: "i32" },

  // CUresult cuModuleLoadDataEx(CUmodule* module, const void* image, unsigned int count,
  //   CUjit_option* options, void** values)
  cuModuleLoadDataEx: {
    parameters: ["buffer", "buffer", "u32", "buffer", "buffer"],
    result: "i32",
  },
  // CUresult cuModuleUnload(CUmodule module)
  cuModuleUnload: { parameters: ["pointer"], result: "i32" },
  // CUresult cuModuleGetFunction(CUfunction* function, CUmodule module, const char* name)
  cuModuleGetFunction: { parameters: ["buffer", "pointer", "buffer"], result: "i32" },
  // CUresult cuLaunchKernel(CUfunction function, unsigned int gridX, gridY, gridZ, blockX, blockY,
  //   blockZ, unsigned int sharedBytes, CUstream stream, void** parameters, void** extra)
  cuLaunchKernel: {
    parameters: [
      "pointer",
      ...["u32", "u32", "u32"] as const,
      ...["u32", "u32", "u32"] as const,
      "u32",
      "pointer",
      "buffer",
      "pointer",
    ],
    result: "i32",
  },
} as const satisfies Deno.ForeignLibraryInterface;

/** The functions of {@linkcode CUDA_SYMBOLS}, ready to be called. */
export type CudaApi = Deno.DynamicLibrary<typeof CUDA_SYMBOLS>["symbols"];

/** `CUdevice_attribute`, as far as fovea asks. */
export const DEVICE_ATTRIBUTE: Readonly<
  Record<
    | "multiprocessors"
    | "integrated"
    | "canMapHostMemory"
    | "computeCapabilityMajor"
    | "computeCapabilityMinor",
    number
  >
> = {
  multiprocessors: 16,
  integrated: 18,
  canMapHostMemory: 19,
  computeCapabilityMajor: 75,
  computeCapabilityMinor: 76,
};

/** `CU_CTX_SCHED_BLOCKING_SYNC`: a thread that waits sleeps, it does not burn its core. */
export const SCHEDULE_BLOCKING = 4;
/** `CU_MEMHOSTALLOC_DEVICEMAP`: the device sees this memory of the host. */
export const HOST_MEMORY_MAPPED = 2;
/** `CU_STREAM_NON_BLOCKING`: the stream does not wait for the default one. */
export const STREAM_NON_BLOCKING = 1;
/** `CU_EVENT_BLOCKING_SYNC`: a thread that waits for the event sleeps. */
export const EVENT_BLOCKING = 1;
/** `CU_EVENT_DISABLE_TIMING`: the event takes no time stamp, which makes it cheap. */
export const EVENT_UNTIMED = 2;
/** `CU_JIT_ERROR_LOG_BUFFER` and the bytes of that buffer. */
export const JIT_ERROR_LOG = 5;
/** `CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES`. */
export const JIT_ERROR_LOG_BYTES = 6;
