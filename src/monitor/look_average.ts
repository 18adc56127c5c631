import type { ImageFacts } from "./image_look.ts";
import type { LookAverage, ScoreFacts } from "./suspicion.ts";

/** The plain numbers of a look, in the order they are kept. */
const FIGURES = ["luma", "contrast", "sharpness", "noise", "cb", "cr"] as const;

/**
 * A running mean of what pictures and scores look like: over everything, or fading with a share for
 * the newest frame. Allocates nothing per frame but one number for each new class.
 */
export class RunningLook {
  readonly #share: number;
  readonly #figures = new Float64Array(FIGURES.length);
  readonly #classRates = new Map<number, number>();
  #blockSharpness = new Float64Array(0);
  #thumbnail = new Float64Array(0);
  #meanScore = 0;
  #count = 0;

  /** `share` is that of the newest frame, above 0 to 1; `null` gives all frames the same. */
  constructor(share: number | null) {
    this.#share = share ?? 0;
  }

  /** Number of frames so far. */
  get count(): number {
    return this.#count;
  }

  /** The mean so far, a copy; `null` before the first frame. */
  get look(): LookAverage | null {
    if (this.#count === 0) return null;
    const [luma, contrast, sharpness, noise, cb, cr] = this.#figures as unknown as FigureValues;
    const rates = [...this.#classRates].map(([classIndex, rate]) => [String(classIndex), rate]);
    return {
      luma,
      contrast,
      sharpness,
      noise,
      cb,
      cr,
      blockSharpness: Array.from(this.#blockSharpness),
      thumbnail: Array.from(this.#thumbnail),
      meanScore: this.#meanScore,
      classRates: Object.fromEntries(rates),
    };
  }

  /** Adds one frame. */
  add(image: ImageFacts, { meanScore, classCounts }: ScoreFacts): void {
    if (this.#count === 0) {
      this.#blockSharpness = new Float64Array(image.blockSharpness.length);
      this.#thumbnail = new Float64Array(image.thumbnail.length);
    }
    const share = Math.max(this.#share, 1 / ++this.#count);
    for (const [i, name] of FIGURES.entries()) {
      this.#figures[i] = blend(this.#figures[i]!, image[name], share);
    }
    blendInto(this.#blockSharpness, image.blockSharpness, share);
    blendInto(this.#thumbnail, image.thumbnail, share);
    this.#meanScore = blend(this.#meanScore, meanScore, share);
    for (const [classIndex, rate] of this.#classRates) {
      this.#classRates.set(classIndex, blend(rate, classCounts.get(classIndex) ?? 0, share));
    }
    for (const [classIndex, count] of classCounts) {
      if (!this.#classRates.has(classIndex)) this.#classRates.set(classIndex, share * count);
    }
  }
}

type FigureValues = [number, number, number, number, number, number];

function blend(old: number, newest: number, share: number): number {
  return old + share * (newest - old);
}

function blendInto(old: Float64Array, newest: ArrayLike<number>, share: number): void {
  for (let i = 0; i < old.length; i++) old[i] = blend(old[i]!, newest[i]!, share);
}
