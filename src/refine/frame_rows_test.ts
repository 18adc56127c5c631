import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import type { FrameTap } from "../core/tap.ts";
import { drawJob, PLAIN_HEAD } from "../../tests/support/training_jobs.ts";
import { collectRows, rowsOfFrame } from "./frame_rows.ts";
import { joinRows, pickRows } from "./training_rows.ts";

const { layout } = drawJob({ head: PLAIN_HEAD });
const SIDE = 20;
const letterbox = {
  sourceWidth: 160,
  sourceHeight: 160,
  netWidth: 160,
  netHeight: 160,
  contentWidth: 160,
  contentHeight: 160,
  padX: 0,
  padY: 0,
  scaleX: 1,
  scaleY: 1,
};

/** A tap of every cell of 8 pixels; each predicts a box of 16 around itself, and scores fall. */
function makeTap(seq = 0): FrameTap {
  const count = SIDE * SIDE;
  const rows = Array.from({ length: count }, (_, row) => row);
  const pointXy = Float32Array.from(
    rows.flatMap((row) => [8 * (row % SIDE) + 4, 8 * Math.floor(row / SIDE) + 4]),
  );
  return {
    seq,
    headVersion: 0,
    count,
    row: Int32Array.from(rows),
    reason: new Uint8Array(count),
    level: new Uint8Array(count),
    anchor: new Uint8Array(count),
    pointXy,
    stride: new Float32Array(count).fill(8),
    xyxyNet: Float32Array.from(
      rows.flatMap((row) => {
        const [x, y] = [pointXy[2 * row]!, pointXy[2 * row + 1]!];
        return [x - 8, y - 8, x + 8, y + 8];
      }),
    ),
    score: Float32Array.from(rows, (row) => 1 - row / count),
    classIndex: new Int32Array(count),
    channels: 9,
    features: Float32Array.from({ length: 9 * count }, (_, i) => Math.floor(i / 9)),
    logits: new Float32Array(5 * count),
    objectnessChannels: 0,
    objectnessFeatures: null,
    objectness: null,
    letterbox,
  };
}

/** The box of 16 pixels around the cell in column `x` and row `y`. */
function boxAt(x: number, y: number): number[] {
  return [8 * x - 4, 8 * y - 4, 8 * x + 12, 8 * y + 12];
}

/** Rows of the tap that were taken: their features say so. */
function takenRows({ count, channels, features }: ReturnType<typeof rowsOfFrame>): number[] {
  return Array.from({ length: count }, (_, i) => features[i * channels]!);
}

Deno.test("rowsOfFrame() takes positives, the hardest and chance rows, and nothing in the band", () => {
  const target = { xyxyNet: boxAt(10, 10), classIndex: 3, weight: 0.5 };
  const rows = rowsOfFrame(makeTap(), layout, [target], undefined, { hardest: 12, random: 5 });
  const taken = takenRows(rows);
  const positives = taken.filter((_, i) => rows.target[i] !== -1);
  assertEquals(rows.count, positives.length + 17);
  assertEquals(positives.includes(SIDE * 10 + 10), true);
  assertEquals(taken.slice(positives.length, positives.length + 12), [...Array(12).keys()]);
  // The cells beside it overlap the target by more than 0.2 with their point in it.
  assertEquals(taken.includes(SIDE * 10 + 11) && !positives.includes(SIDE * 10 + 11), false);
  assertEquals([...new Set(rows.target)].sort(), [-1, 3]);
  // All rows count as much as the frame's weightiest target.
  assertEquals([...new Set(rows.weight)], [0.5]);
});

Deno.test("rowsOfFrame() ignores targets at the border and boxes to be ignored", () => {
  const cut = { xyxyNet: boxAt(0, 4).map((v) => Math.max(v, 0)), classIndex: 1, weight: 1 };
  const tap = makeTap();
  const none = rowsOfFrame(tap, layout, [cut], undefined, { hardest: 400 });
  assertEquals([...none.target].every((target) => target === -1), true);
  assertEquals(takenRows(none).includes(SIDE * 4), false);
  const near = rowsOfFrame(tap, layout, [cut], undefined, { hardest: 400, borderPx: -10 });
  assertEquals([...near.target].includes(1), true);
  const ignored = rowsOfFrame(tap, layout, [], Float32Array.from(boxAt(5, 5)), { hardest: 400 });
  assertEquals(takenRows(ignored).includes(SIDE * 5 + 5), false);
  assertEquals(takenRows(ignored).includes(0), true);
});

Deno.test("rowsOfFrame() draws by seed and frame, and the same again", () => {
  const draw = (seq: number, seed: number) =>
    takenRows(rowsOfFrame(makeTap(seq), layout, [], undefined, { hardest: 0, random: 8, seed }));
  assertEquals(draw(1, 1), draw(1, 1));
  assertNotEquals(draw(1, 1), draw(2, 1));
  assertNotEquals(draw(1, 1), draw(1, 2));
  assertEquals(new Set(draw(3, 3)).size, 8);
});

Deno.test("rowsOfFrame() weighs targets and background as told", () => {
  const targets = [
    { xyxyNet: boxAt(6, 6), classIndex: 0, weight: 1 },
    { xyxyNet: boxAt(12, 12), classIndex: 1, weight: 0.25 },
  ];
  const rows = rowsOfFrame(makeTap(), layout, targets, undefined, { backgroundWeight: 0.5 });
  for (const [i, target] of rows.target.entries()) {
    assertEquals(rows.weight[i], [0.5, 1, 0.25][target + 1]);
  }
  assertEquals([...new Set(rowsOfFrame(makeTap(), layout, []).weight)], [1]);
});

Deno.test("rowsOfFrame() ranks background by the classes that learn", () => {
  const tap = makeTap();
  tap.logits.fill(-9);
  // Two rows that only class 2 takes for something, and one that class 4 does.
  tap.logits[5 * 300 + 2] = 1;
  tap.logits[5 * 200 + 2] = 2;
  tap.logits[5 * 100 + 4] = 3;
  const take = (classes: number[]) =>
    takenRows(rowsOfFrame(tap, layout, [], undefined, { hardest: 2, random: 0, classes }));
  assertEquals(take([2]), [200, 300]);
  assertEquals(take([2, 4]), [100, 200]);
  assertThrows(() => take([5]), RangeError, "class 5");
});

Deno.test("rowsOfFrame() leaves out rows in which the model said no number", () => {
  const tap = makeTap();
  tap.score.fill(NaN, 0, 390);
  assertEquals(rowsOfFrame(tap, layout, []).count, 10);
});

Deno.test("rowsOfFrame() refuses targets, options and heads that it cannot use", () => {
  const box = boxAt(5, 5);
  const wrong = [
    { xyxyNet: box, classIndex: 5, weight: 1 },
    { xyxyNet: box, classIndex: -1, weight: 1 },
    { xyxyNet: box, classIndex: 0, weight: 0 },
    { xyxyNet: box, classIndex: 0, weight: NaN },
    { xyxyNet: box.slice(1), classIndex: 0, weight: 1 },
    { xyxyNet: [40, 40, 30, 50], classIndex: 0, weight: 1 },
  ];
  for (const target of wrong) {
    assertThrows(() => rowsOfFrame(makeTap(), layout, [target]), RangeError, "Cannot");
  }
  for (const options of [{ hardest: -1 }, { random: 0.5 }, { backgroundWeight: -1 }]) {
    assertThrows(() => rowsOfFrame(makeTap(), layout, [], undefined, options), RangeError);
  }
  const tap = makeTap();
  tap.stride.fill(NaN);
  const target = { xyxyNet: box, classIndex: 0, weight: 1 };
  const error = assertThrows(() => rowsOfFrame(tap, layout, [target]), FoveaError);
  assertEquals(error.code, "HEAD_UNSUPPORTED");
});

Deno.test("collectRows() joins frames, and rows that do not fit are not joined", () => {
  const frames = [0, 1].map((seq) => ({ tap: makeTap(seq), targets: [] }));
  const rows = collectRows(frames, layout, { hardest: 3, random: 0 });
  assertEquals(takenRows(rows), [0, 1, 2, 0, 1, 2]);
  assertThrows(() => joinRows([]), RangeError);
  assertThrows(() => joinRows([rows, drawJob().rows]), RangeError);
  assertThrows(() => pickRows(rows, [6]), RangeError);
});
