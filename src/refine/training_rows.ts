import type { TappedFeatures } from "../detector/apply_head.ts";

/**
 * Rows of tapped features that a head learns from, as columns.
 *
 * A row is one prediction of the model in one frame: what its class layer and its objectness layer
 * read there, and what it should have said.
 */
export interface TrainingRows extends TappedFeatures {
  /** Class that each row should name, `[count]` int32, an index of the head; -1 for background. */
  readonly target: Int32Array;
  /** How much each row counts, `[count]` float32, from 0; 1 for what an operator labelled. */
  readonly weight: Float32Array;
}

/**
 * Puts rows one after the other; the result shares no memory with them.
 *
 * @throws {RangeError} If there are none, or they have different channels.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { joinRows } from "@fovea/fovea/refine";
 *
 * const rows = {
 *   count: 1, level: new Uint8Array(1), anchor: new Uint8Array(1),
 *   channels: 2, features: new Float32Array([1, 2]),
 *   objectnessChannels: 0, objectnessFeatures: null,
 *   target: new Int32Array([-1]), weight: new Float32Array([1]),
 * };
 * assertEquals([...joinRows([rows, rows]).features], [1, 2, 1, 2]);
 * ```
 */
export function joinRows(list: readonly TrainingRows[]): TrainingRows {
  const [first] = list;
  if (first === undefined) throw new RangeError("Cannot join rows: there are none");
  const { channels, objectnessChannels } = first;
  for (const rows of list) {
    const alike = rows.channels === channels && rows.objectnessChannels === objectnessChannels;
    if (alike) continue;
    throw new RangeError(
      `Cannot join rows of ${channels} and ${objectnessChannels} channels with rows of ` +
        `${rows.channels} and ${rows.objectnessChannels}`,
    );
  }
  const count = list.reduce((sum, rows) => sum + rows.count, 0);
  const joined = emptyRows(
    count,
    channels,
    first.objectnessFeatures === null ? null : objectnessChannels,
  );
  let at = 0;
  for (const rows of list) {
    joined.level.set(rows.level, at);
    joined.anchor.set(rows.anchor, at);
    joined.features.set(rows.features, at * channels);
    joined.objectnessFeatures?.set(rows.objectnessFeatures!, at * objectnessChannels);
    joined.target.set(rows.target, at);
    joined.weight.set(rows.weight, at);
    at += rows.count;
  }
  return joined;
}

/**
 * Takes some rows, in the order given; the result shares no memory with the source.
 *
 * @throws {RangeError} If there is no such row.
 */
export function pickRows(rows: TrainingRows, picked: readonly number[]): TrainingRows {
  for (const row of picked) {
    if (Number.isInteger(row) && row >= 0 && row < rows.count) continue;
    throw new RangeError(`Cannot pick row ${row} of ${rows.count}`);
  }
  return gatherRows(rows, picked, (row) => rows.target[row]!, (row) => rows.weight[row]!);
}

/** Rows to be filled in; `objectnessChannels` is `null` for heads without objectness. */
export function emptyRows(
  count: number,
  channels: number,
  objectnessChannels: number | null,
): TrainingRows {
  return {
    count,
    level: new Uint8Array(count),
    anchor: new Uint8Array(count),
    channels,
    features: new Float32Array(count * channels),
    objectnessChannels: objectnessChannels ?? 0,
    objectnessFeatures: objectnessChannels === null
      ? null
      : new Float32Array(count * objectnessChannels),
    target: new Int32Array(count),
    weight: new Float32Array(count),
  };
}

/** Takes some rows of any features, with what they should have said. */
export function gatherRows(
  source: Omit<TrainingRows, "target" | "weight">,
  picked: readonly number[],
  targetOf: (row: number) => number,
  weightOf: (row: number) => number,
): TrainingRows {
  const { channels, objectnessChannels, objectnessFeatures } = source;
  const rows = emptyRows(
    picked.length,
    channels,
    objectnessFeatures === null ? null : objectnessChannels,
  );
  for (const [at, row] of picked.entries()) {
    rows.level[at] = source.level[row]!;
    rows.anchor[at] = source.anchor[row]!;
    rows.target[at] = targetOf(row);
    rows.weight[at] = weightOf(row);
    const [from, to] = [row * channels, at * channels];
    rows.features.set(source.features.subarray(from, from + channels), to);
    rows.objectnessFeatures?.set(
      objectnessFeatures!.subarray(row * objectnessChannels, (row + 1) * objectnessChannels),
      at * objectnessChannels,
    );
  }
  return rows;
}
