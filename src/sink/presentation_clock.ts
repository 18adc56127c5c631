/** Ticks of a second in which pictures are timed; whole for 24, 25, 30, 50 and 60 a second. */
export const TICKS_PER_SECOND = 60_000;

/**
 * Turns a stream's picture times into times a file accepts: they start at 0 and always rise.
 *
 * Gaps stay as long as they were. Where time stands still or goes back, as after a reconnect, the
 * next picture follows one usual period after the last one and later ones keep their distance.
 */
export class PresentationClock {
  #offset: number | null = null;
  #last = -1;
  #period: number;

  /** Starts with `fps` pictures a second as the usual period, until the stream shows its own. */
  constructor(fps: number) {
    this.#period = Math.max(1, Math.round(TICKS_PER_SECOND / fps));
  }

  /** Distance between the last two pictures, in ticks. */
  get periodTicks(): number {
    return this.#period;
  }

  /** Time in the file, in ticks, of the picture that the stream times at `ptsMs`. */
  next(ptsMs: number): number {
    const stream = Math.round(ptsMs * TICKS_PER_SECOND / 1000);
    this.#offset ??= -stream;
    const ticks = stream + this.#offset;
    if (ticks > this.#last) {
      if (this.#last >= 0) this.#period = ticks - this.#last;
      return this.#last = ticks;
    }
    this.#last += this.#period;
    this.#offset = this.#last - stream;
    return this.#last;
  }
}
