import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { FoveaError } from "../../src/core/errors.ts";
import type { Engine } from "../../src/core/ports.ts";
import { elementCount, type Tensor, type TensorSpec } from "../../src/core/tensor.ts";
import type { EngineOptions } from "../../src/engine/engine_options.ts";
import { SharedArena } from "../../src/native/arena.ts";

/** Loads a model with the engine under test. */
export type LoadEngine = (model: Uint8Array, options?: EngineOptions) => Promise<Engine>;

/** A model for the cases: one float32 picture input, at least one float32 output. */
export interface EngineFixture {
  /** The ONNX file. */
  readonly model: Uint8Array;
  /** Dimensions to feed where the model leaves them open. */
  readonly openDim: number;
}

function dimsOf(spec: TensorSpec, openDim: number): number[] {
  return spec.dims.map((dim, i) => dim > 0 ? dim : i === 0 ? 1 : openDim);
}

function feed(engine: Engine, fixture: EngineFixture, value: number): Float32Array {
  const spec = engine.inputs[0]!;
  const dims = dimsOf(spec, fixture.openDim);
  const data = new Float32Array(elementCount(dims)).fill(value);
  engine.setInput(spec.name, { type: "float32", dims, data });
  return data;
}

async function runOnce(engine: Engine): Promise<number[]> {
  const view = await engine.run();
  return Array.from(view.get(engine.outputs[0]!.name).data as Float32Array);
}

/** What every engine must do, one test a case. */
export function runEngineCases(label: string, load: LoadEngine, fixture: EngineFixture): void {
  Deno.test(`${label} describes inputs and outputs and says what really runs`, async () => {
    await using engine = await load(fixture.model);
    assertEquals(engine.inputs[0]!.type, "float32");
    assertEquals(engine.inputs[0]!.dims.length, 4);
    assert(engine.outputs.length >= 1);
    assertEquals(engine.provider, "cpu");
    assertEquals(engine.missedProviders, []);
    assert(engine.name.length > 0);
    assertMatch(engine.library, /\d+\.\d+\.\d+/);
  });

  Deno.test(`${label} gives the same bits for the same input`, async () => {
    await using engine = await load(fixture.model);
    feed(engine, fixture, 0.5);
    const first = await runOnce(engine);
    assertEquals(await runOnce(engine), first);
    await using again = await load(fixture.model);
    feed(again, fixture, 0.5);
    assertEquals(await runOnce(again), first);
  });

  Deno.test(`${label} reads the bound input in place at every run`, async () => {
    await using engine = await load(fixture.model);
    const data = feed(engine, fixture, 0);
    const dark = await runOnce(engine);
    data.fill(1);
    assertNotEquals(await runOnce(engine), dark);
    data.fill(0);
    assertEquals(await runOnce(engine), dark);
  });

  Deno.test(`${label} writes an output where it was asked to, until it is let go`, async () => {
    await using engine = await load(fixture.model);
    feed(engine, fixture, 0.5);
    const expected = await runOnce(engine);
    const { name } = engine.outputs[0]!;
    const dims = [...(await engine.run()).get(name).dims];
    const data = new Float32Array(expected.length);
    if (engine.setOutput(name, { type: "float32", dims, data })) {
      const shown = (await engine.run()).get(name);
      assertEquals(shown.data === data, true);
      assertEquals(Array.from(data), expected);
      data.fill(-1);
      engine.setOutput(name, null);
      assertEquals(await runOnce(engine), expected);
      assertEquals(data.every((value) => value === -1), true);
    }
  });

  Deno.test(`${label} works on shared memory, if it says that it takes it`, async () => {
    await using engine = await load(fixture.model);
    const data = feed(engine, fixture, 0.5);
    const expected = await runOnce(engine);
    if (!engine.takesSharedMemory) return;
    const [input, output] = [engine.inputs[0]!, engine.outputs[0]!];
    const outputDims = [...(await engine.run()).get(output.name).dims];
    const arena = new SharedArena();
    const at = arena.allocate(data.byteLength);
    const outAt = arena.allocate(4 * expected.length);
    const plain = new Float32Array(new SharedArrayBuffer(data.byteLength));
    // An arena is WebAssembly's memory; its addresses stay while it grows.
    const places: [Float32Array, Float32Array][] = [
      [plain, new Float32Array(new SharedArrayBuffer(4 * expected.length))],
      [
        new Float32Array(arena.buffer, at, data.length),
        new Float32Array(arena.buffer, outAt, expected.length),
      ],
    ];
    arena.allocate(1_000_000);
    const dims = dimsOf(input, fixture.openDim);
    for (const [from, to] of places) {
      from.fill(0.5);
      engine.setInput(input.name, { type: "float32", dims, data: from });
      engine.setOutput(output.name, { type: "float32", dims: outputDims, data: to });
      const shown = (await engine.run()).get(output.name);
      assertEquals(shown.data === to, true);
      assertEquals(Array.from(to), expected);
    }
  });

  Deno.test(`${label} refuses to read the outputs of an older run`, async () => {
    let last;
    {
      await using engine = await load(fixture.model);
      feed(engine, fixture, 0.5);
      const first = await engine.run();
      last = await engine.run();
      const { name } = engine.outputs[0]!;
      assertEquals(assertThrows(() => first.get(name), FoveaError).code, "STALE");
      assertEquals(assertThrows(() => last.get("no such"), FoveaError).code, "OUTPUT_SHAPE");
    }
    assertEquals(assertThrows(() => last.get("any"), FoveaError).code, "STALE");
  });

  Deno.test(`${label} gives the outputs that are selected, and refuses the others`, async () => {
    const path = new URL("../../models/tiny/detr_linear.onnx", import.meta.url);
    await using engine = await load(await Deno.readFile(path));
    feed(engine, fixture, 0.5);
    const [first, second] = engine.outputs.map(({ name }) => name) as [string, string];
    const whole = await engine.run();
    const expected = [first, second].map((name) => [...whole.get(name).data as Float32Array]);
    engine.selectOutputs([second]);
    const part = await engine.run();
    assertEquals([...part.get(second).data as Float32Array], expected[1]!);
    assertEquals(assertThrows(() => part.get(first), FoveaError).code, "OUTPUT_SHAPE");
    const unknown = assertThrows(() => engine.selectOutputs(["no such"]), FoveaError, "no such");
    assertEquals(unknown.code, "MODEL_UNSUPPORTED");
    assertThrows(() => engine.selectOutputs([]), RangeError, "no output at all");
    engine.selectOutputs(null);
    const again = await engine.run();
    assertEquals(
      [first, second].map((name) => [...again.get(name).data as Float32Array]),
      expected,
    );
  });

  Deno.test(`${label} refuses tensors that do not fit, naming what the model wants`, async () => {
    await using engine = await load(fixture.model);
    const spec = engine.inputs[0]!;
    const dims = dimsOf(spec, fixture.openDim);
    const data = new Float32Array(elementCount(dims));
    const wrong: [string, Tensor][] = [
      ["no such input", { type: "float32", dims, data }],
      [spec.name, { type: "uint8", dims, data: new Uint8Array(data.length) }],
      [spec.name, { type: "float32", dims: dims.slice(1), data }],
      [spec.name, { type: "float32", dims: [...dims.slice(0, 3), 0], data: new Float32Array(0) }],
      [spec.name, { type: "float32", dims, data: data.subarray(1) }],
    ];
    for (const [name, tensor] of wrong) {
      const error = assertThrows(() => engine.setInput(name, tensor), FoveaError, "Cannot bind");
      assertEquals(error.code, "MODEL_UNSUPPORTED");
    }
    assertThrows(() => engine.setOutput("no such output", null), FoveaError, "no such output");
  });

  Deno.test(`${label} says what is wrong with a broken model`, async () => {
    for (
      const bytes of [
        new Uint8Array(0),
        new TextEncoder().encode("<html>not a model</html>"),
        fixture.model.subarray(0, fixture.model.length >> 1),
      ]
    ) {
      const error = await assertRejects(() => load(bytes), FoveaError, "Cannot load the model");
      assertEquals(error.code, "ENGINE_FAILED");
    }
  });

  Deno.test(`${label} refuses options it would otherwise ignore`, async () => {
    const ignored: Record<string, unknown>[] = [
      { threats: 2 },
      { intraOpNumThreads: 2 },
      { freeDimensionOverrides: { batch: 1 } },
      { enableGraphCapture: true },
      { threads: 0 },
      { threads: 1.5 },
      { graphOptimization: "most" },
      { providers: [] },
      { providers: ["cpu", "cpu"] },
      { sessionConfig: { "session.no_such_key": "1" } },
      { sessionConfig: { "session.intra_op.allow_spinning": "1" } },
    ];
    for (const options of ignored) {
      const error = await assertRejects(
        () => load(fixture.model, options as EngineOptions),
        FoveaError,
      );
      assertEquals(error.code, "ENGINE_OPTION", JSON.stringify(options));
    }
  });

  Deno.test(`${label} takes every option it documents`, async () => {
    await using engine = await load(fixture.model, {
      threads: 2,
      providers: ["cpu"],
      spinning: true,
      graphOptimization: "basic",
      sessionConfig: { "session.set_denormal_as_zero": "1" },
    });
    feed(engine, fixture, 0.5);
    assert((await runOnce(engine)).length > 0);
  });

  Deno.test(`${label} never falls back unless it is allowed to, and then says so`, async () => {
    const asked = { providers: ["no such provider", "cpu"] };
    const error = await assertRejects(() => load(fixture.model, asked), FoveaError, "no such");
    assertEquals(error.code, "ENGINE_UNAVAILABLE");
    await using engine = await load(fixture.model, { ...asked, fallback: true });
    assertEquals(engine.provider, "cpu");
    assertEquals(engine.missedProviders.length, 1);
    assertStringIncludes(engine.missedProviders[0]!, "no such provider");
  });

  Deno.test(`${label} can be disposed twice and refuses to run afterwards`, async () => {
    const engine = await load(fixture.model);
    feed(engine, fixture, 0.5);
    await engine[Symbol.asyncDispose]();
    await engine[Symbol.asyncDispose]();
    assertEquals((await assertRejects(() => engine.run(), FoveaError)).code, "DISPOSED");
  });
}
