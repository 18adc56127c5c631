import { FoveaError } from "../core/errors.ts";
import type { Frame } from "../core/frame.ts";
import type { Sink } from "../core/ports.ts";
import type { FrameResult } from "../core/result.ts";

/**
 * One sink that passes everything on to several, which it owns. They write at the same time; a
 * write resolves when all have finished, so each gets its results in order and the frame stays on
 * loan for as long as one needs it.
 *
 * If one fails the others still finish: one error is thrown as it is, several as `SINK_WRITE` with
 * an `AggregateError` as cause. Disposal closes all, the last one first, also if some fail.
 */
export function fanOut(sinks: readonly Sink[]): Sink {
  return new FanOut(sinks);
}

class FanOut implements Sink {
  readonly label: string;
  readonly needsFrame: boolean;
  readonly #sinks: readonly Sink[];
  #closing: Promise<void> | null = null;

  constructor(sinks: readonly Sink[]) {
    this.#sinks = [...sinks];
    this.label = sinks.map((sink) => sink.label).join(", ");
    this.needsFrame = sinks.some((sink) => sink.needsFrame);
  }

  async write(result: FrameResult, frame: Frame | null): Promise<void> {
    if (this.#closing !== null) {
      throw new FoveaError("DISPOSED", `Cannot write to ${this.label}: the sinks are closed`);
    }
    const errors = await collectErrors(
      this.#sinks.map((sink) => sink.write(result, sink.needsFrame ? frame : null)),
    );
    throwErrors(errors, `Cannot write to ${errors.length} of ${this.#sinks.length} outputs`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const errors: unknown[] = [];
    for (const sink of this.#sinks.toReversed()) {
      errors.push(...await collectErrors([Promise.resolve(sink[Symbol.asyncDispose]())]));
    }
    throwErrors(errors, `Cannot close ${errors.length} of ${this.#sinks.length} outputs`);
  }
}

async function collectErrors(work: readonly Promise<void>[]): Promise<unknown[]> {
  const settled = await Promise.allSettled(work);
  return settled.flatMap((one) => one.status === "rejected" ? [one.reason] : []);
}

function throwErrors(errors: readonly unknown[], message: string): void {
  if (errors.length === 0) return;
  if (errors.length === 1) throw errors[0];
  const reasons = errors.map((error) => error instanceof Error ? error.message : String(error));
  throw new FoveaError("SINK_WRITE", `${message}: ${reasons.join("; ")}`, {
    cause: new AggregateError(errors, message),
  });
}
