import { assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { RunStats } from "../pipeline/run_stats.ts";
import { runsWithin } from "./measure_model.ts";
import { describeSummary, makeStatsReport } from "./stats_report.ts";

const DETECTOR = {
  engine: "onnxruntime-node",
  library: "onnxruntime-node 1.30.0",
  provider: "cpu",
  missedProviders: [],
  model: { name: "a.onnx", sha256: "00", bytes: 3 },
  workers: 2,
  loadMs: 100,
};

Deno.test("makeStatsReport() compares the loop with the bare model on as many workers", () => {
  const summary = { ...new RunStats().summary(1_000), frames: 100, fps: 100 };
  const report = makeStatsReport(summary, {
    detector: DETECTOR,
    threads: 1,
    source: "clip.mp4",
    modelMsSamples: [18, 20],
    firstResultMs: 300,
    ended: "finished",
  });
  assertEquals(report.modelMs, 19);
  assertAlmostEquals(report.shareOfModel!, 0.95);
  assertEquals([report.model, report.provider, report.workers], ["a.onnx", "cpu", 2]);
});

Deno.test("makeStatsReport() compares nothing where the bare model was not measured", () => {
  const report = makeStatsReport(new RunStats().summary(0), {
    detector: DETECTOR,
    threads: 1,
    source: null,
    modelMsSamples: [],
    firstResultMs: null,
    ended: "interrupted",
  });
  assertEquals([report.modelMs, report.shareOfModel], [null, null]);
});

Deno.test("describeSummary() leaves out times of a run without frames", () => {
  const summary = new RunStats().summary(500);
  assertEquals(
    describeSummary(summary),
    "0 frames in 0.5 s, 0.0 per second, 0 dropped, 0 detections",
  );
  const quantiles = { p50: 12.34, p95: 15, p99: 18.25, max: 20 };
  const stagesMs = { ...summary.stagesMs, total: quantiles };
  assertStringIncludes(
    describeSummary({ ...summary, detections: 12, tracks: 1 }),
    "12 detections, 1 track",
  );
  assertStringIncludes(describeSummary({ ...summary, stagesMs }), "12.3 ms a frame, p99 18.3 ms");
});

Deno.test("runsWithin() keeps measuring short for slow models and long enough for fast ones", () => {
  assertEquals(runsWithin(13), 60);
  assertEquals(runsWithin(50), 30);
  assertEquals(runsWithin(5_000), 3);
});
