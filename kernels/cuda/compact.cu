// fovea_compact: the rows that were picked, close together and in their order.
//
// One block walks over the rows, as many at a time as it has threads. Every row's place is the
// number of picked rows before it: within a warp from a ballot, between warps from a sum in shared
// memory. So the result does not depend on any schedule, and where the capacity ends, the first
// rows are kept, as in the oracle, kernels/reference/compact.ts.
#include "fovea.cuh"

#define COMPACT_WARPS 32

struct CompactParameters {
  // [rows], as the pick kernels write them.
  const float *pickedScore;
  const int *pickedClass;
  // [capacity] each.
  float *score;
  int *classIndex;
  int *anchorIndex;
  // [FOVEA_COUNTERS]: all are set, FOVEA_SORTED and FOVEA_BROKEN_BOXES to 0.
  int *counters;
  int rows, capacity;
};

FOVEA_BLOCK_KERNEL(fovea_compact, CompactParameters, 1024) {
  FOVEA_SHARED int warpPicked[COMPACT_WARPS];
  FOVEA_SHARED int warpBroken[COMPACT_WARPS];
  const int thread = (int)threadIdx.x;
  const int lane = thread % FOVEA_WARP;
  const int warp = thread / FOVEA_WARP;
  const int warps = (int)blockDim.x / FOVEA_WARP;
  int before = 0;
  int broken = 0;

  for (int start = 0; start < p.rows; start += (int)blockDim.x) {
    const int row = start + thread;
    const int picked = row < p.rows ? p.pickedClass[row] : FOVEA_BELOW_THRESHOLD;
    const u32 pickedLanes = __ballot_sync(FOVEA_ALL_LANES, picked >= 0);
    const u32 brokenLanes = __ballot_sync(FOVEA_ALL_LANES, picked == FOVEA_BROKEN);
    if (lane == 0) {
      warpPicked[warp] = __popc(pickedLanes);
      warpBroken[warp] = __popc(brokenLanes);
    }
    __syncthreads();
    int place = before + __popc(pickedLanes & ((1u << lane) - 1u));
    for (int other = 0; other < warps; other++) {
      if (other < warp) place += warpPicked[other];
      before += warpPicked[other];
      broken += warpBroken[other];
    }
    if (picked >= 0 && place < p.capacity) {
      p.score[place] = p.pickedScore[row];
      p.classIndex[place] = picked;
      p.anchorIndex[place] = row;
    }
    // The sums are read by all before the next rows overwrite them.
    __syncthreads();
  }
  if (thread != 0) return;
  p.counters[FOVEA_COUNT] = before < p.capacity ? before : p.capacity;
  p.counters[FOVEA_OVERFLOW] = before < p.capacity ? 0 : before - p.capacity;
  p.counters[FOVEA_NON_FINITE] = broken;
  p.counters[FOVEA_SORTED] = 0;
  p.counters[FOVEA_BROKEN_BOXES] = 0;
}
