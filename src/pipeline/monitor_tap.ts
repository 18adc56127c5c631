import { candidatesBytes, candidatesView } from "../core/candidates.ts";
import type { Detections } from "../core/detections.ts";
import type { DetectorSpec } from "../core/detector_spec.ts";
import type { Letterbox } from "../core/input_spec.ts";
import type { Candidates, Kernels } from "../core/kernels.ts";
import type { OutputView } from "../core/ports.ts";
import type { OutputAdapter } from "../detector/adapter.ts";
import { type AnchorPoints, anchorPointsOf } from "../detector/anchor_points.ts";
import { gatherDetections, suppress } from "../detector/finish_detections.ts";
import type { AnchorFacts } from "../monitor/anchor_facts.ts";
import { backgroundScores } from "../monitor/background_scores.ts";
import { anchorLoss, type OwnDetection, ROW_SCORE_MIN } from "../monitor/anchor_loss.ts";

/** Weakest detection that the monitor looks at. */
const WEAK_SCORE = 0.05;
/** How the monitor suppresses overlaps: rather too little than too much. */
const SUPPRESSION = { iouThreshold: 0.6, agnosticNms: false, maxDetections: 60 };

/** What the monitor is told about a frame by the worker, the picture's look aside. */
export interface MonitorFacts {
  /** Detections down to 0.05, of all classes, in source pixels. */
  readonly detections: Detections;
  /** The loss of all anchors. */
  readonly anchors: AnchorFacts;
  /** What the scores say where nothing is, row by row; `null` where rows have no place. */
  readonly background: Float32Array | null;
}

/** Memory that a tap works in; with wasm kernels it lies in theirs. */
export interface TapMemory {
  /** The frame's candidates, decoded from {@linkcode MonitorTap.confidence} on. */
  readonly candidates: Candidates;
  /** Room for kept rows. */
  readonly keep: Int32Array;
  /** Room for the class of each row of the model's output. */
  readonly rowTargets: Int32Array;
}

/** Takes out of a model's output what the monitor needs, where the output lies: little is copied. */
export class MonitorTap {
  /** Lowest score that candidates must be decoded from. */
  readonly confidence = ROW_SCORE_MIN;
  readonly #spec: DetectorSpec;
  readonly #adapter: OutputAdapter;
  readonly #points: AnchorPoints | null;
  readonly #scratch: Candidates;

  /** Made for one model. */
  constructor(spec: DetectorSpec, adapter: OutputAdapter) {
    this.#spec = spec;
    this.#adapter = adapter;
    this.#points = anchorPointsOf(spec);
    const { rows } = adapter;
    this.#scratch = candidatesView(new ArrayBuffer(candidatesBytes(rows)), 0, rows);
  }

  /**
   * Takes the newest run's facts. The candidates stay as they are.
   *
   * @param letterbox How this frame was fitted into the network input.
   */
  read(
    outputs: OutputView,
    kernels: Kernels,
    { candidates, keep, rowTargets }: TapMemory,
    letterbox: Letterbox,
  ): MonitorFacts {
    const kept = this.#countWeak(
      candidates,
      keep,
      suppress(candidates, kernels, SUPPRESSION, this.#spec, keep),
    );
    const scores = this.#adapter.scores(outputs);
    const scene = {
      scores,
      points: this.#points,
      detections: Array.from(keep.subarray(0, kept), (row) => detectionAt(candidates, row)),
      candidates,
      boxesOf: (rows: readonly number[]) => this.#boxesOf(outputs, rows),
    };
    return {
      detections: gatherDetections(candidates, letterbox, keep, kept),
      anchors: anchorLoss(scene, kernels, rowTargets.subarray(0, scores.rows)),
      background: this.#points === null ? null : backgroundScores(scores),
    };
  }

  /** How many of the kept rows, best first, are no weaker than the monitor wants. */
  #countWeak(candidates: Candidates, keep: Int32Array, kept: number): number {
    let count = kept;
    while (count > 0 && candidates.score[keep[count - 1]!]! < WEAK_SCORE) count--;
    return count;
  }

  #boxesOf(outputs: OutputView, rows: readonly number[]): Float32Array {
    const scratch = this.#scratch;
    scratch.count = rows.length;
    scratch.anchorIndex.set(rows);
    this.#adapter.boxesInto(outputs, scratch);
    return scratch.xyxyNet;
  }
}

function detectionAt(
  { xyxyNet, score, classIndex, anchorIndex }: Candidates,
  i: number,
): OwnDetection {
  return {
    xyxyNet: [xyxyNet[4 * i]!, xyxyNet[4 * i + 1]!, xyxyNet[4 * i + 2]!, xyxyNet[4 * i + 3]!],
    score: score[i]!,
    classIndex: classIndex[i]!,
    row: anchorIndex[i]!,
  };
}
