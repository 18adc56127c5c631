import type { Detection } from "../core/detections.ts";
import { FoveaError } from "../core/errors.ts";
import type { Sink } from "../core/ports.ts";
import { type FrameResult, STAGES, type StageTimings } from "../core/result.ts";
import { fileError } from "./output_file.ts";

/** Options of {@linkcode ndjsonSink}. */
export interface NdjsonSinkOptions {
  /** Leaves the stream open when the sink is disposed; `false` by default. */
  readonly keepOpen?: boolean;
}

/**
 * One result as a line of JSON, without the line break.
 *
 * Numbers are rounded to what can be read and is known: coordinates to 0.01 pixel, scores to
 * 0.000001, times to 0.001 ms, what a monitor says to six digits. A number that is not finite becomes `null`, as JSON has none.
 */
export function formatResult(result: FrameResult): string {
  return JSON.stringify({
    ...result,
    ptsMs: roundTo(result.ptsMs, 1_000),
    ageMs: roundTo(result.ageMs, 1_000),
    detections: result.detections.map(roundBox),
    tracks: result.tracks.map((track) => {
      return { ...roundBox(track), ageMs: roundTo(track.ageMs, 1_000) };
    }),
    monitor: roundDigits(result.monitor),
    timingsMs: roundTimings(result.timingsMs),
  });
}

/**
 * Writes one result a line, see {@linkcode formatResult}. A write resolves when the stream has
 * taken the line, so a slow reader slows the run down and nothing piles up.
 *
 * @param writable Where to write; the sink locks it, and closes it when it is disposed.
 * @param label What it is, for messages, for example `standard output`.
 */
export function ndjsonSink(
  writable: WritableStream<Uint8Array>,
  label: string,
  options: NdjsonSinkOptions = {},
): Sink {
  return new NdjsonSink(writable, label, options.keepOpen ?? false);
}

class NdjsonSink implements Sink {
  readonly label: string;
  readonly needsFrame = false;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #encoder = new TextEncoder();
  readonly #keepOpen: boolean;
  #failure: FoveaError | null = null;
  #closing: Promise<void> | null = null;

  constructor(writable: WritableStream<Uint8Array>, label: string, keepOpen: boolean) {
    this.label = label;
    this.#writer = writable.getWriter();
    this.#keepOpen = keepOpen;
    // A failure is told by the write that meets it, not by a promise nobody waits for.
    this.#writer.closed.catch(() => undefined);
  }

  async write(result: FrameResult): Promise<void> {
    if (this.#closing !== null) {
      throw new FoveaError("DISPOSED", `Cannot write to ${this.label}: the sink is closed`);
    }
    if (this.#failure !== null) throw this.#failure;
    try {
      await this.#writer.write(this.#encoder.encode(`${formatResult(result)}\n`));
    } catch (error) {
      throw this.#fail(error);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#keepOpen || this.#failure !== null) {
      this.#writer.releaseLock();
      return;
    }
    try {
      await this.#writer.close();
    } catch (error) {
      throw this.#fail(error);
    }
  }

  #fail(cause: unknown): FoveaError {
    this.#failure = cause instanceof Deno.errors.BrokenPipe
      ? new FoveaError("SINK_WRITE", `Cannot write to ${this.label}: its reader closed the pipe`, {
        cause,
        hint: "Let the reading program run as long as this one, or write to a file",
      })
      : fileError(cause, "SINK_WRITE", this.label);
    return this.#failure;
  }
}

function roundBox<T extends Pick<Detection, "score" | "xyxyPx">>(box: T): T {
  const [x1, y1, x2, y2] = box.xyxyPx;
  return {
    ...box,
    score: roundTo(box.score, 1_000_000),
    xyxyPx: [roundTo(x1, 100), roundTo(y1, 100), roundTo(x2, 100), roundTo(y2, 100)],
  };
}

function roundTimings(timings: StageTimings): Record<string, number> {
  return Object.fromEntries(STAGES.map((stage) => [stage, roundTo(timings[stage], 1_000)]));
}

/** Plain data with every broken number rounded to six significant digits. */
function roundDigits<T>(value: T): T {
  if (typeof value === "number") {
    return (Number.isInteger(value) ? value : Number(value.toPrecision(6))) as T;
  }
  if (Array.isArray(value)) return value.map(roundDigits) as T;
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, roundDigits(part)]),
  ) as T;
}

function roundTo(value: number, steps: number): number {
  return Math.round(value * steps) / steps;
}
