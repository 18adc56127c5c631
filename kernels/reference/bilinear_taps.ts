/** For every network pixel of one axis: the two samples it lies between, and how far. */
export interface BilinearTaps {
  /** The sample before, `[count]`. */
  readonly low: Int32Array;
  /** The sample after, `[count]`; the same one at the picture's edge. */
  readonly high: Int32Array;
  /** Share of the sample after, `[count]`, 0–1. */
  readonly weight: Float64Array;
}

/**
 * Taps of bilinear sampling at pixel centres, edges clamped.
 *
 * Network pixel `i` has its centre at `u = (i + 1/2) * pictureLength / contentLength` in the
 * picture, and sample `k` at `(k + 1/2) * pixelsPerSample`: chroma is taken to lie in the middle
 * of the pixels it belongs to.
 *
 * @param pictureLength Picture pixels along this axis.
 * @param contentLength Network pixels that they are spread over.
 * @param samples Samples along this axis.
 * @param pixelsPerSample Picture pixels per sample: 1, or 2 for chroma.
 */
export function bilinearTaps(
  pictureLength: number,
  contentLength: number,
  samples: number,
  pixelsPerSample: number,
): BilinearTaps {
  const low = new Int32Array(contentLength);
  const high = new Int32Array(contentLength);
  const weight = new Float64Array(contentLength);
  for (let i = 0; i < contentLength; i++) {
    const centre = (i + 0.5) * pictureLength / contentLength;
    const position = Math.min(Math.max(centre / pixelsPerSample - 0.5, 0), samples - 1);
    low[i] = Math.floor(position);
    high[i] = Math.min(low[i]! + 1, samples - 1);
    weight[i] = position - low[i]!;
  }
  return { low, high, weight };
}
