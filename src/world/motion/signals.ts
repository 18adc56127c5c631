/** Length of one round of the traffic lights in seconds. */
export const ROUND_S = 54;

/** Who is let through. */
export type Stream = "main" | "side" | "walkAcrossMain" | "walkAcrossSide";

/** When each stream may enter the junction, in seconds from the start of the round. */
const GREEN: Readonly<Record<Stream, readonly [number, number]>> = {
  main: [0, 20],
  side: [28, 39],
  // Walkers need up to 17 s over the main street, and must be off it before it gets green.
  walkAcrossMain: [28, 32],
  walkAcrossSide: [0, 14],
};

/** The traffic lights of the junction: the same round again and again. */
export class Signals {
  readonly #offsetS: number;

  /** `offsetS`: how far the round has gone at time 0. */
  constructor(offsetS: number) {
    this.#offsetS = offsetS;
  }

  /** Whether a stream may enter at a time in seconds. */
  isGreen(stream: Stream, seconds: number): boolean {
    const phase = this.#phase(seconds);
    const [from, to] = GREEN[stream];
    return phase >= from && phase < to;
  }

  /** The first time from `seconds` on at which a stream may enter. */
  nextGreen(stream: Stream, seconds: number): number {
    if (this.isGreen(stream, seconds)) return seconds;
    const wait = GREEN[stream][0] - this.#phase(seconds);
    return seconds + (wait < 0 ? wait + ROUND_S : wait);
  }

  #phase(seconds: number): number {
    const rounds = (seconds + this.#offsetS) / ROUND_S;
    return (rounds - Math.floor(rounds)) * ROUND_S;
  }
}
