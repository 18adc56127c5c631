const PERIOD_MS = 1;

/**
 * Watches how long the event loop of this isolate is blocked: a timer wants to fire every
 * millisecond, and what it comes late is the stall.
 */
export class StallProbe implements Disposable {
  readonly #stallMs: number[] = [];
  readonly #timer: ReturnType<typeof setInterval>;
  #lastMs = performance.now();

  /** Starts to watch. */
  constructor() {
    this.#timer = setInterval(() => {
      const nowMs = performance.now();
      this.#stallMs.push(Math.max(0, nowMs - this.#lastMs - PERIOD_MS));
      this.#lastMs = nowMs;
    }, PERIOD_MS);
  }

  /** Every stall so far, in milliseconds. */
  get stallMs(): readonly number[] {
    return this.#stallMs;
  }

  /** Stops to watch. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
