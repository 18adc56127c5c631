import { assertAlmostEquals, assertEquals } from "@std/assert";
import type { FrameResult } from "../core/result.ts";
import { RunStats } from "./run_stats.ts";

function frameResult(
  seq: number,
  totalMs: number,
  changes: Partial<FrameResult> = {},
): FrameResult {
  const detection = { classIndex: 0, className: "car", score: 0.5, xyxyPx: [0, 0, 1, 1] } as const;
  return {
    kind: "frame",
    seq,
    ptsMs: 40 * seq,
    ageMs: totalMs + 1,
    dropped: 0,
    epoch: 0,
    state: "live",
    stateReason: null,
    width: 4,
    height: 4,
    detections: [detection, detection],
    tracks: [],
    monitor: null,
    nonFinite: 1,
    engine: "onnxruntime-node",
    provider: "cpu",
    headVersion: 0,
    timingsMs: {
      decode: 1,
      preprocess: 2,
      infer: totalMs - 4,
      decodeOutputs: 1,
      nms: 1,
      monitor: 0,
      track: 0,
      total: totalMs,
    },
    ...changes,
  };
}

Deno.test("RunStats adds up frames, detections and times", () => {
  const stats = new RunStats();
  for (let seq = 0; seq < 100; seq++) stats.add(frameResult(seq, 10 + seq));
  const summary = stats.summary(4_000);
  assertEquals(summary.frames, 100);
  assertEquals(summary.fps, 25);
  assertEquals(summary.seconds, 4);
  assertEquals(summary.detections, 200);
  assertEquals(summary.nonFinite, 100);
  assertAlmostEquals(summary.stagesMs.total.p50!, 59, 0.3);
  assertAlmostEquals(summary.stagesMs.total.p99!, 108, 0.55);
  assertEquals(summary.stagesMs.total.max, 109);
  assertAlmostEquals(summary.ageMs.p50!, 60, 0.3);
  assertEquals(summary.stagesMs.track, { p50: 0, p95: 0, p99: 0, max: 0 });
});

Deno.test("RunStats counts each track once", () => {
  const stats = new RunStats();
  const track = { classIndex: 0, className: "car", score: 0.5, hits: 2, ageMs: 40 };
  const idsOf = [[], [3], [3, 4], [4], [5, 6], [4, 7]];
  for (const [seq, ids] of idsOf.entries()) {
    const tracks = ids.map((trackId) => ({ ...track, trackId, xyxyPx: [0, 0, 1, 1] as const }));
    stats.add(frameResult(seq, 10, { tracks }));
  }
  assertEquals(stats.summary(1_000).tracks, 5);
});

Deno.test("RunStats counts changes of state apart from frames", () => {
  const stats = new RunStats();
  stats.add(frameResult(0, 10));
  const lost = { kind: "state", state: "blind", dropped: 7, epoch: 2, detections: [] } as const;
  stats.add(frameResult(0, 0, lost));
  const summary = stats.summary(1_000);
  assertEquals(summary.frames, 1);
  assertEquals(summary.stateChanges, 1);
  assertEquals(summary.dropped, 7);
  assertEquals(summary.reconnects, 2);
  assertEquals(summary.stagesMs.total.p50, 10);
});

Deno.test("RunStats reports no rate when no time passed", () => {
  assertEquals(new RunStats().summary(0).fps, 0);
});
