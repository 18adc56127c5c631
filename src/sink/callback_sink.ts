import { FoveaError } from "../core/errors.ts";
import type { Frame } from "../core/frame.ts";
import type { Sink } from "../core/ports.ts";
import type { FrameResult } from "../core/result.ts";

/**
 * Called with each result in order; the next one waits for the promise. The frame is on loan for
 * that time and `null` for a change of state or where {@linkcode CallbackSinkOptions.needsFrame} is
 * off.
 */
export type ResultCallback = (result: FrameResult, frame: Frame | null) => void | Promise<void>;

/** Options of {@linkcode callbackSink}. */
export interface CallbackSinkOptions {
  /** What it is, for messages; `callback` by default. */
  readonly label?: string;
  /** Whether the callback looks at the pixels; `false` by default. */
  readonly needsFrame?: boolean;
}

/**
 * A sink that calls a function. If it throws, the run stops with a `SINK_WRITE` error whose cause
 * is what was thrown; a {@linkcode FoveaError} passes as it is.
 */
export function callbackSink(callback: ResultCallback, options: CallbackSinkOptions = {}): Sink {
  return new CallbackSink(callback, options.label ?? "callback", options.needsFrame ?? false);
}

class CallbackSink implements Sink {
  readonly label: string;
  readonly needsFrame: boolean;
  readonly #callback: ResultCallback;
  #closed = false;

  constructor(callback: ResultCallback, label: string, needsFrame: boolean) {
    this.#callback = callback;
    this.label = label;
    this.needsFrame = needsFrame;
  }

  async write(result: FrameResult, frame: Frame | null): Promise<void> {
    if (this.#closed) {
      throw new FoveaError("DISPOSED", `Cannot write to ${this.label}: the sink is closed`);
    }
    try {
      await this.#callback(result, frame);
    } catch (error) {
      throw FoveaError.from(error, "SINK_WRITE", `Cannot write to ${this.label}`);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }
}
