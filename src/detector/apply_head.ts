import type { HeadLayout } from "../core/head_layout.ts";
import type { HeadWeights, LayerValues } from "../core/head_weights.ts";
import type { FrameTap } from "../core/tap.ts";
import { sigmoid } from "./logits.ts";

/** What a head says about tapped rows. */
export interface HeadLogits {
  /** Class logits, `[count, classes]` float32. */
  readonly classes: Float32Array;
  /** Objectness logits, `[count]` float32; `null` where there is no objectness. */
  readonly objectness: Float32Array | null;
}

/** What a head reads of tapped rows; a {@linkcode FrameTap} is one, and so is a bank of them. */
export type TappedFeatures = Pick<
  FrameTap,
  | "count"
  | "level"
  | "anchor"
  | "channels"
  | "features"
  | "objectnessChannels"
  | "objectnessFeatures"
>;

/**
 * Applies a head to tapped features: `logit = weight · features + bias`, summed in float64. With the
 * head that ran, this gives the tapped logits again.
 *
 * @param head The head.
 * @param layout The layout of the detector that was tapped.
 * @throws {RangeError} If head, layout and tap do not belong together.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { applyHead, HeadWeights, scoresOf } from "@fovea/fovea/refine";
 * import { findHeads, readModel } from "@fovea/fovea/onnx";
 *
 * const path = new URL("models/tiny/yolo_v8.onnx", `file://${Deno.cwd()}/`);
 * const { layout } = findHeads(readModel(Deno.readFileSync(path)), { classCount: 2 });
 * const head = new HeadWeights({
 *   model: "0".repeat(64),
 *   classNames: ["red", "blue"],
 *   layers: layout.layers,
 *   values: layout.layers.map(() => ({
 *     weight: new Float32Array([1, 0, 0, 0, 0, 1]), // [2 classes, 3 channels]
 *     bias: new Float32Array([0, -1]),
 *   })),
 * });
 * const { classes } = applyHead(head, layout, {
 *   count: 1,
 *   level: new Uint8Array([0]),
 *   anchor: new Uint8Array([0]),
 *   channels: 3,
 *   features: new Float32Array([2, 5, 1]),
 *   objectnessChannels: 0,
 *   objectnessFeatures: null,
 * });
 * assertEquals([...classes], [2, 0]);
 * const scores = scoresOf({ classes, objectness: null }, layout.activation, 2);
 * assertEquals(scores[1], 0.5);
 * ```
 */
export function applyHead(
  head: HeadWeights,
  layout: HeadLayout,
  tap: TappedFeatures,
): HeadLogits {
  checkTogether(head, layout, tap);
  const layers = layout.layers.map((_, index) => head.layer(index));
  const { classCount, levels } = layout;
  const { objectnessFeatures } = tap;
  const classes = new Float32Array(tap.count * classCount);
  const objectness = objectnessFeatures === null ? null : new Float32Array(tap.count);
  for (let i = 0; i < tap.count; i++) {
    const level = levels[tap.level[i]!]!;
    const { classRows, channels } = layout.layers[level.classLayer]!;
    const first = classRows[tap.anchor[i]!]!;
    for (let c = 0; c < classCount; c++) {
      classes[i * classCount + c] = rowLogit(
        layers[level.classLayer]!,
        first + c,
        channels,
        tap.features,
        i * tap.channels,
      );
    }
    if (objectness === null || objectnessFeatures === null) continue;
    const other = layout.layers[level.objectnessLayer!]!;
    objectness[i] = rowLogit(
      layers[level.objectnessLayer!]!,
      other.objectnessRows[tap.anchor[i]!]!,
      other.channels,
      objectnessFeatures,
      i * tap.objectnessChannels,
    );
  }
  return { classes, objectness };
}

function checkTogether(head: HeadWeights, layout: HeadLayout, tap: TappedFeatures): void {
  const { layers, levels } = layout;
  const own = head.layers.length === layers.length &&
    layers.every(({ rows, channels }, i) =>
      head.layers[i]!.rows === rows && head.layers[i]!.channels === channels
    );
  if (!own) throw new RangeError("Cannot apply the head: its layers are not those of the layout");
  for (let i = 0; i < tap.count; i++) {
    const level = levels[tap.level[i]!];
    if (level !== undefined && tap.anchor[i]! < level.anchors) continue;
    throw new RangeError(
      `Cannot apply the head: it has no anchor ${tap.anchor[i]} on level ${tap.level[i]}`,
    );
  }
  const { channels, objectnessChannels, objectnessFeatures } = tap;
  for (const { classLayer, objectnessLayer } of levels) {
    const wide = channels >= layers[classLayer]!.channels;
    const objectness = objectnessLayer === null
      ? objectnessFeatures === null
      : objectnessFeatures !== null && objectnessChannels >= layers[objectnessLayer]!.channels;
    if (wide && objectness) continue;
    throw new RangeError(
      `Cannot apply the head: it does not read ${channels} and ${objectnessChannels} channels`,
    );
  }
}

/**
 * Class scores `[count, classes]` in 0–1 by logits, objectness multiplied in.
 *
 * @param activation The layout's; `none` counts as sigmoid.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { scoresOf } from "@fovea/fovea/refine";
 *
 * const logits = { classes: new Float32Array([0, 2]), objectness: new Float32Array([0]) };
 * const [first, second] = scoresOf(logits, "sigmoid", 2);
 * assertAlmostEquals(first!, 0.25);
 * assertAlmostEquals(second!, 0.5 / (1 + Math.exp(-2)), 1e-6);
 * ```
 */
export function scoresOf(
  { classes, objectness }: HeadLogits,
  activation: HeadLayout["activation"],
  classCount: number,
): Float32Array {
  const scores = new Float32Array(classes.length);
  for (let at = 0; at < classes.length; at += classCount) {
    const row = classes.subarray(at, at + classCount);
    const factor = objectness === null ? 1 : sigmoid(objectness[at / classCount]!);
    if (activation === "softmax") {
      const largest = row.reduce((a, b) => Math.max(a, b), -Infinity);
      const sum = row.reduce((total, logit) => total + Math.exp(logit - largest), 0);
      for (const [c, logit] of row.entries()) {
        scores[at + c] = factor * Math.exp(logit - largest) / sum;
      }
    } else {
      for (const [c, logit] of row.entries()) scores[at + c] = factor * sigmoid(logit);
    }
  }
  return scores;
}

/** Logit of one row of a layer: `weight · features + bias`, summed in float64; features from `at`. */
export function rowLogit(
  { weight, bias }: LayerValues,
  row: number,
  channels: number,
  features: Float32Array,
  at: number,
): number {
  let sum = bias[row]!;
  for (let c = 0; c < channels; c++) sum += weight[row * channels + c]! * features[at + c]!;
  return sum;
}
