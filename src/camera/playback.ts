/** A player that is later than this shifts its schedule instead of catching up, in milliseconds. */
const LATE_MS_MAX = 1000;
/** The same for one that waits for its reader: a slow reader is not to be flooded afterwards. */
const LATE_WAITING_MS_MAX = 100;

/** When the pictures of a file are due if it plays in real time. Pure; times come in. */
export class Playback {
  readonly #waits: boolean;
  #baseMs: number | null = null;

  /** `waits`: whether the source waits for its reader; then it hardly hurries to catch up. */
  constructor(waits: boolean) {
    this.#waits = waits;
  }

  /** When the picture of time `ptsMs` is due, asked at `nowMs`; may lie in the past. */
  dueMs(ptsMs: number, nowMs: number): number {
    this.#baseMs ??= nowMs - ptsMs;
    const lateMs = nowMs - (this.#baseMs + ptsMs);
    if (lateMs > (this.#waits ? LATE_WAITING_MS_MAX : LATE_MS_MAX)) this.#baseMs += lateMs;
    return this.#baseMs + ptsMs;
  }
}
