import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import type { HeadLayout, HeadLevel } from "../core/head_layout.ts";
import { HeadWeights } from "../core/head_weights.ts";
import { applyHead, scoresOf, type TappedFeatures } from "./apply_head.ts";

const LEVEL: HeadLevel = {
  classLayer: 0,
  objectnessLayer: 1,
  features: "f",
  logits: "l",
  objectnessFeatures: "of",
  objectnessLogits: "ol",
  anchors: 1,
  anchorMajor: true,
  channelsLast: false,
};

const LAYOUT: HeadLayout = {
  layers: [
    { name: "cls", rows: 2, channels: 2, classRows: [0], objectnessRows: [] },
    { name: "obj", rows: 1, channels: 1, classRows: [], objectnessRows: [0] },
  ],
  levels: [LEVEL],
  classCount: 2,
  activation: "sigmoid",
  predictions: null,
};

const HEAD = new HeadWeights({
  model: "0".repeat(64),
  classNames: ["a", "b"],
  layers: LAYOUT.layers,
  values: [
    { weight: new Float32Array([1, 2, -1, 0]), bias: new Float32Array([0.5, 0]) },
    { weight: new Float32Array([3]), bias: new Float32Array([-1]) },
  ],
});

const TAP: TappedFeatures = {
  count: 2,
  level: new Uint8Array(2),
  anchor: new Uint8Array(2),
  channels: 3,
  features: new Float32Array([1, 1, 0, -2, 0.5, 0]),
  objectnessChannels: 1,
  objectnessFeatures: new Float32Array([1, 0]),
};

Deno.test("applyHead() multiplies features of every row, padded ones too", () => {
  const { classes, objectness } = applyHead(HEAD, LAYOUT, TAP);
  assertEquals([...classes], [3.5, -1, -0.5, 2]);
  assertEquals([...objectness!], [2, -1]);
});

Deno.test("applyHead() refuses what does not belong together", () => {
  const narrow = LAYOUT.layers.map((layer) => ({ ...layer, rows: layer.rows + 1 }));
  const cases: readonly [Partial<TappedFeatures>, Partial<HeadLayout>, string][] = [
    [{}, { layers: narrow }, "layers are not those"],
    [{}, { layers: LAYOUT.layers.slice(0, 1) }, "layers are not those"],
    [{ level: new Uint8Array([0, 1]) }, {}, "no anchor 0 on level 1"],
    [{ anchor: new Uint8Array([1, 0]) }, {}, "no anchor 1 on level 0"],
    [{ channels: 1 }, {}, "does not read 1 and 1 channels"],
    [{ objectnessFeatures: null, objectnessChannels: 0 }, {}, "does not read 3 and 0 channels"],
    [{}, { levels: [{ ...LEVEL, objectnessLayer: null }] }, "does not read 3 and 1 channels"],
  ];
  for (const [tap, layout, message] of cases) {
    assertThrows(
      () => applyHead(HEAD, { ...LAYOUT, ...layout }, { ...TAP, ...tap }),
      RangeError,
      message,
    );
  }
});

Deno.test("scoresOf() makes scores as the model does", () => {
  const classes = new Float32Array([1000, 999, -1000, -1000]);
  const [a, b, c, d] = scoresOf({ classes, objectness: null }, "softmax", 2);
  assertAlmostEquals(a!, 1 / (1 + Math.exp(-1)), 1e-6);
  assertAlmostEquals(a! + b!, 1, 1e-6);
  assertEquals([c, d], [0.5, 0.5]);
  const objectness = new Float32Array([0, 1000]);
  const joint = scoresOf({ classes, objectness }, "sigmoid", 2);
  assertEquals([...joint], [0.5, 0.5, 0, 0]);
});
