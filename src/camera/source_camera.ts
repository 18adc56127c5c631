import type { Clock } from "../core/clock.ts";
import type { Arena } from "../core/frame.ts";
import type { FramePolicy } from "../core/frame_policy.ts";
import { FramePool } from "../core/frame_pool.ts";
import type { TruthSource } from "../core/frame_truth.ts";
import type { Camera, CameraEvent, CameraInfo } from "../core/ports.ts";
import type { CameraSettings } from "./camera_options.ts";
import { FrameOutbox } from "./frame_outbox.ts";
import type { OpenSource, PictureSource } from "./picture_source.ts";
import { SourcePump } from "./source_pump.ts";

/** Frames of a file that are decoded ahead of the reader, so that both work at once. */
const FRAMES_AHEAD = 2;
/** Frames of a live source that wait with the policy `next`. */
const FRAMES_WAITING_MAX = 4;

/** What a {@linkcode SourceCamera} is made of. */
export interface CameraParts {
  /** The source, open; the camera disposes it. */
  readonly source: PictureSource;
  /** Its URI without passwords. */
  readonly label: string;
  /** Opens it anew after a loss. */
  readonly reopen: OpenSource;
  /** Memory for its pictures. */
  readonly arena: Arena;
  /** Checked options. */
  readonly settings: CameraSettings;
  /** Where time comes from. */
  readonly clock: Clock;
  /** Ends the camera. */
  readonly signal: AbortSignal | null;
}

/** The camera over any {@linkcode PictureSource}: policy, leases, states, reconnects, closing. */
export class SourceCamera implements Camera {
  readonly info: CameraInfo;
  readonly arena: Arena;
  readonly truth?: TruthSource;
  readonly #pool: FramePool;
  readonly #outbox: FrameOutbox;
  readonly #pump: SourcePump;
  readonly #clock: Clock;
  readonly #signal: AbortSignal | null;
  readonly #onAbort = (): void => this.#pump.close();
  #isPulling = false;
  #closed: Promise<void> | null = null;

  /** Takes over an open source; a live one is read from now on. */
  constructor(parts: CameraParts) {
    const { source, label, arena, settings, clock, signal } = parts;
    const { kind, width, height, fps, frameCount } = source.facts;
    const policy: FramePolicy = settings.policy ?? { kind: kind === "live" ? "latest" : "next" };
    const newestOnly = policy.kind === "latest" || policy.kind === "adaptive";
    const waits = kind === "file" && !newestOnly;
    const paced = kind === "file" && (settings.paced ?? newestOnly);
    this.info = { uri: label, kind, realtime: !waits, width, height, fps, frameCount };
    this.arena = arena;
    if (source.truth !== undefined) this.truth = source.truth;
    this.#clock = clock;
    this.#signal = signal;
    this.#pool = new FramePool(arena, { frames: settings.poolFrames });
    this.#outbox = new FrameOutbox(policy, {
      lossy: !waits,
      framesMax: Math.min(waits ? FRAMES_AHEAD : FRAMES_WAITING_MAX, settings.poolFrames - 1),
    });
    this.#pump = new SourcePump({ ...parts, pool: this.#pool, outbox: this.#outbox, waits, paced });
    signal?.addEventListener("abort", this.#onAbort, { once: true });
    // A file that plays in real time starts when somebody looks; everything else at once.
    if (!paced) this.#pump.start();
  }

  get dropped(): number {
    return this.#outbox.dropped;
  }

  get epoch(): number {
    return this.#pump.epoch;
  }

  /** @throws {TypeError} If the last call has not settled: pull one event at a time. */
  async next(signal?: AbortSignal): Promise<CameraEvent> {
    if (this.#isPulling) throw new TypeError("Cannot pull a camera twice at once");
    this.#isPulling = true;
    try {
      this.#pump.start();
      this.#outbox.request(this.#clock.nowMs());
      for (;;) {
        if (this.#pump.isClosing || signal?.aborted) return { kind: "end" };
        const event = this.#outbox.poll(this.#clock.nowMs());
        if (event !== null) return event;
        await this.#outbox.waitForEvent(signal);
      }
    } finally {
      this.#isPulling = false;
    }
  }

  /** Ends what is going on and frees everything but the frames that are still on lease. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#pump.close();
    await this.#pump.settle();
    this.#outbox.clear();
    this.#pool[Symbol.dispose]();
  }
}
