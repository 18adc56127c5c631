// fovea_pick_columns: the best class of every anchor of scores stored class by class,
// [classCount, anchors], where its score reaches the threshold.
//
// One thread walks over the classes of one anchor; neighbouring threads read neighbouring elements.
// Equal scores go to the lower class, as in the oracle, kernels/reference/compact.ts.
#include "fovea.cuh"

struct PickColumnsParameters {
  // [classCount, anchors] of `element`, from element `offset` on.
  const void *data;
  // [anchors]: the best score; only read where a class was picked.
  float *score;
  // [anchors]: the best class, or FOVEA_BELOW_THRESHOLD or FOVEA_BROKEN.
  int *classIndex;
  int element;
  int offset;
  int anchors, classCount;
  float threshold;
};

FOVEA_KERNEL(fovea_pick_columns, PickColumnsParameters, 256) {
  const u32 anchor = global_thread();
  if (anchor >= (u32)p.anchors) return;

  float best = __uint_as_float(0xff800000u);
  int bestClass = 0;
  int broken = 0;
  u64 at = (u64)p.offset + anchor;
  for (int index = 0; index < p.classCount; index++, at += (u64)p.anchors) {
    const float score = load_element(p.data, p.element, at);
    if (!is_finite(score)) broken = 1;
    if (score > best) {
      best = score;
      bestClass = index;
    }
  }
  p.score[anchor] = best;
  p.classIndex[anchor] = broken ? FOVEA_BROKEN : best >= p.threshold ? bestClass
                                                                     : FOVEA_BELOW_THRESHOLD;
}
