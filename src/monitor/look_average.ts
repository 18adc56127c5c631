import type { ImageFacts } from "./image_look.ts";
import type { LookAverage, ScoreFacts } from "./suspicion.ts";

/**
 * A running mean of what pictures and scores look like: over everything, or fading with a share for
 * the newest frame. Constant memory but for one number a class.
 */
export class RunningLook {
  readonly #share: number | null;
  #count = 0;
  #look: LookAverage | null = null;

  /** `share` is that of the newest frame, above 0 to 1; `null` gives all frames the same. */
  constructor(share: number | null) {
    this.#share = share;
  }

  /** The mean so far, or `null` before the first frame. */
  get look(): LookAverage | null {
    return this.#look;
  }

  /** Adds one frame. */
  add(image: ImageFacts, scores: ScoreFacts): void {
    this.#count++;
    const newest = lookOf(image, scores);
    const share = Math.max(this.#share ?? 0, 1 / this.#count);
    this.#look = this.#look === null ? newest : mix(this.#look, newest, share);
  }

  /** Goes on from a mean that was kept. */
  restore(look: LookAverage, count: number): void {
    this.#look = look;
    this.#count = count;
  }
}

function lookOf(image: ImageFacts, { meanScore, classCounts }: ScoreFacts): LookAverage {
  const classRates: Record<string, number> = {};
  for (const [classIndex, count] of classCounts) classRates[classIndex] = count;
  return { ...image, meanScore, classRates };
}

function mix(old: LookAverage, newest: LookAverage, share: number): LookAverage {
  const blend = (a: number, b: number) => a + share * (b - a);
  const blendAll = (a: readonly number[], b: readonly number[]) =>
    a.map((value, i) => blend(value, b[i]!));
  const classRates: Record<string, number> = {};
  for (const name of [...Object.keys(old.classRates), ...Object.keys(newest.classRates)]) {
    classRates[name] = blend(old.classRates[name] ?? 0, newest.classRates[name] ?? 0);
  }
  return {
    luma: blend(old.luma, newest.luma),
    contrast: blend(old.contrast, newest.contrast),
    sharpness: blend(old.sharpness, newest.sharpness),
    noise: blend(old.noise, newest.noise),
    cb: blend(old.cb, newest.cb),
    cr: blend(old.cr, newest.cr),
    blockSharpness: blendAll(old.blockSharpness, newest.blockSharpness),
    thumbnail: blendAll(old.thumbnail, newest.thumbnail),
    meanScore: blend(old.meanScore, newest.meanScore),
    classRates,
  };
}
