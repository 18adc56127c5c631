import { FoveaError } from "./errors.ts";

/** A monotonic clock that can also wait; injected, so that tests never sleep. */
export interface Clock {
  /** Monotonic time in milliseconds; only differences have a meaning. */
  nowMs(): number;
  /** Resolves after `delayMs`, or at once (without an error) when `signal` aborts. */
  wait(delayMs: number, signal?: AbortSignal): Promise<void>;
}

interface Waiter {
  readonly dueMs: number;
  readonly wake: () => void;
}

/**
 * A clock that moves only when told: time in tests, without sleeping.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ManualClock } from "@fovea/fovea";
 *
 * const clock = new ManualClock();
 * let woken = false;
 * const waiting = clock.wait(100).then(() => woken = true);
 * await clock.advance(99);
 * assertEquals(woken, false);
 * await clock.advance(1);
 * await waiting;
 * assertEquals(clock.nowMs(), 100);
 * ```
 */
export class ManualClock implements Clock {
  #nowMs: number;
  #waiters: Waiter[] = [];

  /** Starts at `nowMs` milliseconds. */
  constructor(nowMs = 0) {
    this.#nowMs = nowMs;
  }

  /** The time it was last set to, in milliseconds. */
  nowMs(): number {
    return this.#nowMs;
  }

  /** How many callers are waiting now. */
  get waiting(): number {
    return this.#waiters.length;
  }

  /** Resolves once {@linkcode advance} passed `delayMs`, or when `signal` aborts. */
  wait(delayMs: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted || delayMs <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const waiter: Waiter = {
        dueMs: this.#nowMs + delayMs,
        wake: () => {
          signal?.removeEventListener("abort", waiter.wake);
          this.#waiters = this.#waiters.filter((other) => other !== waiter);
          resolve();
        },
      };
      this.#waiters.push(waiter);
      signal?.addEventListener("abort", waiter.wake, { once: true });
    });
  }

  /**
   * Moves time on by `deltaMs`, wakes those who are due in order of their time, and lets the
   * promises they resolve run.
   *
   * @throws {FoveaError} `USAGE` if `deltaMs` is negative: the clock is monotonic.
   */
  async advance(deltaMs: number): Promise<void> {
    if (!(deltaMs >= 0)) {
      throw new FoveaError("USAGE", `Cannot move a monotonic clock by ${deltaMs} ms`);
    }
    const targetMs = this.#nowMs + deltaMs;
    for (;;) {
      const due = this.#waiters.filter((w) => w.dueMs <= targetMs)
        .sort((a, b) => a.dueMs - b.dueMs)[0];
      if (due === undefined) break;
      this.#nowMs = Math.max(this.#nowMs, due.dueMs);
      due.wake();
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    }
    this.#nowMs = targetMs;
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  }
}
