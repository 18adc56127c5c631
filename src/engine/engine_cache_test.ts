import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import { type EngineMachine, prepareEngineCache } from "./engine_cache.ts";

const MODEL = new Uint8Array([1, 2, 3]);
const ORIN: EngineMachine = {
  gpu: () => ({ name: "Orin (nvgpu)", computeCapability: "87" }),
  tensorRt: () => "100300",
};

async function withFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("engines are kept in a folder for device, versions, precision and model", async () => {
  await withFolder(async (cacheFolder) => {
    const entries = await prepareEngineCache({ cacheFolder, fp16: true }, "1.23.0", MODEL, ORIN);
    const path = `${cacheFolder}/orin-nvgpu-sm87_trt100300_ort1.23.0_fp32-fp16_039058c6f2c0cb49`;
    assertEquals(entries, {
      trt_engine_cache_enable: "1",
      trt_engine_cache_path: path,
      trt_timing_cache_enable: "1",
      trt_timing_cache_path: path,
    });
    assertEquals((await Deno.stat(path)).isDirectory, true);
    // A second start finds the same folder.
    const again = { cacheFolder: `${cacheFolder}/`, fp16: true };
    assertEquals(await prepareEngineCache(again, "1.23.0", MODEL, ORIN), entries);
  });
});

Deno.test("whatever an engine depends on leads to another folder", async () => {
  await withFolder(async (cacheFolder) => {
    const options = { cacheFolder };
    const path = async (...rest: Parameters<typeof prepareEngineCache>) =>
      (await prepareEngineCache(...rest)).trt_engine_cache_path;
    for (const name of "cd") await Deno.writeTextFile(`${cacheFolder}/${name}.flatbuffers`, name);
    const first = await path(options, "1.23.0", MODEL, ORIN);
    const others = [
      path({ ...options, fp16: true }, "1.23.0", MODEL, ORIN),
      path({ ...options, int8: true }, "1.23.0", MODEL, ORIN),
      path({ ...options, builderLevel: 5 }, "1.23.0", MODEL, ORIN),
      path({ ...options, excludedOperations: ["Softmax"] }, "1.23.0", MODEL, ORIN),
      path({ ...options, int8: true, int8Calibration: "c.flatbuffers" }, "1.23.0", MODEL, ORIN),
      path({ ...options, int8: true, int8Calibration: "d.flatbuffers" }, "1.23.0", MODEL, ORIN),
      path(options, "1.23.1", MODEL, ORIN),
      path(options, "1.23.0", new Uint8Array([1, 2, 4]), ORIN),
      path(options, "1.23.0", MODEL, { ...ORIN, tensorRt: () => "100400" }),
      path(options, "1.23.0", MODEL, {
        ...ORIN,
        gpu: () => ({ name: "Orin (nvgpu)", computeCapability: "72" }),
      }),
      path(options, "1.23.0", MODEL, {
        ...ORIN,
        gpu: () => ({ name: "Xavier", computeCapability: "87" }),
      }),
    ];
    for (const other of others) assertNotEquals(await other, first);
    assertEquals(new Set(await Promise.all(others)).size, others.length);
  });
});

Deno.test("calibration ranges lie beside the engine, and other ranges make another one", async () => {
  await withFolder(async (cacheFolder) => {
    const options = { cacheFolder, int8: true, int8Calibration: "c.flatbuffers" };
    const error = await assertRejects(
      () => prepareEngineCache(options, "1.23.0", MODEL, ORIN),
      FoveaError,
      "Cannot read calibration ranges",
    );
    assertEquals(error.code, "ENGINE_OPTION");
    const paths: string[] = [];
    for (const text of ["one", "two"]) {
      await Deno.writeTextFile(`${cacheFolder}/c.flatbuffers`, text);
      const entries = await prepareEngineCache(options, "1.23.0", MODEL, ORIN);
      const path = entries.trt_engine_cache_path!;
      assertEquals(await Deno.readTextFile(`${path}/c.flatbuffers`), text);
      paths.push(path);
    }
    assertNotEquals(paths[0], paths[1]);
  });
});

Deno.test("nothing is asked of the machine where no folder is given", async () => {
  const machine: EngineMachine = {
    gpu: () => {
      throw new Error("asked");
    },
    tensorRt: () => "",
  };
  assertEquals(await prepareEngineCache({ fp16: true }, "1.23.0", MODEL, machine), {});
});

Deno.test("a folder that cannot be made is told before a session is", async () => {
  await withFolder(async (folder) => {
    const cacheFolder = `${folder}/file`;
    await Deno.writeTextFile(cacheFolder, "in the way");
    const error = await assertRejects(
      () => prepareEngineCache({ cacheFolder }, "1.23.0", MODEL, ORIN),
      FoveaError,
      "Cannot keep engines in",
    );
    assertEquals(error.code, "ENGINE_OPTION");
  });
});
