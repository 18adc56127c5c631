import { assert, assertEquals } from "@std/assert";
import { makeFrame } from "../../tests/support/fake_frame.ts";
import { toDetections } from "../../tests/support/moving_scene.ts";
import type { Frame } from "../core/frame.ts";
import { CalibrationFrames } from "./calibration_frames.ts";
import type { InferReply } from "./protocol.ts";

function replyWith(count: number, headVersion = 0): InferReply {
  const box = { box: [0, 0, 4, 4] as const, score: 0.5, classIndex: 0 };
  return {
    detections: toDetections(Array.from({ length: count }, () => box)),
    nonFinite: 0,
    headVersion,
    tap: null,
    monitor: null,
    timingsMs: { preprocess: 0, infer: 0, decodeOutputs: 0, nms: 0, monitor: 0, total: 0 },
  };
}

function picture(seq: number, ptsMs = 40 * seq, shade = seq): Frame {
  const paint = () => [shade, shade, shade] as const;
  return makeFrame({ format: "rgb24", width: 8, height: 4, seq, ptsMs, paint, paddingBytes: 5 });
}

/** Offers a picture and tells whether it was copied. */
function offer(store: CalibrationFrames, frame: Frame, reply: InferReply | null): boolean {
  const keep = store.offer(frame, 0.25);
  frame[Symbol.dispose]();
  keep?.(reply);
  return keep !== null;
}

function seqs(store: CalibrationFrames): number[] {
  return store.frames.map(({ frame }) => frame.seq);
}

Deno.test("pictures are copied, so that the camera's may go", () => {
  using store = new CalibrationFrames();
  assertEquals(offer(store, picture(3, 0, 200), replyWith(1, 7)), true);
  const [{ frame, headVersion, confidence, detections }] = store.frames as [
    (typeof store.frames)[number],
  ];
  assertEquals([frame.seq, headVersion, confidence, detections.count], [3, 7, 0.25, 1]);
  assertEquals([...frame.planeBytes(0).subarray(0, 24)], Array(24).fill(200));
  assertEquals(frame.picture.planes[0]!.strideBytes, 8 * 3 + 5);
});

Deno.test("pictures lie half a second apart in the stream, and anew after a reconnect", () => {
  using store = new CalibrationFrames();
  for (let seq = 0; seq < 30; seq++) offer(store, picture(seq), replyWith(1));
  assertEquals(seqs(store), [0, 13, 26]);
  const again = makeFrame({
    format: "rgb24",
    width: 8,
    height: 4,
    seq: 30,
    epoch: 1,
    ptsMs: 1_000,
  });
  assertEquals(offer(store, again, replyWith(1)), true);
});

Deno.test("what is kept is spread over the whole time, and bounded", () => {
  using store = new CalibrationFrames({ framesMax: 8, spacingMs: 40 });
  let most = 0;
  for (let seq = 0; seq < 1_000; seq++) {
    offer(store, picture(seq, 40 * seq, seq % 251), replyWith(1));
    most = Math.max(most, store.frames.length);
  }
  assertEquals(most, 8);
  const kept = seqs(store);
  assert(kept.length >= 4 && kept[0]! < 300 && kept.at(-1)! > 700, kept.join());
  for (const { frame } of store.frames) {
    assertEquals(frame.planeBytes(0)[0], frame.seq % 251);
  }
});

Deno.test("few pictures without anything in them are kept, and none that failed", () => {
  using store = new CalibrationFrames({ spacingMs: 40 });
  for (let seq = 0; seq < 20; seq++) offer(store, picture(seq), replyWith(0));
  assertEquals(seqs(store), [0]);
  for (let seq = 20; seq < 26; seq++) offer(store, picture(seq), replyWith(2));
  for (let seq = 26; seq < 40; seq++) offer(store, picture(seq), replyWith(0));
  assertEquals(store.frames.filter(({ detections }) => detections.count === 0).length, 2);
  const before = store.frames.length;
  assertEquals(offer(store, picture(40), null), true);
  assertEquals(store.frames.length, before);
});

Deno.test("pictures that are too big for the memory are left alone", () => {
  using store = new CalibrationFrames({ bytesMax: 3 * 8 * 4 * 3 });
  assertEquals(offer(store, picture(0), replyWith(1)), false);
  assertEquals(store.frames.length, 0);
});

Deno.test("a picture that is still with the detector goes when everything goes", () => {
  const store = new CalibrationFrames();
  const frame = picture(0);
  const keep = store.offer(frame, 0.25)!;
  frame[Symbol.dispose]();
  store[Symbol.dispose]();
  keep(replyWith(1));
  assertEquals(store.frames.length, 0);
  assertEquals(offer(store, picture(1), replyWith(1)), false);
});
