// TensorRT builds its engine beside the stream, in workers that build and break as the test tells
// them to. What is proven here is everything around it; TensorRT itself needs a GPU.
import {
  assert,
  assertEquals,
  assertGreater,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { FoveaError } from "../../src/core/errors.ts";
import type { Damage } from "../support/damaged_engine.ts";
import { busyCamera, collect, ENGINE_NAME, TensorRtBench } from "../support/tensorrt_bench.ts";

async function readRecord(bench: TensorRtBench) {
  return JSON.parse(await Deno.readTextFile(`${bench.cache}/${ENGINE_NAME}/fovea.json`));
}

const BUILT = [`${ENGINE_NAME}/a.engine`, `${ENGINE_NAME}/a.timing`, `${ENGINE_NAME}/fovea.json`];

Deno.test("the next provider serves while TensorRT builds, which takes over with no picture lost", async () => {
  await using bench = await TensorRtBench.open();
  await bench.closeGate();
  await using camera = busyCamera();
  await using detector = await bench.load({ damage: "rounded" }, { workers: 2 });
  assertEquals([detector.provider, detector.workers], ["cuda", 2]);
  assertStringIncludes(detector.missedProviders[0]!, "its engine is being built");
  const before: string[] = [];
  let after = 0;
  const results = await collect(camera, detector, ({ provider }, { length }) => {
    if (length === 30) {
      // What is half built is nowhere where it could be taken for whole.
      before.push(...bench.files.filter((file) => !file.startsWith(".building-")));
      bench.openGate();
    }
    if (provider === "tensorrt") after++;
    return after === 20;
  });
  assertEquals(before, []);
  const { length } = results;
  assertEquals(results.map(({ seq }) => seq), Array.from({ length }, (_, i) => i));
  const first = results.findIndex(({ provider }) => provider === "tensorrt");
  assertGreater(first, 29);
  assert(results.slice(0, first).every(({ provider }) => provider === "cuda"));
  assert(results.slice(first).every(({ provider }) => provider === "tensorrt"));
  assert(results.every(({ detections }) => detections.length === 6));
  assertEquals(bench.kinds, ["tensorrt-building", "tensorrt-judging", "tensorrt-ready"]);
  assertEquals([detector.provider, detector.missedProviders], ["tensorrt", []]);
  assertEquals(detector.tensorrt!.kind, "tensorrt-ready");
  assertEquals([bench.builds, bench.files], [1, BUILT]);
  const { verdict, buildMs } = await readRecord(bench);
  assertEquals([verdict.accepted, verdict.reason, buildMs >= 0], [true, null, true]);
  assertGreater(verdict.figures.referenceCount, 39);
  assertEquals(camera.leases.out, 0);
});

Deno.test("an engine that was accepted serves from the first picture on", async () => {
  await using bench = await TensorRtBench.open();
  {
    await using camera = busyCamera();
    await using detector = await bench.load();
    await collect(camera, detector, ({ provider }) => provider === "tensorrt");
    await bench.event("tensorrt-ready");
  }
  bench.events.length = 0;
  await using camera = busyCamera();
  await using detector = await bench.load();
  const [first] = await collect(camera, detector, () => true);
  assertEquals([first!.provider, detector.provider, bench.builds, bench.events], [
    "tensorrt",
    "tensorrt",
    1,
    [],
  ]);
});

const REFUSED: Readonly<Partial<Record<Damage, RegExp>>> = {
  scaled: /scores differ|loses/,
  nan: /NaN or infinite|not finite/,
  overflow: /not finite/,
  permuted: /loses 100.0 % of \d+ detections.*100.0 % of its detections are new/,
  shifted: /boxes overlap by 0\.\d+ on average/,
  deaf: /loses 100.0 %/,
  ghosts: /of its detections are new/,
};

for (const [damage, reason] of Object.entries(REFUSED)) {
  Deno.test(`an engine whose outputs are ${damage} is refused, and not built again`, async () => {
    await using bench = await TensorRtBench.open();
    await using camera = busyCamera();
    {
      await using detector = await bench.load({ damage }, { workers: 2 });
      const results = await collect(camera, detector, () => {
        return bench.kinds.includes("tensorrt-refused");
      });
      assert(results.every(({ provider }) => provider === "cuda"));
      assert(results.every(({ detections }) => detections.length === 6));
      const refused = await bench.event("tensorrt-refused");
      assert(reason.test(refused.reason), refused.reason);
      assertEquals(refused.folder, `${bench.cache}/${ENGINE_NAME}`);
    }
    const { verdict } = await readRecord(bench);
    assertEquals([verdict.accepted, reason.test(verdict.reason)], [false, true]);
    bench.events.length = 0;
    {
      await using again = await bench.load({ damage });
      assertEquals(again.provider, "cuda");
      assert(reason.test(again.missedProviders[0]!), again.missedProviders[0]);
    }
    const options = { providers: ["tensorrt"] };
    const error = await assertRejects(() => bench.load({ damage }, options), FoveaError);
    assertEquals(error.code, "ENGINE_REFUSED");
    assertStringIncludes(error.hint!, `${bench.cache}/${ENGINE_NAME}`);
    assertEquals([bench.builds, bench.events, bench.files], [1, [], BUILT]);
  });
}

Deno.test("a refused engine is built again with other options or after its folder is gone", async () => {
  await using bench = await TensorRtBench.open();
  await using camera = busyCamera();
  for (const damage of ["deaf", "none"]) {
    bench.events.length = 0;
    await using detector = await bench.load({ damage });
    const kind = damage === "none" ? "tensorrt-ready" : "tensorrt-refused";
    await collect(camera, detector, () => bench.kinds.includes(kind));
    if (damage === "deaf") {
      await Deno.remove(`${bench.cache}/${ENGINE_NAME}`, { recursive: true });
    }
  }
  assertEquals(bench.builds, 2);
});

Deno.test("closing while TensorRT builds leaves nothing behind", async () => {
  await using bench = await TensorRtBench.open();
  await bench.closeGate();
  {
    await using camera = busyCamera();
    await using detector = await bench.load();
    await collect(camera, detector, (_, { length }) => length >= 5 && bench.builds === 1);
  }
  assertEquals([bench.files, [...Deno.readDirSync(bench.cache)]], [[], []]);
  // What TensorRT was doing comes to its end and finds its folder gone.
  bench.openGate();
  await using detector = await bench.load();
  assertEquals(detector.provider, "cuda");
});
