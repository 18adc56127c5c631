import type { StreamState } from "../core/result.ts";

/**
 * Follows what is known about a stream: `live`, `stale`, `frozen`, `black` or `blind`.
 *
 * Pictures, silence and loss come in, states come out; no clock. Black wins over frozen, since
 * black pictures are equal too; blind wins over stale, since a lost stream is silent too.
 */
export class StreamWatch {
  readonly #frozenAfterFrames: number;
  #state: StreamState = "live";
  #reason: string | null = null;
  #hash: number | null = null;
  #equalFrames = 0;

  /** A stream is frozen when `frozenAfterFrames` pictures in a row, from 2, are equal. */
  constructor(frozenAfterFrames: number) {
    this.#frozenAfterFrames = frozenAfterFrames;
  }

  /** The state now. */
  get state(): StreamState {
    return this.#state;
  }

  /** Why it is what it is; `null` while live. */
  get reason(): string | null {
    return this.#reason;
  }

  /** Takes in a picture that came; it ends `stale` and `blind`. */
  observePicture(look: { readonly hash: number; readonly isBlack: boolean }): void {
    this.#equalFrames = look.hash === this.#hash ? this.#equalFrames + 1 : 1;
    this.#hash = look.hash;
    if (look.isBlack) {
      this.#set("black", "the pictures are black");
    } else if (this.#equalFrames >= this.#frozenAfterFrames) {
      this.#set("frozen", `the last ${this.#equalFrames} pictures are the same`);
    } else {
      this.#set("live", null);
    }
  }

  /** Takes in that no picture came for a while; returns whether that is news. */
  observeSilence(silentMs: number): boolean {
    if (this.#state === "blind" || this.#state === "stale") return false;
    this.#set("stale", `no picture for ${Math.round(silentMs)} ms`);
    return true;
  }

  /** Takes in that the stream is lost; returns whether that is news. */
  observeLoss(reason: string): boolean {
    const isNews = this.#state !== "blind";
    this.#set("blind", reason);
    this.#hash = null;
    this.#equalFrames = 0;
    return isNews;
  }

  #set(state: StreamState, reason: string | null): void {
    this.#state = state;
    this.#reason = reason;
  }
}
