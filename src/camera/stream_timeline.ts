import type { PictureSource } from "./picture_source.ts";

/**
 * The presentation time of pictures in milliseconds from the start of a stream, also where the
 * source has none or begins anew after a reconnect. Pure.
 */
export class StreamTimeline {
  #firstReceivedMs: number | null = null;
  #offsetMs: number | null = null;

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
    if (kind === "file") return source.ptsMs ?? 1000 * seq / (fps ?? 1);
    this.#firstReceivedMs ??= source.receivedMs;
    const elapsedMs = source.receivedMs - this.#firstReceivedMs;
    if (source.ptsMs === null) return elapsedMs;
    this.#offsetMs ??= elapsedMs - source.ptsMs;
    return source.ptsMs + this.#offsetMs;
  }
}
