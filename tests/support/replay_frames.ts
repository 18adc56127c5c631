// Frames for replay buffers whose every number follows from their own number.
import type { HeadLayout } from "../../src/core/head_layout.ts";
import { emptyRows, type TrainingRows } from "../../src/refine/training_rows.ts";

/** SHA-256 of no model. */
export const REPLAY_MODEL = "c".repeat(64);

/** One level with 16 channels. */
export const REPLAY_LAYOUT: HeadLayout = {
  layers: [{ name: "head", rows: 2, channels: 16, classRows: [0], objectnessRows: [] }],
  levels: [{
    classLayer: 0,
    objectnessLayer: null,
    features: "features",
    logits: "logits",
    objectnessFeatures: null,
    objectnessLogits: null,
    anchors: 1,
    anchorMajor: true,
    channelsLast: false,
  }],
  classCount: 2,
  activation: "sigmoid",
  predictions: null,
};

/** Twelve rows, of which the first is a positive. */
export function makeReplayRows(seq: number): TrainingRows {
  const rows = emptyRows(12, 16, null);
  rows.features.forEach((_, i) => rows.features[i] = (seq * 31 + i) % 1024);
  rows.target.fill(-1);
  rows.target[0] = seq % 2;
  rows.weight.fill(1);
  return rows;
}
