import type { PictureSource } from "./picture_source.ts";

/** Step where a stream's times run backwards and its rate is unknown, in milliseconds. */
const STEP_MS = 40;

/**
 * The presentation time of pictures in milliseconds from the start of a stream, always increasing:
 * also where the source has no times, where they jump back (recordings put together from several)
 * and where they begin anew after a reconnect. Pure.
 */
export class StreamTimeline {
  #firstReceivedMs: number | null = null;
  #offsetMs: number | null = null;
  #lastMs = -Infinity;

  /** Tells that the source was opened anew: its own times begin somewhere else. */
  restart(): void {
    this.#offsetMs = null;
  }

  /**
   * The time of the source's current picture, which is the `seq`-th.
   *
   * A file's own time, or one made from its rate (one picture a second if unknown). A live
   * source's time begins at 0 with its first picture and goes on over reconnects; where it has
   * none, it is the time of arrival.
   */
  ptsMs(source: PictureSource, seq: number): number {
    const { kind, fps } = source.facts;
    this.#firstReceivedMs ??= source.receivedMs;
    const elapsedMs = source.receivedMs - this.#firstReceivedMs;
    const ownMs = source.ptsMs ?? (kind === "live" ? elapsedMs : 1000 * seq / (fps ?? 1));
    this.#offsetMs ??= kind === "live" ? elapsedMs - ownMs : 0;
    if (ownMs + this.#offsetMs <= this.#lastMs) {
      this.#offsetMs = this.#lastMs + (fps === null ? STEP_MS : 1000 / fps) - ownMs;
    }
    this.#lastMs = ownMs + this.#offsetMs;
    return this.#lastMs;
  }
}
