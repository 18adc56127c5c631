import { assertEquals, assertThrows } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import type { Tensor } from "../core/tensor.ts";
import { ArenaOutputs } from "./arena_outputs.ts";

function viewOf(tensors: Record<string, Tensor>) {
  return { get: (name: string) => tensors[name]! };
}

Deno.test("ArenaOutputs shows every type as float32 in the place it was given", () => {
  const outputs = new ArenaOutputs();
  const values = new Float32Array(3);
  outputs.place("labels", [1, 3], values, false);
  for (
    const tensor of [
      { type: "int64", dims: [1, 3], data: new BigInt64Array([1n, 79n, -1n]) },
      { type: "int32", dims: [1, 3], data: new Int32Array([1, 79, -1]) },
      { type: "float16", dims: [1, 3], data: new Float16Array([1, 79, -1]) },
      { type: "float64", dims: [1, 3], data: new Float64Array([1, 79, -1]) },
    ] satisfies Tensor[]
  ) {
    values.fill(0);
    const shown = outputs.show(viewOf({ labels: tensor })).get("labels");
    assertEquals([shown.type, shown.dims, shown.data === values], ["float32", [1, 3], true]);
    assertEquals([...values], [1, 79, -1]);
  }
});

Deno.test("ArenaOutputs copies nothing where the engine writes in place, but checks the run", () => {
  const outputs = new ArenaOutputs();
  const values = new Float32Array([5]);
  outputs.place("y", [1], values, true);
  const written = { type: "float32", dims: [1], data: new Float32Array([9]) } as const;
  assertEquals(outputs.show(viewOf({ y: written })).get("y").data, values);
  assertEquals(values[0], 5);
  const stale = {
    get: () => {
      throw new FoveaError("STALE", "Cannot read output");
    },
  };
  assertEquals(assertThrows(() => outputs.show(stale).get("y"), FoveaError).code, "STALE");
});

Deno.test("ArenaOutputs refuses an output that changed its shape or is unknown", () => {
  const outputs = new ArenaOutputs();
  outputs.place("y", [1, 2], new Float32Array(2), false);
  const view = viewOf({ y: { type: "float32", dims: [1, 3], data: new Float32Array(3) } });
  const changed = assertThrows(() => outputs.show(view).get("y"), FoveaError, "[1,3] now");
  assertEquals(changed.code, "OUTPUT_SHAPE");
  assertEquals(assertThrows(() => outputs.get("z"), FoveaError).code, "OUTPUT_SHAPE");
});

Deno.test("ArenaOutputs shows as many rows as a run gave, up to its room", () => {
  const values = new Float32Array(6);
  const outputs = new ArenaOutputs();
  outputs.place("y", [1, -1, 2], values, false);
  for (const rows of [2, 0, 3]) {
    const data = Float32Array.from({ length: 2 * rows }, (_, i) => i + 1);
    const view = viewOf({ y: { type: "float32", dims: [1, rows, 2], data } });
    const tensor = outputs.show(view).get("y");
    assertEquals([tensor.dims, [...tensor.data]], [[1, rows, 2], [...data]]);
    assertEquals(tensor.data.buffer, values.buffer);
  }
  for (const dims of [[1, 4, 2], [1, 2, 3], [2, 1, 2]]) {
    const data = new Float32Array(dims.reduce((a, b) => a * b));
    const view = viewOf({ y: { type: "float32", dims, data } });
    const error = assertThrows(
      () => outputs.show(view).get("y"),
      FoveaError,
      "there is room for 6",
    );
    assertEquals(error.code, "OUTPUT_SHAPE");
  }
});
