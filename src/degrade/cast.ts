import { makeTable, mapChannels } from "./channel_tables.ts";
import type { DegradationSeverity } from "./degradation.ts";
import type { Effect } from "./effect.ts";

/** Factors on blue, green and red, by severity. */
const GAINS: Readonly<Record<DegradationSeverity, readonly [number, number, number]>> = {
  1: [1, 0.8, 0.6],
  2: [1, 0.6, 0.35],
  3: [0.9, 0.35, 0.15],
  4: [0.7, 0.12, 0.05],
};

/** A blue cast with less light: a factor on each channel, in float32. */
export class CastEffect implements Effect {
  readonly #tables: readonly [Uint8Array, Uint8Array, Uint8Array];

  /** Makes the tables. */
  constructor(severity: DegradationSeverity) {
    const [blue, green, red] = GAINS[severity];
    this.#tables = [gainTable(blue), gainTable(green), gainTable(red)];
  }

  apply(bgr: Uint8Array): void {
    mapChannels(bgr, ...this.#tables);
  }
}

function gainTable(gain: number): Uint8Array {
  return makeTable((value) => Math.fround(value * Math.fround(gain)));
}
