import type { Clock } from "../core/clock.ts";
import { FoveaError, type FoveaErrorCode } from "../core/errors.ts";
import type { Arena, Picture } from "../core/frame.ts";
import type { PictureShape } from "../core/frame_draft.ts";
import { type PlaneSize, planeSizes } from "../core/pixel_format.ts";
import type { CameraSettings } from "./camera_options.ts";
import { type GstLayout, readCaps } from "./gst_caps.ts";
import type { RtpEncoding } from "./gst_pipeline.ts";
import { GST_LAUNCH, GstProcess, type GstRequest } from "./gst_process.ts";
import { openInTime } from "./open_in_time.ts";
import type { PictureSource, SourceFacts } from "./picture_source.ts";

/** What to open, and what is known before. */
export interface GstSourceRequest extends GstRequest {
  /** Whether it ends by itself; `null` asks the pipeline. */
  readonly kind: "file" | "live" | null;
  /** How its pictures come over RTP; `null` if they do not. */
  readonly rtpEncoding: RtpEncoding | null;
}

/** An RTP stream is coded in another way than its pipeline was built for. */
export class OtherRtpEncoding extends Error {
  /** Says how it is coded. */
  constructor(readonly encoding: string) {
    super(`it sends ${encoding}`);
  }
}

/**
 * Opens a GStreamer pipeline in a child process.
 *
 * @throws {FoveaError} `CAMERA_OPEN`, or `CAMERA_NO_VIDEO` if it ends without a picture, or
 * `PIXEL_FORMAT`.
 * @throws {OtherRtpEncoding} If the pipeline is for another one.
 * @throws The reason of `signal` if that aborts first.
 */
export async function openGstSource(
  request: GstSourceRequest,
  settings: CameraSettings,
  clock: Clock,
  signal: AbortSignal,
): Promise<PictureSource> {
  signal.throwIfAborted();
  const source = new GstSource(await GstProcess.start(request, clock), request, clock);
  if (signal.aborted) {
    await source[Symbol.asyncDispose]();
    throw signal.reason;
  }
  const { label } = request;
  const limits = { label, timeoutMs: settings.openTimeoutMs, clock, signal };
  return await openInTime(source, limits, async () => {
    try {
      await source.prime();
      return source;
    } catch (error) {
      await source[Symbol.asyncDispose]();
      throw error;
    }
  });
}

/**
 * Pictures of a pipeline. They come without frames around them, one after the other, so a picture
 * is a number of bytes; each child begins with the first byte of one.
 *
 * A pipeline whose pictures change their size while it runs counts as lost, and is opened anew.
 */
class GstSource implements PictureSource {
  readonly ptsMs = null;
  readonly decodeMs = 0;
  readonly lostPictures = 0;
  receivedMs = 0;
  readingSinceMs: number | null = null;
  readonly #process: GstProcess;
  readonly #request: GstSourceRequest;
  readonly #clock: Clock;
  #facts: SourceFacts | null = null;
  #layout: GstLayout | null = null;
  #planes: readonly PlaneSize[] = [];
  #bytes = new Uint8Array(0);
  #target: Uint8Array | null = null;
  #isPrimed = false;
  #interrupted = false;

  constructor(process: GstProcess, request: GstSourceRequest, clock: Clock) {
    this.#process = process;
    this.#request = request;
    this.#clock = clock;
  }

  get facts(): SourceFacts {
    if (this.#facts === null) throw new TypeError("Cannot use a source before its first picture");
    return this.#facts;
  }

  /** Why nothing comes, as far as the pipeline said. */
  explain(): string | null {
    return this.#process.messages.explain()?.reason ?? null;
  }

  /** Waits for the first picture, and for what it looks like. */
  async prime(): Promise<void> {
    const { messages } = this.#process;
    while (messages.caps === null && !this.#process.hasEnded) {
      this.#checkEncoding();
      await this.#process.waitForMessage();
    }
    this.#checkEncoding();
    if (messages.caps === null) throw await this.#explainEnd("CAMERA_OPEN", 0);
    this.#layout = readCaps(messages.caps);
    const { format, width, height } = this.#layout.shape;
    this.#planes = planeSizes(format, width, height);
    // An ArrayBuffer of its own: small typed arrays may lie on the heap, where things move while
    // another thread writes.
    this.#bytes = new Uint8Array(new ArrayBuffer(this.#layout.pictureBytes));
    const received = await this.#process.receive(this.#bytes);
    if (received < this.#bytes.length) throw await this.#explainEnd("CAMERA_OPEN", received);
    this.receivedMs = this.#clock.nowMs();
    this.#isPrimed = true;
    const kind = this.#request.kind ?? (messages.isLive === false ? "file" : "live");
    const { fps } = this.#layout;
    this.#facts = { kind, width, height, fps, frameCount: null, canStall: true };
  }

  async advance(): Promise<boolean> {
    if (this.#isPrimed) {
      this.#isPrimed = false;
      return true;
    }
    this.readingSinceMs = this.#clock.nowMs();
    try {
      return await this.#readPicture();
    } finally {
      this.readingSinceMs = null;
    }
  }

  prepare(): PictureShape {
    return this.#known.shape;
  }

  copyInto(picture: Picture, arena: Arena): void {
    const { planeOffsets } = this.#known;
    if (this.#target?.buffer !== arena.buffer) this.#target = new Uint8Array(arena.buffer);
    for (let index = 0; index < this.#planes.length; index++) {
      const { byteOffset, strideBytes } = picture.planes[index]!;
      const offset = planeOffsets[index]!;
      const end = offset + strideBytes * this.#planes[index]!.rows;
      this.#target.set(this.#bytes.subarray(offset, end), byteOffset);
    }
  }

  interrupt(): void {
    this.#interrupted = true;
    this.#process.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }

  get #known(): GstLayout {
    if (this.#layout === null) throw new TypeError("Cannot use a source before its first picture");
    return this.#layout;
  }

  async #readPicture(): Promise<boolean> {
    const { label } = this.#request;
    const received = await this.#process.receive(this.#bytes);
    if (this.#interrupted) {
      throw new FoveaError(
        "CAMERA_LOST",
        `Cannot read on from ${label}: reading was interrupted`,
      );
    }
    if (received < this.#bytes.length) return await this.#finish(received);
    if (this.#process.messages.capsChanged) {
      throw new FoveaError(
        "CAMERA_LOST",
        `Cannot read on from ${label}: its pictures changed their size or format`,
      );
    }
    this.receivedMs = this.#clock.nowMs();
    return true;
  }

  /** The end: clean, or with the reason why there is no more. */
  async #finish(received: number): Promise<false> {
    const status = await this.#process.ended;
    const isClean = status?.success === true && received === 0 &&
      this.#process.messages.explain() === null;
    if (isClean && !this.#interrupted) return false;
    throw await this.#explainEnd("CAMERA_LOST", received);
  }

  async #explainEnd(code: FoveaErrorCode, received: number): Promise<FoveaError> {
    const { label } = this.#request;
    // Its output may end before it does, and before it has said why.
    const status = await this.#process.ended;
    const fault = this.#process.messages.explain();
    const what = code === "CAMERA_LOST" ? "read on from" : "open";
    if (fault !== null) {
      return new FoveaError(
        code,
        `Cannot ${what} ${label}: ${fault.reason}`,
        fault.hint === null ? {} : { hint: fault.hint },
      );
    }
    if (received > 0) {
      const reason =
        `it broke off after ${received} of the ${this.#bytes.length} bytes of a picture`;
      return new FoveaError(code, `Cannot ${what} ${label}: ${reason}`);
    }
    const { program = GST_LAUNCH } = this.#request;
    if (status === null) {
      return new FoveaError(code, `Cannot ${what} ${label}: ${program} cannot be ended`);
    }
    if (status.success) {
      return new FoveaError("CAMERA_NO_VIDEO", `Cannot read video from ${label}: no picture came`);
    }
    const how = status.signal === null ? `with code ${status.code}` : `by ${status.signal}`;
    return new FoveaError(code, `Cannot ${what} ${label}: ${program} ended ${how}`);
  }

  #checkEncoding(): void {
    const { rtpEncoding } = this.#process.messages;
    const expected = this.#request.rtpEncoding;
    if (expected !== null && rtpEncoding !== null && rtpEncoding !== expected) {
      throw new OtherRtpEncoding(rtpEncoding);
    }
  }
}
