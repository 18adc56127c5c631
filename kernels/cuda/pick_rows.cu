// fovea_pick_rows: the best class of every row of [rows, rowLength], where its score reaches the
// threshold.
//
// One warp reads one row, so that its 32 lanes read neighbouring elements. Equal scores go to the
// lower class, as in the oracle, kernels/reference/compact.ts.
#include "fovea.cuh"

struct PickRowsParameters {
  // [rows, rowLength] of `element`.
  const void *data;
  // [rows]: the best score; only read where a class was picked.
  float *score;
  // [rows]: the best class, or FOVEA_BELOW_THRESHOLD or FOVEA_BROKEN.
  int *classIndex;
  int element;
  int rows, rowLength;
  int classOffset, classCount;
  // Element that multiplies every score; -1 for none.
  int objectnessOffset;
  float threshold;
};

FOVEA_BLOCK_KERNEL(fovea_pick_rows, PickRowsParameters, 256) {
  const int lane = (int)(threadIdx.x % FOVEA_WARP);
  const int row = (int)(global_thread() / FOVEA_WARP);
  if (row >= p.rows) return;

  const u64 start = (u64)row * (u64)p.rowLength;
  const float objectness =
      p.objectnessOffset < 0 ? 1.0f
                             : load_element(p.data, p.element, start + (u64)p.objectnessOffset);
  float best = __uint_as_float(0xff800000u);
  int bestClass = p.classCount;
  int broken = 0;
  for (int index = lane; index < p.classCount; index += FOVEA_WARP) {
    const float score =
        objectness * load_element(p.data, p.element, start + (u64)(p.classOffset + index));
    if (!is_finite(score)) {
      broken = 1;
    } else if (score > best) {
      best = score;
      bestClass = index;
    }
  }
  for (int step = FOVEA_WARP / 2; step > 0; step /= 2) {
    const float other = __shfl_xor_sync(FOVEA_ALL_LANES, best, step);
    const int otherClass = __shfl_xor_sync(FOVEA_ALL_LANES, bestClass, step);
    broken |= __shfl_xor_sync(FOVEA_ALL_LANES, broken, step);
    if (other > best || (other == best && otherClass < bestClass)) {
      best = other;
      bestClass = otherClass;
    }
  }
  if (lane != 0) return;
  p.score[row] = best;
  p.classIndex[row] = broken ? FOVEA_BROKEN : best >= p.threshold ? bestClass
                                                                  : FOVEA_BELOW_THRESHOLD;
}
