import type { Clock } from "../core/clock.ts";
import { listDetections } from "../core/detections.ts";
import { FoveaError } from "../core/errors.ts";
import type { Frame } from "../core/frame.ts";
import type { Camera, CameraEvent, Sink } from "../core/ports.ts";
import type { FrameResult, StageTimings, StreamState } from "../core/result.ts";
import { systemClock } from "../native/system_clock.ts";
import type { Lane } from "./lane.ts";
import { type Detector, lanesOf, LoadedDetector } from "./loaded_detector.ts";
import type { InferReply } from "./protocol.ts";

/** How the loop runs. Unknown keys are refused. */
export interface PerceiveOptions {
  /** Ends the loop early; what was begun is finished first. */
  readonly signal?: AbortSignal;
  /** Ends the loop after this many pictures, at least 1. */
  readonly maxFrames?: number;
  /** Ends the loop after this time in milliseconds, greater than 0. */
  readonly durationMs?: number;
  /** Get every result, in order, before it is yielded. The caller disposes them. */
  readonly sinks?: readonly Sink[];
  /** Time for `ageMs` and `durationMs`; the machine's clock by default. */
  readonly clock?: Clock;
}

/**
 * Pictures a lane may have waiting besides the one it runs. One hides the way there and back; more
 * would only make results older.
 */
const QUEUED_PER_LANE = 1;

const NO_TIMINGS: StageTimings = {
  decode: 0,
  preprocess: 0,
  infer: 0,
  decodeOutputs: 0,
  nms: 0,
  track: 0,
  total: 0,
};

/** One event of the camera on its way to a result. */
type Ticket =
  | {
    readonly kind: "frame";
    readonly event: Extract<CameraEvent, { kind: "frame" }>;
    readonly facts: FrameFacts;
    readonly dropped: number;
    readonly forSinks: Frame | null;
    readonly reply: Promise<InferReply>;
  }
  | { readonly kind: "state"; readonly state: StreamState; readonly reason: string }
  | { readonly kind: "failed"; readonly error: unknown };

/** What is kept of a frame after its lease went to a worker. */
interface FrameFacts {
  readonly seq: number;
  readonly epoch: number;
  readonly ptsMs: number;
  readonly capturedMs: number;
  readonly decodeMs: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Streams a camera through a detector: one {@linkcode FrameResult} for every picture that was
 * really captured, in the order of capture, whatever the number of workers.
 *
 * A file is decoded and inferred ahead of the reader, by a few frames. A live source is asked for
 * its newest picture when the reader asks, so that a slow reader gets fewer results, never older
 * ones. Leaving the loop early (`break`, an error, `signal`) waits for what was begun and leaves
 * nothing behind; camera, detector and sinks stay open and are the caller's to dispose.
 *
 * @throws {FoveaError} Whatever the camera, the detector or a sink throws.
 */
export async function* perceive(
  camera: Camera,
  detector: Detector,
  options: PerceiveOptions = {},
): AsyncGenerator<FrameResult, void, undefined> {
  checkOptions(options);
  if (!(detector instanceof LoadedDetector)) {
    throw new TypeError("Cannot perceive: the detector must come from loadDetector()");
  }
  const loop = new Loop(camera, detector, options);
  try {
    for (;;) {
      const result = await loop.next();
      if (result === null) return;
      yield result;
    }
  } finally {
    await loop.close();
  }
}

function checkOptions(options: PerceiveOptions): void {
  const known = ["signal", "maxFrames", "durationMs", "sinks", "clock"];
  const unknown = Object.keys(options).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw new FoveaError("USAGE", `Cannot use option "${unknown}": it is unknown`, {
      hint: `Use one of ${known.join(", ")}`,
    });
  }
  const { maxFrames, durationMs } = options;
  if (maxFrames !== undefined && !(Number.isInteger(maxFrames) && maxFrames >= 1)) {
    throw new FoveaError("USAGE", `Cannot stop after ${maxFrames} frames: at least 1 is needed`);
  }
  if (durationMs !== undefined && !(durationMs > 0)) {
    throw new FoveaError("USAGE", `Cannot stop after ${durationMs} ms: more than 0 is needed`);
  }
}

/** The state of one run of {@linkcode perceive}. */
class Loop {
  readonly #camera: Camera;
  readonly #detector: LoadedDetector;
  readonly #lanes: readonly Lane[];
  readonly #sinks: readonly Sink[];
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  readonly #release: () => void;
  readonly #framesMax: number;
  readonly #ahead: boolean;
  readonly #ticketsMax: number;
  readonly #keepsFrames: boolean;
  /** Begun and not yet read, oldest first; its length is the back-pressure. */
  readonly #tickets: Ticket[] = [];
  #pump: Promise<void> | null = null;
  #wakePump: () => void = () => {};
  #wakeReader: () => void = () => {};
  #asked = false;
  #ended = false;
  #begun = 0;
  #last: FrameFacts | null = null;

  constructor(camera: Camera, detector: LoadedDetector, options: PerceiveOptions) {
    this.#camera = camera;
    this.#detector = detector;
    this.#lanes = detector[lanesOf];
    this.#sinks = options.sinks ?? [];
    this.#clock = options.clock ?? systemClock;
    this.#framesMax = options.maxFrames ?? Infinity;
    this.#keepsFrames = this.#sinks.some((sink) => sink.needsFrame);
    this.#ahead = !camera.info.realtime;
    this.#ticketsMax = this.#ahead
      ? this.#lanes.length * (1 + QUEUED_PER_LANE) + 1
      : this.#lanes.length;
    this.#release = this.#stopOn(options);
  }

  /** The next result in order, or `null` at the end. */
  async next(): Promise<FrameResult | null> {
    this.#asked = true;
    this.#pump ??= this.#run();
    this.#wakePump();
    while (this.#tickets.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => this.#wakeReader = resolve);
    }
    const ticket = this.#tickets[0];
    if (ticket === undefined) return null;
    try {
      const result = await this.#finish(ticket);
      if (!this.#ahead) this.#asked = false;
      return result;
    } finally {
      this.#tickets.shift();
      this.#wakePump();
    }
  }

  /** Waits for everything that was begun and lets go of the camera's memory. */
  async close(): Promise<void> {
    this.#release();
    this.#stop.abort();
    this.#wakePump();
    await this.#pump;
    for (const ticket of this.#tickets.splice(0)) {
      if (ticket.kind !== "frame") continue;
      await ticket.reply.catch(() => {});
      ticket.forSinks?.[Symbol.dispose]();
    }
    await this.#detector.detach(this.#camera.arena);
  }

  #stopOn(options: PerceiveOptions): () => void {
    const { signal, durationMs } = options;
    const stop = (): void => {
      this.#stop.abort();
      this.#wakePump();
    };
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop, { once: true });
    if (durationMs !== undefined) {
      this.#clock.wait(durationMs, this.#stop.signal).then(stop);
    }
    return () => signal?.removeEventListener("abort", stop);
  }

  /** Pulls the camera while there is room, until it ends; never throws. */
  async #run(): Promise<void> {
    try {
      while (!this.#stop.signal.aborted && this.#begun < this.#framesMax) {
        if (!this.#asked || this.#tickets.length >= this.#ticketsMax) {
          await new Promise<void>((resolve) => this.#wakePump = resolve);
          continue;
        }
        const event = await this.#camera.next(this.#stop.signal);
        if (event.kind === "end") break;
        this.#put(event.kind === "frame" ? this.#begin(event) : event);
      }
    } catch (error) {
      this.#put({ kind: "failed", error });
    } finally {
      this.#ended = true;
      this.#wakeReader();
    }
  }

  #put(ticket: Ticket): void {
    this.#tickets.push(ticket);
    this.#wakeReader();
  }

  #begin(event: Extract<CameraEvent, { kind: "frame" }>): Ticket {
    const { frame } = event;
    const { seq, epoch, ptsMs, capturedMs, decodeMs, picture: { width, height } } = frame;
    const forSinks = this.#keepsFrames ? frame.retain() : null;
    const lane = this.#lanes.reduce((best, other) => other.inFlight < best.inFlight ? other : best);
    const reply = lane.infer(frame);
    // The reader may leave before it gets here; the error is then told by close() or not needed.
    reply.catch(() => {});
    this.#begun++;
    return {
      kind: "frame",
      event,
      facts: { seq, epoch, ptsMs, capturedMs, decodeMs, width, height },
      dropped: this.#camera.dropped,
      forSinks,
      reply,
    };
  }

  async #finish(ticket: Ticket): Promise<FrameResult> {
    if (ticket.kind === "failed") throw ticket.error;
    if (ticket.kind === "state") {
      const result = this.#describeState(ticket.state, ticket.reason);
      await this.#write(result, null);
      return result;
    }
    try {
      const result = this.#describeFrame(ticket, await ticket.reply);
      await this.#write(result, ticket.forSinks);
      return result;
    } finally {
      ticket.forSinks?.[Symbol.dispose]();
    }
  }

  async #write(result: FrameResult, frame: Frame | null): Promise<void> {
    for (const sink of this.#sinks) {
      await sink.write(result, sink.needsFrame ? frame : null);
    }
  }

  #describeFrame(ticket: Extract<Ticket, { kind: "frame" }>, reply: InferReply): FrameResult {
    const { facts, event } = ticket;
    this.#last = facts;
    return {
      kind: "frame",
      seq: facts.seq,
      ptsMs: facts.ptsMs,
      ageMs: Math.max(0, this.#clock.nowMs() - facts.capturedMs),
      dropped: ticket.dropped,
      epoch: facts.epoch,
      state: event.state,
      stateReason: event.reason,
      width: facts.width,
      height: facts.height,
      detections: listDetections(reply.detections, this.#detector.spec.classNames),
      nonFinite: reply.nonFinite,
      engine: this.#detector.engine,
      provider: this.#detector.provider,
      headVersion: 0,
      timingsMs: { decode: facts.decodeMs, ...reply.timingsMs, track: 0 },
    };
  }

  #describeState(state: StreamState, reason: string): FrameResult {
    const last = this.#last;
    return {
      kind: "state",
      seq: last?.seq ?? -1,
      ptsMs: last?.ptsMs ?? 0,
      ageMs: last === null ? 0 : Math.max(0, this.#clock.nowMs() - last.capturedMs),
      dropped: this.#camera.dropped,
      epoch: this.#camera.epoch,
      state,
      stateReason: reason,
      width: last?.width ?? 0,
      height: last?.height ?? 0,
      detections: [],
      nonFinite: 0,
      engine: this.#detector.engine,
      provider: this.#detector.provider,
      headVersion: 0,
      timingsMs: NO_TIMINGS,
    };
  }
}
