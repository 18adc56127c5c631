import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { candidatesBytes, candidatesView } from "../../src/core/candidates.ts";
import { FoveaError } from "../../src/core/errors.ts";
import type { Picture } from "../../src/core/frame.ts";
import type { Letterbox } from "../../src/core/input_spec.ts";
import { PIXEL_FORMATS, planeSizes } from "../../src/core/pixel_format.ts";
import { fitLetterbox } from "../../src/preprocess/letterbox.ts";
import {
  CENTER,
  type KernelBench,
  makeInput,
  placeNoise,
  placeOutput,
  STRETCH,
} from "./kernel_bench.ts";

/** Cases with arguments that no kernel may accept, as named functions. */
export const ARGUMENT_CASES: readonly (readonly [string, (bench: KernelBench) => void])[] = [
  ["letterboxInto() refuses impossible pictures", refusesPictures],
  ["letterboxInto() reads a picture that ends with the memory", readsToTheEnd],
  ["letterboxInto() refuses the geometry of another picture or input", refusesGeometry],
  ["letterboxInto() refuses an output of the wrong type or length", refusesOutputs],
  ["letterboxInto() refuses scaling that is not finite", refusesScaling],
  ["letterboxInto() tells the limit that a huge picture exceeds", refusesHugePictures],
  ["compactRows() and compactColumns() refuse scores outside the data", refusesScores],
  ["nms() refuses options out of range and short lists", refusesNms],
];

function refusesPictures(bench: KernelBench): void {
  const good = placeNoise(bench, { format: "nv12", width: 6, height: 4 }, 1);
  const input = makeInput(8, 8, CENTER);
  const out = placeOutput(bench, input);
  const letterbox = fitLetterbox(6, 4, 8, 8, CENTER);
  const [luma, chroma] = good.planes as [Picture["planes"][0], Picture["planes"][0]];
  const size = bench.buffer.byteLength;
  const bad: Partial<Picture>[] = [
    { width: 0 },
    { width: -6 },
    { height: -4 },
    { height: 2.5 },
    { width: NaN },
    { planes: [luma] },
    { planes: [luma, chroma, chroma] },
    { planes: [{ ...luma, strideBytes: 5 }, chroma] },
    { planes: [{ ...luma, strideBytes: -6 }, chroma] },
    { planes: [luma, { ...chroma, strideBytes: 5 }] },
    { planes: [{ ...luma, byteOffset: -1 }, chroma] },
    { planes: [{ ...luma, byteOffset: size - 23 }, chroma] },
    { planes: [luma, { ...chroma, byteOffset: size - 11 }] },
    { planes: [{ ...luma, strideBytes: size }, chroma] },
    { planes: [{ ...luma, strideBytes: 2 ** 60 }, chroma] },
  ];
  for (const change of bad) {
    const picture = { ...good, ...change };
    assertThrows(
      () => bench.kernels.letterboxInto(picture, bench.buffer, letterbox, input, out),
      RangeError,
      "Cannot",
      JSON.stringify(change),
    );
  }
}

/** Nothing lies behind the last row, so reading too far would be an error. */
function readsToTheEnd(bench: KernelBench): void {
  for (const format of PIXEL_FORMATS) {
    for (const [width, height] of [[1, 1], [1, 4], [2, 3], [7, 6], [33, 4], [34, 30]] as const) {
      bench.reset();
      const early = placeNoise(bench, { format, width, height }, width);
      const input = makeInput(20, 20, STRETCH);
      const expected = placeOutput(bench, input);
      const actual = placeOutput(bench, input);
      const letterbox = fitLetterbox(width, height, 20, 20, STRETCH);
      bench.kernels.letterboxInto(early, bench.buffer, letterbox, input, expected);
      const bytes = new Uint8Array(bench.buffer);
      const sizes = planeSizes(format, width, height);
      const first = early.planes[0]!.byteOffset;
      const end = early.planes.at(-1)!.byteOffset + sizes.at(-1)!.rowBytes * sizes.at(-1)!.rows;
      const shift = bytes.length - end;
      const saved = bytes.slice(first + shift);
      bytes.copyWithin(first + shift, first, end);
      const planes = early.planes.map((p) => ({ ...p, byteOffset: p.byteOffset + shift }));
      bench.kernels.letterboxInto({ ...early, planes }, bench.buffer, letterbox, input, actual);
      bytes.set(saved, first + shift);
      assertEquals([...actual], [...expected], `${format} ${width}x${height}`);
    }
  }
}

function refusesGeometry(bench: KernelBench): void {
  const picture = placeNoise(bench, { format: "gray8", width: 6, height: 4 }, 1);
  const input = makeInput(8, 8, CENTER);
  const out = placeOutput(bench, input);
  const good = fitLetterbox(6, 4, 8, 8, CENTER);
  const bad: Partial<Letterbox>[] = [
    { sourceWidth: 5 },
    { sourceHeight: 5 },
    { netWidth: 9 },
    { netHeight: 7 },
    { contentWidth: 9 },
    { contentHeight: 0 },
    { contentHeight: 2 ** 40 },
    { padX: 1 },
    { padY: -1 },
    { padY: 0.5 },
  ];
  for (const change of bad) {
    assertThrows(
      () => {
        const letterbox = { ...good, ...change };
        bench.kernels.letterboxInto(picture, bench.buffer, letterbox, input, out);
      },
      RangeError,
      "Cannot",
      JSON.stringify(change),
    );
  }
}

function refusesOutputs(bench: KernelBench): void {
  const picture = placeNoise(bench, { format: "gray8", width: 4, height: 4 }, 1);
  const letterbox = fitLetterbox(4, 4, 4, 4, CENTER);
  const input = makeInput(4, 4, CENTER);
  const out = placeOutput(bench, input);
  const short = out.subarray(1);
  const bytes = new Uint8Array(bench.buffer, out.byteOffset, 48);
  const { kernels, buffer } = bench;
  assertThrows(() => kernels.letterboxInto(picture, buffer, letterbox, input, short), RangeError);
  assertThrows(() => kernels.letterboxInto(picture, buffer, letterbox, input, bytes), TypeError);
}

function refusesScaling(bench: KernelBench): void {
  const picture = placeNoise(bench, { format: "gray8", width: 4, height: 4 }, 1);
  const letterbox = fitLetterbox(4, 4, 4, 4, CENTER);
  const bad = [
    makeInput(4, 4, CENTER, { scale: [1, NaN, 1] }),
    makeInput(4, 4, CENTER, { bias: [0, 0, Infinity] }),
    makeInput(4, 4, { ...CENTER, padValue: NaN }),
  ];
  for (const input of bad) {
    const out = placeOutput(bench, input);
    assertThrows(
      () => bench.kernels.letterboxInto(picture, bench.buffer, letterbox, input, out),
      RangeError,
      "must be finite",
    );
  }
}

function refusesHugePictures(bench: KernelBench): void {
  const picture = placeNoise(bench, { format: "gray8", width: 1, height: 1 }, 1);
  const huge = { ...picture, width: 20_000 };
  const input = makeInput(4, 4, CENTER);
  const out = placeOutput(bench, input);
  const letterbox = fitLetterbox(20_000, 1, 4, 4, CENTER);
  const error = assertThrows(
    () => bench.kernels.letterboxInto(huge, bench.buffer, letterbox, input, out),
    FoveaError,
  );
  assertEquals(error.code, "LIMIT");
  assertStringIncludes(error.message, "20000 of at most 16384");
}

function refusesScores(bench: KernelBench): void {
  const { kernels } = bench;
  const offset = bench.allocate(4 * 60);
  const rowsAt = bench.allocate(candidatesBytes(10));
  const data = new Float32Array(bench.buffer, offset, 60);
  const out = candidatesView(bench.buffer, rowsAt, 10);
  const good = { rows: 10, rowLength: 6, classOffset: 5, classCount: 1, objectnessOffset: 4 };
  kernels.compactRows(data, good, 0.5, out);
  const bad = [
    { rows: 11 },
    { rows: -1 },
    { rows: 1.5 },
    { rowLength: 0 },
    { classOffset: 6 },
    { classOffset: -1 },
    { classCount: 0 },
    { classCount: 2 },
    { classCount: 2 ** 33 },
    { objectnessOffset: 6 },
    { objectnessOffset: -2 },
  ];
  for (const change of bad) {
    assertThrows(
      () => kernels.compactRows(data, { ...good, ...change }, 0.5, out),
      RangeError,
      "Cannot",
      JSON.stringify(change),
    );
  }
  assertThrows(() => kernels.compactRows(data, good, NaN, out), RangeError);
  kernels.compactColumns(data, 0, 20, 3, 0.5, out);
  for (
    const [at, anchors, classes] of [[1, 20, 3], [0, 21, 3], [-1, 5, 5], [0, 5, 0], [0, -4, 2]]
  ) {
    assertThrows(() => kernels.compactColumns(data, at!, anchors!, classes!, 0.5, out), RangeError);
  }
  assertThrows(() => kernels.compactColumns(data, 0, 20, 3, Infinity, out), RangeError);
}

function refusesNms(bench: KernelBench): void {
  const rowsAt = bench.allocate(candidatesBytes(10));
  const keepAt = bench.allocate(40);
  const candidates = candidatesView(bench.buffer, rowsAt, 10);
  const keep = new Int32Array(bench.buffer, keepAt, 10);
  const short = keep.subarray(0, 9);
  const good = { iouThreshold: 0.5, agnostic: false, maxDetections: 300 };
  candidates.count = 10;
  bench.kernels.nms(candidates, good, keep);
  bench.kernels.nms(candidates, { ...good, maxDetections: 9 }, short);
  assertThrows(() => bench.kernels.nms(candidates, good, short), RangeError, "room for 9");
  for (const iouThreshold of [-0.1, 1.1, NaN]) {
    assertThrows(() => bench.kernels.nms(candidates, { ...good, iouThreshold }, keep), RangeError);
  }
  for (const maxDetections of [-1, 1.5, NaN, Infinity]) {
    assertThrows(() => bench.kernels.nms(candidates, { ...good, maxDetections }, keep), RangeError);
  }
  candidates.count = 11;
  assertThrows(() => bench.kernels.nms(candidates, good, keep), RangeError, "capacity");
}
