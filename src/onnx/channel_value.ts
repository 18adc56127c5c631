import type { ChannelRun } from "./channel_runs.ts";

/** Several predictions a cell, as anchor-based heads have: the channels of a layer cut in parts. */
export interface AnchorSplit {
  /** Predictions a cell. */
  readonly count: number;
  /** Channels of the layer that belong to one of them. */
  readonly step: number;
  /** The axis that counts them; `null` once it is part of the axis of the rows. */
  readonly axis: number | null;
  /** Whether all cells of the first anchor come before those of the second. */
  readonly major: boolean;
}

/** A tensor that holds channels of traced layers along one axis. */
export interface ChannelTensor {
  /** That there is an axis of channels. */
  readonly kind: "channels";
  /** Shape; `null` where a dimension is not known. */
  readonly dims: readonly (number | null)[];
  /** The axis of the channels. */
  readonly axis: number;
  /** What lies along it. */
  readonly runs: readonly ChannelRun[];
  /** Set once the channels of a layer were cut into anchors. */
  readonly anchors: AnchorSplit | null;
}

/**
 * Channels and rows on one axis, the channels running fastest (`flat`), or indices into such an
 * axis (`index`): how end-to-end heads pick rows and classes at once.
 */
export interface FlatTensor {
  /** Values, or indices of values. */
  readonly kind: "flat" | "index";
  /** The channels of one row. */
  readonly runs: readonly ChannelRun[];
  /** As in {@linkcode ChannelTensor}. */
  readonly anchors: AnchorSplit | null;
}

/** What is known about a value on the way from the layers to the outputs. */
export type ChannelValue = ChannelTensor | FlatTensor;

/** Where an operation reads a stored number. */
export interface NumberPlace {
  /** Index of the operation. */
  readonly node: number;
  /** Index of its input, or name of its attribute. */
  readonly input: number | string;
  /** Position among the numbers there. */
  readonly entry: number;
}

/** A stored number that grows with the channels it counts. */
export interface ChannelCount extends NumberPlace {
  /** The channels. */
  readonly runs: readonly ChannelRun[];
  /** As in {@linkcode ChannelTensor}. */
  readonly anchors: AnchorSplit | null;
  /** How often each channel counts. */
  readonly times: number;
}

/** An operation that takes traced channels and is not understood. */
export interface Obstacle {
  /** Index of the operation. */
  readonly node: number;
  /** The channels that end there. */
  readonly runs: readonly ChannelRun[];
  /** What is in the way, for messages. */
  readonly why: string;
}
