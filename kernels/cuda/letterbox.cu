// fovea_letterbox: a picture of any format -> letterbox, bilinear -> network input.
//
// One thread makes one network pixel, all three channels; blocks of 32 x 8 pixels cover the input,
// padding included. Every component (red, green, blue, or Y, U, V) is sampled on its own grid, at
// pixel centres with edges clamped; YUV then becomes RGB and is clamped to 0-255.
// Oracle: kernels/reference/letterbox.ts.
#include "fovea.cuh"

struct LetterboxParameters {
  // First sample of each component: red, green, blue, or Y, U, V; gray three times.
  const u8 *component0, *component1, *component2;
  // [3, netHeight, netWidth] or [netHeight, netWidth, 3] of `element`.
  void *out;
  // Bytes from row to row and from sample to sample.
  int stride0, stride1, stride2;
  int step0, step1, step2;
  int sourceWidth, sourceHeight;
  // Picture pixels per sample of U and V: 1 or 2.
  int chromaPixelsPerColumn, chromaPixelsPerRow;
  int isYuv;
  int netWidth, netHeight;
  int contentWidth, contentHeight;
  int padX, padY;
  int element;
  int interleaved;
  // Whether component 0 goes to channel 2.
  int reversed;
  // Of each component: out = value * scale + bias, and what the padding becomes.
  float scale0, scale1, scale2;
  float bias0, bias1, bias2;
  float pad0, pad1, pad2;
  // See src/core/yuv.ts.
  float black, luma, redV, greenU, greenV, blueU;
};

// Two samples of one axis and the share of the second one.
struct Taps {
  int low, high;
  float weight;
};

// Network pixel `i` has its centre at (i + 1/2) * pictureLength / contentLength in the picture and
// sample k at (k + 1/2) * pixelsPerSample. Whole numbers keep that exact: sides have at most
// 2^14 pixels, so that no product leaves 31 bits.
FOVEA_DEVICE Taps taps_of(int i, int pictureLength, int contentLength, int pixelsPerSample) {
  const int samples = (pictureLength + pixelsPerSample - 1) / pixelsPerSample;
  const int unit = 2 * contentLength * pixelsPerSample;
  const int position = (2 * i + 1) * pictureLength - contentLength * pixelsPerSample;
  Taps taps;
  taps.low = position <= 0 ? 0 : position / unit;
  taps.weight = position <= 0 ? 0.0f : (float)(position - taps.low * unit) / (float)unit;
  if (taps.low >= samples - 1) {
    taps.low = samples - 1;
    taps.weight = 0.0f;
  }
  taps.high = taps.low + 1 < samples ? taps.low + 1 : taps.low;
  return taps;
}

FOVEA_DEVICE float blend(float from, float to, float share) {
  return fmaf(to - from, share, from);
}

FOVEA_DEVICE float sample(const u8 *component, int stride, int step, Taps across, Taps down) {
  const u8 *top = component + (u64)down.low * (u64)stride;
  const u8 *bottom = component + (u64)down.high * (u64)stride;
  const u64 left = (u64)across.low * (u64)step;
  const u64 right = (u64)across.high * (u64)step;
  const float above = blend((float)top[left], (float)top[right], across.weight);
  const float below = blend((float)bottom[left], (float)bottom[right], across.weight);
  return blend(above, below, down.weight);
}

FOVEA_DEVICE float clamp_byte(float value) { return fminf(fmaxf(value, 0.0f), 255.0f); }

FOVEA_DEVICE void store_element(void *out, int element, u64 index, float value) {
  if (element == FOVEA_FLOAT32) {
    ((float *)out)[index] = value;
  } else if (element == FOVEA_FLOAT16) {
    ((u16 *)out)[index] = to_half(value);
  } else {
    ((u8 *)out)[index] = (u8)clamp_byte(floorf(value + 0.5f));
  }
}

FOVEA_KERNEL(fovea_letterbox, LetterboxParameters, 256) {
  const int x = (int)(blockIdx.x * blockDim.x + threadIdx.x);
  const int y = (int)(blockIdx.y * blockDim.y + threadIdx.y);
  if (x >= p.netWidth || y >= p.netHeight) return;

  float value0 = p.pad0, value1 = p.pad1, value2 = p.pad2;
  const int column = x - p.padX;
  const int row = y - p.padY;
  if (column >= 0 && column < p.contentWidth && row >= 0 && row < p.contentHeight) {
    const Taps across = taps_of(column, p.sourceWidth, p.contentWidth, 1);
    const Taps down = taps_of(row, p.sourceHeight, p.contentHeight, 1);
    float first = sample(p.component0, p.stride0, p.step0, across, down);
    float second, third;
    if (p.isYuv) {
      const Taps chromaAcross =
          taps_of(column, p.sourceWidth, p.contentWidth, p.chromaPixelsPerColumn);
      const Taps chromaDown = taps_of(row, p.sourceHeight, p.contentHeight, p.chromaPixelsPerRow);
      const float u = sample(p.component1, p.stride1, p.step1, chromaAcross, chromaDown) - 128.0f;
      const float v = sample(p.component2, p.stride2, p.step2, chromaAcross, chromaDown) - 128.0f;
      const float y0 = p.luma * (first - p.black);
      first = clamp_byte(fmaf(p.redV, v, y0));
      second = clamp_byte(fmaf(p.greenV, v, fmaf(p.greenU, u, y0)));
      third = clamp_byte(fmaf(p.blueU, u, y0));
    } else {
      second = sample(p.component1, p.stride1, p.step1, across, down);
      third = sample(p.component2, p.stride2, p.step2, across, down);
    }
    value0 = fmaf(first, p.scale0, p.bias0);
    value1 = fmaf(second, p.scale1, p.bias1);
    value2 = fmaf(third, p.scale2, p.bias2);
  }

  const u64 pixel = (u64)y * (u64)p.netWidth + (u64)x;
  const u64 channel = p.interleaved ? 1 : (u64)p.netWidth * (u64)p.netHeight;
  const u64 start = p.interleaved ? 3 * pixel : pixel;
  store_element(p.out, p.element, start + (p.reversed ? 2 * channel : 0), value0);
  store_element(p.out, p.element, start + channel, value1);
  store_element(p.out, p.element, start + (p.reversed ? 0 : 2 * channel), value2);
}
