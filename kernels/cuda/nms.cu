// fovea_nms: greedy non-maximum suppression of sorted candidates, and the detections that remain.
//
// One block takes 64 candidates at a time: all threads compare them with what was kept so far and
// with each other, then one thread walks over the 64 and keeps what no kept one overlaps. That is
// the greedy rule of the oracle, kernels/reference/nms.ts, at a cost of candidates times kept boxes
// instead of candidates squared, and with no memory but the result. The same float32 operations in
// the same order, so that the same boxes are kept.
#include "fovea.cuh"

#define NMS_CHUNK 64

struct NmsParameters {
  // FOVEA_SORTED candidates of `order` are visited.
  const int *order;
  const float *xyxy;
  const float *score;
  const int *classIndex;
  const int *anchorIndex;
  const int *counters;
  // What remains, best first: [maxDetections, 4] and [maxDetections] each.
  float *keptXyxy;
  float *keptScore;
  int *keptClass;
  int *keptAnchor;
  int *keptRow;
  // [FOVEA_COUNTERS]: FOVEA_COUNT is set to how many remain, the others are handed on.
  int *keptCounters;
  int maxDetections;
  float iouThreshold;
  int agnostic;
  // 0: nothing is suppressed, the best are taken.
  int suppress;
};

FOVEA_DEVICE float larger(float a, float b) { return a < b ? b : a; }

FOVEA_DEVICE float smaller(float a, float b) { return b < a ? b : a; }

FOVEA_DEVICE float box_area(const float *box) {
  return larger(box[2] - box[0], 0.0f) * larger(box[3] - box[1], 0.0f);
}

// Whether IoU > threshold, asked without a division.
FOVEA_DEVICE bool overlaps(const float *a, const float *b, float threshold) {
  const float width = larger(smaller(a[2], b[2]) - larger(a[0], b[0]), 0.0f);
  const float height = larger(smaller(a[3], b[3]) - larger(a[1], b[1]), 0.0f);
  const float intersection = width * height;
  const float unionArea = (box_area(a) + box_area(b)) - intersection;
  return intersection > threshold * unionArea;
}

FOVEA_BLOCK_KERNEL(fovea_nms, NmsParameters, 1024) {
  FOVEA_SHARED float box[NMS_CHUNK][4];
  FOVEA_SHARED int group[NMS_CHUNK];
  // Bit i: candidate i overlaps a box that was kept before.
  FOVEA_SHARED u64 dropped;
  // Bits of each candidate: the earlier ones of its chunk that it overlaps.
  FOVEA_SHARED u64 rivals[NMS_CHUNK];
  // Where each candidate is put; -1 where it is not kept.
  FOVEA_SHARED int place[NMS_CHUNK];
  FOVEA_SHARED int keptSoFar;
  const int thread = (int)threadIdx.x;
  const int threads = (int)blockDim.x;
  const int count = p.counters[FOVEA_SORTED];
  int kept = 0;

  for (int start = 0; start < count && kept < p.maxDetections; start += NMS_CHUNK) {
    const int length = count - start < NMS_CHUNK ? count - start : NMS_CHUNK;
    for (int i = thread; i < length; i += threads) {
      const int row = p.order[start + i];
      for (int corner = 0; corner < 4; corner++) box[i][corner] = p.xyxy[4 * row + corner];
      group[i] = p.agnostic ? 0 : p.classIndex[row];
    }
    for (int i = thread; i < NMS_CHUNK; i += threads) {
      if (i == 0) dropped = 0;
      rivals[i] = 0;
    }
    __syncthreads();
    for (int pair = thread; p.suppress && pair < kept * NMS_CHUNK; pair += threads) {
      const int i = pair % NMS_CHUNK;
      const int k = pair / NMS_CHUNK;
      if (i >= length || (!p.agnostic && p.keptClass[k] != group[i])) continue;
      if (overlaps(box[i], &p.keptXyxy[4 * k], p.iouThreshold)) {
        atomicOr(&dropped, 1ull << i);
      }
    }
    for (int pair = thread; p.suppress && pair < NMS_CHUNK * NMS_CHUNK; pair += threads) {
      const int earlier = pair % NMS_CHUNK;
      const int i = pair / NMS_CHUNK;
      if (earlier >= i || i >= length || group[earlier] != group[i]) continue;
      if (overlaps(box[i], box[earlier], p.iouThreshold)) {
        atomicOr(&rivals[i], 1ull << earlier);
      }
    }
    __syncthreads();
    if (thread == 0) {
      u64 alive = 0;
      for (int i = 0; i < length; i++) {
        const bool isFree = kept < p.maxDetections && (dropped >> i & 1ull) == 0 &&
                            (rivals[i] & alive) == 0;
        if (isFree) alive |= 1ull << i;
        place[i] = isFree ? kept++ : -1;
      }
      keptSoFar = kept;
    }
    __syncthreads();
    kept = keptSoFar;
    for (int i = thread; i < length; i += threads) {
      const int to = place[i];
      if (to < 0) continue;
      const int row = p.order[start + i];
      for (int corner = 0; corner < 4; corner++) p.keptXyxy[4 * to + corner] = box[i][corner];
      p.keptScore[to] = p.score[row];
      p.keptClass[to] = p.classIndex[row];
      p.keptAnchor[to] = p.anchorIndex[row];
      p.keptRow[to] = row;
    }
    // What was kept is seen by all at the next chunk's first barrier.
  }
  if (thread != 0) return;
  p.keptCounters[FOVEA_COUNT] = kept;
  for (int i = FOVEA_COUNT + 1; i < FOVEA_COUNTERS; i++) p.keptCounters[i] = p.counters[i];
}
