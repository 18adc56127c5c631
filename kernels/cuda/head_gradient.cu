// fovea_head_gradient: the gradient of a 1 x 1 classification head from that of its logits,
// dW[c, k] = sum over r of dL[r, c] * feature[r, k] and db[c] = sum over r of dL[r, c];
// fovea_head_gradient_total adds the parts up that several blocks made of the rows.
//
// One block makes 16 classes of 64 channels of one part of the rows, 16 rows at a time in shared
// memory; every thread sums four channels of one class. Parts are added in a fixed order, so that
// gradients do not depend on any schedule.
#include "fovea.cuh"

#define GRADIENT_ROWS 16
#define GRADIENT_CLASSES 16
#define GRADIENT_CHANNELS 64
#define GRADIENT_THREADS 256
#define CHANNELS_PER_THREAD 4

struct HeadGradientParameters {
  // Feature of row r and channel k: element r * rowStep + k * channelStep.
  const void *features;
  // [rows]: which row of the features each one is; null for all in order.
  const int *rowIndex;
  // dL of row r and class c: element r * gradientRowStep + c * gradientClassStep.
  const float *gradient;
  // [parts, classes, channels] and [parts, classes].
  float *weightParts;
  float *biasParts;
  int element;
  int rows, channels, classes;
  int rowStep, channelStep;
  int gradientRowStep, gradientClassStep;
  int rowsPerPart;
};

struct HeadGradientTotalParameters {
  // [parts, length].
  const float *parts;
  // [length].
  float *total;
  int partCount;
  int length;
};

FOVEA_BLOCK_KERNEL(fovea_head_gradient, HeadGradientParameters, GRADIENT_THREADS) {
  FOVEA_SHARED float feature[GRADIENT_ROWS][GRADIENT_CHANNELS + 1];
  FOVEA_SHARED float slope[GRADIENT_ROWS][GRADIENT_CLASSES + 1];
  const int thread = (int)threadIdx.x;
  const int firstChannel = (int)blockIdx.x * GRADIENT_CHANNELS;
  const int firstClass = (int)blockIdx.y * GRADIENT_CLASSES;
  const int part = (int)blockIdx.z;
  const int myChannel = thread % 16;
  const int myClass = thread / 16;
  const int firstRow = part * p.rowsPerPart;
  const int end = firstRow + p.rowsPerPart < p.rows ? firstRow + p.rowsPerPart : p.rows;
  float sum0 = 0.0f, sum1 = 0.0f, sum2 = 0.0f, sum3 = 0.0f;
  float biasSum = 0.0f;

  for (int start = firstRow; start < end; start += GRADIENT_ROWS) {
    for (int i = thread; i < GRADIENT_ROWS * GRADIENT_CHANNELS; i += GRADIENT_THREADS) {
      // Neighbouring threads read what lies side by side: channels or rows.
      const int channel = p.channelStep == 1 ? i % GRADIENT_CHANNELS : i / GRADIENT_ROWS;
      const int row = p.channelStep == 1 ? i / GRADIENT_CHANNELS : i % GRADIENT_ROWS;
      float value = 0.0f;
      if (start + row < end && firstChannel + channel < p.channels) {
        const int from = p.rowIndex == 0 ? start + row : p.rowIndex[start + row];
        value = load_element(p.features, p.element,
                             (u64)from * (u64)p.rowStep +
                                 (u64)(firstChannel + channel) * (u64)p.channelStep);
      }
      feature[row][channel] = value;
    }
    for (int i = thread; i < GRADIENT_ROWS * GRADIENT_CLASSES; i += GRADIENT_THREADS) {
      const int index = p.gradientClassStep == 1 ? i % GRADIENT_CLASSES : i / GRADIENT_ROWS;
      const int row = p.gradientClassStep == 1 ? i / GRADIENT_CLASSES : i % GRADIENT_ROWS;
      const bool inside = start + row < end && firstClass + index < p.classes;
      slope[row][index] = inside ? p.gradient[(u64)(start + row) * (u64)p.gradientRowStep +
                                              (u64)(firstClass + index) *
                                                  (u64)p.gradientClassStep]
                                 : 0.0f;
    }
    __syncthreads();
    for (int row = 0; row < GRADIENT_ROWS; row++) {
      const float factor = slope[row][myClass];
      sum0 = fmaf(feature[row][myChannel], factor, sum0);
      sum1 = fmaf(feature[row][myChannel + 16], factor, sum1);
      sum2 = fmaf(feature[row][myChannel + 32], factor, sum2);
      sum3 = fmaf(feature[row][myChannel + 48], factor, sum3);
      biasSum += factor;
    }
    // All are done with these rows before the next ones take their place.
    __syncthreads();
  }

  const int index = firstClass + myClass;
  if (index >= p.classes) return;
  const u64 line = (u64)part * (u64)p.classes + (u64)index;
  const float sums[CHANNELS_PER_THREAD] = {sum0, sum1, sum2, sum3};
  for (int i = 0; i < CHANNELS_PER_THREAD; i++) {
    const int channel = firstChannel + myChannel + 16 * i;
    if (channel < p.channels) p.weightParts[line * (u64)p.channels + (u64)channel] = sums[i];
  }
  if (firstChannel == 0 && myChannel == 0) p.biasParts[line] = biasSum;
}

FOVEA_KERNEL(fovea_head_gradient_total, HeadGradientTotalParameters, 256) {
  const u32 i = global_thread();
  if (i >= (u32)p.length) return;
  float total = 0.0f;
  for (int part = 0; part < p.partCount; part++) {
    total += p.parts[(u64)part * (u64)p.length + (u64)i];
  }
  p.total[i] = total;
}
