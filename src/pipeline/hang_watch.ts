import type { Clock } from "../core/clock.ts";

/** A timer that is later than this was held up with the whole program, in milliseconds. */
const LATE_MS_MAX = 200;

/**
 * Notices that something has been under way for too long. It holds one timer at most, and starts no
 * new one for each thing that begins. Where the program itself was held up, as by a stop signal, what
 * is under way gets its time anew: its end may be waiting to be heard.
 */
export class HangWatch implements Disposable {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #onHang: () => void;
  readonly #stop = new AbortController();
  /** When what is under way began; `null` where nothing is. */
  #sinceMs: number | null = null;
  #isWaiting = false;

  /**
   * @param limitMs How long one thing may take, in milliseconds, more than 0.
   * @param onHang Called once when it took longer; nothing is under way any more then.
   */
  constructor(clock: Clock, limitMs: number, onHang: () => void) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#onHang = onHang;
  }

  /** Something begins now, in place of what was under way. */
  begin(): void {
    this.#sinceMs = this.#clock.nowMs();
    if (!this.#isWaiting) this.#wait();
  }

  /** Nothing is under way. */
  rest(): void {
    this.#sinceMs = null;
  }

  /** Ends the timer; nothing is noticed any more. */
  [Symbol.dispose](): void {
    this.#sinceMs = null;
    this.#stop.abort();
  }

  async #wait(): Promise<void> {
    this.#isWaiting = true;
    const { signal } = this.#stop;
    while (this.#sinceMs !== null && !signal.aborted) {
      const dueMs = this.#sinceMs + this.#limitMs;
      const leftMs = dueMs - this.#clock.nowMs();
      if (leftMs > 0) {
        await this.#clock.wait(leftMs, signal);
        const nowMs = this.#clock.nowMs();
        if (nowMs - dueMs > LATE_MS_MAX && this.#sinceMs !== null) this.#sinceMs = nowMs;
        continue;
      }
      this.#sinceMs = null;
      this.#onHang();
    }
    this.#isWaiting = false;
  }
}
