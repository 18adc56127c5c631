// fovea_pick_labelled: rows whose class the model has picked itself, where their score reaches the
// threshold. A class that cannot be one counts as broken.
//
// One thread reads one row.
#include "fovea.cuh"

struct PickLabelledParameters {
  // Score of row r: element scoreAt + r * scoreStep of `scores`; its class the same in `labels`.
  const void *scores;
  const void *labels;
  // [rows]: the score; only read where a class was picked.
  float *score;
  // [rows]: the class, or FOVEA_BELOW_THRESHOLD or FOVEA_BROKEN.
  int *classIndex;
  int scoreElement, labelElement;
  int rows;
  int scoreAt, scoreStep;
  int labelAt, labelStep;
  // Whether classes are whole numbers in memory: 0 for `labelElement`, 4 or 8 for so many bytes.
  int labelBytes;
  // Whether classes are rounded to the nearest whole number, not down.
  int roundLabels;
  // Highest class that is believed.
  int classMax;
  float threshold;
};

FOVEA_KERNEL(fovea_pick_labelled, PickLabelledParameters, 256) {
  const u32 row = global_thread();
  if (row >= (u32)p.rows) return;

  const float score =
      load_element(p.scores, p.scoreElement, (u64)p.scoreAt + (u64)row * (u64)p.scoreStep);
  const u64 at = (u64)p.labelAt + (u64)row * (u64)p.labelStep;
  int picked = FOVEA_BELOW_THRESHOLD;
  if (!is_finite(score)) {
    picked = FOVEA_BROKEN;
  } else if (score >= p.threshold) {
    float label;
    if (p.labelBytes == 8) {
      label = (float)((const long long *)p.labels)[at];
    } else if (p.labelBytes == 4) {
      label = (float)((const int *)p.labels)[at];
    } else {
      label = load_element(p.labels, p.labelElement, at);
      if (p.roundLabels) label = floorf(label + 0.5f);
    }
    picked = label >= 0.0f && label <= (float)p.classMax ? (int)label : FOVEA_BROKEN;
  }
  p.score[row] = score;
  p.classIndex[row] = picked;
}
