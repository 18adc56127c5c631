import type { FrameDraft, FrameFacts } from "../core/frame_draft.ts";
import { FrameQueue } from "../core/frame_queue.ts";
import type { FramePolicy } from "../core/frame_policy.ts";
import type { CameraEvent } from "../core/ports.ts";
import type { StreamState } from "../core/result.ts";

/** A filled place that waits to be handed out. */
export interface WaitingFrame {
  /** The place. */
  readonly draft: FrameDraft;
  /** What is known about it; `capturedMs` is `null` where handing it out is the capture. */
  readonly facts: Omit<FrameFacts, "capturedMs"> & { readonly capturedMs: number | null };
  /** State of the stream at this picture. */
  readonly state: StreamState;
  /** Why, where it is not live. */
  readonly reason: string | null;
}

interface PendingState {
  readonly state: StreamState;
  readonly reason: string;
  /** It happened before this picture. */
  readonly beforeSeq: number;
}

/** A waiting frame as the queue holds it. */
class Parcel implements Disposable {
  readonly frame: WaitingFrame;

  constructor(frame: WaitingFrame) {
    this.frame = frame;
  }

  [Symbol.dispose](): void {
    this.frame.draft[Symbol.dispose]();
  }
}

/**
 * Where the pump that reads a source and the program that pulls a camera meet: frames by policy,
 * changes of state in their place between the frames, and the end with its reason.
 *
 * Bounded: the queue has a maximum, and of the changes of state nobody has seen yet only the last
 * is kept.
 */
export class FrameOutbox {
  readonly #queue: FrameQueue<Parcel>;
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
    this.#queue.push(frame.facts.seq, new Parcel(frame));
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
    const parcel = this.#queue.take(nowMs);
    if (parcel !== null) {
      this.#wakePump?.();
      const { draft, facts, state, reason } = parcel.frame;
      const frame = draft.publish({ ...facts, capturedMs: facts.capturedMs ?? nowMs });
      return { kind: "frame", frame, state, reason };
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
