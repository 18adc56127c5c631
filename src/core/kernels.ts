import type { FocalSettings, FocalSums } from "./focal_sums.ts";
import type { Picture } from "./frame.ts";
import type { InputSpec, Letterbox } from "./input_spec.ts";

/**
 * Detections before non-maximum suppression, as columns with a fixed capacity; boxes are `xyxy` in
 * pixels of the network input. Owned by whoever allocated it and overwritten every frame.
 */
export interface Candidates {
  /** How many rows are filled. */
  count: number;
  /** Most rows that fit. */
  readonly capacity: number;
  /** Rows that did not fit, in the last frame. */
  overflow: number;
  /** Rows left out because a score or a box was NaN or infinite, in the last frame. */
  nonFinite: number;
  /** Corners, `[capacity, 4]` float32, `x1 y1 x2 y2` in network pixels. */
  readonly xyxyNet: Float32Array;
  /** Score, `[capacity]` float32, a probability in 0–1. */
  readonly score: Float32Array;
  /** Class, `[capacity]` int32, from 0. */
  readonly classIndex: Int32Array;
  /** Row of the model's output it came from (anchor point or query), `[capacity]` int32. */
  readonly anchorIndex: Int32Array;
}

/** Where the scores stand in a row-major output `[rows, rowLength]`. */
export interface ScoreRows {
  /** Number of rows (anchor points). */
  readonly rows: number;
  /** Elements per row. */
  readonly rowLength: number;
  /** Element of a row at which the class scores start. */
  readonly classOffset: number;
  /** Number of classes. */
  readonly classCount: number;
  /** Element that holds the objectness, multiplied into the score; `-1` for none. */
  readonly objectnessOffset: number;
}

/** Settings of non-maximum suppression. */
export interface NmsOptions {
  /** A box is dropped when its IoU with a kept box is greater than this, 0–1. */
  readonly iouThreshold: number;
  /** Whether boxes of different classes suppress each other. */
  readonly agnostic: boolean;
  /** Most boxes to keep. */
  readonly maxDetections: number;
}

/**
 * The hot operations. Every implementation passes one conformance suite: same candidates, same
 * kept boxes, pixels within 1e-3 of full scale, sums of losses within 1e-5 of themselves.
 *
 * An implementation may require that views lie in its own memory; it then throws a `TypeError`
 * that says so.
 */
export interface Kernels {
  /** Which implementation this is. */
  readonly backend: "wasm" | "typescript";

  /**
   * Converts, letterboxes and normalises a picture into a network input in one pass, writing every
   * element, padding included. Bilinear at pixel centres, edges clamped.
   *
   * @param picture Where the source lies in `memory`.
   * @param memory The arena's bytes.
   * @param letterbox The geometry, made for this picture and this input.
   * @param input Element type, layout, channel order and scaling.
   * @param out `[3 * netHeight * netWidth]` elements of the input's type; float16 as a `Float16Array`.
   */
  letterboxInto(
    picture: Picture,
    memory: ArrayBufferLike,
    letterbox: Letterbox,
    input: InputSpec,
    out: Float32Array | Float16Array | Uint8Array,
  ): void;

  /**
   * Picks the best class of every row whose score reaches `threshold` (`score >= threshold`).
   * Fills `score`, `classIndex`, `anchorIndex`, `count`, `overflow` and `nonFinite` of `out`;
   * boxes are the adapter's business. Equal scores take the lower class.
   */
  compactRows(data: Float32Array, shape: ScoreRows, threshold: number, out: Candidates): void;

  /**
   * The same for scores stored class by class, `[classCount, anchors]` starting at element
   * `offset` of `data`.
   */
  compactColumns(
    data: Float32Array,
    offset: number,
    anchors: number,
    classCount: number,
    threshold: number,
    out: Candidates,
  ): void;

  /**
   * Greedy non-maximum suppression. Writes the rows of `candidates` that are kept into `keep`,
   * best score first (equal scores: lower row first), and returns how many.
   */
  nms(candidates: Candidates, options: NmsOptions, keep: Int32Array): number;

  /**
   * Sums focal loss and cross-entropy over all scores of `[rows, rowLength]`, and writes the
   * gradient where `out` has room for it.
   *
   * Derivatives are by the logits, whatever the activation; with an objectness, by the logit of the
   * product. Probabilities are taken as within 0–1, and 1 as lacking 2^-25: what float32 can tell.
   * Each value is within 1e-5 of itself of the exact one (with a gamma above 3, within 1e-5 for each
   * 3 of it), and derivatives below 1e-30 may be 0.
   *
   * @param targets Class of each row, `[rows]`; -1 for background, -2 for rows to ignore; `null`
   * for background only.
   */
  focalRows(
    data: Float32Array,
    shape: ScoreRows,
    targets: Int32Array | null,
    settings: FocalSettings,
    out: FocalSums,
  ): void;

  /**
   * The same for scores stored class by class, `[classCount, anchors]` starting at element
   * `offset` of `data`.
   */
  focalColumns(
    data: Float32Array,
    offset: number,
    anchors: number,
    classCount: number,
    targets: Int32Array | null,
    settings: FocalSettings,
    out: FocalSums,
  ): void;
}
