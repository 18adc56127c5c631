import { assertEquals } from "@std/assert";
import type { Detection } from "../core/detections.ts";
import type { FrameResult } from "../core/result.ts";
import { describeDetections, describeResult } from "./frame_line.ts";

function detection(className: string, score: number): Detection {
  return { classIndex: 0, className, score, xyxyPx: [0, 0, 1, 1] };
}

const RESULT: FrameResult = {
  kind: "frame",
  seq: 12,
  ptsMs: 480,
  ageMs: 20,
  dropped: 0,
  epoch: 0,
  state: "live",
  stateReason: null,
  width: 4,
  height: 4,
  detections: [detection("car", 0.914), detection("person", 0.62), detection("car", 0.55)],
  tracks: [],
  monitor: null,
  nonFinite: 0,
  engine: "onnxruntime-node",
  provider: "cpu",
  headVersion: 0,
  timingsMs: {
    decode: 1,
    preprocess: 1,
    infer: 12,
    decodeOutputs: 0,
    nms: 0,
    monitor: 0,
    track: 0,
    total: 14.24,
  },
};

Deno.test("describeResult() puts a frame on one line", () => {
  assertEquals(
    describeResult(RESULT, 0),
    "frame 12  0.48 s  14.2 ms  car 0.91 0.55, person 0.62",
  );
});

Deno.test("describeResult() tells dropped frames where they were lost", () => {
  assertEquals(
    describeResult({ ...RESULT, dropped: 5, detections: [] }, 2),
    "frame 12  0.48 s  14.2 ms  nothing  (3 dropped)",
  );
});

Deno.test("describeResult() tells candidates that were left out for want of a number", () => {
  assertEquals(
    describeResult({ ...RESULT, nonFinite: 4, detections: [] }, 0),
    "frame 12  0.48 s  14.2 ms  nothing  (4 not finite)",
  );
});

Deno.test("describeResult() tells the state of the stream and why", () => {
  const lost = {
    ...RESULT,
    kind: "state",
    state: "blind",
    stateReason: "connection refused",
  } as const;
  assertEquals(describeResult(lost, 0), "stream blind: connection refused");
  assertEquals(
    describeResult({ ...RESULT, state: "frozen", stateReason: "same picture", detections: [] }, 0),
    "frame 12  0.48 s  14.2 ms  frozen  nothing",
  );
});

Deno.test("describeDetections() names tracks", () => {
  const tracked = [{ ...detection("car", 0.914), trackId: 7 }, detection("car", 0.55)];
  assertEquals(describeDetections(tracked), `car 0.91 #${7} 0.55`);
});

Deno.test("describeDetections() counts what does not fit", () => {
  const many = Array.from({ length: 15 }, () => detection("car", 0.5));
  assertEquals(describeDetections(many), `car ${Array(12).fill("0.50").join(" ")}, and 3 more`);
});
