import type { Clock } from "../core/clock.ts";
import { FoveaError } from "../core/errors.ts";
import type { FrameDraft, PictureShape } from "../core/frame_draft.ts";
import type { FramePool } from "../core/frame_pool.ts";
import type { CameraSettings } from "./camera_options.ts";
import { type FrameOutbox, WaitingFrame } from "./frame_outbox.ts";
import { LumaLook } from "./luma_look.ts";
import type { OpenSource, PictureSource } from "./picture_source.ts";
import { Playback } from "./playback.ts";
import { StreamTimeline } from "./stream_timeline.ts";
import { StreamWatch } from "./stream_watch.ts";

/** What a {@linkcode SourcePump} works with. */
export interface PumpParts {
  /** The source, open. The pump disposes it. */
  readonly source: PictureSource;
  /** What it is called in messages. */
  readonly label: string;
  /** Opens it anew after a loss. */
  readonly reopen: OpenSource;
  /** Where pictures go. */
  readonly pool: FramePool;
  /** Where frames go. */
  readonly outbox: FrameOutbox;
  /** Whether the source waits for the reader (a file by `next` or `every:N`). */
  readonly waits: boolean;
  /** Whether a file plays in real time. */
  readonly paced: boolean;
  /** Checked options. */
  readonly settings: CameraSettings;
  /** Where time comes from. */
  readonly clock: Clock;
}

/** Silence that makes a stream stale by default: at least this, in milliseconds … */
const STALE_MS_MIN = 1000;
/** … and this many periods. */
const STALE_PERIODS = 5;
/** How often silence is looked at where the period is still being learnt, in milliseconds. */
const LEARNING_MS = 250;
/** Pictures that the running mean of the period looks back on. */
const PERIOD_WINDOW = 8;
/** Longest interval that counts as a period and not as an outage, in milliseconds. */
const PERIOD_MS_MAX = 10_000;
/** Equal pictures that make a stream frozen by default: a second of them, at least this many. */
const FROZEN_FRAMES_MIN = 30;

/**
 * Reads a source until it ends or is closed: decodes, leases places, watches the stream's state,
 * and gets a lost live source back.
 */
export class SourcePump {
  readonly #parts: PumpParts;
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  /** Aborted when there is nothing left to watch. */
  readonly #over = new AbortController();
  readonly #watch: StreamWatch;
  readonly #look = new LumaLook();
  readonly #timeline = new StreamTimeline();
  readonly #playback: Playback;
  #memory: Uint8Array | null = null;
  #source: PictureSource | null;
  #running: Promise<void> | null = null;
  #seq = 0;
  #epoch = 0;
  #reconnected = false;
  #attempts = 0;
  #delayMs: number;
  #hungReason: string | null = null;
  #lastPictureMs: number;
  #periodMs: number;

  /** Makes a pump that stands still until {@linkcode start}. */
  constructor(parts: PumpParts) {
    const { source, settings, clock } = parts;
    this.#parts = parts;
    this.#clock = clock;
    this.#source = source;
    this.#watch = new StreamWatch(
      settings.frozenAfterFrames ?? Math.max(FROZEN_FRAMES_MIN, Math.ceil(source.facts.fps ?? 0)),
    );
    this.#playback = new Playback(parts.waits);
    this.#delayMs = settings.reconnect.initialDelayMs;
    this.#lastPictureMs = clock.nowMs();
    this.#periodMs = 1000 / (source.facts.fps ?? 1);
  }

  /** How often the source was reconnected. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Whether {@linkcode close} was called. */
  get isClosing(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Starts reading; a second call does nothing. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Begins to close: what is going on ends soon, nothing new begins. */
  close(): void {
    this.#closing.abort();
    this.#over.abort();
    this.#source?.interrupt();
    this.#parts.outbox.finish(null);
  }

  /** Resolves when nothing is going on any more and the source is closed. */
  async settle(): Promise<void> {
    await this.#running;
    await this.#disposeSource();
  }

  async #run(): Promise<void> {
    const { outbox, source, label } = this.#parts;
    const silence = source.facts.canStall ? this.#watchSilence() : null;
    let failure: Error | null = null;
    try {
      while (this.#source !== null && await this.#drain(this.#source)) await this.#recover();
    } catch (error) {
      failure = FoveaError.from(error, "CAMERA_LOST", `Cannot read on from ${label}`);
    }
    this.#over.abort();
    await silence;
    await this.#disposeSource();
    outbox.finish(this.isClosing ? null : failure);
  }

  /** Reads until the source ends; returns whether it is to be opened anew. */
  async #drain(source: PictureSource): Promise<boolean> {
    let reason = "the stream ended";
    try {
      while (await this.#readOne(source));
    } catch (error) {
      if (this.isClosing) return false;
      if (!(error instanceof FoveaError && error.code === "CAMERA_LOST")) throw error;
      if (source.facts.kind === "file") throw this.#explain(error);
      reason = this.#hungReason ?? error.message;
    }
    if (this.isClosing || source.facts.kind === "file") return false;
    if (this.#watch.observeLoss(reason)) {
      this.#parts.outbox.putState("blind", reason, this.#seq);
    }
    return true;
  }

  /** Reads one picture and passes it on; `false` at the end. */
  async #readOne(source: PictureSource): Promise<boolean> {
    const { outbox, waits, paced } = this.#parts;
    if (waits && outbox.isFull) await outbox.waitForRoom();
    if (this.isClosing) return false;
    const hasPicture = await source.advance();
    outbox.countMissed(source.lostPictures);
    this.#seq += source.lostPictures;
    if (!hasPicture || this.isClosing) return false;
    const seq = this.#seq++;
    this.#noteConnected();
    const ptsMs = this.#timeline.ptsMs(source, seq);
    let capturedMs = source.facts.kind === "live" ? source.receivedMs : NaN;
    if (paced) {
      capturedMs = this.#playback.dueMs(ptsMs, this.#clock.nowMs());
      await this.#clock.wait(capturedMs - this.#clock.nowMs(), this.#closing.signal);
      if (this.isClosing) return false;
    }
    const nowMs = this.#clock.nowMs();
    this.#observeArrival(nowMs);
    if (!outbox.wants(seq, nowMs)) return true;
    const prepared = source.prepare();
    const shape = prepared instanceof Promise ? await prepared : prepared;
    const draft = this.#parts.pool.tryLease(shape) ?? await this.#waitForLease(shape);
    if (draft === null) {
      outbox.countMissed(1);
      return !this.isClosing;
    }
    source.copyInto(draft.picture, this.#parts.pool.arena);
    this.#lookAt(draft);
    const { decodeMs } = source;
    const facts = { seq, epoch: this.#epoch, capturedMs, ptsMs, decodeMs };
    outbox.put(new WaitingFrame(draft, facts, this.#watch.state, this.#watch.reason));
    return true;
  }

  /** Where the source does not tell its rate, the period is a running mean of what is seen. */
  #observeArrival(nowMs: number): void {
    const intervalMs = nowMs - this.#lastPictureMs;
    this.#lastPictureMs = nowMs;
    if (this.#parts.source.facts.fps !== null) return;
    this.#periodMs += (Math.min(intervalMs, PERIOD_MS_MAX) - this.#periodMs) / PERIOD_WINDOW;
  }

  /** A place once there is one; `null` if a source that cannot wait finds none, or at closing. */
  async #waitForLease(shape: PictureShape): Promise<FrameDraft | null> {
    const { pool, outbox, waits } = this.#parts;
    for (;;) {
      if (!waits && !outbox.shed()) return null;
      if (waits) await pool.waitForSlot(this.#closing.signal);
      if (this.isClosing) return null;
      const draft = pool.tryLease(shape);
      if (draft !== null) return draft;
    }
  }

  #lookAt({ picture }: FrameDraft): void {
    const { buffer } = this.#parts.pool.arena;
    if (this.#memory?.buffer !== buffer) this.#memory = new Uint8Array(buffer);
    this.#look.look(picture, this.#memory);
    this.#watch.observePicture(this.#look);
  }

  /** The first picture after a reconnect begins a new epoch; only it proves the source is back. */
  #noteConnected(): void {
    this.#attempts = 0;
    this.#delayMs = this.#parts.settings.reconnect.initialDelayMs;
    if (!this.#reconnected) return;
    this.#reconnected = false;
    this.#epoch++;
  }

  /** Opens the source anew, with growing waits, until it works, it is given up or closed. */
  async #recover(): Promise<void> {
    const { reopen, settings, label } = this.#parts;
    const { maxDelayMs, factor, attemptsMax } = settings.reconnect;
    const { signal } = this.#closing;
    await this.#disposeSource();
    this.#hungReason = null;
    let last = this.#watch.reason;
    while (this.#attempts < attemptsMax) {
      this.#attempts++;
      await this.#clock.wait(this.#delayMs, signal);
      this.#delayMs = Math.min(maxDelayMs, this.#delayMs * factor);
      if (signal.aborted) return;
      try {
        this.#source = await reopen(signal);
        this.#reconnected = true;
        this.#timeline.restart();
        return;
      } catch (error) {
        if (signal.aborted) return;
        last = error instanceof Error ? error.message : String(error);
      }
    }
    throw new FoveaError(
      "CAMERA_LOST",
      `Cannot get ${label} back after ${this.#attempts} attempts: ${last}`,
    );
  }

  async #disposeSource(): Promise<void> {
    const source = this.#source;
    this.#source = null;
    await source?.[Symbol.asyncDispose]();
  }

  /** Tells silence and ends reads that hang. */
  async #watchSilence(): Promise<void> {
    const { outbox, settings, source: first } = this.#parts;
    const over = this.#over.signal;
    while (!over.aborted) {
      const nowMs = this.#clock.nowMs();
      const source = this.#source;
      const silentMs = nowMs - this.#lastPictureMs;
      const staleAfterMs = settings.staleAfterMs ??
        Math.max(STALE_MS_MIN, STALE_PERIODS * this.#periodMs);
      if (
        first.facts.kind === "live" && source !== null && silentMs >= staleAfterMs &&
        this.#watch.observeSilence(silentMs)
      ) outbox.putState("stale", this.#watch.reason!, this.#seq);
      const waitedMs = nowMs - (source?.readingSinceMs ?? nowMs);
      if (waitedMs >= settings.readTimeoutMs) {
        this.#hungReason = `no data for ${Math.round(waitedMs)} ms`;
        source?.interrupt();
      }
      const untilStaleMs = silentMs < staleAfterMs ? staleAfterMs - silentMs : staleAfterMs;
      const untilHungMs = settings.readTimeoutMs -
        (waitedMs < settings.readTimeoutMs ? waitedMs : 0);
      const learningMs = first.facts.fps === null ? LEARNING_MS : Infinity;
      await this.#clock.wait(Math.min(untilStaleMs, untilHungMs, learningMs), over);
    }
  }

  #explain(error: FoveaError): FoveaError {
    if (this.#hungReason === null) return error;
    return new FoveaError(
      "CAMERA_LOST",
      `Cannot read on from ${this.#parts.label}: ${this.#hungReason}`,
      { cause: error },
    );
  }
}
