import { AreaShrink } from "./area_shrink.ts";
import type { DegradationSeverity } from "./degradation.ts";
import type { Effect } from "./effect.ts";
import { JpegCoder } from "./jpeg_coder.ts";
import { LinearStretch } from "./linear_stretch.ts";

/** JPEG quality, and size of the coded picture relative to the whole one, by severity. */
const CODINGS: Readonly<
  Record<DegradationSeverity, { readonly quality: number; readonly factor: number }>
> = {
  1: { quality: 25, factor: 0.8 },
  2: { quality: 10, factor: 0.5 },
  3: { quality: 5, factor: 0.33 },
  4: { quality: 4, factor: 0.16 },
};

/** A starved stream: made smaller, coded as JPEG of low quality, and scaled up again. */
export class JpegEffect implements Effect {
  readonly #shrink: AreaShrink;
  readonly #coder: JpegCoder;
  readonly #stretch: LinearStretch;
  readonly #small: Uint8Array;

  /** Reserves memory for pictures of one size. */
  constructor(severity: DegradationSeverity, width: number, height: number) {
    const { quality, factor } = CODINGS[severity];
    this.#shrink = new AreaShrink(width, height, factor);
    this.#coder = new JpegCoder(this.#shrink.width, this.#shrink.height, quality);
    this.#stretch = new LinearStretch(this.#shrink.width, this.#shrink.height, width, height);
    this.#small = new Uint8Array(3 * this.#shrink.width * this.#shrink.height);
  }

  apply(bgr: Uint8Array): void {
    this.#shrink.shrink(bgr, this.#small);
    this.#coder.roundTrip(this.#small);
    this.#stretch.stretch(this.#small, bgr);
  }
}
