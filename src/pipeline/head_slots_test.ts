import { assertEquals, assertThrows } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import type { HeadLayer } from "../core/head_layout.ts";
import type { Engine } from "../core/ports.ts";
import type { Tensor } from "../core/tensor.ts";
import type { HeadInput } from "../onnx/head_surgery.ts";
import { HeadSlots } from "./head_slots.ts";

const LAYERS: readonly HeadLayer[] = [
  { name: "a", rows: 2, channels: 3, classRows: [0], objectnessRows: [] },
  { name: "b", rows: 1, channels: 2, classRows: [], objectnessRows: [0] },
];

function inputOf(layer: number, role: "weight" | "bias", rest: Partial<HeadInput>): HeadInput {
  const base = { name: `${layer}.${role}`, layer, role, type: "float32" as const, dims: [2] };
  return { ...base, rows: 2, transposed: false, ...rest };
}

/** What is bound to each input. */
class BindingEngine {
  readonly bound = new Map<string, Tensor>();

  setInput(name: string, tensor: Tensor): void {
    this.bound.set(name, tensor);
  }

  numbers(): Record<string, number[]> {
    return Object.fromEntries(
      this.bound.entries().map(([name, { data }]) => [name, Array.from(data as Float32Array)]),
    );
  }
}

function makeSlots(inputs: readonly HeadInput[]): { engine: BindingEngine; slots: HeadSlots } {
  const engine = new BindingEngine();
  return { engine, slots: new HeadSlots(engine as unknown as Engine, inputs, LAYERS) };
}

/** Weights 1 … 6 and biases 7, 8 of the first layer, 9, 10 and 11 of the second. */
const PACKED = Float32Array.from({ length: 11 }, (_, i) => i + 1);

Deno.test("HeadSlots lay numbers out as each input wants them", () => {
  const { engine, slots } = makeSlots([
    inputOf(0, "weight", { dims: [3, 2], transposed: true }),
    inputOf(0, "bias", {}),
    inputOf(1, "weight", { dims: [2, 2, 1, 1] }),
    inputOf(1, "bias", { type: "float16" }),
  ]);
  slots.stage({ version: 4, packed: PACKED });
  assertEquals([slots.version, engine.bound.size], [0, 0]);
  slots.commit();
  assertEquals(slots.version, 4);
  assertEquals(engine.numbers(), {
    "0.weight": [1, 4, 2, 5, 3, 6],
    "0.bias": [7, 8],
    "1.weight": [9, 10, 0, 0],
    "1.bias": [11, 0],
  });
  assertEquals(engine.bound.get("1.bias")!.data instanceof Float16Array, true);
});

Deno.test("HeadSlots leave what is served alone while the next one gets ready", () => {
  const { engine, slots } = makeSlots([inputOf(0, "bias", {})]);
  slots.stage({ version: 1, packed: PACKED });
  slots.commit();
  slots.stage({ version: 2, packed: PACKED.map((value) => -value) });
  assertEquals([slots.version, engine.numbers()], [1, { "0.bias": [7, 8] }]);
  slots.commit();
  assertEquals([slots.version, engine.numbers()], [2, { "0.bias": [-7, -8] }]);
});

Deno.test("HeadSlots use the same two sets for ever", () => {
  const { engine, slots } = makeSlots([inputOf(0, "bias", {})]);
  const buffers = new Set<ArrayBufferLike>();
  for (let version = 0; version < 1000; version++) {
    slots.stage({ version, packed: PACKED });
    slots.commit();
    buffers.add(engine.bound.get("0.bias")!.data.buffer);
  }
  assertEquals(buffers.size, 2);
});

Deno.test("HeadSlots refuse a head of another size and go on serving", () => {
  const { engine, slots } = makeSlots([inputOf(0, "bias", {})]);
  slots.stage({ version: 1, packed: PACKED });
  slots.commit();
  const error = assertThrows(
    () => slots.stage({ version: 2, packed: new Float32Array(10) }),
    FoveaError,
    "it has 10 numbers, the model takes 11",
  );
  assertEquals(error.code, "HEAD_MISMATCH");
  assertThrows(() => slots.commit(), TypeError, "none was staged");
  assertEquals([slots.version, engine.numbers()], [1, { "0.bias": [7, 8] }]);
});
