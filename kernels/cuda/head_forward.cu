// fovea_head_forward: logits of a 1 x 1 classification head,
// logit[r, c] = bias[c] + sum over k of feature[r, k] * weight[c, k].
//
// One block makes 64 rows of 16 classes. It walks over the channels, 16 at a time, with features and
// weights in shared memory; every thread sums four rows of one class, so that a weight that was read
// once is used four times.
#include "fovea.cuh"

#define FORWARD_ROWS 64
#define FORWARD_CLASSES 16
#define FORWARD_CHANNELS 16
#define FORWARD_THREADS 256
#define ROWS_PER_THREAD 4

struct HeadForwardParameters {
  // Feature of row r and channel k: element r * rowStep + k * channelStep.
  const void *features;
  // [rows]: which row of the features each one is; null for all in order.
  const int *rowIndex;
  // [classes, channels].
  const float *weight;
  // [classes].
  const float *bias;
  // Logit of row r and class c: element r * outRowStep + c * outClassStep.
  float *out;
  int element;
  int rows, channels, classes;
  int rowStep, channelStep;
  int outRowStep, outClassStep;
  // Whether probabilities are written in place of logits.
  int activate;
};

FOVEA_BLOCK_KERNEL(fovea_head_forward, HeadForwardParameters, FORWARD_THREADS) {
  // One column more than needed keeps rows in different banks.
  FOVEA_SHARED float feature[FORWARD_CHANNELS][FORWARD_ROWS + 1];
  FOVEA_SHARED float weight[FORWARD_CHANNELS][FORWARD_CLASSES + 1];
  const int thread = (int)threadIdx.x;
  const int firstRow = (int)blockIdx.x * FORWARD_ROWS;
  const int firstClass = (int)blockIdx.y * FORWARD_CLASSES;
  const int myRow = thread % 16;
  const int myClass = thread / 16;
  float sum0 = 0.0f, sum1 = 0.0f, sum2 = 0.0f, sum3 = 0.0f;

  for (int start = 0; start < p.channels; start += FORWARD_CHANNELS) {
    for (int i = thread; i < FORWARD_ROWS * FORWARD_CHANNELS; i += FORWARD_THREADS) {
      // Neighbouring threads read what lies side by side: channels or rows.
      const int channel = p.channelStep == 1 ? i % FORWARD_CHANNELS : i / FORWARD_ROWS;
      const int row = p.channelStep == 1 ? i / FORWARD_CHANNELS : i % FORWARD_ROWS;
      float value = 0.0f;
      if (firstRow + row < p.rows && start + channel < p.channels) {
        const int from = p.rowIndex == 0 ? firstRow + row : p.rowIndex[firstRow + row];
        value = load_element(p.features, p.element,
                             (u64)from * (u64)p.rowStep +
                                 (u64)(start + channel) * (u64)p.channelStep);
      }
      feature[channel][row] = value;
    }
    for (int i = thread; i < FORWARD_CLASSES * FORWARD_CHANNELS; i += FORWARD_THREADS) {
      const int channel = i % FORWARD_CHANNELS;
      const int index = i / FORWARD_CHANNELS;
      const bool inside = firstClass + index < p.classes && start + channel < p.channels;
      weight[channel][index] =
          inside ? p.weight[(u64)(firstClass + index) * (u64)p.channels + (u64)(start + channel)]
                 : 0.0f;
    }
    __syncthreads();
    for (int channel = 0; channel < FORWARD_CHANNELS; channel++) {
      const float factor = weight[channel][myClass];
      sum0 = fmaf(feature[channel][myRow], factor, sum0);
      sum1 = fmaf(feature[channel][myRow + 16], factor, sum1);
      sum2 = fmaf(feature[channel][myRow + 32], factor, sum2);
      sum3 = fmaf(feature[channel][myRow + 48], factor, sum3);
    }
    // All are done with these channels before the next ones take their place.
    __syncthreads();
  }

  const int index = firstClass + myClass;
  if (index >= p.classes) return;
  const float sums[ROWS_PER_THREAD] = {sum0, sum1, sum2, sum3};
  for (int i = 0; i < ROWS_PER_THREAD; i++) {
    const int row = firstRow + myRow + 16 * i;
    if (row >= p.rows) continue;
    const float logit = sums[i] + p.bias[index];
    p.out[(u64)row * (u64)p.outRowStep + (u64)index * (u64)p.outClassStep] =
        p.activate ? sigmoid(logit) : logit;
  }
}
