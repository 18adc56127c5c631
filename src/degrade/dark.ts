import type { DegradationSeverity } from "./degradation.ts";
import type { Effect } from "./effect.ts";
import { NoiseSource } from "./noise_source.ts";

interface Night {
  /** Exponent of the tone curve. */
  readonly gamma: number;
  /** Share of the light that is left. */
  readonly light: number;
  /** Standard deviation of the sensor's noise. */
  readonly deviation: number;
}

/** By severity. */
const NIGHTS: Readonly<Record<DegradationSeverity, Night>> = {
  1: { gamma: 1.5, light: 0.6, deviation: 2 },
  2: { gamma: 2.2, light: 0.35, deviation: 4 },
  3: { gamma: 3, light: 0.2, deviation: 6 },
  4: { gamma: 3, light: 0.07, deviation: 5 },
};

/** Night: `255 * light * (x / 255) ^ gamma`, and sensor noise, drawn anew for every picture. */
export class DarkEffect implements Effect {
  readonly #noise: NoiseSource;

  /** Takes a seed of whole numbers from 0 to 2^32 - 1. */
  constructor(severity: DegradationSeverity, seed: readonly number[]) {
    const { gamma, light, deviation } = NIGHTS[severity];
    this.#noise = new NoiseSource(
      seed,
      (value) => 255 * (value / 255) ** gamma * light,
      deviation,
    );
  }

  apply(bgr: Uint8Array): void {
    this.#noise.addTo(bgr);
  }
}
