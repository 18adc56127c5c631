import { Format, LetterboxPlan } from "./letterbox_plan";

/** Weights across a row have 14 bits, so that a pair of them fits two signed 16-bit lanes. */
const ACROSS_ONE: i32 = 1 << 14;
/** Weights between rows have 15 bits; a whole 1 is just out of reach. */
const DOWN_MAX: i32 = (1 << 15) - 1;

/** Whether a format has chroma samples of its own. */
// @ts-ignore: decorator
@inline
export function isYuv(format: u32): bool {
  return format <= Format.YUYV;
}

/** Bytes of one blended 16-bit luma sample, gray sample or packed pixel. */
function pixelStep(format: u32): u32 {
  if (format == Format.RGB24 || format == Format.BGR24) return 6;
  if (format == Format.RGBA || format == Format.BGRX) return 8;
  return 2;
}

/**
 * Where network pixel `i` lies between the samples of one axis: pixel centres on pixel centres,
 * clamped to the outer samples.
 */
// @ts-ignore: decorator
@inline
export function position(
  i: u32,
  pictureLength: u32,
  contentLength: u32,
  samples: u32,
  pixelsPerSample: f64,
): f64 {
  const centre = (f64(i) + 0.5) * f64(pictureLength) / f64(contentLength);
  return min(max(centre / pixelsPerSample - 0.5, 0), f64(samples - 1));
}

/** The weight of the lower one of two rows, in 15 bits. */
// @ts-ignore: decorator
@inline
export function downWeight(at: f64): i32 {
  return min(i32(nearest((at - floor(at)) * f64(DOWN_MAX + 1))), DOWN_MAX);
}

/** Builds the tables that say what every network column is made of. */
export function prepareColumns(plan: LetterboxPlan): void {
  const width = plan.sourceWidth;
  const content = plan.contentWidth;
  const step = pixelStep(plan.format);
  writeTaps(plan.lumaOffsets, plan.lumaWeights, width, content, width, 1, step);
  if (isYuv(plan.format)) {
    writeTaps(plan.chromaOffsets, plan.chromaWeights, width, content, (width + 1) >> 1, 2, 4);
  }
}

/**
 * Per column: the byte of its left sample in the blended row, and the weights of both samples. The
 * right sample of the last one is never read for real: its weight is 0. At least four columns are
 * written, because samplers take four at a time.
 */
function writeTaps(
  offsets: usize,
  weights: usize,
  pictureLength: u32,
  contentLength: u32,
  samples: u32,
  pixelsPerSample: f64,
  step: u32,
): void {
  for (let i: u32 = 0, n = max<u32>(contentLength, 4); i < n; i++) {
    const column = min(i, contentLength - 1);
    const at = position(column, pictureLength, contentLength, samples, pixelsPerSample);
    const right = i32(nearest((at - floor(at)) * f64(ACROSS_ONE)));
    store<u32>(offsets + 4 * i, u32(at) * step);
    store<u32>(weights + 4 * i, u32((right << 16) | (ACROSS_ONE - right)));
  }
}
