// fovea_sort: the candidates by falling score; equal scores by rising row.
//
// One block, whose threads are a power of two, sorts 64-bit keys, the score's bits above the row's,
// by Batcher's bitonic network: a tile in shared memory at a time, and strides longer than a tile in
// global memory. Candidates with a NaN score or of a class that is not wanted stay out.
// Source: Batcher 1968, "Sorting networks and their applications".
#include "fovea.cuh"

// Sanitizers run with a small one, so that few keys are several tiles.
#ifndef SORT_TILE
#define SORT_TILE 2048
#endif

struct SortParameters {
  // [capacity] each.
  const float *score;
  const int *classIndex;
  // Bit c % 32 of word c / 32 says whether class c is wanted; null for all. Classes from
  // `classCount` on are not wanted then.
  const u32 *wanted;
  // [capacity rounded up to a power of two, at least 2]: room to work in.
  u64 *keys;
  // [capacity]: the sorted candidates.
  int *order;
  // FOVEA_COUNT is read, FOVEA_SORTED is set.
  int *counters;
  int classCount;
};

#define NO_KEY 0xffffffffffffffffull

// Rising keys are falling scores. Zeros are equal, whatever their sign.
FOVEA_DEVICE u64 sort_key(float score, u32 row) {
  if (score != score) return NO_KEY;
  const u32 bits = __float_as_uint(score == 0.0f ? 0.0f : score);
  const u32 rising = bits & 0x80000000u ? ~bits : bits | 0x80000000u;
  return ((u64)~rising << 32) | row;
}

FOVEA_DEVICE bool is_wanted(const u32 *wanted, int classCount, int index) {
  if (wanted == 0) return true;
  return index >= 0 && index < classCount && (wanted[index / 32] >> (index % 32) & 1u) != 0;
}

// Exchanges pair `pair` of the network's step (size, stride) where it stands the wrong way round.
FOVEA_DEVICE void compare_exchange(u64 *keys, u32 pair, u32 size, u32 stride, u32 offset) {
  const u32 low = 2 * pair - (pair & (stride - 1));
  const u32 high = low + stride;
  const bool rising = ((low + offset) & size) == 0;
  const u64 first = keys[low];
  const u64 second = keys[high];
  if ((first > second) == rising) {
    keys[low] = second;
    keys[high] = first;
  }
}

FOVEA_BLOCK_KERNEL(fovea_sort, SortParameters, 1024) {
  FOVEA_SHARED u64 tile[SORT_TILE];
  const u32 thread = threadIdx.x;
  const u32 threads = blockDim.x;
  const u32 count = (u32)p.counters[FOVEA_COUNT];
  u32 length = 2;
  while (length < count) length *= 2;
  const u32 tileLength = length < SORT_TILE ? length : SORT_TILE;

  // Outside the tile, a thread only touches keys whose number is its own modulo the number of
  // threads, a power of two: when it makes keys, moves them between the tile and global memory, and
  // exchanges them over strides of a tile or more. So none of that needs a barrier.
  for (u32 i = thread; i < length; i += threads) {
    const bool taken = i < count && is_wanted(p.wanted, p.classCount, p.classIndex[i]);
    p.keys[i] = taken ? sort_key(p.score[i], i) : NO_KEY;
  }
  // Sizes up to a tile are sorted tile by tile; larger ones take their long strides in global
  // memory first and then finish tile by tile too.
  for (u32 size = tileLength; size <= length; size *= 2) {
    for (u32 stride = size / 2; stride >= tileLength; stride /= 2) {
      for (u32 pair = thread; pair < length / 2; pair += threads) {
        compare_exchange(p.keys, pair, size, stride, 0);
      }
    }
    for (u32 start = 0; start < length; start += tileLength) {
      for (u32 i = thread; i < tileLength; i += threads) tile[i] = p.keys[start + i];
      for (u32 inner = size == tileLength ? 2 : size; inner <= size; inner *= 2) {
        const u32 longest = inner / 2 < tileLength ? inner / 2 : tileLength / 2;
        for (u32 stride = longest; stride > 0; stride /= 2) {
          __syncthreads();
          for (u32 pair = thread; pair < tileLength / 2; pair += threads) {
            compare_exchange(tile, pair, inner, stride, start);
          }
        }
      }
      __syncthreads();
      for (u32 i = thread; i < tileLength; i += threads) p.keys[start + i] = tile[i];
    }
  }
  // Each thread looks at the key of its neighbour.
  __syncthreads();
  for (u32 i = thread; i < length; i += threads) {
    const u64 key = p.keys[i];
    if (key == NO_KEY) {
      if (i == 0) p.counters[FOVEA_SORTED] = 0;
    } else {
      p.order[i] = (int)(u32)key;
      if (i + 1 == length || p.keys[i + 1] == NO_KEY) p.counters[FOVEA_SORTED] = (int)(i + 1);
    }
  }
}
