// The part of CUDA's language that the kernels use, for a C++ compiler: the same sources then run on
// a processor. Not a way to compute without a GPU, only one to test what a GPU will compute.
//
// Kernels whose threads never meet run as a plain loop. The others need threads that can wait for
// each other; fiber_block.h and thread_block.h are two ways to have them.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

struct FoveaDim3 {
  unsigned x, y, z;
};

// Where the running thread stands. Set by whoever runs it.
inline thread_local FoveaDim3 threadIdx, blockIdx, blockDim, gridDim;

#define FOVEA_DEVICE static inline
// All shared variables lie together, so that they can be filled with NaN before each block: shared
// memory starts with whatever was there before.
#define FOVEA_SHARED static __attribute__((section("fovea_shared")))

namespace fovea {

// One kernel of the sources.
struct Kernel {
  const char *name;
  void (*run)(const void *parameters);
  size_t parameterBytes;
  // Whether its threads meet.
  bool meets;
  unsigned threadsMax;
};

inline std::vector<Kernel> &kernels() {
  static std::vector<Kernel> all;
  return all;
}

struct Registration {
  explicit Registration(const Kernel &kernel) { kernels().push_back(kernel); }
};

// Waits until all threads of the block are here. `site` numbers the barriers of the sources.
void sync_threads(int site, const char *file, int line);
// Waits until all lanes of the warp are here and returns what lane `source` brought.
uint64_t exchange(uint64_t mine, unsigned source);
// Waits until all lanes of the warp are here and returns a bit for each that brought true.
uint32_t vote(bool mine);

}  // namespace fovea

#define FOVEA_DECLARE_KERNEL(name, Parameters, threads_max, meets)                       \
  static void name##_body(const Parameters &p);                                          \
  static void name##_run(const void *p) { name##_body(*(const Parameters *)p); }         \
  static const fovea::Registration name##_registration(                                  \
      {#name, name##_run, sizeof(Parameters), meets, threads_max});                      \
  static void name##_body(const Parameters &p)
#define FOVEA_KERNEL(name, Parameters, threads_max) \
  FOVEA_DECLARE_KERNEL(name, Parameters, threads_max, false)
#define FOVEA_BLOCK_KERNEL(name, Parameters, threads_max) \
  FOVEA_DECLARE_KERNEL(name, Parameters, threads_max, true)

#define __syncthreads() fovea::sync_threads(__COUNTER__, __FILE__, __LINE__)

template <typename To, typename From>
static inline To fovea_same_bits(From from) {
  static_assert(sizeof(To) == sizeof(From), "sizes differ");
  To to;
  memcpy(&to, &from, sizeof to);
  return to;
}

static inline unsigned __float_as_uint(float value) { return fovea_same_bits<unsigned>(value); }
static inline float __uint_as_float(unsigned bits) { return fovea_same_bits<float>(bits); }
static inline int __popc(unsigned bits) { return __builtin_popcount(bits); }

static inline int atomicAdd(int *to, int value) {
  return __atomic_fetch_add(to, value, __ATOMIC_RELAXED);
}
static inline unsigned long long atomicOr(unsigned long long *to, unsigned long long bits) {
  return __atomic_fetch_or(to, bits, __ATOMIC_RELAXED);
}

static inline unsigned fovea_lane() { return threadIdx.x % 32; }
static inline float __shfl_xor_sync(unsigned, float value, int mask) {
  const uint64_t bits = fovea::exchange(__float_as_uint(value), fovea_lane() ^ (unsigned)mask);
  return __uint_as_float((unsigned)bits);
}
static inline int __shfl_xor_sync(unsigned, int value, int mask) {
  return (int)fovea::exchange((unsigned)value, fovea_lane() ^ (unsigned)mask);
}
static inline unsigned __ballot_sync(unsigned, bool value) { return fovea::vote(value); }

// Rounds to binary16, half to even: IEEE 754-2019, sections 3.6 and 4.3.1.
static inline uint16_t fovea_float_to_half(float value) {
  const uint32_t bits = __float_as_uint(value);
  const uint32_t sign = bits >> 16 & 0x8000u;
  const uint32_t size = bits & 0x7fffffffu;
  if (size > 0x7f800000u) return (uint16_t)0x7fffu;
  // From 65,520 on the nearest number would be 65,536, which is infinity.
  if (size >= 0x477ff000u) return (uint16_t)(sign | 0x7c00u);
  if (size >= 0x38800000u) {
    const uint32_t odd = size >> 13 & 1u;
    return (uint16_t)(sign | (size - 0x38000000u + 0xfffu + odd) >> 13);
  }
  // Below 2^-14 the unit in the last place is 2^-24, that of a float between 1/2 and 1.
  const float rounded = fabsf(value) + 0.5f;
  return (uint16_t)(sign | (__float_as_uint(rounded) - 0x3f000000u));
}

static inline float fovea_half_to_float(uint16_t half) {
  const uint32_t sign = (uint32_t)(half & 0x8000u) << 16;
  const uint32_t exponent = half >> 10 & 31u;
  const uint32_t fraction = half & 0x3ffu;
  if (exponent == 31) return __uint_as_float(sign | 0x7f800000u | fraction << 13);
  if (exponent == 0) {
    const float value = (float)fraction * 0x1p-24f;
    return sign != 0 ? -value : value;
  }
  return __uint_as_float(sign | (exponent + 112) << 23 | fraction << 13);
}
