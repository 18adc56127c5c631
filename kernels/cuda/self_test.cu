// fovea_self_test: shows in one block that what the kernels rely on works on this device: a barrier,
// a shuffle, a ballot, 64-bit integers, an atomic, and rounding to float16.
#include "fovea.cuh"

#define SELF_TEST_THREADS 128

struct SelfTestParameters {
  // [blockDim.x].
  const float *values;
  // [blockDim.x]: each value plus its mirror image's in its warp, as float16 bits, in reverse order.
  u16 *halves;
  // How many values are above 0.
  int *positives;
  // Sum over i of 2^32 * i, modulo 2^64.
  u64 *sum;
};

FOVEA_BLOCK_KERNEL(fovea_self_test, SelfTestParameters, SELF_TEST_THREADS) {
  FOVEA_SHARED float mirrored[SELF_TEST_THREADS];
  FOVEA_SHARED u64 sums[SELF_TEST_THREADS];
  const u32 thread = threadIdx.x;
  const float value = p.values[thread];
  mirrored[thread] = value + __shfl_xor_sync(FOVEA_ALL_LANES, value, FOVEA_WARP - 1);
  sums[thread] = (u64)thread << 32;
  const u32 above = __ballot_sync(FOVEA_ALL_LANES, value > 0.0f);
  if (thread % FOVEA_WARP == 0) atomicAdd(p.positives, __popc(above));
  for (u32 half = blockDim.x / 2; half > 0; half /= 2) {
    __syncthreads();
    if (thread < half) sums[thread] += sums[thread + half];
  }
  p.halves[thread] = to_half(mirrored[blockDim.x - 1 - thread]);
  if (thread == 0) *p.sum = sums[0];
}
