/** One linear layer of a head: `logits = weight · features + bias`, the same in every cell. */
export interface HeadLayer {
  /** Name by its weight in the model, for example `head.cls_preds.0`. */
  readonly name: string;
  /** Channels it makes. */
  readonly rows: number;
  /** Channels it reads. */
  readonly channels: number;
  /**
   * First row of the class logits of each anchor; empty where it makes none. Rows that are neither
   * class nor objectness make boxes and are not to be changed.
   */
  readonly classRows: readonly number[];
  /** Row of the objectness logit of each anchor; empty where it makes none. */
  readonly objectnessRows: readonly number[];
}

/** One level of a head: which layers make its logits, and where they can be read. */
export interface HeadLevel {
  /** Index of the layer that makes the class logits. */
  readonly classLayer: number;
  /** Index of the layer that makes the objectness; `null` where there is none. */
  readonly objectnessLayer: number | null;
  /** Output of the exposed model that holds what the class layer reads. */
  readonly features: string;
  /** Output that holds what the class layer makes, all of its rows. */
  readonly logits: string;
  /** The same for the objectness layer; `null` where there is none. */
  readonly objectnessFeatures: string | null;
  /** Output that holds what the objectness layer makes; `null` where there is none. */
  readonly objectnessLogits: string | null;
  /** Predictions a cell. */
  readonly anchors: number;
  /** Whether all cells of the first anchor come before those of the second. */
  readonly anchorMajor: boolean;
  /** Whether channels are the last axis of these outputs, or the one behind the batch. */
  readonly channelsLast: boolean;
}

/** A tensor that holds boxes and scores of every anchor before the model picks among them. */
export interface RawPredictions {
  /** Name of the value. */
  readonly value: string;
  /** `columns` is `[1, 4 + classes, anchors]`, `rows` is `[1, anchors, 4 + classes]`. */
  readonly layout: "columns" | "rows";
}

/**
 * The classification head of a detector: the last layers that make class scores and objectness.
 * Plain data.
 */
export interface HeadLayout {
  /** The layers, each weight once. */
  readonly layers: readonly HeadLayer[];
  /** The levels in the order of the model's rows. */
  readonly levels: readonly HeadLevel[];
  /** Number of classes. */
  readonly classCount: number;
  /** What turns class logits into scores. */
  readonly activation: "sigmoid" | "softmax" | "none";
  /** Boxes and scores of every anchor in one tensor; `null` where the graph never joins them. */
  readonly predictions: RawPredictions | null;
}
