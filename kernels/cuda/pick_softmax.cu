// fovea_pick_softmax: the best of the first `classCount` classes of every row of logits
// [rows, channels], where its probability under the softmax over all channels reaches the
// threshold. DETR's last channel, "no object", takes part in the sum and is never picked.
//
// One warp reads one row. Equal logits go to the lower class.
#include "fovea.cuh"

struct PickSoftmaxParameters {
  // [rows, channels] of `element`.
  const void *data;
  // [rows]: the best probability; only read where a class was picked.
  float *score;
  // [rows]: the best class, or FOVEA_BELOW_THRESHOLD or FOVEA_BROKEN.
  int *classIndex;
  int element;
  int rows, channels, classCount;
  float threshold;
};

FOVEA_BLOCK_KERNEL(fovea_pick_softmax, PickSoftmaxParameters, 256) {
  const int lane = (int)(threadIdx.x % FOVEA_WARP);
  const int row = (int)(global_thread() / FOVEA_WARP);
  if (row >= p.rows) return;

  const u64 start = (u64)row * (u64)p.channels;
  const float lowest = __uint_as_float(0xff800000u);
  float largest = lowest;
  float best = lowest;
  int bestClass = p.classCount;
  int broken = 0;
  for (int channel = lane; channel < p.channels; channel += FOVEA_WARP) {
    const float logit = load_element(p.data, p.element, start + (u64)channel);
    // Minus infinity is a probability of 0; NaN and plus infinity leave no probabilities.
    if (!(logit < __uint_as_float(0x7f800000u))) broken = 1;
    largest = fmaxf(largest, logit);
    if (channel < p.classCount && logit > best) {
      best = logit;
      bestClass = channel;
    }
  }
  for (int step = FOVEA_WARP / 2; step > 0; step /= 2) {
    largest = fmaxf(largest, __shfl_xor_sync(FOVEA_ALL_LANES, largest, step));
    const float other = __shfl_xor_sync(FOVEA_ALL_LANES, best, step);
    const int otherClass = __shfl_xor_sync(FOVEA_ALL_LANES, bestClass, step);
    broken |= __shfl_xor_sync(FOVEA_ALL_LANES, broken, step);
    if (other > best || (other == best && otherClass < bestClass)) {
      best = other;
      bestClass = otherClass;
    }
  }
  float sum = 0.0f;
  for (int channel = lane; channel < p.channels; channel += FOVEA_WARP) {
    sum += expf(load_element(p.data, p.element, start + (u64)channel) - largest);
  }
  for (int step = FOVEA_WARP / 2; step > 0; step /= 2) {
    sum += __shfl_xor_sync(FOVEA_ALL_LANES, sum, step);
  }
  if (lane != 0) return;
  const float probability = expf(best - largest) / sum;
  if (bestClass == p.classCount) bestClass = 0;
  if (!is_finite(probability)) broken = 1;
  p.score[row] = probability;
  p.classIndex[row] = broken ? FOVEA_BROKEN : probability >= p.threshold ? bestClass
                                                                         : FOVEA_BELOW_THRESHOLD;
}
