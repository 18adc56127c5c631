import type { Candidates, Kernels } from "../core/kernels.ts";
import { type FocalSettings, type FocalSums, IGNORED, makeFocalSums } from "../core/focal_sums.ts";
import { boxIou } from "../core/box_overlap.ts";
import type { Xyxy } from "../core/xyxy.ts";
import type { AnchorPoints } from "../detector/anchor_points.ts";
import { columnOf, type ScoreMap } from "../detector/score_map.ts";
import type { AnchorFacts } from "./anchor_facts.ts";
import { sumSoftmax } from "./softmax_sums.ts";

/** Weight of positives; negatives weigh `1 - ALPHA`. Lin et al. 2017. */
const ALPHA = 0.25;
/** Score from which an own detection is taken for a target; weaker ones are ignored. */
const TARGET_SCORE = 0.5;
/** Score below which a detection is not even ignored. */
const IGNORED_SCORE = 0.1;
/** Rows with a lower score change the sums by nothing worth the look. */
export const ROW_SCORE_MIN = 0.005;
/** A row may be a target's if its point is within this many strides of the target's centre. */
const CENTRE_STRIDES = 2.5;
/** Most rows a target gets, and rows whose IoU decides how many. */
const TARGET_ROWS_MAX = 10;
/** A row on a target or an ignored detection by more than this says nothing. */
const IGNORED_IOU = 0.4;
/** The same for rows whose point is inside a target. */
const INSIDE_IOU = 0.2;
/** Negatives below this probability are easy. */
const EASY_BELOW = 0.1;
/** Focusing of the focal loss beside the cross-entropy. */
const GAMMA = 2;
/** A row that belongs to no detection. */
const BACKGROUND = -1;

/** An own detection in network pixels. */
export interface OwnDetection {
  /** Corners in network pixels. */
  readonly xyxyNet: Xyxy;
  /** Score, 0–1. */
  readonly score: number;
  /** Class. */
  readonly classIndex: number;
  /** Row of the model's output. */
  readonly row: number;
}

/** What the loss of all anchors is computed from. */
export interface AnchorScene {
  /** All scores. */
  readonly scores: ScoreMap;
  /** Where the rows look; `null` where they are queries. */
  readonly points: AnchorPoints | null;
  /** Detections after suppression. */
  readonly detections: readonly OwnDetection[];
  /** Rows whose score reaches {@linkcode ROW_SCORE_MIN}, with their boxes. */
  readonly candidates: Pick<Candidates, "count" | "anchorIndex" | "xyxyNet">;
  /** Boxes of any rows, `[rows, 4]` as corners in network pixels; borrowed until the next call. */
  boxesOf(rows: readonly number[]): Float32Array;
}

/**
 * The loss of all anchors against the detector's own sure detections (score 0.5 and up): they are
 * the targets, weaker ones down to 0.1 are ignored, and every other cell is a negative. It rises
 * when the scores of a picture become undecided, whether or not objects are missed.
 *
 * Positives of a target: the rows whose point lies inside it and within 2.5 strides of its centre,
 * the best `k` of them by the IoU of their boxes, `k` the sum of the ten best IoUs, 1 to 10. Sources:
 * Ge et al. 2021, "YOLOX" (SimOTA, here without the class cost); Lin et al. 2017.
 *
 * @param targets Room for the class of each row, `[rows]` int32, overwritten. With wasm kernels it
 * must lie in the kernels' memory.
 */
export function anchorLoss(
  scene: AnchorScene,
  kernels: Kernels,
  targets: Int32Array,
): AnchorFacts {
  const { scores } = scene;
  const sure = scene.detections.filter(({ score }) => score >= TARGET_SCORE);
  targets.fill(BACKGROUND);
  for (const row of ignoredRows(scene, sure)) targets[row] = IGNORED;
  for (const target of sure) {
    for (const row of positiveRows(target, scene)) {
      const column = columnOf(scores, row, target.classIndex);
      if (column >= 0) targets[row] = column;
    }
  }
  const sums = sumScores(scores, kernels, targets);
  const weigh = (positive: number, negative: number) => ALPHA * positive + (1 - ALPHA) * negative;
  return {
    positives: sums.positives,
    crossEntropy: weigh(sums.positiveCrossEntropy, sums.negativeCrossEntropy),
    easyCrossEntropy: weigh(0, sums.easyCrossEntropy),
    focalLoss: weigh(sums.positiveFocal, sums.negativeFocal),
    easyFocalLoss: weigh(0, sums.easyFocal),
    nonFinite: sums.nonFinite,
  };
}

function sumScores(scores: ScoreMap, kernels: Kernels, targets: Int32Array): FocalSums {
  const { data, rows, columns, offset, rowStep, columnStep, objectnessOffset } = scores;
  const settings: FocalSettings = {
    activation: scores.activation === "sigmoid" ? "logit" : "probability",
    gamma: GAMMA,
    alpha: null,
    easyBelow: EASY_BELOW,
  };
  const sums = makeFocalSums();
  if (scores.activation === "softmax") {
    sumSoftmax(scores, targets, settings, sums);
  } else if (columnStep > 1) {
    kernels.focalColumns(data, offset, rows, columns, targets, settings, sums);
  } else {
    const shape = {
      rows,
      rowLength: rowStep,
      classOffset: offset,
      classCount: columns,
      objectnessOffset: objectnessOffset ?? -1,
    };
    kernels.focalRows(data, shape, targets, settings, sums);
  }
  return sums;
}

/** Rows that say nothing: on a target, or on a detection that is neither here nor there. */
function ignoredRows(
  { candidates, points, detections }: AnchorScene,
  sure: readonly OwnDetection[],
): number[] {
  const weak = detections.filter(({ score }) => score < TARGET_SCORE && score >= IGNORED_SCORE);
  const rows: number[] = [];
  for (let i = 0; i < candidates.count; i++) {
    const row = candidates.anchorIndex[i]!;
    const overlap = ({ xyxyNet }: OwnDetection) => boxIou(xyxyNet, 0, candidates.xyxyNet, 4 * i);
    const isIgnored = weak.some((box) => overlap(box) > IGNORED_IOU) ||
      sure.some((box) => {
        const iou = overlap(box);
        return iou > IGNORED_IOU || (iou > INSIDE_IOU && isInside(row, box.xyxyNet, points));
      });
    if (isIgnored) rows.push(row);
  }
  return rows;
}

function isInside(row: number, [x1, y1, x2, y2]: Xyxy, points: AnchorPoints | null): boolean {
  if (points === null) return false;
  const [x, y] = [points.x[row]!, points.y[row]!];
  return x > x1 && x < x2 && y > y1 && y < y2;
}

/** The rows that a target is assigned to. */
function positiveRows(target: OwnDetection, { points, boxesOf }: AnchorScene): readonly number[] {
  if (points === null) return [target.row];
  const candidates = rowsAround(target.xyxyNet, points);
  if (candidates.length === 0) return [target.row];
  const boxes = boxesOf(candidates);
  const ious = candidates.map((row, i) => ({ row, iou: boxIou(target.xyxyNet, 0, boxes, 4 * i) }));
  const best = ious.sort((a, b) => b.iou - a.iou).slice(0, TARGET_ROWS_MAX);
  const sum = best.reduce((total, { iou }) => total + iou, 0);
  const count = Math.floor(Math.min(TARGET_ROWS_MAX, Math.max(1, sum)));
  return best.slice(0, count).map(({ row }) => row);
}

/** Rows whose point lies inside a box and near its centre. */
function rowsAround([x1, y1, x2, y2]: Xyxy, points: AnchorPoints): number[] {
  const [centreX, centreY] = [(x1 + x2) / 2, (y1 + y2) / 2];
  const rows: number[] = [];
  for (const [level, stride] of points.strides.entries()) {
    const [start, end] = [points.levelStarts[level]!, points.levelStarts[level + 1]!];
    const cells = (end - start) / points.anchorsPerCell;
    const columns = columnsOf(points, start, end);
    const reach = CENTRE_STRIDES * stride;
    const left = Math.max(x1, centreX - reach);
    const right = Math.min(x2, centreX + reach);
    const top = Math.max(y1, centreY - reach);
    const bottom = Math.min(y2, centreY + reach);
    for (let row = firstCell(top, stride); (row + 0.5) * stride < bottom; row++) {
      for (let column = firstCell(left, stride); (column + 0.5) * stride < right; column++) {
        const cell = row * columns + column;
        if (column >= columns || cell >= cells) continue;
        for (let anchor = 0; anchor < points.anchorsPerCell; anchor++) {
          rows.push(start + anchor * cells + cell);
        }
      }
    }
  }
  return rows;
}

/** The first cell whose centre lies past a coordinate. */
function firstCell(coordinate: number, stride: number): number {
  return Math.max(0, Math.floor(coordinate / stride - 0.5) + 1);
}

/** Number of columns of a level: cells until the row of points ends. */
function columnsOf({ y }: AnchorPoints, start: number, end: number): number {
  let columns = 1;
  while (start + columns < end && y[start + columns] === y[start]) columns++;
  return columns;
}
