// The linear layers of a head in training. Four outputs are a vector; weights are
// [channels + 1, width] with the biases last, and width is a multiple of four.

/** Logits of four rows and eight outputs. */
// @ts-ignore: decorator
@inline
function forwardFourByEight(
  features: usize,
  rowBytes: usize,
  channels: u32,
  weights: usize,
  widthBytes: usize,
  logits: usize,
): void {
  const biases = weights + widthBytes * channels;
  let a0 = v128.load(biases);
  let a1 = v128.load(biases, 16);
  let b0 = a0;
  let b1 = a1;
  let c0 = a0;
  let c1 = a1;
  let d0 = a0;
  let d1 = a1;
  let feature = features;
  let weight = weights;
  for (let channel: u32 = 0; channel < channels; channel++) {
    const w0 = v128.load(weight);
    const w1 = v128.load(weight, 16);
    const a = v128.load32_splat(feature);
    const b = v128.load32_splat(feature + rowBytes);
    const c = v128.load32_splat(feature + 2 * rowBytes);
    const d = v128.load32_splat(feature + 3 * rowBytes);
    a0 = f32x4.add(a0, f32x4.mul(a, w0));
    a1 = f32x4.add(a1, f32x4.mul(a, w1));
    b0 = f32x4.add(b0, f32x4.mul(b, w0));
    b1 = f32x4.add(b1, f32x4.mul(b, w1));
    c0 = f32x4.add(c0, f32x4.mul(c, w0));
    c1 = f32x4.add(c1, f32x4.mul(c, w1));
    d0 = f32x4.add(d0, f32x4.mul(d, w0));
    d1 = f32x4.add(d1, f32x4.mul(d, w1));
    feature += 4;
    weight += widthBytes;
  }
  v128.store(logits, a0);
  v128.store(logits, a1, 16);
  v128.store(logits + widthBytes, b0);
  v128.store(logits + widthBytes, b1, 16);
  v128.store(logits + 2 * widthBytes, c0);
  v128.store(logits + 2 * widthBytes, c1, 16);
  v128.store(logits + 3 * widthBytes, d0);
  v128.store(logits + 3 * widthBytes, d1, 16);
}

/** Logits of one row and four outputs. */
// @ts-ignore: decorator
@inline
function forwardOneByFour(
  features: usize,
  channels: u32,
  weights: usize,
  widthBytes: usize,
  logits: usize,
): void {
  let sum = v128.load(weights + widthBytes * channels);
  let feature = features;
  let weight = weights;
  for (let channel: u32 = 0; channel < channels; channel++) {
    sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(feature), v128.load(weight)));
    feature += 4;
    weight += widthBytes;
  }
  v128.store(logits, sum);
}

/** `logits[row, o] = Σ features[row, c] · weights[c, o] + weights[channels, o]` */
export function headForward(
  features: usize,
  rows: u32,
  channels: u32,
  weights: usize,
  width: u32,
  logits: usize,
): void {
  const rowBytes: usize = 4 * channels;
  const widthBytes: usize = 4 * width;
  const wholeRows = rows & ~3;
  for (let column: usize = 0; column < widthBytes;) {
    const eight = column + 32 <= widthBytes;
    let row: u32 = 0;
    if (eight) {
      for (; row < wholeRows; row += 4) {
        forwardFourByEight(
          features + rowBytes * row,
          rowBytes,
          channels,
          weights + column,
          widthBytes,
          logits + widthBytes * row + column,
        );
      }
    }
    const from = row;
    for (; row < rows; row++) {
      const to = logits + widthBytes * row + column;
      forwardOneByFour(features + rowBytes * row, channels, weights + column, widthBytes, to);
    }
    if (eight) {
      for (row = from; row < rows; row++) {
        const to = logits + widthBytes * row + column + 16;
        forwardOneByFour(
          features + rowBytes * row,
          channels,
          weights + column + 16,
          widthBytes,
          to,
        );
      }
    }
    column += eight ? 32 : 16;
  }
}

/** Gradient of four channels and eight outputs. */
// @ts-ignore: decorator
@inline
function backwardFourByEight(
  features: usize,
  rows: u32,
  rowBytes: usize,
  slopes: usize,
  widthBytes: usize,
  gradient: usize,
): void {
  let a0 = v128.load(gradient);
  let a1 = v128.load(gradient, 16);
  let b0 = v128.load(gradient + widthBytes);
  let b1 = v128.load(gradient + widthBytes, 16);
  let c0 = v128.load(gradient + 2 * widthBytes);
  let c1 = v128.load(gradient + 2 * widthBytes, 16);
  let d0 = v128.load(gradient + 3 * widthBytes);
  let d1 = v128.load(gradient + 3 * widthBytes, 16);
  let feature = features;
  let slope = slopes;
  for (let row: u32 = 0; row < rows; row++) {
    const s0 = v128.load(slope);
    const s1 = v128.load(slope, 16);
    const a = v128.load32_splat(feature);
    const b = v128.load32_splat(feature, 4);
    const c = v128.load32_splat(feature, 8);
    const d = v128.load32_splat(feature, 12);
    a0 = f32x4.add(a0, f32x4.mul(a, s0));
    a1 = f32x4.add(a1, f32x4.mul(a, s1));
    b0 = f32x4.add(b0, f32x4.mul(b, s0));
    b1 = f32x4.add(b1, f32x4.mul(b, s1));
    c0 = f32x4.add(c0, f32x4.mul(c, s0));
    c1 = f32x4.add(c1, f32x4.mul(c, s1));
    d0 = f32x4.add(d0, f32x4.mul(d, s0));
    d1 = f32x4.add(d1, f32x4.mul(d, s1));
    feature += rowBytes;
    slope += widthBytes;
  }
  v128.store(gradient, a0);
  v128.store(gradient, a1, 16);
  v128.store(gradient + widthBytes, b0);
  v128.store(gradient + widthBytes, b1, 16);
  v128.store(gradient + 2 * widthBytes, c0);
  v128.store(gradient + 2 * widthBytes, c1, 16);
  v128.store(gradient + 3 * widthBytes, d0);
  v128.store(gradient + 3 * widthBytes, d1, 16);
}

/** Gradient of one channel and four outputs. */
// @ts-ignore: decorator
@inline
function backwardOneByFour(
  features: usize,
  rows: u32,
  rowBytes: usize,
  slopes: usize,
  widthBytes: usize,
  gradient: usize,
): void {
  let sum = v128.load(gradient);
  let feature = features;
  let slope = slopes;
  for (let row: u32 = 0; row < rows; row++) {
    sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(feature), v128.load(slope)));
    feature += rowBytes;
    slope += widthBytes;
  }
  v128.store(gradient, sum);
}

/**
 * `gradient[c, o] += Σ features[row, c] · slopes[row, o]`, and for the biases, which read a feature
 * that is always 1, the sum of the slopes.
 */
export function headBackward(
  features: usize,
  rows: u32,
  channels: u32,
  slopes: usize,
  width: u32,
  gradient: usize,
): void {
  const rowBytes: usize = 4 * channels;
  const widthBytes: usize = 4 * width;
  for (let column: usize = 0; column < widthBytes;) {
    const eight = column + 32 <= widthBytes;
    let channel: u32 = 0;
    if (eight) {
      for (; channel + 4 <= channels; channel += 4) {
        const to = gradient + widthBytes * channel + column;
        const from = features + 4 * channel;
        backwardFourByEight(from, rows, rowBytes, slopes + column, widthBytes, to);
      }
    }
    const first = channel;
    for (; channel < channels; channel++) {
      const to = gradient + widthBytes * channel + column;
      const from = features + 4 * channel;
      backwardOneByFour(from, rows, rowBytes, slopes + column, widthBytes, to);
    }
    if (eight) {
      for (channel = first; channel < channels; channel++) {
        const to = gradient + widthBytes * channel + column + 16;
        const from = features + 4 * channel;
        backwardOneByFour(from, rows, rowBytes, slopes + column + 16, widthBytes, to);
      }
    }
    column += eight ? 32 : 16;
  }
  sumSlopes(rows, slopes, widthBytes, gradient + widthBytes * channels);
}

function sumSlopes(rows: u32, slopes: usize, widthBytes: usize, gradient: usize): void {
  for (let column: usize = 0; column < widthBytes; column += 16) {
    let sum = v128.load(gradient + column);
    let slope = slopes + column;
    for (let row: u32 = 0; row < rows; row++) {
      sum = f32x4.add(sum, v128.load(slope));
      slope += widthBytes;
    }
    v128.store(gradient + column, sum);
  }
}
