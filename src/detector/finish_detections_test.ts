import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { makeCandidates, makeParams, makeSpec } from "../../tests/support/adapter_bench.ts";
import type { Candidates } from "../core/kernels.ts";
import { ReferenceKernels } from "../native/reference_kernels.ts";
import { fitLetterbox } from "../preprocess/letterbox.ts";
import { finishDetections } from "./finish_detections.ts";

const CENTRED = { mode: "letterbox", anchor: "center", padValue: 114 } as const;
const NMS = makeSpec({ family: "yolo-v8", options: {} });
const NO_NMS = makeSpec({ family: "detr", options: {} });
/** A picture of 128×64 pixels halves on its way in. */
const HALF = fitLetterbox(128, 64, 64, 32, CENTRED);

/** Rows of `[x1, y1, x2, y2, score, class]`. */
function candidatesOf(rows: readonly (readonly number[])[]): Candidates {
  const out = makeCandidates(Math.max(1, rows.length));
  rows.forEach((row, i) => {
    out.xyxyNet.set(row.slice(0, 4), 4 * i);
    out.score[i] = row[4]!;
    out.classIndex[i] = row[5]!;
    out.anchorIndex[i] = 100 + i;
  });
  out.count = rows.length;
  return out;
}

function finish(
  rows: readonly (readonly number[])[],
  choice: Parameters<typeof makeParams>[0] = {},
  spec = NO_NMS,
  letterbox = HALF,
) {
  const keep = new Int32Array(Math.max(1, rows.length));
  return finishDetections(
    candidatesOf(rows),
    new ReferenceKernels(),
    makeParams(choice),
    spec,
    letterbox,
    keep,
  );
}

Deno.test("finishDetections() maps boxes to source pixels, best score first", () => {
  const found = finish([[1, 2, 3, 4, 0.5, 1], [10, 10, 20, 20, 0.9, 0]]);
  assertEquals(found, {
    count: 2,
    xyxyPx: new Float32Array([20, 20, 40, 40, 2, 4, 6, 8]),
    score: new Float32Array([0.9, 0.5]),
    classIndex: new Int32Array([0, 1]),
    anchorIndex: new Int32Array([101, 100]),
  });
});

Deno.test("finishDetections() takes the padding off before scaling", () => {
  const tall = fitLetterbox(32, 64, 64, 32, CENTRED);
  assertEquals([tall.padX, tall.padY], [24, 0]);
  assertEquals([...finish([[24, 0, 40, 32, 0.9, 0]], {}, NO_NMS, tall).xyxyPx], [0, 0, 32, 64]);
});

Deno.test("finishDetections() clips boxes to the picture and drops those left empty", () => {
  const found = finish([
    [-5, -5, 10, 10, 0.9, 0],
    [60, 30, 90, 50, 0.8, 1],
    [70, 5, 80, 10, 0.7, 2],
    [5, 5, 5, 9, 0.6, 0],
    [9, 9, 3, 3, 0.5, 0],
  ]);
  assertEquals([...found.xyxyPx], [0, 0, 20, 20, 120, 60, 128, 64]);
  assertEquals([...found.anchorIndex], [100, 101]);
});

Deno.test("finishDetections() moves what follows an empty box up, whole", () => {
  const found = finish([
    [70, 5, 80, 10, 0.9, 2],
    [5, 5, 5, 9, 0.8, 0],
    [1, 2, 3, 4, 0.7, 1],
    [5, 9, 8, 9, 0.6, 0],
    [5, 6, 7, 8, 0.5, 3],
  ]);
  assertEquals(found, {
    count: 2,
    xyxyPx: new Float32Array([2, 4, 6, 8, 10, 12, 14, 16]),
    score: new Float32Array([0.7, 0.5]),
    classIndex: new Int32Array([1, 3]),
    anchorIndex: new Int32Array([102, 104]),
  });
});

Deno.test("finishDetections() keeps no more than there is room for", () => {
  const rows = [1, 2, 3, 4].map((i) => [10 * i, 0, 10 * i + 5, 9, i / 8, 0]);
  for (const spec of [NMS, NO_NMS]) {
    const keep = new Int32Array(2);
    const kernels = new ReferenceKernels();
    const params = makeParams({ maxDetections: 4 });
    const found = finishDetections(candidatesOf(rows), kernels, params, spec, HALF, keep);
    assertEquals([...found.anchorIndex], [103, 102]);
  }
});

Deno.test("finishDetections() suppresses only where the family needs it", () => {
  const twins = [[0, 0, 10, 10, 0.9, 0], [0, 0, 10, 9.5, 0.8, 0], [0, 0, 10, 10, 0.7, 1]];
  assertEquals(finish(twins).count, 3);
  assertEquals([...finish(twins, {}, NMS).anchorIndex], [100, 102]);
  assertEquals([...finish(twins, { agnosticNms: true }, NMS).anchorIndex], [100]);
});

Deno.test("finishDetections() drops unwanted classes before it counts and suppresses", () => {
  const rows = [[0, 0, 10, 10, 0.9, 0], [0, 0, 10, 10, 0.8, 1], [20, 0, 30, 10, 0.7, 2]];
  const choice = { classFilter: [1, 2], agnosticNms: true, maxDetections: 2 };
  assertEquals([...finish(rows, choice, NMS).anchorIndex], [101, 102]);
  assertEquals([...finish(rows, { ...choice, maxDetections: 1 }).anchorIndex], [101]);
  assertEquals(finish(rows, { classFilter: [] }).count, 0);
});

Deno.test("finishDetections() gives nothing for nothing", () => {
  const found = finish([]);
  assertEquals([found.count, found.xyxyPx.length, found.score.length], [0, 0, 0]);
});

Deno.test("finishDetections() sorts like a stable sort and keeps the best", () => {
  const score = fc.integer({ min: 1, max: 8 }).map((eighths) => eighths / 8);
  fc.assert(
    fc.property(
      fc.array(score, { maxLength: 40 }),
      fc.integer({ min: 1, max: 50 }),
      (scores, max) => {
        const found = finish(scores.map((s) => [0, 0, 8, 8, s, 0]), { maxDetections: max });
        const expected = scores.map((s, i) => [s, 100 + i] as const)
          .sort(([a], [b]) => b - a)
          .slice(0, max);
        assertEquals([...found.anchorIndex], expected.map(([, anchor]) => anchor));
        assertEquals([...found.score], expected.map(([s]) => s));
      },
    ),
    { seed: 1 },
  );
});

Deno.test("finishDetections() gives columns that share no memory with the candidates", () => {
  const out = candidatesOf([[1, 1, 5, 5, 0.9, 0]]);
  const keep = new Int32Array(1);
  const kernels = new ReferenceKernels();
  const found = finishDetections(out, kernels, makeParams(), NO_NMS, HALF, keep);
  out.xyxyNet.fill(7);
  out.score.fill(7);
  keep.fill(7);
  assertEquals([...found.xyxyPx, found.score[0]], [2, 2, 10, 10, Math.fround(0.9)]);
  assert(found.xyxyPx.buffer !== out.xyxyNet.buffer);
});
