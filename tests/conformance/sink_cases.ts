// What every sink must do, whatever it writes.
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { FoveaError } from "../../src/core/errors.ts";
import type { Sink } from "../../src/core/ports.ts";
import { makeFrame } from "../support/fake_frame.ts";
import { makeDetection, makeResult } from "../support/fake_result.ts";

/** One sink under test. */
export interface SinkCase {
  /** The sink, open. */
  readonly sink: Sink;
  /** How many results of kind `frame` its output holds; asked after the sink was disposed. */
  readonly countWritten: () => Promise<number>;
}

/** How to test one implementation. */
export interface SinkSuite {
  /** Name of the implementation, for the tests. */
  readonly name: string;
  /** Leases it may hold between writes; 0 by default. */
  readonly leases?: number;
  /** How many of `count` pictures it keeps; all by default. */
  readonly keeps?: (count: number) => number;
  /** Runs a case with a fresh sink and cleans up after it. */
  readonly withSink: (fn: (sinkCase: SinkCase) => Promise<void>) => Promise<void>;
}

const SIZE = { width: 64, height: 48 } as const;
const DETECTIONS = [makeDetection([4, 4, 40, 30]), makeDetection([10, 12, 60, 44])];

/** Registers the tests for one implementation. */
export function runSinkCases(suite: SinkSuite): void {
  const { name, leases = 0, keeps = (count: number) => count, withSink } = suite;

  Deno.test(`${name} takes results in order and keeps them`, () =>
    withSink(async ({ sink, countWritten }) => {
      for (let seq = 0; seq < 5; seq++) await writeFrame(sink, seq);
      await sink[Symbol.asyncDispose]();
      assertEquals(await countWritten(), keeps(5));
    }));

  Deno.test(`${name} takes changes of state without a picture`, () =>
    withSink(async ({ sink, countWritten }) => {
      const state = { kind: "state", state: "blind", stateReason: "gone" } as const;
      await sink.write(makeResult({ ...state, seq: -1, width: 0, height: 0 }), null);
      await writeFrame(sink, 0);
      await sink.write(makeResult(state), null);
      await sink[Symbol.asyncDispose]();
      assertEquals(await countWritten(), keeps(1));
    }));

  Deno.test(`${name} takes what was written without waiting, in order`, () =>
    withSink(async ({ sink, countWritten }) => {
      await Promise.all([0, 1, 2, 3].map((seq) => writeFrame(sink, seq)));
      await sink[Symbol.asyncDispose]();
      assertEquals(await countWritten(), keeps(4));
    }));

  Deno.test(`${name} finishes what it took before it closes`, () =>
    withSink(async ({ sink, countWritten }) => {
      const writing = writeFrame(sink, 0);
      await sink[Symbol.asyncDispose]();
      await writing;
      assertEquals(await countWritten(), keeps(1));
    }));

  Deno.test(`${name} keeps no lease beyond what is stated`, () =>
    withSink(async ({ sink }) => {
      let open = 0;
      for (let seq = 0; seq < 4; seq++) {
        using frame = makeFrame({ ...SIZE, format: "nv12", seq });
        const retain = frame.retain.bind(frame);
        frame.retain = () => {
          const kept = retain();
          const dispose = kept[Symbol.dispose].bind(kept);
          kept[Symbol.dispose] = () => {
            if (!kept.disposed) open--;
            dispose();
          };
          open++;
          return kept;
        };
        await sink.write(makeResult({ seq }), sink.needsFrame ? frame : null);
        assertEquals(frame.disposed, false);
      }
      assertEquals(open, leases);
      await sink[Symbol.asyncDispose]();
      assertEquals(open, 0);
    }));

  Deno.test(`${name} leaves the picture as it is`, () =>
    withSink(async ({ sink }) => {
      using frame = makeFrame({ ...SIZE, format: "i420", paint: (x, y) => [4 * x, 5 * y, 99] });
      const before = frame.planeBytes(0);
      await sink.write(makeResult({ detections: DETECTIONS }), sink.needsFrame ? frame : null);
      await sink[Symbol.asyncDispose]();
      assertEquals(frame.planeBytes(0), before);
    }));

  Deno.test(`${name} refuses results once it is closed, and closes twice`, () =>
    withSink(async ({ sink }) => {
      await sink[Symbol.asyncDispose]();
      await sink[Symbol.asyncDispose]();
      const error = await assertRejects(() => writeFrame(sink, 0), FoveaError);
      assertEquals(error.code, "DISPOSED");
      assertStringIncludes(error.message, sink.label);
    }));

  Deno.test(`${name} closes without a single result`, () =>
    withSink(async ({ sink }) => {
      await sink[Symbol.asyncDispose]();
    }));
}

async function writeFrame(sink: Sink, seq: number): Promise<void> {
  using frame = makeFrame({ ...SIZE, format: "i420", seq });
  const result = makeResult({ seq, ...SIZE, detections: DETECTIONS });
  await sink.write(result, sink.needsFrame ? frame : null);
}
