import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import { makeFrame } from "../../tests/support/fake_frame.ts";
import { makeResult } from "../../tests/support/fake_result.ts";
import { callbackSink } from "./callback_sink.ts";

Deno.test("callbackSink() hands on the result and the frame and waits", async () => {
  const seen: unknown[] = [];
  const gate = Promise.withResolvers<void>();
  await using sink = callbackSink(async (result, frame) => {
    await gate.promise;
    seen.push(result.seq, frame?.seq ?? null);
  }, { needsFrame: true });
  using frame = makeFrame({ format: "gray8", width: 2, height: 2, seq: 5 });
  const writing = sink.write(makeResult({ seq: 5 }), frame);
  assertEquals(seen, []);
  gate.resolve();
  await writing;
  assertEquals(seen, [5, 5]);
});

Deno.test("callbackSink() turns what the callback throws into SINK_WRITE with its cause", async () => {
  const cause = new Error("no such table");
  await using sink = callbackSink(() => {
    throw cause;
  }, { label: "the database" });
  const error = await assertRejects(() => sink.write(makeResult(), null), FoveaError);
  assertEquals([error.code, error.message], [
    "SINK_WRITE",
    "Cannot write to the database: no such table",
  ]);
  assertStrictEquals(error.cause, cause);
});

Deno.test("callbackSink() passes a FoveaError as it is", async () => {
  const own = new FoveaError("LIMIT", "Cannot keep more");
  await using sink = callbackSink(() => Promise.reject(own));
  assertStrictEquals(await assertRejects(() => sink.write(makeResult(), null)), own);
});
