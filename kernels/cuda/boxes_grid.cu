// fovea_boxes_grid: boxes of YOLOX candidates from offsets within their grid cell:
// centre = (offset + cell) * stride, size = exp(log size) * stride.
// Source: Ge et al. 2021, "YOLOX", decode_outputs.
//
// One thread makes one box.
#include "fovea.cuh"

struct BoxesGridParameters {
  // Number i of row r: element r * rowStep + i.
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
  int rowStep;
};

FOVEA_KERNEL(fovea_boxes_grid, BoxesGridParameters, 256) {
  const int i = (int)global_thread();
  if (i >= p.counters[FOVEA_COUNT]) return;

  const int anchor = p.anchorIndex[i];
  const u64 at = (u64)anchor * (u64)p.rowStep;
  const float stride = p.stride[anchor];
  const float x = (load_element(p.data, p.element, at) + p.column[anchor]) * stride;
  const float y = (load_element(p.data, p.element, at + 1) + p.row[anchor]) * stride;
  const float halfWidth = expf(load_element(p.data, p.element, at + 2)) * stride / 2.0f;
  const float halfHeight = expf(load_element(p.data, p.element, at + 3)) * stride / 2.0f;
  finish_box(p.xyxy, p.score, p.counters, i, x - halfWidth, y - halfHeight, x + halfWidth,
             y + halfHeight);
}
