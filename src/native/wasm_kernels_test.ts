import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { candidatesBytes, candidatesView } from "../core/candidates.ts";
import { FoveaError } from "../core/errors.ts";
import type { Picture } from "../core/frame.ts";
import type { InputSpec, Letterbox } from "../core/input_spec.ts";
import type { KernelsRequest } from "../../tests/support/kernels_worker.ts";
import { SharedArena } from "./arena.ts";
import { canRunWasmKernels, createKernels } from "./create_kernels.ts";
import { instantiateKernels, kernelScratchBytes, type WasmKernels } from "./wasm_kernels.ts";

const SIZES = { sourceWidth: 64, netWidth: 32, candidates: 100 };

/** A 2 × 2 gray picture that is copied into a 2 × 2 network. */
const INPUT: InputSpec = {
  name: "images",
  type: "float32",
  layout: "nchw",
  width: 2,
  height: 2,
  channels: "rgb",
  scale: [1, 1, 1],
  bias: [0, 0, 0],
  letterbox: { mode: "stretch", anchor: "center", padValue: 0 },
};
const SAME_SIZE: Letterbox = {
  sourceWidth: 2,
  sourceHeight: 2,
  netWidth: 2,
  netHeight: 2,
  contentWidth: 2,
  contentHeight: 2,
  padX: 0,
  padY: 0,
  scaleX: 1,
  scaleY: 1,
};

async function makeKernels(arena: SharedArena): Promise<WasmKernels> {
  const bytes = kernelScratchBytes(SIZES);
  return await instantiateKernels(arena.memory, arena.allocate(bytes), bytes);
}

function placeGray(arena: SharedArena): Picture {
  const byteOffset = arena.allocate(4);
  new Uint8Array(arena.buffer).set([1, 2, 3, 4], byteOffset);
  return {
    format: "gray8",
    width: 2,
    height: 2,
    colorRange: "full",
    colorMatrix: "bt601",
    planes: [{ byteOffset, strideBytes: 2 }],
  };
}

Deno.test("WasmKernels refuse views outside their memory", async () => {
  const arena = new SharedArena();
  const kernels = await makeKernels(arena);
  const picture = placeGray(arena);
  const outAt = arena.allocate(48);
  const rowsAt = arena.allocate(candidatesBytes(4));
  const out = new Float32Array(arena.buffer, outAt, 12);
  const rows = candidatesView(arena.buffer, rowsAt, 4);
  const strange = candidatesView(new SharedArrayBuffer(1_000_000), 65_536, 4);
  const shape = { rows: 2, rowLength: 2, classOffset: 0, classCount: 2, objectnessOffset: -1 };
  const options = { iouThreshold: 0.5, agnostic: false, maxDetections: 0 };
  const calls: (() => unknown)[] = [
    () => kernels.letterboxInto(picture, arena.buffer, SAME_SIZE, INPUT, new Float32Array(12)),
    () => kernels.letterboxInto(picture, arena.buffer.slice(0), SAME_SIZE, INPUT, out),
    () => kernels.compactRows(new Float32Array(4), shape, 0.5, rows),
    () => kernels.compactRows(out, shape, 0.5, strange),
    () => kernels.compactColumns(new Float32Array(4), 0, 2, 2, 0.5, rows),
    () => kernels.compactColumns(out, 0, 2, 2, 0.5, strange),
    () => kernels.nms(strange, options, new Int32Array(arena.buffer, outAt, 4)),
    () => kernels.nms(rows, options, new Int32Array(4)),
  ];
  for (const call of calls) {
    assertThrows(call, TypeError, "does not lie in the kernels'", `${call}`);
  }
});

Deno.test("WasmKernels take views that were made before the memory grew", async () => {
  const arena = new SharedArena();
  const picture = placeGray(arena);
  const outAt = arena.allocate(48);
  const oldBuffer = arena.buffer;
  const out = new Float32Array(oldBuffer, outAt, 12);
  const kernels = await makeKernels(arena);
  arena.allocate(1_000_000);
  assert(arena.buffer !== oldBuffer);
  kernels.letterboxInto(picture, oldBuffer, SAME_SIZE, INPUT, out);
  assertEquals([...out], [1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4]);
});

Deno.test("WasmKernels tell when work is larger than their scratch memory", async () => {
  const arena = new SharedArena();
  const kernels = await makeKernels(arena);
  const width = 9_000;
  const picture = { ...placeGray(arena), width, planes: [{ byteOffset: 0, strideBytes: width }] };
  const outAt = arena.allocate(48);
  const out = new Float32Array(arena.buffer, outAt, 12);
  const wide = { ...SAME_SIZE, sourceWidth: width };
  const tooWide = assertThrows(
    () => kernels.letterboxInto(picture, arena.buffer, wide, INPUT, out),
    FoveaError,
    "Cannot letterbox 9000 into 2 pixels",
  );
  assertEquals(tooWide.code, "LIMIT");
  const rowsAt = arena.allocate(candidatesBytes(5000));
  const keepAt = arena.allocate(4 * 5000);
  const rows = candidatesView(arena.buffer, rowsAt, 5000);
  rows.count = 5000;
  const options = { iouThreshold: 0.5, agnostic: false, maxDetections: 5000 };
  const tooMany = assertThrows(
    () => kernels.nms(rows, options, new Int32Array(arena.buffer, keepAt, 5000)),
    FoveaError,
    "Cannot suppress 5000 candidates",
  );
  assertEquals(tooMany.code, "LIMIT");
});

Deno.test("WasmKernels never write outside their scratch memory and their outputs", async () => {
  const arena = new SharedArena();
  const before = arena.allocate(4096);
  const bytes = kernelScratchBytes({ sourceWidth: 2, netWidth: 2, candidates: 700 });
  const scratch = arena.allocate(bytes);
  const after = arena.allocate(4096);
  const picture = placeGray(arena);
  const outAt = arena.allocate(48);
  const rowsAt = arena.allocate(candidatesBytes(700));
  const keepAt = arena.allocate(4 * 700);
  const guarded = [[before, 4096], [scratch + bytes, after - scratch - bytes], [
    after,
    4096,
  ]] as const;
  const guards = guarded.map(([at, size]) => new Uint8Array(arena.buffer, at, size).fill(0xa5));
  const kernels = await instantiateKernels(arena.memory, scratch, bytes);
  const out = new Float32Array(arena.buffer, outAt, 12);
  kernels.letterboxInto(picture, arena.buffer, SAME_SIZE, INPUT, out);
  const rows = candidatesView(arena.buffer, rowsAt, 700);
  rows.count = 700;
  const keep = new Int32Array(arena.buffer, keepAt, 700);
  for (const classes of [1, 2, 700, 100_000]) {
    for (let i = 0; i < 700; i++) {
      rows.xyxyNet.set([9 * i, 9 * (i % 7), 9 * i + 5, 9 * (i % 7) + 5], 4 * i);
      rows.classIndex[i] = (i * 37) % classes;
    }
    const options = { iouThreshold: 0.5, agnostic: false, maxDetections: 700 };
    assertEquals(kernels.nms(rows, options, keep), 700);
  }
  for (const guard of guards) assertEquals(guard.every((byte) => byte === 0xa5), true);
});

Deno.test("instantiateKernels() refuses scratch memory outside the memory", async () => {
  const { memory } = new SharedArena();
  const bytes = kernelScratchBytes(SIZES);
  const bad = [[0, bytes], [65_540, bytes], [65_536, bytes], [65_536, 8], [NaN, bytes], [
    -64,
    bytes,
  ]];
  for (const [offset, size] of bad) {
    await assertRejects(() => instantiateKernels(memory, offset!, size!), RangeError, "as scratch");
  }
});

Deno.test("kernelScratchBytes() grows with each size and refuses what is none", () => {
  const bytes = kernelScratchBytes(SIZES);
  assert(kernelScratchBytes({ ...SIZES, sourceWidth: 7680 }) > bytes);
  assert(kernelScratchBytes({ ...SIZES, netWidth: 1280 }) > bytes);
  assert(kernelScratchBytes({ ...SIZES, candidates: 30_000 }) > bytes);
  assertThrows(() => kernelScratchBytes({ ...SIZES, netWidth: -1 }), RangeError);
  assertThrows(() => kernelScratchBytes({ ...SIZES, candidates: 0.5 }), RangeError);
});

Deno.test("createKernels() makes what is asked for and says what it is", async () => {
  const arena = new SharedArena();
  const bytes = kernelScratchBytes(SIZES);
  const offset = arena.allocate(bytes);
  assertEquals(canRunWasmKernels(), true);
  const backends = ["wasm", "typescript"] as const;
  assertEquals((await createKernels(arena.memory, offset, bytes)).backend, "wasm");
  for (const backend of backends) {
    const kernels = await createKernels(arena.memory, offset, bytes, backend);
    assertEquals(kernels.backend, backend);
  }
});

Deno.test("WasmKernels work in a worker, on the memory of another isolate", async () => {
  const arena = new SharedArena();
  const picture = placeGray(arena);
  const outOffset = arena.allocate(48);
  const scratchBytes = kernelScratchBytes(SIZES);
  const scratchOffset = arena.allocate(scratchBytes);
  const worker = new Worker(
    new URL("../../tests/support/kernels_worker.ts", import.meta.url),
    { type: "module" },
  );
  const request: KernelsRequest = {
    memory: arena.memory,
    scratchOffset,
    scratchBytes,
    picture,
    letterbox: SAME_SIZE,
    input: INPUT,
    outOffset,
  };
  try {
    await new Promise((resolve, reject) => {
      worker.onmessage = resolve;
      worker.onerror = reject;
      worker.postMessage(request);
    });
    const out = new Float32Array(arena.buffer, outOffset, 12);
    assertEquals([...out], [1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4]);
  } finally {
    worker.terminate();
  }
});
