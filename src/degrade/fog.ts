import { makeTable, mapChannels } from "./channel_tables.ts";
import type { DegradationSeverity } from "./degradation.ts";
import type { Effect } from "./effect.ts";

/** Share of the light that comes through, by severity. */
const CONTRAST: Readonly<Record<DegradationSeverity, number>> = {
  1: 0.55,
  2: 0.35,
  3: 0.18,
  4: 0.07,
};
/** Value of the fog itself. */
const FOG = 200;

/** Fog: every value is mixed with light gray, `x * contrast + 200 * (1 - contrast)`. */
export class FogEffect implements Effect {
  readonly #table: Uint8Array;

  /** Makes the table. */
  constructor(severity: DegradationSeverity) {
    const contrast = CONTRAST[severity];
    this.#table = makeTable((value) => value * contrast + (1 - contrast) * FOG);
  }

  apply(bgr: Uint8Array): void {
    mapChannels(bgr, this.#table, this.#table, this.#table);
  }
}
