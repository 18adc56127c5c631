import type { FramePolicy } from "./frame_policy.ts";
import { StrideGovernor } from "./stride_governor.ts";

/** Settings of a {@linkcode FrameQueue}. */
export interface FrameQueueOptions {
  /** Whether the source cannot wait: a full queue gives up its oldest frame and counts it. */
  readonly lossy: boolean;
  /** Most frames that wait for the reader, from 1; `latest` and `adaptive` keep just one. */
  readonly framesMax: number;
}

interface Entry<T> {
  readonly seq: number;
  readonly item: T;
}

/**
 * Decides which frames of a source its reader gets, and holds those that wait for it.
 *
 * The source calls {@linkcode wants} for every picture in order, and {@linkcode push} for those
 * that are wanted; the reader calls {@linkcode request} and then {@linkcode take} until it gets
 * one. Items are disposed where they are given up. Pure: times come in, nothing waits.
 *
 * Frames that `every:N` leaves out were not asked for and are not counted as dropped; those that
 * `adaptive` leaves out are lost to load and counted.
 */
export class FrameQueue<T extends Disposable> {
  readonly #policy: FramePolicy;
  readonly #lossy: boolean;
  readonly #framesMax: number;
  readonly #governor: StrideGovernor | null;
  readonly #entries: Entry<T>[] = [];
  #dropped = 0;

  /**
   * Makes an empty queue.
   *
   * @throws {RangeError} If `framesMax` is not a whole number from 1, or the policy is `latest` or
   * `adaptive` and the queue is not lossy: both give up frames.
   */
  constructor(policy: FramePolicy, options: FrameQueueOptions) {
    const { lossy, framesMax } = options;
    if (!Number.isInteger(framesMax) || framesMax < 1) {
      throw new RangeError(`Cannot make a queue of ${framesMax} frames: 1 is the least`);
    }
    const newestOnly = policy.kind === "latest" || policy.kind === "adaptive";
    if (newestOnly && !lossy) {
      throw new RangeError(`Cannot make a lossless queue with the policy ${policy.kind}`);
    }
    this.#policy = policy;
    this.#lossy = lossy;
    this.#framesMax = newestOnly || (lossy && policy.kind === "every") ? 1 : framesMax;
    this.#governor = policy.kind === "adaptive" ? new StrideGovernor() : null;
  }

  /** Frames given up so far. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Frames that wait for the reader. */
  get size(): number {
    return this.#entries.length;
  }

  /** Whether a lossless source must wait before it pushes. */
  get isFull(): boolean {
    return !this.#lossy && this.#entries.length >= this.#framesMax;
  }

  /** The frame that {@linkcode take} would return, or `null`. */
  get readySeq(): number | null {
    const seq = this.#entries[0]?.seq;
    if (seq === undefined) return null;
    return this.#governor !== null && seq < this.#governor.nextSeq ? null : seq;
  }

  /** Whether picture `seq`, which arrived at `nowMs`, is worth keeping at all. */
  wants(seq: number, nowMs: number): boolean {
    if (this.#policy.kind === "every") return seq % this.#policy.stride === 0;
    if (this.#governor === null) return true;
    this.#governor.observeArrival(seq, nowMs);
    const wanted = !this.#governor.isAwaited || seq >= this.#governor.nextSeq;
    if (!wanted) this.#dropped++;
    return wanted;
  }

  /**
   * Adds a frame. A full lossy queue gives up its oldest one.
   *
   * @throws {RangeError} If a lossless queue is full; ask {@linkcode isFull} first.
   */
  push(seq: number, item: T): void {
    if (this.isFull) throw new RangeError(`Cannot queue frame ${seq}: the queue is full`);
    if (this.#entries.length >= this.#framesMax) this.shed();
    this.#entries.push({ seq, item });
  }

  /** Gives up the oldest waiting frame to make room; returns whether there was one. */
  shed(): boolean {
    const entry = this.#entries.shift();
    if (entry === undefined) return false;
    this.#dropped++;
    entry.item[Symbol.dispose]();
    return true;
  }

  /** Counts frames that never got here. */
  countMissed(frames: number): void {
    this.#dropped += frames;
  }

  /** Tells that the reader asks for a frame; asking again before it got one changes nothing. */
  request(nowMs: number): void {
    this.#governor?.observeRequest(nowMs);
  }

  /** Hands out the next frame, which the reader then owns, or `null` if none is ready. */
  take(nowMs: number): T | null {
    if (this.readySeq === null) return null;
    const entry = this.#entries.shift()!;
    this.#governor?.observeDelivery(entry.seq, nowMs);
    return entry.item;
  }

  /** Gives up all waiting frames without counting them: nobody will ask any more. */
  clear(): void {
    for (const { item } of this.#entries.splice(0)) item[Symbol.dispose]();
  }
}
