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

/**
 * Applies a head to tapped features: `logit = weight · features + bias`, summed in float64. With the
 * head that ran, this gives the tapped logits again.
 *
 * @param head The head.
 * @param layout The layout of the detector that was tapped.
 * @throws {RangeError} If head, layout and tap do not belong together.
 */
export function applyHead(head: HeadWeights, layout: HeadLayout, tap: FrameTap): HeadLogits {
  const layers = layout.layers.map((_, index) => head.layer(index));
  const { classCount, levels } = layout;
  const classes = new Float32Array(tap.count * classCount);
  const objectness = tap.objectness === null ? null : new Float32Array(tap.count);
  for (let i = 0; i < tap.count; i++) {
    const level = levels[tap.level[i]!];
    if (level === undefined) {
      throw new RangeError(`Cannot apply the head: it has no level ${tap.level[i]}`);
    }
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
    if (objectness === null || level.objectnessLayer === null) continue;
    const other = layout.layers[level.objectnessLayer]!;
    objectness[i] = rowLogit(
      layers[level.objectnessLayer]!,
      other.objectnessRows[tap.anchor[i]!]!,
      other.channels,
      tap.objectnessFeatures!,
      i * tap.objectnessChannels,
    );
  }
  return { classes, objectness };
}

/**
 * Class scores `[count, classes]` in 0–1 by logits, objectness multiplied in.
 *
 * @param activation The layout's; `none` counts as sigmoid.
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

function rowLogit(
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
