import { FoveaError } from "../core/errors.ts";
import type { Frame } from "../core/frame.ts";
import type { Sink } from "../core/ports.ts";
import type { FrameResult } from "../core/result.ts";

/** Writes annotated pictures somewhere; called one at a time. */
export interface PictureWriter {
  /** Takes one picture with its result. The frame is on loan until the promise resolves. */
  write(result: FrameResult, frame: Frame): Promise<void>;
  /**
   * Frees everything. `complete` says whether all went well; if not, what was written so far must
   * be left usable. Called once, last.
   */
  close(complete: boolean): Promise<void>;
}

/**
 * A sink for pictures over a {@linkcode PictureWriter}. Changes of state have no picture and are
 * left out. After a failure every further write fails with the same error.
 */
export class AnnotatedSink implements Sink {
  readonly label: string;
  readonly needsFrame = true;
  readonly #writer: PictureWriter;
  #tail: Promise<void> = Promise.resolve();
  #failure: FoveaError | null = null;
  #closing: Promise<void> | null = null;

  /** Owns `writer`. */
  constructor(label: string, writer: PictureWriter) {
    this.label = label;
    this.#writer = writer;
  }

  write(result: FrameResult, frame: Frame | null): Promise<void> {
    if (this.#closing !== null) {
      const message = `Cannot write to ${this.label}: the sink is closed`;
      return Promise.reject(new FoveaError("DISPOSED", message));
    }
    if (result.kind !== "frame") return Promise.resolve();
    if (frame === null) {
      return Promise.reject(new TypeError(`Cannot write to ${this.label} without the frame`));
    }
    const written = this.#tail.then(() => this.#writeNow(result, frame));
    this.#tail = written.catch(() => undefined);
    return written;
  }

  /** Finishes the output; a second call waits for the first. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#tail.then(() => this.#writer.close(this.#failure === null));
    return this.#closing;
  }

  async #writeNow(result: FrameResult, frame: Frame): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    try {
      await this.#writer.write(result, frame);
    } catch (error) {
      this.#failure = FoveaError.from(error, "SINK_WRITE", `Cannot write to ${this.label}`);
      throw this.#failure;
    }
  }
}
