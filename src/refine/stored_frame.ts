import { FoveaError } from "../core/errors.ts";
import type { HeadLayout } from "../core/head_layout.ts";
import { recordBytes, type ReplayFrame, type ReplayMeta } from "./replay_record.ts";
import type { SampledFrame } from "./replay_sample.ts";
import { pickRows, type TrainingRows } from "./training_rows.ts";

/** A frame in a replay buffer, without its rows. */
export interface ReplayFrameFacts {
  /** How many frames were appended before it. */
  readonly index: number;
  /** What is known about it. */
  readonly meta: ReplayMeta;
  /** Number of its rows. */
  readonly count: number;
}

/** A frame as it lies in the file. */
export interface StoredFrame extends SampledFrame, ReplayFrameFacts {
  readonly record: Uint8Array;
}

/**
 * Checks that rows are those of a head.
 *
 * @throws {RangeError} If they are not.
 * @throws {FoveaError} `TRAINING_FAILED` if a number in them is not finite.
 */
export function checkReplayRows(rows: TrainingRows, layout: HeadLayout): void {
  const { channels, objectness } = channelsOf(layout);
  const own = rows.channels === channels &&
    (objectness === null
      ? rows.objectnessFeatures === null
      : rows.objectnessFeatures !== null && rows.objectnessChannels === objectness);
  if (!own) {
    throw new RangeError(
      `Cannot keep rows of ${rows.channels} and ${rows.objectnessChannels} channels: the head ` +
        `reads ${channels} and ${objectness ?? 0}`,
    );
  }
  const numbers = [rows.features, rows.objectnessFeatures ?? [], rows.weight];
  if (numbers.every((list) => list.every(Number.isFinite))) return;
  throw new FoveaError("TRAINING_FAILED", "Cannot keep the frame: a feature is not finite", {
    hint: "Leave frames out in which the model says NaN",
  });
}

/** How many channels rows of a head have; `null` for no objectness. */
export function channelsOf({ layers, levels }: HeadLayout): {
  readonly channels: number;
  readonly objectness: number | null;
} {
  const others = levels.flatMap(({ objectnessLayer }) =>
    objectnessLayer === null ? [] : [layers[objectnessLayer]!.channels]
  );
  return {
    channels: Math.max(...levels.map(({ classLayer }) => layers[classLayer]!.channels)),
    objectness: others.length === 0 ? null : Math.max(...others),
  };
}

/** The rows that have a target. */
export function positivesOf({ target }: TrainingRows): number[] {
  return [...target.keys()].filter((row) => target[row] !== -1);
}

/** A frame with what decisions about it need; nothing for what is no frame. */
export function storeFrame(frame: ReplayFrame | null, record: Uint8Array): StoredFrame[] {
  if (frame === null) return [];
  const { stratum, index, meta, rows } = frame;
  const positives = positivesOf(rows).length;
  const perRow = rows.count === 0
    ? 0
    : (record.length - recordBytes(pickRows(rows, []), meta)) / rows.count;
  return [{
    stratum,
    index,
    meta,
    count: rows.count,
    record,
    bytes: record.length,
    positiveBytes: positives === 0 ? 0 : record.length - perRow * (rows.count - positives),
  }];
}
