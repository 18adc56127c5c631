import { FoveaError } from "../core/errors.ts";
import { checkDegradation, type Degradation } from "./degradation.ts";
import type { Effect } from "./effect.ts";
import { makeEffect } from "./make_effect.ts";

/** Settings of a {@linkcode Degrader}. */
export interface DegraderOptions {
  /** Seed of what is drawn anew for every picture, a whole number to 2^32 - 1; 0 by default. */
  readonly seed?: number;
}

/** Effects for pictures of one size; `null` where none was needed yet. */
interface SizedEffects {
  readonly width: number;
  readonly height: number;
  readonly effects: (Effect | null)[];
}

/**
 * Makes the pictures of a stream worse, in a way that is exactly defined: for proving that a
 * detector, a monitor or a refinement does what it should when the light goes or the lens gets
 * dirty.
 *
 * All kinds but `dark` and `noise` change a picture in the same way every time; those two draw
 * fresh noise for every picture, and the same seed gives the same noise in the same order.
 * Degradations act in the order given.
 *
 * Memory is taken when a size of pictures is first seen, and kept; afterwards nothing is allocated
 * per picture but a view or two.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Degrader } from "@fovea/fovea/degrade";
 *
 * const degrader = new Degrader([{ kind: "fog", severity: 4, fromFrame: 1 }]);
 * const bgr = new Uint8Array(2 * 1 * 3); // two black pixels
 * degrader.apply(bgr, 2, 1, 0);
 * assertEquals(bgr[0], 0); // it begins at frame 1
 * degrader.apply(bgr, 2, 1, 1);
 * assertEquals(bgr[0], 186); // 0.07 * 0 + 0.93 * 200
 * ```
 */
export class Degrader {
  /** What is done, in order. */
  readonly degradations: readonly Degradation[];
  readonly #seed: number;
  #sized: SizedEffects | null = null;

  /**
   * Makes a degrader; nothing is computed yet.
   *
   * @throws {FoveaError} `USAGE` if a degradation or the seed is not known or out of range.
   */
  constructor(degradations: readonly Degradation[], options: DegraderOptions = {}) {
    const { seed = 0 } = options;
    if (!Number.isInteger(seed) || seed < 0 || seed > 0xffff_ffff) {
      throw new FoveaError("USAGE", `Cannot degrade with the seed ${seed}`, {
        hint: "Use a whole number from 0 to 4294967295",
      });
    }
    this.degradations = degradations.map((one) => ({ ...checkDegradation(one) }));
    this.#seed = seed;
  }

  /** Whether anything is done to frame `index`, counted from 0. */
  actsOn(index: number): boolean {
    return this.degradations.some(({ fromFrame = 0 }) => index >= fromFrame);
  }

  /**
   * Gets everything ready for pictures of one size. {@linkcode apply} does it when it must, but
   * `dirt` takes a moment, which may be better spent before the stream runs.
   *
   * @param width Width in pixels, at least 1.
   * @param height Height in pixels, at least 1.
   * @throws {RangeError} If a size is not a whole number from 1.
   */
  prepare(width: number, height: number): void {
    for (let i = 0; i < this.degradations.length; i++) this.#effectAt(i, width, height);
  }

  /**
   * Degrades one picture in place.
   *
   * @param bgr The pixels, `[height, width, 3]` uint8, blue first, rows without padding.
   * @param width Width in pixels.
   * @param height Height in pixels.
   * @param index Which frame it is, counted from 0 in what is delivered: tells which degradations
   * have begun.
   * @throws {RangeError} If a size is not a whole number from 1, or the pixels are more or fewer.
   */
  apply(bgr: Uint8Array, width: number, height: number, index: number): void {
    if (bgr.length !== 3 * width * height) {
      throw new RangeError(
        `Cannot degrade a picture of ${width}×${height}: it has ${bgr.length} bytes`,
      );
    }
    for (let i = 0; i < this.degradations.length; i++) {
      if (index < (this.degradations[i]!.fromFrame ?? 0)) continue;
      this.#effectAt(i, width, height).apply(bgr);
    }
  }

  #effectAt(i: number, width: number, height: number): Effect {
    const { effects } = this.#effectsFor(width, height);
    return effects[i] ??= makeEffect(this.degradations[i]!, width, height, [this.#seed, i]);
  }

  #effectsFor(width: number, height: number): SizedEffects {
    if (this.#sized?.width === width && this.#sized.height === height) return this.#sized;
    for (const side of [width, height]) {
      if (!Number.isSafeInteger(side) || side < 1) {
        throw new RangeError(`Cannot degrade pictures of ${width}×${height}: sides start at 1`);
      }
    }
    this.#sized = { width, height, effects: this.degradations.map(() => null) };
    return this.#sized;
  }
}
