import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  floats,
  listCandidates,
  makeCandidates,
  makeParams,
  makeSpec,
  viewOf,
} from "../../tests/support/adapter_bench.ts";
import { ReferenceKernels } from "../native/reference_kernels.ts";
import { createAdapter } from "./adapter.ts";
import { logitOf, sigmoid } from "./logits.ts";

const KERNELS = new ReferenceKernels();

Deno.test("createAdapter() refuses a specification that lacks what its family needs", () => {
  const cases = [
    [makeSpec({ family: "yolo-v8", options: {} }), 'number "rows"'],
    [makeSpec({ family: "yolo-v5", options: { rows: 3 }, outputs: {} }), 'output "predictions"'],
    [makeSpec({ family: "yolox", options: { rows: 42, boxes: "cells" } }), 'option "boxes"'],
    [makeSpec({ family: "yolox", options: { rows: 42, boxes: "grid" } }), 'list "strides"'],
    [
      makeSpec({ family: "yolox", options: { rows: 42, boxes: "grid", strides: [8] } }),
      "strides give 32 rows, not 42",
    ],
    [
      makeSpec({
        family: "nanodet",
        options: { rows: 42, strides: [8, 16], regMax: 7, centreOffset: 0 },
      }),
      "strides give 40 rows, not 42",
    ],
    [makeSpec({ family: "detr", options: { rows: 3, format: "pair" } }), 'option "activation"'],
  ] as const;
  for (const [spec, words] of cases) assertThrows(() => createAdapter(spec), TypeError, words);
});

Deno.test("YoloEnd2endAdapter keeps the row order and leaves padding and odd classes out", () => {
  const adapter = createAdapter(makeSpec({ family: "yolo-end2end", options: { rows: 6 } }));
  const rows = [
    [1, 2, 3, 4, 0.9, 2],
    [5, 6, 7, 8, 0.8, 90],
    [0, 0, 1, 1, 0.7, -1],
    [0, 0, Infinity, 1, 0.6, 0],
    [0, 0, 1, 1, 0.1, 0],
    [0, 0, 0, 0, 0, -1],
  ];
  const out = makeCandidates(6);
  adapter.decodeInto(viewOf({ p: floats([1, 6, 6], rows.flat()) }), KERNELS, makeParams(), out);
  assertEquals(listCandidates(out), [
    [Math.fround(0.9), 2, 0, 1, 2, 3, 4],
    [Math.fround(0.8), 90, 1, 5, 6, 7, 8],
  ]);
  assertEquals(out.nonFinite, 2, "a class of -1 and an infinite corner");
});

Deno.test("YoloEnd2endAdapter takes as many rows as come, none included", () => {
  const options = { rows: 100, openRows: true };
  const adapter = createAdapter(makeSpec({ family: "yolo-end2end", options }));
  const out = makeCandidates(100);
  for (const rows of [2, 0, 5]) {
    const data = Array.from({ length: rows }, () => [1, 2, 3, 4, 0.9, 1]).flat();
    adapter.decodeInto(viewOf({ p: floats([1, rows, 6], data) }), KERNELS, makeParams(), out);
    assertEquals([out.count, out.nonFinite], [rows, 0]);
  }
});

Deno.test("DetrAdapter scales picked boxes that are shares of the input", () => {
  const spec = makeSpec({
    family: "detr",
    outputs: { labels: "l", boxes: "b", scores: "s" },
    options: { rows: 1, format: "picked", activation: "none", channels: 1, boxes: "relative" },
  });
  const out = makeCandidates(1);
  const outputs = {
    l: floats([1, 1], [1]),
    b: floats([1, 1, 4], [0.25, 0.5, 0.75, 1]),
    s: floats([1, 1], [0.5]),
  };
  createAdapter(spec).decodeInto(viewOf(outputs), KERNELS, makeParams(), out);
  const { width, height } = spec.input;
  assertEquals([...out.xyxyNet.subarray(0, 4)], [width / 4, height / 2, 0.75 * width, height]);
});

Deno.test("NanodetAdapter survives logits that would overflow", () => {
  const options = { rows: 2, strides: [32], regMax: 7, centreOffset: 0 };
  const adapter = createAdapter(makeSpec({ family: "nanodet", options, classes: 1 }));
  const side = (bin: number) => Array.from({ length: 8 }, (_, i) => i === bin ? 1e30 : -1e30);
  const row = [0.9, ...side(0), ...side(0), ...side(1), ...side(1)];
  const out = makeCandidates(2);
  const view = viewOf({ p: floats([1, 2, 33], [...row, ...row]) });
  adapter.decodeInto(view, KERNELS, makeParams(), out);
  assertEquals([...out.xyxyNet.subarray(0, 8)], [0, 0, 32, 32, 32, 0, 64, 32]);
});

Deno.test("DetrAdapter's softmax never reports no object", () => {
  const options = { rows: 2, format: "pair", activation: "softmax", channels: 3 };
  const outputs = { logits: "l", boxes: "b" };
  const adapter = createAdapter(makeSpec({ family: "detr", options, outputs, classes: 2 }));
  const view = viewOf({
    l: floats([1, 2, 3], [0, 1, 9, 1000, 999, 0]),
    b: floats([1, 2, 4], [0.5, 0.5, 1, 1, 0.5, 0.5, 0.5, 0.5]),
  });
  const out = makeCandidates(2);
  adapter.decodeInto(view, KERNELS, makeParams(), out);
  const [score, ...rest] = listCandidates(out)[0]!;
  assertEquals([out.count, ...rest], [1, 0, 1, 16, 8, 48, 24]);
  assertAlmostEquals(score!, 1 / (1 + Math.exp(-1)), 1e-6);
});

Deno.test("logitOf() undoes sigmoid() and stays finite at both ends", () => {
  for (const p of [0.001, 0.25, 0.5, 0.999]) assertAlmostEquals(sigmoid(logitOf(p)), p, 1e-12);
  assertEquals([logitOf(0), logitOf(1)], [-3e38, 3e38]);
  assertEquals([sigmoid(-1e9), sigmoid(1e9)], [0, 1]);
});

Deno.test("a confidence of 0 reports every row of a model of logits", () => {
  const options = { rows: 2, layout: "rows", scores: "logit" };
  const adapter = createAdapter(makeSpec({ family: "yolo-v8", options, classes: 1 }));
  const out = makeCandidates(2);
  const view = viewOf({ p: floats([1, 2, 5], [1, 1, 1, 1, -90, 2, 2, 2, 2, 0]) });
  adapter.decodeInto(view, KERNELS, makeParams({ confidence: 0 }), out);
  assertEquals([out.count, out.score[1]], [2, 0.5]);
});
