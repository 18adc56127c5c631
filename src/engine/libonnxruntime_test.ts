import {
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { runEngineCases } from "../../tests/conformance/engine_cases.ts";
import { FoveaError } from "../core/errors.ts";
import type { Engine } from "../core/ports.ts";
import { elementCount, type Tensor } from "../core/tensor.ts";
import { liveHandles } from "../native/native_handle.ts";
import type { EngineOptions } from "./engine_options.ts";
import { loadLibOnnxRuntime } from "./libonnxruntime.ts";
import { bundledLibrary } from "./onnxruntime_places.ts";

function tinyModel(name: string): Uint8Array {
  return Deno.readFileSync(new URL(`../../models/tiny/${name}.onnx`, import.meta.url));
}

function load(model: Uint8Array, options: EngineOptions = {}): Promise<Engine> {
  return loadLibOnnxRuntime(model, { libraryPath: bundledLibrary(), ...options });
}

/** Feeds the first input with one number everywhere, one picture where the model leaves it open. */
function feed(engine: Engine, value: number): Float32Array {
  const { name, dims: wanted } = engine.inputs[0]!;
  const dims = wanted.map((dim) => Math.max(dim, 1));
  const data = new Float32Array(elementCount(dims)).fill(value);
  engine.setInput(name, { type: "float32", dims, data });
  return data;
}

async function firstOutput(engine: Engine): Promise<Tensor> {
  return (await engine.run()).get(engine.outputs[0]!.name);
}

runEngineCases("libonnxruntime", load, { model: tinyModel("yolo_v8"), openDim: 64 });

Deno.test("libonnxruntime owns what it makes and gives all of it back", async () => {
  {
    await using engine = await load(tinyModel("yolox_dynamic"), { runTimeoutMs: 60_000 });
    const dims = [1, 3, 96, 128];
    engine.setInput("images", { type: "float32", dims, data: new Float32Array(3 * 96 * 128) });
    await engine.run();
    assertNotEquals(liveHandles().size, 0);
  }
  assertEquals([...liveHandles()], []);
});

Deno.test("libonnxruntime keeps nothing of a model that it refuses", async () => {
  await assertRejects(() => load(new Uint8Array(100)), FoveaError, "Cannot load the model");
  assertEquals([...liveHandles()], []);
});

Deno.test("libonnxruntime feeds float16, uint8 and int64", async () => {
  const half = await load(tinyModel("yolo_v8_float16"));
  const bytes = await load(tinyModel("yolo_v8_uint8_nhwc"));
  const sizes = await load(tinyModel("detr_deploy"));
  await using stack = new AsyncDisposableStack();
  for (const engine of [half, bytes, sizes]) stack.use(engine);
  const [halfSpec, bytesSpec] = [half.inputs[0]!, bytes.inputs[0]!];
  const grey = new Float16Array(elementCount(halfSpec.dims)).fill(0.5);
  half.setInput(halfSpec.name, { ...halfSpec, data: grey });
  assertEquals((await firstOutput(half)).data instanceof Float16Array, true);
  const data = new Uint8Array(elementCount(bytesSpec.dims)).fill(128);
  bytes.setInput(bytesSpec.name, { ...bytesSpec, data });
  assertEquals((await firstOutput(bytes)).data.length, 6 * 252);
  feed(sizes, 0.5);
  const target = sizes.inputs[1]!;
  const boxesAt = async (width: bigint): Promise<number[]> => {
    const sourceSize = BigInt64Array.of(width, 2n * width);
    sizes.setInput(target.name, { type: "int64", dims: [1, 2], data: sourceSize });
    return Array.from((await sizes.run()).get("boxes").data as Float32Array);
  };
  assertNotEquals(await boxesAt(128n), await boxesAt(256n));
});

Deno.test("libonnxruntime takes every size that an open model allows", async () => {
  await using engine = await load(tinyModel("yolox_dynamic"));
  let before: Tensor | null = null;
  for (const [height, width] of [[96, 128], [64, 64], [192, 320]] as const) {
    const data = new Float32Array(3 * height * width).fill(100);
    engine.setInput("images", { type: "float32", dims: [1, 3, height, width], data });
    const shown = await firstOutput(engine);
    const cells = [8, 16, 32].reduce((sum, stride) => sum + height * width / stride ** 2, 0);
    assertEquals(shown.dims, [1, cells, 7]);
    assertEquals(shown.data.length, 7 * cells);
    // What the library allocated for an older run is gone, not dangling.
    if (before !== null) assertEquals(before.data.length, 0);
    before = shown;
  }
});

Deno.test("libonnxruntime tells an output whose shape is not the bound one", async () => {
  await using engine = await load(tinyModel("yolox_dynamic"));
  const data = new Float32Array(3 * 96 * 128);
  engine.setInput("images", { type: "float32", dims: [1, 3, 96, 128], data });
  const small = { type: "float32", dims: [1, 7, 7], data: new Float32Array(49) } as const;
  engine.setOutput("output", small);
  const error = await assertRejects(() => engine.run(), FoveaError, "shape");
  assertEquals(error.code, "OUTPUT_SHAPE");
  assertEquals(small.data.every((value) => value === 0), true);
  engine.setOutput("output", null);
  assertEquals((await firstOutput(engine)).dims, [1, 252, 7]);
});

Deno.test("libonnxruntime ends a run that takes too long, and goes on", async () => {
  await using engine = await load(tinyModel("yolo_v8_endless"), { runTimeoutMs: 400 });
  const picture = feed(engine, 0.4);
  const dark = Array.from((await firstOutput(engine)).data as Float32Array);
  for (let i = 0; i < 2; i++) {
    picture[0] = 1;
    const error = await assertRejects(() => engine.run(), FoveaError, "within 400 ms");
    assertEquals(error.code, "ENGINE_TIMEOUT");
    picture[0] = 0.4;
    assertEquals(Array.from((await firstOutput(engine)).data as Float32Array), dark);
  }
});

Deno.test("libonnxruntime says that an input is not bound", async () => {
  await using engine = await load(tinyModel("yolo_v8"));
  const error = await assertRejects(() => engine.run(), FoveaError, "images");
  assertEquals(error.code, "ENGINE_FAILED");
});

Deno.test("libonnxruntime refuses to run on memory that was given away or can shrink", async () => {
  await using engine = await load(tinyModel("yolo_v8"));
  const { name, dims } = engine.inputs[0]!;
  const bytes = 4 * elementCount(dims);
  const growing = new Float32Array(new ArrayBuffer(bytes, { maxByteLength: 2 * bytes }));
  const bindGrowing = () => engine.setInput(name, { type: "float32", dims, data: growing });
  assertThrows(bindGrowing, TypeError, "can be resized");
  const data = feed(engine, 0.5);
  await engine.run();
  structuredClone(data.buffer, { transfer: [data.buffer as ArrayBuffer] });
  await assertRejects(() => engine.run(), TypeError, 'input "images" was given away');
  feed(engine, 0.5);
  await engine.run();
});

Deno.test("libonnxruntime refuses everything after it was disposed", async () => {
  const engine = await load(tinyModel("yolo_v8"));
  const data = feed(engine, 0.5);
  const { name, dims } = engine.inputs[0]!;
  await engine[Symbol.asyncDispose]();
  const calls = [
    () => engine.setInput(name, { type: "float32", dims, data }),
    () => engine.setOutput(engine.outputs[0]!.name, null),
  ];
  for (const call of calls) {
    assertEquals(assertThrows(call, FoveaError, "is disposed").code, "DISPOSED");
  }
});

Deno.test("libonnxruntime writes a profile when it goes, where it may", async () => {
  const folder = await Deno.makeTempDir();
  try {
    {
      await using engine = await load(tinyModel("yolo_v8"), { profilePrefix: `${folder}/run` });
      feed(engine, 0.5);
      await engine.run();
    }
    const [file] = [...Deno.readDirSync(folder)];
    assertMatch(file!.name, /^run_.*\.json$/);
    const events = JSON.parse(await Deno.readTextFile(`${folder}/${file!.name}`));
    assertEquals(events.some(({ cat }: { cat: string }) => cat === "Node"), true);
    const nowhere = { profilePrefix: `${folder}/nowhere/run` };
    const error = await assertRejects(() => load(tinyModel("yolo_v8"), nowhere), FoveaError);
    assertEquals(error.code, "ENGINE_OPTION");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("two sessions of libonnxruntime do not disturb each other", async () => {
  await using one = await load(tinyModel("yolo_v8"));
  await using other = await load(tinyModel("yolo_v8"), { threads: 2 });
  feed(one, 0.2);
  feed(other, 0.8);
  const first = await one.run();
  const dark = Array.from(first.get("output0").data as Float32Array);
  const bright = Array.from((await firstOutput(other)).data as Float32Array);
  assertNotEquals(dark, bright);
  // The other's run took nothing from this one's outputs.
  assertEquals(Array.from(first.get("output0").data as Float32Array), dark);
  await other[Symbol.asyncDispose]();
  assertEquals(Array.from((await firstOutput(one)).data as Float32Array), dark);
});
