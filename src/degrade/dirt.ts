import type { DegradationSeverity } from "./degradation.ts";
import type { Effect } from "./effect.ts";
import { gaussianBlur } from "./gaussian_blur.ts";
import { Pcg64 } from "./pcg64.ts";
import { quantile } from "./quantile.ts";
import { StandardNormal } from "./standard_normal.ts";

/** Share of the picture that is dirty, by severity. */
const SHARE: Readonly<Record<DegradationSeverity, number>> = { 1: 0.15, 2: 0.3, 3: 0.5, 4: 0.75 };
/** Colour of the dirt: blue, green, red. */
const [BLUE, GREEN, RED] = [40, 55, 60] as const;
/** Seed of the patches: they are the same for every camera. */
const SEED = 5;
/** How much of the light a patch keeps off. */
const OPACITY = 0.93;
/** Less than any product of two of the blur's weights: rounding errors where there is no dirt. */
const COVER_MIN = 1e-12;

/**
 * Dirt on the lens: soft brown patches, always in the same places for pictures of one size.
 *
 * The patches are where smoothed noise is highest. They are NumPy's `default_rng(5).normal` under
 * OpenCV's `GaussianBlur`, so that other programs find the same mask.
 */
export class DirtEffect implements Effect {
  /** How much of the picture is covered, `[height, width]`, 0–0.93. */
  readonly #cover: Float32Array;
  /** How much of it is left, `1 - cover`. */
  readonly #clear: Float32Array;

  /** Makes the mask, which takes time: about a third of a microsecond for each pixel. */
  constructor(severity: DegradationSeverity, width: number, height: number) {
    this.#cover = dirtMask(SHARE[severity], width, height);
    this.#clear = this.#cover.map((cover) => 1 - cover);
  }

  apply(bgr: Uint8Array): void {
    const cover = this.#cover;
    const clear = this.#clear;
    for (let pixel = 0, i = 0; pixel < cover.length; pixel++, i += 3) {
      const left = clear[pixel]!;
      const dirt = cover[pixel]!;
      bgr[i] = Math.fround(bgr[i]! * left) + dirt * BLUE;
      bgr[i + 1] = Math.fround(bgr[i + 1]! * left) + dirt * GREEN;
      bgr[i + 2] = Math.fround(bgr[i + 2]! * left) + dirt * RED;
    }
  }
}

/** How much of a picture dirt covers, `[height, width]`, 0–0.93. */
function dirtMask(share: number, width: number, height: number): Float32Array {
  const normal = new StandardNormal(new Pcg64([SEED]));
  const noise = Float32Array.from({ length: width * height }, () => normal.next());
  const hills = gaussianBlur(noise, width, height, width / 16);
  const level = quantile(hills, 1 - share);
  const patches = hills.map((height) => height > level ? 1 : 0);
  return gaussianBlur(patches, width, height, width / 100)
    .map((cover) => cover < COVER_MIN ? 0 : cover * OPACITY);
}
