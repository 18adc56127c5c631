import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import fc from "fast-check";
import { FoveaError } from "../core/errors.ts";
import { makeDetection, makeResult } from "../../tests/support/fake_result.ts";
import { formatResult, ndjsonSink } from "./ndjson_sink.ts";

Deno.test("formatResult() keeps every field, in order, and rounds to what can be read", () => {
  const result = makeResult({
    seq: 3,
    ptsMs: 100.1000000001,
    detections: [makeDetection([1 / 3, 2.005, 640, 0.1 + 0.2], {
      score: 0.8700000047683716,
      trackId: 4,
    })],
    tracks: [{
      trackId: 4,
      classIndex: 0,
      className: "person",
      score: 0.8700000047683716,
      xyxyPx: [0.125, 1 / 3, 640, 2],
      hits: 3,
      ageMs: 100 / 3,
    }],
  });
  assertEquals(
    formatResult(result),
    '{"kind":"frame","seq":3,"ptsMs":100.1,"ageMs":12.5,"dropped":0,"epoch":0,"state":"live",' +
      '"stateReason":null,"width":64,"height":48,"detections":[{"classIndex":0,' +
      '"className":"person","score":0.87,"xyxyPx":[0.33,2.01,640,0.3],"trackId":4}],' +
      '"tracks":[{"trackId":4,"classIndex":0,"className":"person","score":0.87,' +
      '"xyxyPx":[0.13,0.33,640,2],"hits":3,"ageMs":33.333}],' +
      '"monitor":null,"nonFinite":0,"engine":"none","provider":"cpu","headVersion":0,"timingsMs":{"decode":1,' +
      '"preprocess":1,"infer":10,"decodeOutputs":0.5,"nms":0.25,"monitor":0,"track":0,"total":12.75}}',
  );
});

Deno.test("formatResult() is one line of JSON near the result, whatever is in it", () => {
  const number = fc.double({ min: -1e6, max: 1e6 });
  fc.assert(
    fc.property(
      fc.record({
        className: fc.string({ unit: "binary" }),
        score: fc.double({ min: 0, max: 1 }),
        xyxyPx: fc.tuple(number, number, number, number),
      }),
      (facts) => {
        const detection = makeDetection(facts.xyxyPx, facts);
        const line = formatResult(makeResult({ detections: [detection] }));
        assertEquals(line.includes("\n"), false);
        assertEquals(/NaN|Infinity/.test(line.replaceAll(/"(\\.|[^"\\])*"/g, "")), false);
        const [read] = JSON.parse(line).detections;
        assertEquals(read.className.length, detection.className.length);
        for (const [i, value] of detection.xyxyPx.entries()) {
          if (Number.isNaN(value)) assertEquals(read.xyxyPx[i], null);
          else assertEquals(Math.abs(read.xyxyPx[i] - value) <= 0.005 + 1e-9, true);
        }
      },
    ),
    { seed: 1 },
  );
});

Deno.test("ndjsonSink() waits for a slow reader instead of piling up", async () => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const reader = readable.getReader();
  await using sink = ndjsonSink(writable, "a pipe");
  let written = 0;
  const writing = [0, 1, 2].map((seq) => {
    return sink.write(makeResult({ seq }), null).then(() => void written++);
  });
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
  assertEquals(written, 0);
  for (const [seq, done] of writing.entries()) {
    const { value } = await reader.read();
    assertEquals(JSON.parse(new TextDecoder().decode(value)).seq, seq);
    await done;
  }
});

Deno.test("ndjsonSink() says that the pipe was closed, and what to do", async () => {
  const writable = new WritableStream<Uint8Array>({
    write() {
      throw new Deno.errors.BrokenPipe("Broken pipe (os error 32)");
    },
  });
  await using sink = ndjsonSink(writable, "standard output");
  const error = await assertRejects(() => sink.write(makeResult(), null), FoveaError);
  assertEquals(error.code, "SINK_WRITE");
  assertEquals(error.message, "Cannot write to standard output: its reader closed the pipe");
  assertMatch(error.hint!, /or write to a file/);
  assertEquals(await assertRejects(() => sink.write(makeResult(), null)), error);
});

Deno.test("ndjsonSink() closes its stream, or leaves it open where asked", async () => {
  for (const keepOpen of [true, false]) {
    let closed = false;
    const writable = new WritableStream<Uint8Array>({ close: () => void (closed = true) });
    const sink = ndjsonSink(writable, "x", { keepOpen });
    await sink.write(makeResult(), null);
    await sink[Symbol.asyncDispose]();
    assertEquals([closed, writable.locked], [!keepOpen, !keepOpen]);
  }
});

Deno.test("ndjsonSink() reports a stream that fails to close", async () => {
  const writable = new WritableStream<Uint8Array>({
    close() {
      throw new Error("disk gone");
    },
  });
  const sink = ndjsonSink(writable, "results.ndjson");
  const error = await assertRejects(() => sink[Symbol.asyncDispose](), FoveaError);
  assertEquals([error.code, error.message], [
    "SINK_WRITE",
    "Cannot write results.ndjson: disk gone",
  ]);
});
