import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { SharedArena } from "../native/arena.ts";
import { FoveaError } from "./errors.ts";
import type { Frame } from "./frame.ts";
import type { FrameDraft, FrameFacts, PictureShape } from "./frame_draft.ts";
import { FramePool } from "./frame_pool.ts";
import { planeSizes } from "./pixel_format.ts";

const FACTS: FrameFacts = { seq: 7, epoch: 1, capturedMs: 12.5, ptsMs: 40, decodeMs: 1.5 };

function shapeOf(width: number, height: number, padding = 0): PictureShape {
  return {
    format: "i420",
    width,
    height,
    colorRange: "limited",
    colorMatrix: "bt601",
    stridesBytes: planeSizes("i420", width, height).map(({ rowBytes }) => rowBytes + padding),
  };
}

function lease(pool: FramePool, shape: PictureShape): FrameDraft {
  const draft = pool.tryLease(shape);
  assert(draft !== null);
  return draft;
}

Deno.test("FramePool hands out every place once, then null, and again after a dispose", () => {
  const pool = new FramePool(new SharedArena(), { frames: 2 });
  const shape = shapeOf(4, 4);
  const first = lease(pool, shape).publish(FACTS);
  const second = lease(pool, shape).publish(FACTS);
  assertEquals(pool.tryLease(shape), null);
  assert(first.picture.planes[0]!.byteOffset !== second.picture.planes[0]!.byteOffset);
  first[Symbol.dispose]();
  assertEquals(pool.available, 1);
  lease(pool, shape)[Symbol.dispose]();
  second[Symbol.dispose]();
  assertEquals(pool.available, 2);
});

Deno.test("FramePool reserves memory when it is first needed and keeps it", () => {
  const arena = new SharedArena();
  const pool = new FramePool(arena, { frames: 3 });
  assertEquals(arena.usedBytes, 0);
  const shape = shapeOf(64, 64);
  for (let i = 0; i < 10; i++) lease(pool, shape)[Symbol.dispose]();
  const used = arena.usedBytes;
  assertEquals(used, 64 * 64 + 2 * 32 * 32);
  for (let i = 0; i < 10; i++) lease(pool, shape).publish(FACTS)[Symbol.dispose]();
  assertEquals(arena.usedBytes, used);
});

Deno.test("FramePool reuses the picture object while the shape is the same", () => {
  const pool = new FramePool(new SharedArena(), { frames: 1 });
  const shape = shapeOf(8, 8);
  const first = lease(pool, shape);
  const { picture } = first;
  first[Symbol.dispose]();
  assertStrictEquals(lease(pool, shape).picture, picture);
});

Deno.test("FramePool grows a place for a bigger picture and never shrinks it", () => {
  const arena = new SharedArena();
  const pool = new FramePool(arena, { frames: 1 });
  lease(pool, shapeOf(8, 8))[Symbol.dispose]();
  const small = arena.usedBytes;
  lease(pool, shapeOf(128, 128))[Symbol.dispose]();
  const big = arena.usedBytes;
  assert(big > small);
  lease(pool, shapeOf(8, 8))[Symbol.dispose]();
  assertEquals(arena.usedBytes, big);
});

Deno.test("FramePool keeps planes apart, aligned and inside its memory, whatever the shape", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 90 }), fc.nat(70)),
        {
          minLength: 1,
          maxLength: 6,
        },
      ),
      (shapes) => {
        const arena = new SharedArena({ bytesMax: 8 * 1024 * 1024 });
        const pool = new FramePool(arena, { frames: shapes.length });
        const spans: [number, number][] = [];
        for (const [width, height, padding] of shapes) {
          const { planes } = lease(pool, shapeOf(width, height, padding)).picture;
          for (const [index, { rows }] of planeSizes("i420", width, height).entries()) {
            const { byteOffset, strideBytes } = planes[index]!;
            assertEquals(byteOffset % 64, 0);
            spans.push([byteOffset, byteOffset + strideBytes * rows]);
          }
        }
        spans.sort((a, b) => a[0] - b[0]);
        for (let i = 1; i < spans.length; i++) assert(spans[i]![0] >= spans[i - 1]![1]);
        assert(spans.at(-1)![1] <= arena.buffer.byteLength);
      },
    ),
    { seed: 1 },
  );
});

Deno.test("a frame keeps its place until the last of its leases ends", () => {
  const pool = new FramePool(new SharedArena(), { frames: 1 });
  const frame = lease(pool, shapeOf(4, 4)).publish(FACTS);
  const kept = frame.retain();
  frame[Symbol.dispose]();
  frame[Symbol.dispose]();
  assertEquals([frame.disposed, kept.disposed, pool.available], [true, false, 0]);
  assertEquals([kept.seq, kept.epoch, kept.capturedMs, kept.ptsMs, kept.decodeMs], [
    7,
    1,
    12.5,
    40,
    1.5,
  ]);
  kept[Symbol.dispose]();
  assertEquals(pool.available, 1);
});

Deno.test("a frame refuses everything after its lease ended", () => {
  const pool = new FramePool(new SharedArena(), { frames: 1 });
  const frame = lease(pool, shapeOf(4, 4)).publish(FACTS);
  frame[Symbol.dispose]();
  const uses: ((frame: Frame) => unknown)[] = [
    (f) => f.picture,
    (f) => f.retain(),
    (f) => f.planeBytes(0),
  ];
  for (const use of uses) {
    assertEquals(assertThrows(() => use(frame), FoveaError).code, "DISPOSED");
  }
});

Deno.test("a draft can be published once, and not after it was given back", () => {
  const pool = new FramePool(new SharedArena(), { frames: 1 });
  const draft = lease(pool, shapeOf(4, 4));
  const frame = draft.publish(FACTS);
  draft[Symbol.dispose]();
  assertEquals(pool.available, 0);
  assertEquals(assertThrows(() => draft.publish(FACTS), FoveaError).code, "DISPOSED");
  frame[Symbol.dispose]();
});

Deno.test("planeBytes() copies one plane with its padding", () => {
  const arena = new SharedArena();
  const pool = new FramePool(arena, { frames: 1 });
  using frame = lease(pool, shapeOf(3, 3, 2)).publish(FACTS);
  const { byteOffset, strideBytes } = frame.picture.planes[1]!;
  new Uint8Array(arena.buffer).set([1, 2, 3, 4, 5, 6, 7, 8], byteOffset);
  const bytes = frame.planeBytes(1);
  assertEquals([strideBytes, [...bytes]], [4, [1, 2, 3, 4, 5, 6, 7, 8]]);
  bytes.fill(0);
  assertEquals(frame.planeBytes(1)[0], 1);
  assertThrows(() => frame.planeBytes(3), RangeError, "i420 has 3");
});

Deno.test("waitForSlot() resolves when a place is free, on abort and on close", async () => {
  const pool = new FramePool(new SharedArena(), { frames: 1 });
  const frame = lease(pool, shapeOf(4, 4)).publish(FACTS);
  const log: string[] = [];
  const abort = new AbortController();
  const free = pool.waitForSlot().then(() => log.push("free"));
  const aborted = pool.waitForSlot(abort.signal).then(() => log.push("aborted"));
  abort.abort();
  await aborted;
  assertEquals(log, ["aborted"]);
  frame[Symbol.dispose]();
  await free;
  assertEquals(log, ["aborted", "free"]);
  await pool.waitForSlot();
  lease(pool, shapeOf(4, 4));
  const closed = pool.waitForSlot();
  pool[Symbol.dispose]();
  await closed;
});

Deno.test("a closed pool gives memory back at the last dispose and lends nothing more", () => {
  const arena = new SharedArena();
  const pool = new FramePool(arena, { frames: 2 });
  const shape = shapeOf(16, 16);
  const out = lease(pool, shape).publish(FACTS);
  lease(pool, shape)[Symbol.dispose]();
  pool[Symbol.dispose]();
  pool[Symbol.dispose]();
  assert(arena.usedBytes > 0);
  assertEquals(out.planeBytes(0).length, 256);
  assertEquals(assertThrows(() => pool.tryLease(shape), FoveaError).code, "DISPOSED");
  out[Symbol.dispose]();
  assertEquals(arena.usedBytes, 0);
});

Deno.test("FramePool refuses pictures beyond its limit or its arena and keeps working", () => {
  const pool = new FramePool(new SharedArena(), { frames: 1, pictureBytesMax: 1000 });
  assertEquals(assertThrows(() => pool.tryLease(shapeOf(100, 100)), FoveaError).code, "LIMIT");
  const tight = new FramePool(new SharedArena({ bytesMax: 128 * 1024 }), { frames: 2 });
  assertEquals(assertThrows(() => tight.tryLease(shapeOf(1000, 1000)), FoveaError).code, "LIMIT");
  assertEquals([pool.available, tight.available], [1, 2]);
  lease(pool, shapeOf(4, 4))[Symbol.dispose]();
});

Deno.test("FramePool takes 1×1 and 8K pictures", () => {
  const arena = new SharedArena();
  const pool = new FramePool(arena, { frames: 1 });
  lease(pool, shapeOf(1, 1))[Symbol.dispose]();
  lease(pool, shapeOf(7680, 4320))[Symbol.dispose]();
  assertEquals(arena.usedBytes, 7680 * 4320 * 1.5);
});

Deno.test("FramePool refuses nonsense", () => {
  const pool = new FramePool(new SharedArena(), { frames: 1 });
  assertThrows(() => pool.tryLease(shapeOf(0, 4)), RangeError, "at least 1");
  assertThrows(
    () => pool.tryLease({ ...shapeOf(4, 4), stridesBytes: [4, 1, 2] }),
    RangeError,
    "plane 1",
  );
  assertThrows(() => new FramePool(new SharedArena(), { frames: 0 }), RangeError);
  assertThrows(() => new FramePool(new SharedArena(), { frames: 65 }), RangeError);
});
