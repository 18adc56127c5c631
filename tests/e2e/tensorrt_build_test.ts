// What else may happen to an engine that TensorRT builds: it cannot be built, nobody wants to wait,
// nothing is seen that it could be judged by, and heads change meanwhile.
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { FoveaError } from "../../src/core/errors.ts";
import type { FrameResult } from "../../src/core/result.ts";
import { cellCamera } from "../support/cell_camera.ts";
import { exchanged } from "../support/exchanged_head.ts";
import {
  busyCamera,
  collect,
  ENGINE_NAME,
  sixCells,
  TensorRtBench,
} from "../support/tensorrt_bench.ts";

Deno.test("an engine that cannot be built is told, leaves nothing, and the other provider goes on", async () => {
  await using bench = await TensorRtBench.open();
  await using camera = busyCamera();
  await using detector = await bench.load({ fails: "1" });
  await collect(camera, detector, () => bench.kinds.includes("tensorrt-failed"));
  const { error } = await bench.event("tensorrt-failed");
  assertEquals(error.code, "ENGINE_FAILED");
  assertStringIncludes(error.message, "TensorRT found no tactic");
  assertEquals([detector.provider, detector.tensorrt!.kind], ["cuda", "tensorrt-failed"]);
  const results = await collect(camera, detector, (_, { length }) => length === 5);
  assert(results.every(({ detections }) => detections.length === 6));
  assertEquals([...Deno.readDirSync(bench.cache)], []);
});

Deno.test("who wants to wait gets the engine from the first picture on, built once", async () => {
  await using bench = await TensorRtBench.open();
  await using camera = busyCamera();
  const options = { tensorrtBuild: "wait", workers: 2 } as const;
  await using detector = await bench.load({}, options);
  const [first] = await collect(camera, detector, () => true);
  assertEquals([first!.provider, bench.builds, bench.kinds], ["tensorrt", 1, [
    "tensorrt-building",
  ]]);
  assertEquals(bench.files.length, 3);
  // Alone, TensorRT is waited for.
  const alone = { providers: ["tensorrt"] };
  await using other = await bench.load({}, alone);
  assertEquals([other.provider, bench.builds], ["tensorrt", 1]);
});

Deno.test("an engine that cannot be built and is waited for is an error that leaves nothing", async () => {
  await using bench = await TensorRtBench.open();
  const options = { tensorrtBuild: "wait" } as const;
  await assertRejects(() => bench.load({ fails: "1" }, options), FoveaError, "no tactic");
  assertEquals([...Deno.readDirSync(bench.cache)], []);
});

Deno.test("loading that is ended while it waits for an engine leaves nothing", async () => {
  await using bench = await TensorRtBench.open();
  await bench.closeGate();
  const controller = new AbortController();
  const options = { tensorrtBuild: "wait", signal: controller.signal } as const;
  const reason = new Error("changed my mind");
  const loading = assertRejects(() => bench.load({}, options));
  await bench.event("tensorrt-building");
  controller.abort(reason);
  assertEquals(await loading, reason);
  assertEquals([...Deno.readDirSync(bench.cache)], []);
});

Deno.test("TensorRT that is missing is an error, or with a fallback a reason", async () => {
  await using bench = await TensorRtBench.open();
  const error = await assertRejects(() => bench.load({ missing: "1" }), FoveaError, "libnvinfer");
  assertEquals(error.code, "ENGINE_UNAVAILABLE");
  await using detector = await bench.load({ missing: "1" }, { fallback: true });
  assertEquals(detector.provider, "cuda");
  assertStringIncludes(detector.missedProviders[0]!, "libnvinfer");
  assertEquals(bench.events, []);
});

Deno.test("an engine that was built and never judged is judged, not built", async () => {
  await using bench = await TensorRtBench.open();
  {
    await using _ = await bench.load({}, { tensorrtBuild: "wait" });
  }
  await using camera = busyCamera();
  await using detector = await bench.load();
  assertEquals(detector.provider, "cuda");
  assertStringIncludes(detector.missedProviders[0]!, "compared with the model");
  await collect(camera, detector, ({ provider }) => provider === "tensorrt");
  const { buildMs } = await bench.event("tensorrt-ready");
  assertEquals([bench.builds, buildMs], [1, null]);
});

Deno.test("without a cache the engine is built in the workers that will serve", async () => {
  await using bench = await TensorRtBench.open();
  await using camera = busyCamera();
  const tensorrt = { cacheFolder: undefined } as unknown as { cacheFolder: string };
  await using detector = await bench.load({}, { tensorrt });
  await collect(camera, detector, ({ provider }) => provider === "tensorrt");
  const { recordFault } = await bench.event("tensorrt-ready");
  assertEquals([bench.builds, recordFault, bench.files], [1, null, []]);
});

Deno.test("options that make no sense are refused before anything is built", async () => {
  await using bench = await TensorRtBench.open();
  const cases = [
    [{ providers: ["tensorrt"], tensorrtBuild: "background" }, "ENGINE_OPTION", "no other"],
    [{ tensorrtBuild: "later" as "wait" }, "USAGE", '"later"'],
    [{ providers: ["cuda", "tensorrt"], tensorrtBuild: "wait" }, "ENGINE_OPTION", "first"],
    [
      { engine: "onnxruntime-node", tensorrtBuild: "background" },
      "ENGINE_OPTION",
      "onnxruntime-node cannot",
    ],
  ] as const;
  for (const [options, code, words] of cases) {
    const error = await assertRejects(() => bench.load({}, options), FoveaError, words);
    assertEquals(error.code, code);
  }
  await Deno.writeTextFile(bench.cache, "in the way");
  const error = await assertRejects(() => bench.load(), FoveaError, "Cannot build in");
  assertEquals([error.code, bench.builds], ["ENGINE_OPTION", 0]);
});

Deno.test("an engine is not judged by pictures that show nothing", async () => {
  await using bench = await TensorRtBench.open();
  await using camera = cellCamera(1_000_000, (seq) => seq < 500 ? [] : sixCells(seq));
  await using detector = await bench.load({ damage: "deaf" });
  let blindKinds: string[] = [];
  await collect(camera, detector, ({ seq }) => {
    if (seq === 499) blindKinds = bench.kinds;
    return bench.kinds.includes("tensorrt-refused");
  });
  assertEquals(blindKinds.includes("tensorrt-refused"), false);
  const { figures } = await bench.event("tensorrt-refused");
  assertEquals([figures.lostShare, figures.referenceCount >= 40], [1, true]);
});

Deno.test("what is left of a build that was killed is removed at the next start", async () => {
  await using bench = await TensorRtBench.open();
  const left = `${bench.cache}/.building-${crypto.randomUUID()}`;
  const alive = `${bench.cache}/.building-${crypto.randomUUID()}`;
  for (const folder of [left, alive]) {
    await Deno.mkdir(`${folder}/${ENGINE_NAME}`, { recursive: true });
    await Deno.writeTextFile(`${folder}/${ENGINE_NAME}/a.engine`, "half");
    await Deno.writeTextFile(`${folder}/lock`, "");
  }
  using lock = await Deno.open(`${alive}/lock`, { write: true });
  await lock.lock(true);
  await using _ = await bench.load({}, { tensorrtBuild: "wait" });
  const folders = [...Deno.readDirSync(bench.cache)].map(({ name }) => name).sort();
  assertEquals(folders, [alive.slice(bench.cache.length + 1), ENGINE_NAME]);
});

/** What each picture shows by the head that saw it: exchanged heads have odd versions. */
function assertSeenBy(results: readonly FrameResult[]): void {
  for (const { seq, headVersion, detections, provider } of results) {
    const [first] = sixCells(seq);
    const left = detections.find(({ xyxyPx: [x, y] }) => {
      return Math.abs(x - 8 * first!.x) < 2 && Math.abs(y - 8 * first!.y) < 2;
    });
    const expected = headVersion % 2 === 0 ? "red" : "blue";
    assertEquals(left?.className, expected, `picture ${seq}, head ${headVersion}, ${provider}`);
  }
}

Deno.test("a head that is adopted while TensorRT builds is served by it, and so is the next one", async () => {
  await using bench = await TensorRtBench.open();
  await bench.closeGate();
  await using camera = busyCamera();
  await using detector = await bench.load({}, { head: true, workers: 2 });
  const shipped = detector.shippedHead!;
  let after = 0;
  const results = await collect(camera, detector, async ({ provider }, { length }) => {
    if (length === 20) await detector.adoptHead(exchanged(shipped, 1));
    if (length === 40) bench.openGate();
    if (provider === "tensorrt" && ++after === 10) {
      await detector.adoptHead(shipped.withVersion(2));
    }
    return after === 30;
  });
  assertSeenBy(results);
  const switched = results.findIndex(({ provider }) => provider === "tensorrt");
  assertEquals(results[switched]!.headVersion, 1);
  assertEquals([results.at(-1)!.headVersion, detector.head!.version], [2, 2]);
  assertEquals(results.map(({ seq }) => seq), results.map((_, i) => i));
});

Deno.test("heads that change all the time neither stop the comparison nor get lost", async () => {
  await using bench = await TensorRtBench.open();
  await using camera = busyCamera();
  await using detector = await bench.load({ damage: "rounded" }, { head: true });
  const shipped = detector.shippedHead!;
  let version = 0;
  let after = 0;
  const results = await collect(camera, detector, async ({ provider }, { length }) => {
    if (length % 7 === 0) {
      version++;
      const next = version % 2 === 0 ? shipped.withVersion(version) : exchanged(shipped, version);
      await detector.adoptHead(next);
    }
    if (provider === "tensorrt") after++;
    return after === 20;
  });
  assertSeenBy(results);
  assertEquals(results.map(({ seq }) => seq), results.map((_, i) => i));
  assertEquals(detector.head!.version, version);
});
