// fovea_boxes_plain: boxes of the candidates whose model puts them out as numbers: corners, or
// centre and size, in network pixels or in shares of the input.
//
// One thread makes one box and activates its score. A box that is not finite gets a score of NaN,
// which no later kernel picks, and is counted.
#include "fovea.cuh"

struct BoxesPlainParameters {
  // Number i of row r: element r * rowStep + i * valueStep.
  const void *data;
  const int *anchorIndex;
  // [capacity, 4] corners in network pixels.
  float *xyxy;
  // [capacity], changed in place.
  float *score;
  int *counters;
  int element;
  int rowStep, valueStep;
  // Whether the numbers are corners, not centre and size.
  int isCorners;
  float scaleX, scaleY;
  // Whether scores are logits that become probabilities.
  int areLogits;
};

// Writes a box, or drops its candidate if it is not finite.
FOVEA_DEVICE void finish_box(float *xyxy, float *score, int *counters, int i, float left,
                             float top, float right, float bottom) {
  if (is_finite(left) && is_finite(top) && is_finite(right) && is_finite(bottom)) {
    xyxy[4 * i] = left;
    xyxy[4 * i + 1] = top;
    xyxy[4 * i + 2] = right;
    xyxy[4 * i + 3] = bottom;
    return;
  }
  for (int corner = 0; corner < 4; corner++) xyxy[4 * i + corner] = 0.0f;
  score[i] = __uint_as_float(0x7fc00000u);
  atomicAdd(&counters[FOVEA_BROKEN_BOXES], 1);
}

FOVEA_KERNEL(fovea_boxes_plain, BoxesPlainParameters, 256) {
  const int i = (int)global_thread();
  if (i >= p.counters[FOVEA_COUNT]) return;

  const u64 at = (u64)p.anchorIndex[i] * (u64)p.rowStep;
  const u64 step = (u64)p.valueStep;
  const float x = load_element(p.data, p.element, at) * p.scaleX;
  const float y = load_element(p.data, p.element, at + step) * p.scaleY;
  const float z = load_element(p.data, p.element, at + 2 * step) * p.scaleX;
  const float w = load_element(p.data, p.element, at + 3 * step) * p.scaleY;
  if (p.areLogits) p.score[i] = sigmoid(p.score[i]);
  if (p.isCorners) {
    finish_box(p.xyxy, p.score, p.counters, i, x, y, z, w);
  } else {
    const float halfWidth = z / 2.0f, halfHeight = w / 2.0f;
    finish_box(p.xyxy, p.score, p.counters, i, x - halfWidth, y - halfHeight, x + halfWidth,
               y + halfHeight);
  }
}
