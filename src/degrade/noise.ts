import type { DegradationSeverity } from "./degradation.ts";
import type { Effect } from "./effect.ts";
import { NoiseSource } from "./noise_source.ts";

/** Standard deviation of the noise, by severity. */
const DEVIATION: Readonly<Record<DegradationSeverity, number>> = { 1: 15, 2: 30, 3: 55, 4: 110 };

/** Sensor noise: every value gets a normal number of its own, drawn anew for every picture. */
export class NoiseEffect implements Effect {
  readonly #noise: NoiseSource;

  /** Takes a seed of whole numbers from 0 to 2^32 - 1. */
  constructor(severity: DegradationSeverity, seed: readonly number[]) {
    this.#noise = new NoiseSource(seed, (value) => value, DEVIATION[severity]);
  }

  apply(bgr: Uint8Array): void {
    this.#noise.addTo(bgr);
  }
}
