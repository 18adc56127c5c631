// fovea_boxes_bins: boxes of NanoDet candidates from a distribution per side: the mean of its
// softmax over the bins, times the stride, is the distance from the cell to the side.
// Source: Li et al. 2020, "Generalized Focal Loss", eq. 6.
//
// One thread makes one box, clipped to the network input.
#include "fovea.cuh"

struct BoxesBinsParameters {
  // Bin b of side s (left, top, right, bottom) of row r: element
  // r * rowStep + valueOffset + s * bins + b.
  const void *data;
  // [rows] each: a row's cell, in cells, and its size in network pixels.
  const float *column, *row, *stride;
  const int *anchorIndex;
  // [capacity, 4] corners in network pixels.
  float *xyxy;
  // [capacity], changed in place.
  float *score;
  int *counters;
  int element;
  int rowStep, valueOffset;
  int bins;
  // Where in its cell a row is measured from: 0 or 1/2.
  float centreOffset;
  float netWidth, netHeight;
};

FOVEA_DEVICE float expected_bin(const void *data, int element, u64 at, int bins) {
  float largest = __uint_as_float(0xff800000u);
#pragma unroll 1
  for (int bin = 0; bin < bins; bin++) {
    largest = fmaxf(largest, load_element(data, element, at + (u64)bin));
  }
  float sum = 0.0f;
  float weighted = 0.0f;
#pragma unroll 1
  for (int bin = 0; bin < bins; bin++) {
    const float weight = expf(load_element(data, element, at + (u64)bin) - largest);
    sum += weight;
    weighted = fmaf((float)bin, weight, weighted);
  }
  return weighted / sum;
}

FOVEA_KERNEL(fovea_boxes_bins, BoxesBinsParameters, 256) {
  const int i = (int)global_thread();
  if (i >= p.counters[FOVEA_COUNT]) return;

  const int anchor = p.anchorIndex[i];
  const float stride = p.stride[anchor];
  const float x = (p.column[anchor] + p.centreOffset) * stride;
  const float y = (p.row[anchor] + p.centreOffset) * stride;
  const u64 at = (u64)anchor * (u64)p.rowStep + (u64)p.valueOffset;
  const u64 bins = (u64)p.bins;
  const float left = x - expected_bin(p.data, p.element, at, p.bins) * stride;
  const float top = y - expected_bin(p.data, p.element, at + bins, p.bins) * stride;
  const float right = x + expected_bin(p.data, p.element, at + 2 * bins, p.bins) * stride;
  const float bottom = y + expected_bin(p.data, p.element, at + 3 * bins, p.bins) * stride;
  // Not fmaxf() and fminf(), which would hide a NaN.
  finish_box(p.xyxy, p.score, p.counters, i, left < 0.0f ? 0.0f : left, top < 0.0f ? 0.0f : top,
             right > p.netWidth ? p.netWidth : right,
             bottom > p.netHeight ? p.netHeight : bottom);
}
