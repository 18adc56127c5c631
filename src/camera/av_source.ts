import type { CodecContext, FormatContext, Frame as AvFrame, Packet } from "node-av/lib";
import type { Clock } from "../core/clock.ts";
import { FoveaError } from "../core/errors.ts";
import type { Arena, Picture } from "../core/frame.ts";
import type { PictureShape } from "../core/frame_draft.ts";
import { type AvInput, openAvInput } from "./av_input.ts";
import { type AvLibrary, describeAvError, loadAvLibrary } from "./av_library.ts";
import { describeSource } from "./av_facts.ts";
import { AvPictureReader } from "./av_picture.ts";
import type { AvTarget } from "./av_target.ts";
import type { CameraSettings } from "./camera_options.ts";
import { findMissingEnd } from "./file_end.ts";
import { HANG_MS, openInTime } from "./open_in_time.ts";
import type { PictureSource, SourceFacts } from "./picture_source.ts";

/** Pictures left out after a damaged one at most, for streams that never send a key picture. */
const KEY_WAITS_MAX = 250;

/**
 * Opens a file, stream or device with FFmpeg.
 *
 * @throws {FoveaError} `CAMERA_OPEN` or `CAMERA_NO_VIDEO`.
 * @throws The reason of `signal` if that aborts first.
 */
export async function openAvSource(
  target: AvTarget,
  settings: CameraSettings,
  clock: Clock,
  signal: AbortSignal,
): Promise<PictureSource> {
  const av = await loadAvLibrary();
  const context = new av.lib.FormatContext();
  context.allocContext();
  const limits = { label: target.label, timeoutMs: settings.openTimeoutMs, clock, signal };
  return await openInTime(context, limits, async () => {
    try {
      const input = await openAvInput(av, context, target, settings.decoderThreads);
      const source = new AvSource(av, target, input, clock, settings.decoderThreads > 1);
      try {
        await source.prime();
        return source;
      } catch (error) {
        source.free();
        throw error;
      }
    } catch (error) {
      await context.closeInput();
      throw error;
    }
  });
}

/** One FFmpeg demuxer with one decoder; packet and frame are used again for every picture. */
class AvSource implements PictureSource {
  facts: SourceFacts;
  ptsMs: number | null = null;
  receivedMs = 0;
  decodeMs = 0;
  lostPictures = 0;
  readingSinceMs: number | null = null;
  readonly #av: AvLibrary;
  readonly #target: AvTarget;
  readonly #clock: Clock;
  readonly #context: FormatContext;
  readonly #codec: CodecContext;
  readonly #streamIndex: number;
  readonly #msPerTick: number;
  readonly #startTicks: bigint;
  readonly #threaded: boolean;
  readonly #hasTimes: boolean;
  readonly #packet: Packet;
  readonly #frame: AvFrame;
  readonly #reader: AvPictureReader;
  #failure: FoveaError | null = null;
  #packets = 0;
  #pictures = 0;
  #drained = false;
  #interrupted = false;
  readonly #disposing = new AbortController();
  /** The read that native code is busy with. */
  #reading: Promise<number> | null = null;
  #abandonRead: (() => void) | null = null;
  #isPrimed = false;
  /** Pictures left out since the last damage; -1 while there is none. */
  #keyWaits = -1;

  constructor(av: AvLibrary, target: AvTarget, input: AvInput, clock: Clock, threaded: boolean) {
    const { context, stream, codec } = input;
    // MJPEG over HTTP carries no times; those that its demuxer reports are made up.
    this.#hasTimes = context.iformat?.name !== "mpjpeg";
    this.facts = describeSource(av, target, input, this.#hasTimes);
    this.#av = av;
    this.#target = target;
    this.#clock = clock;
    this.#context = context;
    this.#codec = codec;
    this.#streamIndex = stream.index;
    const { num, den } = stream.timeBase;
    this.#msPerTick = 1000 * num / den;
    const { startTime } = stream;
    this.#startTicks = startTime === av.constants.AV_NOPTS_VALUE ? 0n : startTime;
    this.#threaded = threaded;
    this.#packet = new av.lib.Packet();
    this.#packet.alloc();
    this.#frame = new av.lib.Frame();
    this.#frame.alloc();
    this.#reader = new AvPictureReader(av);
  }

  /** Decodes the first picture where the container does not say how big it is. */
  async prime(): Promise<void> {
    if (this.facts.width > 0 && this.facts.height > 0) return;
    let hasPicture = false;
    try {
      hasPicture = await this.advance();
    } catch (error) {
      if (!(error instanceof FoveaError && error.code === "CAMERA_LOST")) throw error;
      throw new FoveaError("CAMERA_OPEN", error.message, { cause: error });
    }
    const { label } = this.#target;
    if (!hasPicture) {
      throw new FoveaError("CAMERA_NO_VIDEO", `Cannot read video from ${label}: no picture came`);
    }
    const { width, height } = await this.prepare();
    const { num, den } = this.#codec.framerate;
    const fps = this.facts.fps ?? (this.#hasTimes && num > 0 && den > 0 ? num / den : null);
    this.facts = { ...this.facts, width, height, fps };
    this.#isPrimed = true;
  }

  async advance(): Promise<boolean> {
    if (this.#isPrimed) {
      this.#isPrimed = false;
      return true;
    }
    const { AVERROR_EAGAIN, AVERROR_EOF, AV_NOPTS_VALUE } = this.#av.constants;
    this.#frame.unref();
    this.decodeMs = 0;
    this.lostPictures = 0;
    for (;;) {
      const startedMs = this.#clock.nowMs();
      // With one thread decoding happens while sending; receiving only picks up the picture.
      const code = this.#threaded || this.#drained
        ? await this.#codec.receiveFrame(this.#frame)
        : this.#codec.receiveFrameSync(this.#frame);
      this.decodeMs += this.#clock.nowMs() - startedMs;
      if (code === AVERROR_EAGAIN) {
        await this.#feedDecoder();
      } else if (code === AVERROR_EOF) {
        return this.#finish();
      } else if (code < 0) {
        this.#noteDamage();
        if (this.#drained) return this.#finish();
      } else if (this.#isDamaged() || this.#isBasedOnDamage()) {
        this.#frame.unref();
      } else {
        const ticks = this.#frame.bestEffortTimestamp;
        this.ptsMs = ticks === AV_NOPTS_VALUE || !this.#hasTimes
          ? null
          : Number(ticks - this.#startTicks) * this.#msPerTick;
        this.#pictures++;
        return true;
      }
    }
  }

  prepare(): PictureShape | Promise<PictureShape> {
    return this.#reader.prepare(this.#frame);
  }

  copyInto(picture: Picture, arena: Arena): void {
    this.#reader.copyInto(picture, arena);
  }

  interrupt(): void {
    if (this.#interrupted) return;
    this.#interrupted = true;
    this.#context.interrupt();
    void this.#clock.wait(HANG_MS, this.#disposing.signal).then(() => this.#abandonRead?.());
  }

  /** Frees everything but the demuxer. */
  free(): void {
    this.#reader[Symbol.dispose]();
    this.#frame.free();
    this.#packet.free();
    this.#codec.freeContext();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposing.abort();
    const close = async (): Promise<void> => {
      this.free();
      await this.#context.closeInput();
    };
    // What native code is still busy with can be freed only when it comes back, if it ever does.
    if (this.#reading !== null) void this.#reading.then(close, close);
    else await close();
  }

  /** Gives the decoder one packet, or tells it that no more will come. */
  async #feedDecoder(): Promise<void> {
    if (!(await this.#readPacket())) {
      this.#drained = true;
      await this.#codec.sendPacket(null);
      return;
    }
    this.#packets++;
    if (this.#packet.hasFlags(this.#av.constants.AV_PKT_FLAG_CORRUPT)) {
      this.#packet.unref();
      this.#noteDamage();
      return;
    }
    const startedMs = this.#clock.nowMs();
    this.receivedMs = startedMs;
    const code = await this.#codec.sendPacket(this.#packet);
    this.decodeMs += this.#clock.nowMs() - startedMs;
    this.#packet.unref();
    if (code < 0) this.#noteDamage();
  }

  /** Reads on to the next packet of the video; `false` at the end or when reading fails. */
  async #readPacket(): Promise<boolean> {
    const { AVERROR_EOF, AVERROR_EAGAIN } = this.#av.constants;
    const isLocal = this.#target.localPath !== null;
    for (;;) {
      this.readingSinceMs = isLocal ? null : this.#clock.nowMs();
      // A regular file answers from the page cache in some ten microseconds, which is less than
      // a trip to another thread and back.
      const code = isLocal
        ? this.#context.readFrameSync(this.#packet)
        : await this.#readUnlessAbandoned();
      this.readingSinceMs = null;
      if (code === AVERROR_EAGAIN) continue;
      if (code >= 0 && this.#packet.streamIndex === this.#streamIndex) return true;
      if (code >= 0) {
        this.#packet.unref();
        continue;
      }
      if (this.#interrupted) throw lost(this.#target, "reading was interrupted");
      if (code !== AVERROR_EOF) {
        this.#failure = lost(this.#target, describeAvError(this.#av, code));
      }
      return false;
    }
  }

  /** Reads what may keep its reader waiting; rejects where it does not even heed an interrupt. */
  #readUnlessAbandoned(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#abandonRead = () => reject(lost(this.#target, "reading cannot be interrupted"));
      this.#reading = this.#context.readFrame(this.#packet).finally(() => this.#reading = null);
      this.#reading.then(resolve, reject);
    });
  }

  /** The end: clean, or with the reason why there is no more. */
  async #finish(): Promise<boolean> {
    if (this.#failure !== null) throw this.#failure;
    if (this.#pictures === 0 && this.#packets > 0) {
      throw lost(this.#target, `none of its ${this.#packets} packets could be decoded`);
    }
    const path = this.#target.localPath;
    const missing = path === null ? null : await findMissingEnd(path);
    if (missing !== null) throw lost(this.#target, missing);
    return false;
  }

  /** Whether the decoder had to make up parts of the picture, which is then lost. */
  #isDamaged(): boolean {
    const { constants } = this.#av;
    const isDamaged = (this.#frame.decodeErrorFlags &
      (constants.FF_DECODE_ERROR_MISSING_REFERENCE |
        constants.FF_DECODE_ERROR_CONCEALMENT_ACTIVE |
        constants.FF_DECODE_ERROR_DECODE_SLICES)) !== 0;
    if (isDamaged) this.#noteDamage();
    return isDamaged;
  }

  /** Whether the picture builds on a lost one: all do up to the next key picture. */
  #isBasedOnDamage(): boolean {
    if (this.#keyWaits < 0) return false;
    if (this.#frame.keyFrame !== 0 || this.#keyWaits >= KEY_WAITS_MAX) {
      this.#keyWaits = -1;
      return false;
    }
    this.#keyWaits++;
    this.lostPictures++;
    return true;
  }

  #noteDamage(): void {
    this.lostPictures++;
    this.#keyWaits = 0;
  }
}

function lost(target: AvTarget, reason: string): FoveaError {
  return new FoveaError("CAMERA_LOST", `Cannot read on from ${target.label}: ${reason}`);
}
