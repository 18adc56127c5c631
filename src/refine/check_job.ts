import { FoveaError } from "../core/errors.ts";
import type { HeadLayout } from "../core/head_layout.ts";
import type { HeadWeights } from "../core/head_weights.ts";
import type { TrainingJob } from "./trainer.ts";
import type { TrainingRecipe } from "./training_recipe.ts";
import type { TrainingRows } from "./training_rows.ts";

/** Most steps of one training. */
export const STEPS_MAX = 100_000;
const GAMMA_MAX = 20;

/**
 * Checks that the parts of a job fit each other; every trainer does so before it begins.
 *
 * @throws {RangeError} If they do not.
 * @throws {FoveaError} `TRAINING_FAILED` if a feature is NaN or infinite.
 */
export function checkJob(job: TrainingJob): void {
  const { layout, start, reference, rows, replay, classes, recipe } = job;
  if (layout.activation === "softmax") {
    throw new RangeError("Cannot train the head: its scores come from a softmax");
  }
  if (start.model !== reference.model) {
    throw new RangeError("Cannot train the head: it and the reference belong to different models");
  }
  for (const head of [start, reference]) checkHead(head, layout);
  const ascending = classes.length > 0 &&
    classes.every((index, i) =>
      Number.isInteger(index) && index >= 0 && index < layout.classCount &&
      (i === 0 || index > classes[i - 1]!)
    );
  if (!ascending) {
    throw new RangeError(
      `Cannot train classes ${classes.join(", ")}: ascending indices below ` +
        `${layout.classCount} are needed`,
    );
  }
  checkRecipe(recipe);
  checkRows(rows, layout, "rows");
  if (replay !== null) checkRows(replay, layout, "replay rows");
}

function checkHead(head: HeadWeights, { layers, classCount }: HeadLayout): void {
  const fits = head.classNames.length === classCount && head.layers.length === layers.length &&
    layers.every(({ rows, channels }, i) =>
      head.layers[i]!.rows === rows && head.layers[i]!.channels === channels
    );
  if (!fits) throw new RangeError("Cannot train the head: its layers are not those of the layout");
}

function checkRecipe(recipe: TrainingRecipe): void {
  const { alpha, gamma, learningRate, steps, warmUpSteps, pull, replayWeight } = recipe;
  const sound = alpha >= 0 && alpha <= 1 && gamma >= 0 && gamma <= GAMMA_MAX &&
    learningRate > 0 && learningRate < Infinity &&
    Number.isInteger(steps) && steps >= 1 && steps <= STEPS_MAX &&
    Number.isInteger(warmUpSteps) && warmUpSteps >= 0 &&
    pull >= 0 && pull < Infinity && replayWeight >= 0 && replayWeight < Infinity;
  if (!sound) throw new RangeError(`Cannot train by the recipe ${JSON.stringify(recipe)}`);
}

function checkRows(rows: TrainingRows, layout: HeadLayout, what: string): void {
  const { count, channels, objectnessChannels, objectnessFeatures } = rows;
  const lengths = [rows.level, rows.anchor, rows.target, rows.weight].every(({ length }) =>
    length === count
  );
  const wide = rows.features.length === count * channels &&
    (objectnessFeatures === null || objectnessFeatures.length === count * objectnessChannels);
  if (!lengths || !wide) {
    throw new RangeError(`Cannot train on ${what}: their columns are not ${count} long`);
  }
  for (let row = 0; row < count; row++) checkRow(rows, row, layout, what);
  checkFinite(rows.features, channels, what);
  if (objectnessFeatures !== null) checkFinite(objectnessFeatures, objectnessChannels, what);
}

function checkRow(rows: TrainingRows, row: number, layout: HeadLayout, what: string): void {
  const [levelIndex, anchor] = [rows.level[row]!, rows.anchor[row]!];
  const [target, weight] = [rows.target[row]!, rows.weight[row]!];
  const level = layout.levels[levelIndex];
  if (level === undefined || anchor >= level.anchors) {
    throw new RangeError(`Cannot train on ${what}: no anchor ${anchor} on level ${levelIndex}`);
  }
  const objectness = level.objectnessLayer === null
    ? rows.objectnessFeatures === null
    : rows.objectnessFeatures !== null &&
      rows.objectnessChannels >= layout.layers[level.objectnessLayer]!.channels;
  if (!objectness || rows.channels < layout.layers[level.classLayer]!.channels) {
    throw new RangeError(
      `Cannot train on ${what}: the head does not read ${rows.channels} and ` +
        `${rows.objectnessChannels} channels on level ${levelIndex}`,
    );
  }
  if (target < -1 || target >= layout.classCount || !(weight >= 0 && weight < Infinity)) {
    throw new RangeError(
      `Cannot train on ${what}: row ${row} has class ${target}, weight ${weight}`,
    );
  }
}

function checkFinite(features: Float32Array, channels: number, what: string): void {
  // The sum of all is finite where each one is, but for sums that overflow: then each is asked.
  let sum = 0;
  for (let i = 0; i < features.length; i++) sum += features[i]!;
  if (Number.isFinite(sum)) return;
  const broken = features.findIndex((value) => !Number.isFinite(value));
  if (broken === -1) return;
  throw new FoveaError(
    "TRAINING_FAILED",
    `Cannot train on ${what}: a feature of row ${Math.floor(broken / channels)} is ` +
      `${features[broken]}`,
    { hint: "Leave frames out in which the model says NaN; the head stays as it is" },
  );
}
