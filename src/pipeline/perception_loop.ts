import type { Clock } from "../core/clock.ts";
import { FoveaError } from "../core/errors.ts";
import type { Frame } from "../core/frame.ts";
import type { Camera, CameraEvent, Sink } from "../core/ports.ts";
import type { FrameResult, StreamState } from "../core/result.ts";
import type { TapRequest } from "../core/tap.ts";
import {
  describeFrame,
  describeState,
  factsOf,
  type FrameFacts,
  type StreamFacts,
} from "./describe_result.ts";
import type { LoadedDetector } from "./loaded_detector.ts";
import type { PerceiveOptions } from "./perceive.ts";
import type { InferReply } from "./protocol.ts";
import type { Refiner } from "./refining/refiner.ts";
import { checkTapRequest, type TapOptions } from "./tap_options.ts";
import { chooseMonitor } from "./choose_monitor.ts";
import { MonitorStage, type TeacherAnswer } from "./monitor_stage.ts";
import type { TeacherStage } from "./teacher_stage.ts";
import { chooseTracker, TrackStage } from "./track_stage.ts";

/**
 * Pictures a lane may have waiting besides the one it runs. One hides the way there and back; more
 * would only make results older.
 */
const QUEUED_PER_LANE = 1;
/** Pictures in a row whose inference may be ended at its deadline before the loop gives up. */
const TIMEOUTS_MAX = 3;

/** One event of the camera on its way to a result. */
type Ticket =
  | {
    readonly kind: "frame";
    readonly facts: FrameFacts;
    readonly stream: StreamFacts;
    /** The picture, kept for sinks and for the monitor's examples. */
    readonly kept: Frame | null;
    readonly reply: Promise<InferReply>;
    /** The provider that runs it; another one may serve by the time it is finished. */
    readonly provider: string;
    readonly teacher: TeacherAnswer | null;
  }
  | { readonly kind: "state"; readonly state: StreamState; readonly reason: string }
  | { readonly kind: "failed"; readonly error: unknown };

/** What a loop is told; see {@linkcode PerceiveOptions}. */
export interface LoopOptions extends PerceiveOptions {
  /** Where time comes from. */
  readonly clock: Clock;
}

/** One run of {@linkcode perceive}: pulls the camera, keeps the lanes busy, puts results in order. */
export class PerceptionLoop {
  readonly #camera: Camera;
  readonly #detector: LoadedDetector;
  readonly #sinks: readonly Sink[];
  readonly #clock: Clock;
  readonly #trackStage: TrackStage;
  readonly #monitorStage: MonitorStage;
  readonly #teacherStage: TeacherStage | null;
  readonly #stop = new AbortController();
  readonly #release: () => void;
  readonly #framesMax: number;
  readonly #ahead: boolean;
  readonly #ticketsMax: number;
  readonly #keepsFrames: boolean;
  readonly #tap: TapOptions | null;
  readonly #refiner: Refiner | null;
  /** Begun and not yet read, oldest first; its length is the back-pressure. */
  readonly #tickets: Ticket[] = [];
  #pump: Promise<void> | null = null;
  #wakePump: () => void = () => {};
  #wakeReader: () => void = () => {};
  #asked = false;
  #ended = false;
  #begun = 0;
  /** Pictures in a row whose inference took too long. */
  #timeouts = 0;
  #last: FrameFacts | null = null;

  /** Begins nothing yet; the first {@linkcode next} does. */
  constructor(camera: Camera, detector: LoadedDetector, options: LoopOptions) {
    this.#camera = camera;
    this.#detector = detector;
    this.#sinks = options.sinks ?? [];
    this.#clock = options.clock;
    const { confidence } = detector;
    const { track = false } = options;
    this.#trackStage = new TrackStage(chooseTracker(track, confidence), confidence);
    this.#refiner = options.refine ?? null;
    this.#tap = options.tap ?? this.#refiner?.tap ?? null;
    this.#framesMax = options.maxFrames ?? Infinity;
    this.#ahead = !camera.info.realtime;
    const { monitor, teacher } = chooseMonitor(camera, detector, options);
    this.#teacherStage = teacher;
    this.#monitorStage = new MonitorStage(monitor, teacher, this.#ahead);
    this.#keepsFrames = this.#monitorStage.keepsFrames ||
      this.#sinks.some((sink) => sink.needsFrame);
    this.#ticketsMax = this.#ahead
      ? detector.workers * (1 + QUEUED_PER_LANE) + 1
      : detector.workers;
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
      ticket.kept?.[Symbol.dispose]();
    }
    await this.#refiner?.finish();
    await this.#teacherStage?.detach(this.#camera.arena);
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
    const facts = factsOf(frame);
    const tap = this.#chooseTap(frame, facts);
    const kept = this.#keepsFrames ? frame.retain() : null;
    const teacher = this.#monitorStage.ask(frame);
    const { provider } = this.#detector;
    const reply = this.#detector.infer(frame, {
      confidence: this.#trackStage.confidence,
      monitored: this.#monitorStage.isOn,
      tap,
    });
    // The reader may leave before it gets here; the error is then told by close() or not needed.
    reply.catch(() => {});
    this.#begun++;
    return {
      kind: "frame",
      facts,
      stream: { state: event.state, reason: event.reason, dropped: this.#camera.dropped },
      kept,
      reply,
      provider,
      teacher,
    };
  }

  #chooseTap(frame: Frame, facts: FrameFacts): TapRequest | null {
    const { headGrid } = this.#detector;
    if (this.#tap === null || headGrid === null) return null;
    const { select } = this.#tap;
    try {
      const request = typeof select === "function" ? select(facts) : select;
      if (request !== null) checkTapRequest(request, headGrid);
      return request;
    } catch (error) {
      frame[Symbol.dispose]();
      throw error;
    }
  }

  async #finish(ticket: Ticket): Promise<FrameResult> {
    if (ticket.kind === "failed") throw ticket.error;
    if (ticket.kind === "state") return await this.#finishState(ticket.state, ticket.reason);
    try {
      const reply = await ticket.reply.catch((error) => this.#excuse(error));
      if (reply instanceof FoveaError) {
        this.#last = ticket.facts;
        return await this.#finishState("stale", reply.message);
      }
      this.#timeouts = 0;
      const { facts, stream, kept, provider, teacher } = ticket;
      this.#last = facts;
      const sighting = this.#trackStage.run(reply.detections, facts);
      const monitor = await this.#monitorStage.observe(facts, stream, reply, kept, teacher);
      const found = { ...sighting, monitor };
      const nowMs = this.#clock.nowMs();
      const { spec, engine, head } = this.#detector;
      const finder = { spec, engine, provider, head };
      const result = describeFrame(facts, stream, reply, found, finder, nowMs);
      if (reply.tap !== null) await this.#tap?.onTap(reply.tap, result);
      await this.#refiner?.observe(result);
      await this.#write(result, kept);
      return result;
    } finally {
      ticket.kept?.[Symbol.dispose]();
    }
  }

  /** A picture that took too long is lost and the stream goes on, unless it happens all the time. */
  #excuse(error: unknown): FoveaError {
    const isLate = error instanceof FoveaError && error.code === "ENGINE_TIMEOUT";
    if (isLate && ++this.#timeouts < TIMEOUTS_MAX) return error;
    throw error;
  }

  async #finishState(state: StreamState, reason: string): Promise<FrameResult> {
    const stream = { state, reason, dropped: this.#camera.dropped };
    const { epoch } = this.#camera;
    const nowMs = this.#clock.nowMs();
    const monitor = this.#monitorStage.observeState(state);
    const result = describeState(this.#last, stream, epoch, monitor, this.#detector, nowMs);
    await this.#write(result, null);
    return result;
  }

  async #write(result: FrameResult, frame: Frame | null): Promise<void> {
    for (const sink of this.#sinks) {
      await sink.write(result, sink.needsFrame ? frame : null);
    }
  }
}
