import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { viewOf } from "../../tests/support/adapter_bench.ts";
import { FoveaError } from "../core/errors.ts";
import type { Tensor } from "../core/tensor.ts";
import { FloatOutput } from "./float_output.ts";

Deno.test("FloatOutput hands float32 out as it is", () => {
  const data = new Float32Array([1, 2]);
  const output = new FloatOutput("y", [1, 2]);
  assertStrictEquals(output.read(viewOf({ y: { type: "float32", dims: [1, 2], data } })), data);
});

Deno.test("FloatOutput converts other types into one buffer that it keeps", () => {
  const tensors: Tensor[] = [
    { type: "float16", dims: [2], data: new Float16Array([0.5, -2]) },
    { type: "float64", dims: [2], data: new Float64Array([0.5, -2]) },
    { type: "int64", dims: [2], data: new BigInt64Array([3n, -4n]) },
    { type: "int32", dims: [2], data: new Int32Array([3, -4]) },
    { type: "uint8", dims: [2], data: new Uint8Array([3, 255]) },
  ];
  const output = new FloatOutput("y", [2]);
  const buffers = tensors.map((y) => {
    const read = output.read(viewOf({ y }));
    assertEquals([...read], [...y.data].map(Number));
    return read;
  });
  assertEquals(new Set(buffers).size, 1);
});

Deno.test("FloatOutput refuses another shape or another number of elements", () => {
  const output = new FloatOutput("y", [1, 2]);
  const wrong: Tensor[] = [
    { type: "float32", dims: [2], data: new Float32Array(2) },
    { type: "float32", dims: [2, 1], data: new Float32Array(2) },
    { type: "float32", dims: [1, 3], data: new Float32Array(3) },
    { type: "float32", dims: [1, 2], data: new Float32Array(3) },
  ];
  for (const y of wrong) {
    const error = assertThrows(() => output.read(viewOf({ y })), FoveaError, "[1,2] is expected");
    assertEquals(error.code, "OUTPUT_SHAPE");
  }
});

Deno.test("FloatOutput takes any length where it was left open, and no other", () => {
  const output = new FloatOutput("y", [1, -1, 2]);
  for (const rows of [3, 0, 5]) {
    const data = Float16Array.from({ length: 2 * rows }, (_, i) => i);
    const read = output.read(viewOf({ y: { type: "float16", dims: [1, rows, 2], data } }));
    assertEquals([...read], [...data]);
  }
  const y: Tensor = { type: "float32", dims: [1, 2, 3], data: new Float32Array(6) };
  assertThrows(() => output.read(viewOf({ y })), FoveaError, "[1,-1,2] is expected");
});
