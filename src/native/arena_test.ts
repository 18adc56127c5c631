import { assertEquals, assertLessOrEqual, assertNotEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { FoveaError } from "../core/errors.ts";
import { aliasSharedBytes, canAliasSharedMemory } from "./alias.ts";
import { SharedArena } from "./arena.ts";

Deno.test("SharedArena never hands out overlapping or unaligned regions", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ bytes: fc.nat(200_000), freeOneFirst: fc.boolean() }), {
        maxLength: 60,
      }),
      (steps) => {
        const arena = new SharedArena();
        const live = new Map<number, number>();
        for (const { bytes, freeOneFirst } of steps) {
          const victim = live.keys().next().value;
          if (freeOneFirst && victim !== undefined) {
            arena.free(victim);
            live.delete(victim);
          }
          const offset = arena.allocate(bytes);
          assertEquals(offset % 64, 0);
          assertLessOrEqual(offset + bytes, arena.buffer.byteLength);
          for (const [other, size] of live) {
            assertEquals(offset + Math.max(bytes, 1) <= other || other + size <= offset, true);
          }
          live.set(offset, Math.max(bytes, 1));
        }
        for (const offset of live.keys()) arena.free(offset);
        assertEquals(arena.usedBytes, 0);
      },
    ),
    { seed: 1 },
  );
});

Deno.test("SharedArena reuses what was given back, so that memory stays flat", () => {
  const arena = new SharedArena();
  for (let round = 0; round < 1000; round++) {
    const a = arena.allocate(300_000);
    const b = arena.allocate(100_000);
    arena.free(a);
    arena.free(b);
  }
  assertLessOrEqual(arena.buffer.byteLength, 600_000);
});

Deno.test("SharedArena keeps bytes readable behind the last region", () => {
  const arena = new SharedArena();
  const offset = arena.allocate(1 << 20);
  assertLessOrEqual(offset + (1 << 20) + 128, arena.buffer.byteLength);
});

Deno.test("SharedArena keeps its stated maximum", () => {
  const arena = new SharedArena({ bytesMax: 1 << 20 });
  const error = assertThrows(() => arena.allocate(1 << 20), FoveaError);
  assertEquals(error.code, "LIMIT");
  assertEquals(arena.usedBytes, 0);
  assertThrows(() => arena.free(64), RangeError);
  assertThrows(() => new SharedArena({ bytesMax: 12 }), RangeError);
});

Deno.test("aliasSharedBytes() sees writes on both sides, also after the memory grew", async () => {
  if (!(await canAliasSharedMemory())) return;
  const arena = new SharedArena();
  const offset = arena.allocate(16);
  const alias = new Float32Array(aliasSharedBytes(arena.buffer, offset, 16));
  new Float32Array(arena.buffer, offset, 4)[1] = 5;
  arena.allocate(10_000_000);
  alias[2] = 7;
  assertEquals([...new Float32Array(arena.buffer, offset, 4)], [0, 5, 7, 0]);
  assertNotEquals(alias.buffer.constructor, SharedArrayBuffer);
  assertThrows(() => aliasSharedBytes(arena.buffer, arena.buffer.byteLength, 1), RangeError);
});
