import type { Frame } from "../core/frame.ts";
import type { FrameDraft, FrameFacts } from "../core/frame_draft.ts";
import { FrameQueue } from "../core/frame_queue.ts";
import type { FramePolicy } from "../core/frame_policy.ts";
import type { CameraEvent } from "../core/ports.ts";
import type { StreamState } from "../core/result.ts";

/** A filled place that waits to be handed out, with what is known about it. */
export class WaitingFrame implements Disposable, FrameFacts {
  readonly seq: number;
  readonly epoch: number;
  /** When it was captured; `NaN` where handing it out is the capture. */
  capturedMs: number;
  readonly ptsMs: number;
  readonly decodeMs: number;
  /** State of the stream at this picture. */
  readonly state: StreamState;
  /** Why, where it is not live. */
  readonly reason: string | null;
  readonly #draft: FrameDraft;

  /** Takes over a filled draft. */
  constructor(
    draft: FrameDraft,
    facts: FrameFacts,
    state: StreamState,
    reason: string | null,
  ) {
    this.seq = facts.seq;
    this.epoch = facts.epoch;
    this.capturedMs = facts.capturedMs;
    this.ptsMs = facts.ptsMs;
    this.decodeMs = facts.decodeMs;
    this.state = state;
    this.reason = reason;
    this.#draft = draft;
  }

  /** Hands it out at `nowMs`; it is used up. */
  publish(nowMs: number): Frame {
    if (Number.isNaN(this.capturedMs)) this.capturedMs = nowMs;
    return this.#draft.publish(this);
  }

  [Symbol.dispose](): void {
    this.#draft[Symbol.dispose]();
  }
}

interface PendingState {
  readonly state: StreamState;
  readonly reason: string;
  /** It happened before this picture. */
  readonly beforeSeq: number;
}

/**
 * Where the pump that reads a source and the program that pulls a camera meet: frames by policy,
 * changes of state in their place between the frames, and the end with its reason.
 *
 * Bounded: the queue has a maximum, and of the changes of state nobody has seen yet only the last
 * is kept.
 */
export class FrameOutbox {
  readonly #queue: FrameQueue<WaitingFrame>;
  #pending: PendingState | null = null;
  #ended = false;
  #failure: Error | null = null;
  #wakeReader: (() => void) | null = null;
  #wakePump: (() => void) | null = null;

  /** Makes an empty outbox; see {@linkcode FrameQueue} for the options. */
  constructor(
    policy: FramePolicy,
    options: { readonly lossy: boolean; readonly framesMax: number },
  ) {
    this.#queue = new FrameQueue(policy, options);
  }

  /** Frames given up so far. */
  get dropped(): number {
    return this.#queue.dropped;
  }

  /** Whether a source that waits for its reader must wait now. */
  get isFull(): boolean {
    return this.#queue.isFull;
  }

  /** Whether picture `seq` is worth keeping; call it for every picture, in order. */
  wants(seq: number, nowMs: number): boolean {
    return this.#queue.wants(seq, nowMs);
  }

  /** Resolves when another frame may be put in, at once for a lossy queue, or at the end. */
  async waitForRoom(): Promise<void> {
    while (this.#queue.isFull && !this.#ended) {
      await new Promise<void>((resolve) => this.#wakePump = resolve);
    }
  }

  /** Adds a frame. */
  put(frame: WaitingFrame): void {
    this.#queue.push(frame.seq, frame);
    this.#wake();
  }

  /** Gives up a waiting frame to free its place; returns whether there was one. */
  shed(): boolean {
    return this.#queue.shed();
  }

  /** Counts frames that are lost. */
  countMissed(frames: number): void {
    this.#queue.countMissed(frames);
  }

  /** Adds a change of state that happened before picture `beforeSeq`. */
  putState(state: StreamState, reason: string, beforeSeq: number): void {
    this.#pending = { state, reason, beforeSeq };
    this.#wake();
  }

  /** Ends the stream, with the error that the reader gets after the frames that wait. */
  finish(failure: Error | null): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = failure;
    this.#wake();
    this.#wakePump?.();
  }

  /** Tells that the reader asks. */
  request(nowMs: number): void {
    this.#queue.request(nowMs);
  }

  /**
   * The next event, or `null` if there is none yet.
   *
   * @throws The error given to {@linkcode finish}, once, after all that waited is handed out.
   */
  poll(nowMs: number): CameraEvent | null {
    const pending = this.#pending;
    const seq = this.#queue.readySeq;
    if (pending !== null && (seq === null || seq >= pending.beforeSeq)) {
      this.#pending = null;
      return { kind: "state", state: pending.state, reason: pending.reason };
    }
    const waiting = this.#queue.take(nowMs);
    if (waiting !== null) {
      this.#wakePump?.();
      const { state, reason } = waiting;
      return { kind: "frame", frame: waiting.publish(nowMs), state, reason };
    }
    if (!this.#ended) return null;
    const failure = this.#failure;
    this.#failure = null;
    if (failure !== null) throw failure;
    return { kind: "end" };
  }

  /** Resolves when {@linkcode poll} may have something new, or when `signal` aborts. */
  async waitForEvent(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        signal?.removeEventListener("abort", wake);
        if (this.#wakeReader === wake) this.#wakeReader = null;
        resolve();
      };
      this.#wakeReader = wake;
      signal?.addEventListener("abort", wake, { once: true });
    });
  }

  /** Gives up all that waits. */
  clear(): void {
    this.#queue.clear();
    this.#pending = null;
  }

  #wake(): void {
    this.#wakeReader?.();
  }
}
