import type { Clock } from "../core/clock.ts";

/**
 * Notices that something has been under way for too long. It holds one timer at most, and starts no
 * new one for each thing that begins.
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
      const leftMs = this.#sinceMs + this.#limitMs - this.#clock.nowMs();
      if (leftMs > 0) {
        await this.#clock.wait(leftMs, signal);
        continue;
      }
      this.#sinceMs = null;
      this.#onHang();
    }
    this.#isWaiting = false;
  }
}
