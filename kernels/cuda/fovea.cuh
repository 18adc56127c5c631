// What all kernels share. The same sources are compiled three times: by nvcc to the PTX that is
// committed, by NVRTC on a device that asks for it, and by a C++ compiler with host/shim.h, which
// runs them on a processor for the tests. So nothing is included on the device side, parameters
// are plain structs by value, shared memory is static, and floating point is written out: nothing
// is contracted (-fmad=false), and fmaf() stands where one rounding is meant.
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

#ifdef FOVEA_HOST
#include "host/shim.h"
#else
// A kernel whose threads never meet.
#define FOVEA_KERNEL(name, Parameters, threads_max) \
  extern "C" __global__ void __launch_bounds__(threads_max) name(const Parameters p)
// A kernel whose threads meet: at a barrier, or in a warp.
#define FOVEA_BLOCK_KERNEL(name, Parameters, threads_max) \
  FOVEA_KERNEL(name, Parameters, threads_max)
#define FOVEA_SHARED __shared__
#define FOVEA_DEVICE static __device__ __forceinline__
#endif

#define FOVEA_WARP 32
#define FOVEA_ALL_LANES 0xffffffffu

// Element types of tensors, as the logarithm of their bytes.
#define FOVEA_UINT8 0
#define FOVEA_FLOAT16 1
#define FOVEA_FLOAT32 2

// Places in the counters that a frame's kernels hand on to each other.
#define FOVEA_COUNT 0
#define FOVEA_OVERFLOW 1
#define FOVEA_NON_FINITE 2
#define FOVEA_SORTED 3
#define FOVEA_BROKEN_BOXES 4
#define FOVEA_COUNTERS 5

// What a row is when it is no candidate, in place of its class.
#define FOVEA_BELOW_THRESHOLD (-1)
#define FOVEA_BROKEN (-2)

FOVEA_DEVICE u32 global_thread() { return blockIdx.x * blockDim.x + threadIdx.x; }

FOVEA_DEVICE bool is_finite(float value) {
  return (__float_as_uint(value) & 0x7f800000u) != 0x7f800000u;
}

// binary16, rounded half to even.
FOVEA_DEVICE u16 to_half(float value) {
#ifdef FOVEA_HOST
  return fovea_float_to_half(value);
#else
  u16 half;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(half) : "f"(value));
  return half;
#endif
}

FOVEA_DEVICE float from_half(u16 half) {
#ifdef FOVEA_HOST
  return fovea_half_to_float(half);
#else
  float value;
  asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(half));
  return value;
#endif
}

// Element `index` of a tensor of float32 or float16.
FOVEA_DEVICE float load_element(const void *data, int element, u64 index) {
  return element == FOVEA_FLOAT16 ? from_half(((const u16 *)data)[index])
                                  : ((const float *)data)[index];
}

// 1 / (1 + exp(-x)), with full relative precision also where it is tiny.
FOVEA_DEVICE float sigmoid(float x) {
  const float tail = expf(-fabsf(x));
  return (x >= 0.0f ? 1.0f : tail) / (1.0f + tail);
}

// ln(1 + exp(x)): finite for every finite x.
FOVEA_DEVICE float softplus(float x) { return fmaxf(x, 0.0f) + log1pf(expf(-fabsf(x))); }
