import { assertEquals, assertThrows } from "@std/assert";
import { candidatesBytes, candidatesView } from "./candidates.ts";

Deno.test("candidatesView() lays columns side by side without overlap", () => {
  const capacity = 5;
  const buffer = new SharedArrayBuffer(64 + candidatesBytes(capacity));
  const rows = candidatesView(buffer, 64, capacity);
  rows.xyxyNet.fill(1);
  rows.score.fill(2);
  rows.classIndex.fill(3);
  rows.anchorIndex.fill(4);
  assertEquals([...rows.xyxyNet], Array(20).fill(1));
  assertEquals([...rows.score], Array(5).fill(2));
  assertEquals([...rows.classIndex], Array(5).fill(3));
  assertEquals([...rows.anchorIndex], Array(5).fill(4));
  assertEquals([...new Uint8Array(buffer, 0, 64)], Array(64).fill(0));
  assertEquals({ ...rows, xyxyNet: 0, score: 0, classIndex: 0, anchorIndex: 0 }, {
    count: 0,
    capacity,
    overflow: 0,
    nonFinite: 0,
    xyxyNet: 0,
    score: 0,
    classIndex: 0,
    anchorIndex: 0,
  });
});

Deno.test("candidatesView() refuses what does not fit", () => {
  const buffer = new SharedArrayBuffer(candidatesBytes(3));
  assertThrows(() => candidatesView(buffer, 0, 4), RangeError);
  assertThrows(() => candidatesView(buffer, 2, 1), RangeError);
  for (const capacity of [0, -1, 1.5, NaN]) {
    assertThrows(() => candidatesBytes(capacity), RangeError, "candidates");
  }
});
