import type { DecodeParams, DetectorSpec } from "../core/detector_spec.ts";
import type { HeadLayout } from "../core/head_layout.ts";
import type { Letterbox } from "../core/input_spec.ts";
import type { Candidates, Kernels } from "../core/kernels.ts";
import type { OutputView } from "../core/ports.ts";
import type { FrameTap, TapRequest } from "../core/tap.ts";
import { elementCount, type TensorData } from "../core/tensor.ts";
import { toNetInto } from "../preprocess/letterbox.ts";
import { createAdapter, type OutputAdapter } from "./adapter.ts";
import type { HeadGrid } from "./head_grid.ts";
import { RowPicker } from "./row_picker.ts";

/** Every row is a candidate. */
const EVERY_ROW: DecodeParams = {
  confidence: 0,
  iouThreshold: 1,
  agnosticNms: false,
  maxDetections: 1,
  labels: "best",
  classFilter: null,
};

const NO_BOXES = new Float32Array(0);

/** One frame as a tap sees it. */
export interface TappedFrame {
  /** Position in the stream. */
  readonly seq: number;
  /** Version of the head that ran. */
  readonly headVersion: number;
  /** The run's outputs as float32, where the kernels find them. */
  readonly predictions: OutputView;
  /** The run's outputs as the engine left them: features and logits. */
  readonly outputs: OutputView;
  /** How the picture was fitted in. */
  readonly letterbox: Letterbox;
}

/** Takes features, logits and boxes of chosen rows out of a run. Made for one exposed model. */
export class HeadTap {
  /** How the model's rows lie on its levels. */
  readonly grid: HeadGrid;
  /** Names of the outputs that a tap reads. */
  readonly outputs: readonly string[];
  /** Those of them that the kernels read. */
  readonly arenaOutputs: readonly string[];
  readonly #layout: HeadLayout;
  readonly #adapter: OutputAdapter;
  readonly #picker: RowPicker;
  /** Which candidate belongs to a row; -1 for none. */
  readonly #candidateOf: Int32Array;
  readonly #channels: number;
  readonly #objectnessChannels: number;

  /**
   * Prepares for a model.
   *
   * @param layout The head, with the names of its outputs.
   * @param grid Its rows.
   * @param spec How the rows are decoded, see {@linkcode rawSpec}.
   */
  constructor(layout: HeadLayout, grid: HeadGrid, spec: DetectorSpec) {
    this.grid = grid;
    this.#layout = layout;
    this.#adapter = createAdapter(spec);
    this.#picker = new RowPicker(grid);
    this.#candidateOf = new Int32Array(grid.rows);
    const { layers, levels } = layout;
    this.#channels = Math.max(...levels.map(({ classLayer }) => layers[classLayer]!.channels));
    this.#objectnessChannels = Math.max(
      ...levels.map(({ objectnessLayer }) =>
        objectnessLayer === null ? 0 : layers[objectnessLayer]!.channels
      ),
    );
    this.arenaOutputs = Object.values(spec.outputs);
    this.outputs = [
      ...new Set([
        ...this.arenaOutputs,
        ...levels.flatMap((level) => [
          level.features,
          level.logits,
          ...level.objectnessFeatures === null ? [] : [level.objectnessFeatures],
          ...level.objectnessLogits === null ? [] : [level.objectnessLogits],
        ]),
      ]),
    ];
  }

  /**
   * Takes rows of one frame.
   *
   * @param scratch Candidates to overwrite, with room for every row.
   * @throws {FoveaError} As the adapter does.
   */
  take(request: TapRequest, frame: TappedFrame, kernels: Kernels, scratch: Candidates): FrameTap {
    this.#adapter.decodeInto(frame.predictions, kernels, EVERY_ROW, scratch);
    this.#candidateOf.fill(-1);
    for (let i = 0; i < scratch.count; i++) this.#candidateOf[scratch.anchorIndex[i]!] = i;
    const { rows } = request;
    if (rows instanceof Int32Array) {
      return this.#gather(rows.slice(), new Uint8Array(rows.length), frame, scratch);
    }
    const near = rows.nearPx?.slice() ?? NO_BOXES;
    toNetInto(frame.letterbox, near, near.length / 4);
    const count = this.#picker.pick(scratch, rows, near, frame.seq);
    const picked = this.#picker.rows.slice(0, count);
    return this.#gather(picked, this.#picker.reasons.slice(0, count), frame, scratch);
  }

  #gather(
    row: Int32Array,
    reason: Uint8Array,
    frame: TappedFrame,
    scored: Candidates,
  ): FrameTap {
    const { classCount, levels } = this.#layout;
    const count = row.length;
    const objectness = this.#objectnessChannels > 0;
    const tap = {
      seq: frame.seq,
      headVersion: frame.headVersion,
      count,
      row,
      reason,
      level: new Uint8Array(count),
      anchor: new Uint8Array(count),
      pointXy: new Float32Array(2 * count),
      stride: new Float32Array(count),
      xyxyNet: new Float32Array(4 * count).fill(NaN),
      score: new Float32Array(count).fill(NaN),
      classIndex: new Int32Array(count).fill(-1),
      channels: this.#channels,
      features: new Float32Array(count * this.#channels),
      logits: new Float32Array(count * classCount),
      objectnessChannels: this.#objectnessChannels,
      objectnessFeatures: objectness ? new Float32Array(count * this.#objectnessChannels) : null,
      objectness: objectness ? new Float32Array(count) : null,
      letterbox: frame.letterbox,
    };
    const sources = levels.map((_, level) => this.#sourcesOf(level, frame.outputs));
    for (let i = 0; i < count; i++) {
      const cell = this.grid.cellOf(row[i]!);
      const point = this.grid.pointOf(row[i]!);
      tap.level[i] = cell.level;
      tap.anchor[i] = cell.anchor;
      tap.pointXy[2 * i] = point.x;
      tap.pointXy[2 * i + 1] = point.y;
      tap.stride[i] = point.stride;
      this.#copyCandidate(this.#candidateOf[row[i]!]!, scored, tap, i);
      const { columns } = this.grid.levels[cell.level]!;
      this.#copyChannels(sources[cell.level]!, cell.y * columns + cell.x, cell.anchor, tap, i);
    }
    return tap;
  }

  #copyCandidate(candidate: number, from: Candidates, tap: FrameTap, i: number): void {
    if (candidate < 0) return;
    tap.score[i] = from.score[candidate]!;
    tap.classIndex[i] = from.classIndex[candidate]!;
    for (let corner = 0; corner < 4; corner++) {
      tap.xyxyNet[4 * i + corner] = from.xyxyNet[4 * candidate + corner]!;
    }
  }

  #copyChannels(
    sources: LevelSources,
    cell: number,
    anchor: number,
    tap: FrameTap,
    i: number,
  ): void {
    const { classes, objectness, classRow, objectnessRow } = sources;
    copyRow(classes.features, cell, 0, classes.channels, tap.features, i * tap.channels);
    const { classCount } = this.#layout;
    copyRow(classes.logits, cell, classRow[anchor]!, classCount, tap.logits, i * classCount);
    if (objectness === null || tap.objectness === null || tap.objectnessFeatures === null) return;
    const { features, logits, channels } = objectness;
    copyRow(features, cell, 0, channels, tap.objectnessFeatures, i * tap.objectnessChannels);
    copyRow(logits, cell, objectnessRow[anchor]!, 1, tap.objectness, i);
  }

  #sourcesOf(index: number, outputs: OutputView): LevelSources {
    const { layers, levels } = this.#layout;
    const level = levels[index]!;
    const classLayer = layers[level.classLayer]!;
    const other = level.objectnessLayer === null ? null : layers[level.objectnessLayer]!;
    const { channelsLast } = level;
    return {
      classes: {
        features: planesOf(outputs, level.features, channelsLast),
        logits: planesOf(outputs, level.logits, channelsLast),
        channels: classLayer.channels,
      },
      objectness: other === null ? null : {
        features: planesOf(outputs, level.objectnessFeatures!, channelsLast),
        logits: planesOf(outputs, level.objectnessLogits!, channelsLast),
        channels: other.channels,
      },
      classRow: classLayer.classRows,
      objectnessRow: other?.objectnessRows ?? [],
    };
  }
}

/** A tensor of channels by cells: where channel `c` of cell `p` stands. */
interface Planes {
  readonly data: TensorData;
  /** Elements from one channel to the next. */
  readonly channelStep: number;
  /** Elements from one cell to the next. */
  readonly cellStep: number;
}

interface LayerSources {
  readonly features: Planes;
  readonly logits: Planes;
  readonly channels: number;
}

interface LevelSources {
  readonly classes: LayerSources;
  readonly objectness: LayerSources | null;
  readonly classRow: readonly number[];
  readonly objectnessRow: readonly number[];
}

function planesOf(outputs: OutputView, name: string, channelsLast: boolean): Planes {
  const { data, dims } = outputs.get(name);
  if (channelsLast) return { data, channelStep: 1, cellStep: dims.at(-1)! };
  return { data, channelStep: elementCount(dims.slice(2)), cellStep: 1 };
}

function copyRow(
  { data, channelStep, cellStep }: Planes,
  cell: number,
  first: number,
  count: number,
  out: Float32Array,
  at: number,
): void {
  const start = cell * cellStep + first * channelStep;
  for (let i = 0; i < count; i++) out[at + i] = Number(data[start + i * channelStep]);
}

/**
 * How every row of an exposed model is decoded: as detections are, but for end-to-end models before
 * they pick rows; `null` where that cannot be.
 */
export function rawSpec(
  spec: DetectorSpec,
  layout: HeadLayout,
  outputDims: Readonly<Record<string, readonly number[]>>,
): DetectorSpec | null {
  if (spec.family === "detr") return spec.options.format === "pair" ? spec : null;
  if (spec.family !== "yolo-end2end") return spec;
  if (layout.predictions === null) return null;
  const { value, layout: order } = layout.predictions;
  const dims = outputDims[value] ?? [];
  const rows = dims[order === "columns" ? 2 : 1];
  if (rows === undefined) return null;
  return {
    ...spec,
    family: "yolo-v8",
    outputs: { predictions: value },
    options: { rows, layout: order, scores: "probability", boxes: "corners" },
    classNames: Array.from({ length: layout.classCount }, (_, i) => spec.classNames[i] ?? `${i}`),
  };
}
