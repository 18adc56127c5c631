import { assertEquals, assertRejects } from "@std/assert";
import { ManualClock } from "../core/clock.ts";
import { FoveaError } from "../core/errors.ts";
import { buildEngine } from "./build_engine.ts";
import type { TensorRtEvent } from "./detector_event.ts";
import { EngineFolder, type EngineRecord } from "./engine_folder.ts";
import type { LoadRequest } from "./protocol.ts";
import { WorkerLane } from "./worker_lane.ts";

const NAME = "orin-sm87_trt100300_ort1.23.0_fp32_aaaa";

function recordOf(buildMs: number | null, modelBytes = 1000): EngineRecord {
  return { format: 1, modelBytes, buildMs, verdict: null };
}

async function withCache(run: (cache: string) => Promise<void>): Promise<void> {
  const cache = await Deno.makeTempDir();
  try {
    await run(cache);
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
}

async function keep(cache: string, name: string, record: EngineRecord): Promise<void> {
  await new EngineFolder(cache, name).writeRecord(record);
}

Deno.test("a build is estimated from the nearest model in size, on this device and TensorRT", async () => {
  await withCache(async (cache) => {
    const folder = new EngineFolder(`${cache}/`, NAME);
    assertEquals(await folder.estimateBuildMs(1000), null);
    await keep(cache, "xavier-sm72_trt100300_ort1.23.0_fp32_bbbb", recordOf(7));
    await keep(cache, "orin-sm87_trt100400_ort1.23.0_fp32_bbbb", recordOf(8));
    assertEquals(await folder.estimateBuildMs(1000), null);
    await keep(cache, "orin-sm87_trt100300_ort1.23.0_fp32_bbbb", recordOf(60_000, 4000));
    await keep(cache, "orin-sm87_trt100300_ort1.22.0_fp16_cccc", recordOf(null));
    assertEquals(await folder.estimateBuildMs(1000), 15_000);
    await keep(cache, "orin-sm87_trt100300_ort1.22.0_fp32_aaaa", recordOf(20_000));
    assertEquals(await folder.estimateBuildMs(1000), 20_000);
  });
});

Deno.test("a record that is not understood is as good as none", async () => {
  await withCache(async (cache) => {
    const folder = new EngineFolder(cache, NAME);
    assertEquals(await folder.readRecord(), null);
    await folder.writeRecord(recordOf(5));
    assertEquals(await folder.readRecord(), recordOf(5));
    for (const text of ["{", "[]", JSON.stringify({ ...recordOf(5), format: 2 })]) {
      await Deno.writeTextFile(`${folder.path}/fovea.json`, text);
      assertEquals(await folder.readRecord(), null);
    }
  });
});

Deno.test("an engine is put in its place whole, once, with the timings of others at hand", async () => {
  await withCache(async (cache) => {
    await keep(cache, "orin-sm87_trt100300_ort1.22.0_fp32_bbbb", recordOf(1));
    await Deno.writeTextFile(`${cache}/orin-sm87_trt100300_ort1.22.0_fp32_bbbb/a.timing`, "t");
    const folder = new EngineFolder(cache, NAME);
    // What an aborted build of an earlier version left in the place of the engine.
    await Deno.mkdir(folder.path);
    await Deno.writeTextFile(`${folder.path}/a.profile`, "old");
    await Deno.writeTextFile(`${cache}/ranges.flatbuffers`, "r");
    const first = await folder.openAside("ranges.flatbuffers");
    assertEquals(await Deno.readTextFile(`${first.cacheFolder}/ranges.flatbuffers`), "r");
    const second = await folder.openAside();
    for (const [aside, text] of [[first, "first"], [second, "second"]] as const) {
      assertEquals(await Deno.readTextFile(`${aside.cacheFolder}/${NAME}/a.timing`), "t");
      await Deno.writeTextFile(`${aside.cacheFolder}/${NAME}/a.engine`, text);
      await aside.commit(recordOf(3));
      await aside[Symbol.asyncDispose]();
    }
    assertEquals(await Deno.readTextFile(`${folder.path}/a.engine`), "first");
    const files = [...Deno.readDirSync(folder.path)].map(({ name }) => name).sort();
    assertEquals(files, ["a.engine", "a.timing", "fovea.json"]);
    assertEquals([...Deno.readDirSync(cache)].length, 3);
    await assertRejects(
      () => folder.openAside("missing.flatbuffers"),
      FoveaError,
      "Cannot build in",
    );
    assertEquals([...Deno.readDirSync(cache)].length, 3);
  });
});

Deno.test("a build that left no engine is no engine", async () => {
  await withCache(async (cache) => {
    const folder = new EngineFolder(cache, NAME);
    await using aside = await folder.openAside();
    const error = await assertRejects(() => aside.commit(recordOf(3)), FoveaError, "written none");
    assertEquals(error.code, "ENGINE_FAILED");
  });
});

Deno.test("a build tells every five seconds how long it takes", async () => {
  await withCache(async (cache) => {
    const folder = new EngineFolder(cache, NAME);
    const aside = await folder.openAside();
    const clock = new ManualClock(1_000);
    const events: TensorRtEvent[] = [];
    const go = Promise.withResolvers<void>();
    const answers = `self.onmessage = ({ data: { id } }) =>
      self.postMessage({ id, kind: "reply", body: null });`;
    const lane = new WorkerLane(new URL(`data:text/javascript,${encodeURIComponent(answers)}`));
    lane.load = async () => {
      await go.promise;
      await Deno.writeTextFile(`${aside.cacheFolder}/${NAME}/a.engine`, "whole");
      return null!;
    };
    const building = buildEngine({
      aside,
      makeLane: () => lane,
      makeRequest: () => ({ model: new Uint8Array(1), head: null }) as unknown as LoadRequest,
      modelBytes: 1000,
      estimateMs: 12_000,
      clock,
      tell: (event) => events.push(event),
    }, new AbortController().signal);
    for (let second = 0; second < 11; second++) await clock.advance(1_000);
    go.resolve();
    assertEquals(await building, 11_000);
    const told = [0, 5_000, 10_000].map((elapsedMs) => {
      return { kind: "tensorrt-building", elapsedMs, estimateMs: 12_000 } as const;
    });
    assertEquals(events, told);
    assertEquals((await folder.readRecord())?.buildMs, 11_000);
    assertEquals(clock.waiting, 0);
  });
});
