import { assertEquals, assertInstanceOf, assertRejects, assertStrictEquals } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import type { Frame } from "../core/frame.ts";
import type { Sink } from "../core/ports.ts";
import { makeFrame } from "../../tests/support/fake_frame.ts";
import { makeResult } from "../../tests/support/fake_result.ts";
import { fanOut } from "./fan_out.ts";

interface FakeSinkOptions {
  readonly needsFrame?: boolean;
  readonly writeError?: Error;
  readonly closeError?: Error;
  readonly gate?: Promise<void>;
}

/** A sink that logs what happens to it. */
function fakeSink(label: string, log: string[], options: FakeSinkOptions = {}): Sink {
  return {
    label,
    needsFrame: options.needsFrame ?? false,
    async write(result, frame: Frame | null) {
      await options.gate;
      log.push(`${label} ${result.seq} ${frame === null ? "-" : "frame"}`);
      if (options.writeError !== undefined) throw options.writeError;
    },
    [Symbol.asyncDispose]() {
      log.push(`${label} closed`);
      return options.closeError === undefined
        ? Promise.resolve()
        : Promise.reject(options.closeError);
    },
  };
}

Deno.test("fanOut() gives every sink its results, the frame only where it is needed", async () => {
  const log: string[] = [];
  const both = fanOut([fakeSink("a", log), fakeSink("b", log, { needsFrame: true })]);
  assertEquals([both.label, both.needsFrame], ["a, b", true]);
  using frame = makeFrame({ format: "gray8", width: 2, height: 2 });
  await both.write(makeResult({ seq: 0 }), frame);
  await both.write(makeResult({ seq: 1, kind: "state" }), null);
  await both[Symbol.asyncDispose]();
  assertEquals(log, ["a 0 -", "b 0 frame", "a 1 -", "b 1 -", "b closed", "a closed"]);
});

Deno.test("fanOut() waits for the slowest", async () => {
  const log: string[] = [];
  const gate = Promise.withResolvers<void>();
  await using both = fanOut([fakeSink("slow", log, { gate: gate.promise }), fakeSink("b", log)]);
  let done = false;
  const writing = both.write(makeResult(), null).then(() => void (done = true));
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  assertEquals([done, log], [false, ["b 0 -"]]);
  gate.resolve();
  await writing;
  assertEquals(log, ["b 0 -", "slow 0 -"]);
});

Deno.test("fanOut() passes the error of one sink as it is, after the others finished", async () => {
  const log: string[] = [];
  const writeError = new FoveaError("SINK_WRITE", "Cannot write out.mp4: No space left on device");
  const all = fanOut([fakeSink("a", log, { writeError }), fakeSink("b", log), fakeSink("c", log)]);
  assertStrictEquals(await assertRejects(() => all.write(makeResult(), null)), writeError);
  await all[Symbol.asyncDispose]();
  assertEquals(log, ["a 0 -", "b 0 -", "c 0 -", "c closed", "b closed", "a closed"]);
});

Deno.test("fanOut() collects the errors of several sinks", async () => {
  const errors = [new Error("one"), new FoveaError("SINK_WRITE", "two")] as const;
  const all = fanOut([
    fakeSink("a", [], { writeError: errors[0] }),
    fakeSink("b", []),
    fakeSink("c", [], { writeError: errors[1] }),
  ]);
  const error = await assertRejects(() => all.write(makeResult(), null), FoveaError);
  assertEquals(error.message, "Cannot write to 2 of 3 outputs: one; two");
  assertInstanceOf(error.cause, AggregateError);
  assertEquals(error.cause.errors, [...errors]);
  await all[Symbol.asyncDispose]();
});

Deno.test("fanOut() closes every sink, also if some fail to", async () => {
  const log: string[] = [];
  const all = fanOut([
    fakeSink("a", log, { closeError: new Error("a is stuck") }),
    fakeSink("b", log),
    fakeSink("c", log, { closeError: new Error("c is stuck") }),
  ]);
  const error = await assertRejects(() => all[Symbol.asyncDispose](), FoveaError);
  assertEquals(error.message, "Cannot close 2 of 3 outputs: c is stuck; a is stuck");
  assertEquals(log, ["c closed", "b closed", "a closed"]);
});

Deno.test("fanOut() of nothing takes results and closes", async () => {
  await using none = fanOut([]);
  assertEquals(none.needsFrame, false);
  await none.write(makeResult(), null);
});
