// Every detector there is: with its own weights fed from outside it computes the same bits, a head
// applied to the tapped features gives the graph's class scores, and a head that is baked into a
// plain file computes what the exposed model computes when it is fed the same head.
import { assert, assertEquals, assertLess } from "@std/assert";
import { RECIPES } from "../../models/tiny/build.ts";
import type { HeadLayout, HeadLevel } from "../../src/core/head_layout.ts";
import { sigmoid } from "../../src/detector/logits.ts";
import { loadOnnxRuntimeNode } from "../../src/engine/onnxruntime_node.ts";
import { bakeHead } from "../../src/onnx/bake_head.ts";
import type { OutputView } from "../../src/core/ports.ts";
import type { LayerValues } from "../../src/core/head_weights.ts";
import {
  countDifferences,
  feedNoise,
  type HeadedModel,
  headOf,
  loadFed,
  readHeaded,
  runAll,
} from "../support/exposed_model.ts";
import { testWithShared } from "../support/shared.ts";

/** Models without a head that can be exposed; the tests of `findHeads` say why. */
const HEADLESS = [
  "classifier",
  "detr_deploy",
  "two_pictures",
  "unknown_layout",
  // Runs for ever on a bright picture, of which noise is one.
  "yolo_v8_endless",
  "yolo_v8_quantised_head",
  "zero_classes",
];

/** Brightest value of the pictures that a model takes. */
function fullOf(name: string): number {
  return name.startsWith("yolox") ? 255 : 1;
}

/** Float16 keeps eleven bits, and a product is rounded before the bias is added. */
function isHalf(name: string): boolean {
  return name === "yolo_v8_half_head";
}

async function checkSameBits(name: string, headed: HeadedModel): Promise<void> {
  await using plain = await loadOnnxRuntimeNode(headed.bytes);
  const names = plain.outputs.map((output) => output.name);
  for (const form of ["conv", "matmul"] as const) {
    if (form === "matmul" && isHalf(name)) continue;
    await using fed = await loadFed(headed, { form, predictions: true });
    for (const seed of [1, 2]) {
      feedNoise(plain, headed.plan, fullOf(name), seed);
      feedNoise(fed.engine, headed.plan, fullOf(name), seed);
      const [a, b] = [await runAll(plain, names), await runAll(fed.engine, names)];
      assertEquals(countDifferences(a, b), 0, `${name} as ${form}`);
    }
  }
}

async function checkBaked(name: string, headed: HeadedModel): Promise<void> {
  // Zeros stay: with as few channels as the tiny models have, more than one product a row would be
  // added in another order.
  const head = headOf(headed, (value) => value * 0.9);
  await using baked = await loadOnnxRuntimeNode(
    bakeHead(headed.bytes, headed.model, head, headed.find),
  );
  await using fed = await loadFed(headed, {}, head);
  await using plain = await loadOnnxRuntimeNode(headed.bytes);
  const names = plain.outputs.map((output) => output.name);
  for (const engine of [baked, fed.engine, plain]) {
    feedNoise(engine, headed.plan, fullOf(name), 3);
  }
  const outputs = await runAll(baked, names);
  assertEquals(countDifferences(outputs, await runAll(fed.engine, names)), 0, name);
  // A head that changes nothing would prove nothing.
  const changed = countDifferences(outputs, await runAll(plain, names));
  assert(changed > 0 || name === "yolo_v8_nan", `${name}: another head changes nothing`);
}

/** What the graph makes of its own logits must be what the weights make of its features. */
async function checkFeatures(name: string, headed: HeadedModel): Promise<void> {
  await using fed = await loadFed(headed);
  feedNoise(fed.engine, headed.plan, fullOf(name), 4);
  const view = await fed.engine.run();
  const { layout, values } = fed.exposed;
  let worst = 0;
  let compared = 0;
  for (const level of layout.levels) {
    for (const [scores, expected] of levelScores(layout, level, values, view)) {
      for (let i = 0; i < scores.length; i++) {
        worst = Math.max(worst, Math.abs(scores[i]! - expected[i]!));
        compared++;
      }
    }
  }
  assert(compared > 100, name);
  assertLess(worst, isHalf(name) ? 1e-3 : 1e-5, name);
}

/** Scores of all cells of a level by features and weights, beside those by the graph's logits. */
function levelScores(
  { layers }: HeadLayout,
  level: HeadLevel,
  values: readonly LayerValues[],
  view: OutputView,
): (readonly [Float64Array, Float64Array])[] {
  const pairs: [number, string, string][] = [[level.classLayer, level.features, level.logits]];
  if (level.objectnessLayer !== null) {
    pairs.push([level.objectnessLayer, level.objectnessFeatures!, level.objectnessLogits!]);
  }
  return pairs.map(([index, features, logits]) => {
    const { rows, channels } = layers[index]!;
    const { weight, bias } = values[index]!;
    const input = Float64Array.from(view.get(features).data as Float32Array);
    const output = Float64Array.from(view.get(logits).data as Float32Array);
    const cells = input.length / channels;
    const at = (channel: number, cell: number, width: number) =>
      level.channelsLast ? cell * width + channel : channel * cells + cell;
    const scores = new Float64Array(output.length);
    for (let cell = 0; cell < cells; cell++) {
      for (let row = 0; row < rows; row++) {
        let sum = bias[row]!;
        for (let c = 0; c < channels; c++) {
          sum += weight[row * channels + c]! * input[at(c, cell, channels)]!;
        }
        scores[at(row, cell, rows)] = sigmoid(sum);
      }
    }
    return [scores, output.map(sigmoid)] as const;
  });
}

for (const [name, make] of Object.entries(RECIPES)) {
  if (HEADLESS.includes(name)) continue;
  Deno.test(`${name}: an exposed head computes the same bits, and so does a baked one`, async () => {
    const headed = readHeaded(make());
    await checkSameBits(name, headed);
    await checkBaked(name, headed);
    await checkFeatures(name, headed);
  });
}

for (const name of ["yolox_nano_416x416", "yolox_nano_320x320", "yolov8n", "yolo26n"]) {
  testWithShared(
    `${name}: an exposed head computes the same bits, and so does a baked one`,
    [`models/${name}.onnx`],
    async ([path]) => {
      const headed = readHeaded(await Deno.readFile(path));
      assertEquals([headed.heads.layout.levels.length, headed.heads.layout.classCount], [3, 80]);
      await checkSameBits(name, headed);
      await checkBaked(name, headed);
      await checkFeatures(name, headed);
    },
  );
}
