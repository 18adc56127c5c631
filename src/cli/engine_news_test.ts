import { assertEquals, assertStringIncludes } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import { EngineNews } from "./engine_news.ts";

const FIGURES = {
  pictures: 8,
  referenceCount: 48,
  candidateCount: 48,
  matchedCount: 47,
  lostShare: 0,
  newShare: 0,
  scoreDifference: 0.0012,
  meanIou: 0.9976,
};

Deno.test("EngineNews tells how a build goes, now and then", () => {
  const news = new EngineNews();
  const building = (elapsedMs: number, estimateMs: number | null) =>
    news.describe({ kind: "tensorrt-building", elapsedMs, estimateMs });
  assertEquals(building(0, null), "TensorRT builds its engine: it may take minutes");
  assertEquals([building(5_000, null), building(29_999, null)], [null, null]);
  assertEquals(
    building(30_000, 240_000),
    "TensorRT has been building its engine for 30 s; about 4 min in all, after earlier builds",
  );
  assertEquals(building(40_000, null), null);
});

Deno.test("EngineNews tells once that an engine is compared, and what came of it", () => {
  const news = new EngineNews();
  const judging = { kind: "tensorrt-judging", figures: FIGURES, picturesMin: 8, objectsMin: 40 };
  const first = news.describe(judging as Parameters<EngineNews["describe"]>[0]);
  assertStringIncludes(first!, "8 frames and 40 detections");
  assertEquals(news.describe(judging as Parameters<EngineNews["describe"]>[0]), null);
  const ready = {
    kind: "tensorrt-ready",
    figures: FIGURES,
    buildMs: 1,
    recordFault: null,
  } as const;
  assertEquals(
    news.describe(ready),
    "TensorRT's engine takes over: over 47 detections scores differ by 0.0012, boxes overlap by 0.998",
  );
  const recordFault = new FoveaError("SINK_WRITE", "Cannot write fovea.json: the disk is full");
  const refused = { kind: "tensorrt-refused", figures: FIGURES, folder: "engines/a" } as const;
  assertEquals(
    news.describe({ ...refused, reason: "it is deaf", recordFault }),
    "TensorRT's engine is refused: it is deaf; remove engines/a to build it again; " +
      "the next start will not know: Cannot write fovea.json: the disk is full",
  );
  const error = new FoveaError("ENGINE_FAILED", "Cannot build: no tactic");
  assertEquals(
    news.describe({ kind: "tensorrt-failed", error }),
    "TensorRT's engine cannot be used: Cannot build: no tactic",
  );
  assertStringIncludes(news.describe({ kind: "worker-replaced", error })!, "another worker");
});
