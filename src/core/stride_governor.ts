import { STRIDE_MAX } from "./frame_policy.ts";

/** Arrival intervals that the source's period is the median of. */
const PERIOD_WINDOW = 9;
/** A reader that asks this many periods after its frame arrived was late. */
const LATE_PERIODS = 0.25;
/** A reader that waits this many periods for its frame could take more. */
const IDLE_PERIODS = 1.1;
/** How often in a row it must have waited before the stride shrinks. */
const IDLE_DELIVERIES = 4;

/**
 * Picks every how many frames a reader gets, so that the frames it gets are evenly spaced.
 *
 * The rule, with the period `P` as the median of the last nine arrival intervals:
 * - The next frame to deliver is the last delivered one plus the stride.
 * - A reader that asks more than `P / 4` after that frame arrived was late: the stride grows to
 *   the gap that really opened, by at least 1 and at most to its double.
 * - A reader that waited at least `1.1 P` four times in a row has time to spare: the stride
 *   shrinks by the whole periods of the shortest of these waits, at least by 1.
 *
 * Nothing is assumed about how the reader works, so several workers behind one reader are fine.
 * Constant memory, no clock, no randomness: the same times give the same strides.
 */
export class StrideGovernor {
  #stride = 1;
  #nextSeq = 0;
  #lastSeq = -1;
  #dueArrivedMs: number | null = null;
  #requestedMs: number | null = null;
  #lastArrivedMs: number | null = null;
  readonly #intervalsMs: number[] = [];
  #idleDeliveries = 0;
  #idleMin = Infinity;

  /** Every how many frames the reader gets now, from 1. */
  get stride(): number {
    return this.#stride;
  }

  /** The first frame that may be delivered next. */
  get nextSeq(): number {
    return this.#nextSeq;
  }

  /** Whether the reader has asked and is waiting for {@linkcode nextSeq}. */
  get isAwaited(): boolean {
    return this.#requestedMs !== null;
  }

  /** Tells that frame `seq` came from the source at `nowMs`. */
  observeArrival(seq: number, nowMs: number): void {
    if (this.#lastArrivedMs !== null) {
      this.#intervalsMs.push(nowMs - this.#lastArrivedMs);
      if (this.#intervalsMs.length > PERIOD_WINDOW) this.#intervalsMs.shift();
    }
    this.#lastArrivedMs = nowMs;
    if (seq >= this.#nextSeq) this.#dueArrivedMs ??= nowMs;
  }

  /** Tells that the reader asks for a frame; asking again before it got one changes nothing. */
  observeRequest(nowMs: number): void {
    this.#requestedMs ??= nowMs;
  }

  /** Tells that the reader got frame `seq`; sets the stride for the next. */
  observeDelivery(seq: number, nowMs: number): void {
    const requestedMs = this.#requestedMs ?? nowMs;
    const lateMs = requestedMs - (this.#dueArrivedMs ?? requestedMs);
    const periodMs = median(this.#intervalsMs);
    if (this.#lastSeq >= 0 && periodMs > 0) {
      this.#adjust(lateMs / periodMs, (nowMs - requestedMs) / periodMs, seq - this.#lastSeq);
    }
    this.#lastSeq = seq;
    this.#nextSeq = seq + this.#stride;
    this.#requestedMs = null;
    this.#dueArrivedMs = null;
  }

  #adjust(latePeriods: number, idlePeriods: number, gap: number): void {
    if (latePeriods > LATE_PERIODS) {
      const wanted = Math.max(this.#stride + 1, gap);
      this.#stride = Math.min(wanted, 2 * this.#stride, STRIDE_MAX);
    }
    if (idlePeriods < IDLE_PERIODS) {
      this.#idleDeliveries = 0;
      this.#idleMin = Infinity;
      return;
    }
    this.#idleMin = Math.min(this.#idleMin, idlePeriods);
    if (++this.#idleDeliveries < IDLE_DELIVERIES) return;
    this.#stride = Math.max(1, this.#stride - Math.max(1, Math.floor(this.#idleMin - 0.1)));
    this.#idleDeliveries = 0;
    this.#idleMin = Infinity;
  }
}

/** The middle value, the lower one of two; 0 of none. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1] ?? 0;
}
