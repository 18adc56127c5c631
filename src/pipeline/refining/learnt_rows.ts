import { boxIou } from "../../core/box_overlap.ts";
import { FoveaError } from "../../core/errors.ts";
import type { FrameTap } from "../../core/tap.ts";
import type { FrameTargets, ScoredBox } from "../../monitor/target_box.ts";
import { toNetInto } from "../../preprocess/letterbox.ts";
import {
  EVIDENCE_WEIGHTS,
  type FrameRowsOptions,
  REPLAY_FRAME_ROWS,
  rowsOfFrame,
} from "../../refine/frame_rows.ts";
import type { HeadScorer } from "../../refine/head_scorer.ts";
import type { EvidenceRecord } from "../../refine/ledger_event.ts";
import { joinRows, type TrainingRows } from "../../refine/training_rows.ts";
import { type FrameSet, targetsOf } from "./frame_set.ts";
import { liesOnTarget, listBoxes } from "./judge_frame.ts";
import { EvidenceTally, fingerprint, type RefinableDetector, walkFrames } from "./walk_frames.ts";

/** What was gathered from a set of frames. */
export interface GatheredRows {
  /** The rows; `null` where there are none. */
  readonly rows: TrainingRows | null;
  /** What they are, for the ledger. */
  readonly record: EvidenceRecord;
  /** Classes that were labelled, by index, ascending. */
  readonly labelled: readonly number[];
  /** Classes that the detector took labelled objects for, by index, ascending. */
  readonly confused: readonly number[];
  /** Fingerprints of the frames. */
  readonly frames: ReadonlySet<string>;
}

/** What gathering needs besides the frames. */
export interface GatherContext {
  readonly target: RefinableDetector;
  readonly scorer: HeadScorer;
  readonly signal: AbortSignal | undefined;
  /** Is told after each frame. */
  readonly onFrame: () => void;
}

/** Score from which a wrong name for a labelled object is worth unlearning. */
const CONFUSED_SCORE = 0.1;

/**
 * Gathers rows to learn from, or to keep.
 *
 * Detections of classes that nobody looked for, and that lie on no target, are places about which
 * nothing is claimed: neither things nor background.
 *
 * @throws {FoveaError} `ANNOTATIONS_INVALID` if a label lies outside of its picture.
 */
export async function gatherRowsOf(
  set: FrameSet,
  role: "learnt" | "replayed",
  { target, scorer, signal, onFrame }: GatherContext,
): Promise<GatheredRows> {
  const { served } = target;
  const parts: TrainingRows[] = [];
  const tally = new EvidenceTally(role, set);
  const labelled = new Set<number>();
  const confused = new Set<number>();
  const frames = new Set<string>();
  await walkFrames(target, set, signal, (tap) => {
    onFrame();
    const found = listBoxes(scorer.detect(tap, served, served));
    const known = targetsOf(set, tap, found);
    if (known === undefined) return;
    checkInside(known, tap, set.source);
    const rows = makeRows(tap, target, set, known, found, role);
    if (role === "learnt") {
      for (const { classIndex } of known.targets) labelled.add(classIndex);
      for (const box of found) {
        if (box.score < CONFUSED_SCORE || !liesOnTarget(box, known.targets)) continue;
        confused.add(box.classIndex);
      }
    }
    parts.push(rows);
    const frame = fingerprint(tap);
    frames.add(frame);
    tally.add(frame, known, rows.count);
  });
  return {
    rows: parts.length === 0 ? null : joinRows(parts),
    record: tally.record(),
    labelled: [...labelled].sort(ascending),
    confused: [...confused].filter((index) => !labelled.has(index)).sort(ascending),
    frames,
  };
}

function ascending(a: number, b: number): number {
  return a - b;
}

/**
 * Models without suppression have one row speak for each object: that one learns, and the rows around
 * it are background, since a second one that speaks is one detection too many.
 */
const ONE_TO_ONE: FrameRowsOptions = { topCandidates: 1, ignoreIou: 1, ignoreInsideIou: 1 };
/** IoU from which a row of such a model may be the one that speaks for an object. */
const SPEAKING_IOU = 0.5;

function makeRows(
  tap: FrameTap,
  { layout, detector: { spec: { needsNms } } }: RefinableDetector,
  { labelledBy, judged }: FrameSet,
  known: FrameTargets,
  found: readonly ScoredBox[],
  role: "learnt" | "replayed",
): TrainingRows {
  const weight = EVIDENCE_WEIGHTS[labelledBy === "own" ? "operator" : labelledBy];
  const unclaimed = judged === null
    ? []
    : found.filter((box) =>
      box.score >= CONFUSED_SCORE && !judged.has(box.classIndex) &&
      !liesOnTarget(box, known.targets)
    );
  const targets = toNet(tap, known.targets.map(({ xyxyPx }) => xyxyPx));
  if (!needsNms) {
    for (let at = 0; at < targets.length; at += 4) speakFor(targets.subarray(at, at + 4), tap);
  }
  return rowsOfFrame(
    tap,
    layout,
    known.targets.map(({ classIndex }, i) => {
      return { classIndex, weight, xyxyNet: targets.subarray(4 * i, 4 * i + 4) };
    }),
    toNet(tap, [...known.ignored, ...unclaimed.map(({ xyxyPx }) => xyxyPx)]),
    { ...(role === "learnt" ? {} : REPLAY_FRAME_ROWS), ...(needsNms ? {} : ONE_TO_ONE) },
  );
}

/** Puts the box of the row that speaks for an object in place of the label, so that it is assigned. */
function speakFor(xyxyNet: Float32Array, { count, score, xyxyNet: boxes }: FrameTap): void {
  let speaker = -1;
  for (let row = 0; row < count; row++) {
    if (speaker >= 0 && !(score[row]! > score[speaker]!)) continue;
    if (boxIou(boxes, 4 * row, xyxyNet, 0) >= SPEAKING_IOU) speaker = row;
  }
  if (speaker >= 0) xyxyNet.set(boxes.subarray(4 * speaker, 4 * speaker + 4));
}

function toNet(tap: FrameTap, boxes: readonly (readonly number[])[]): Float32Array {
  const net = Float32Array.from(boxes.flat());
  toNetInto(tap.letterbox, net, boxes.length);
  return net;
}

/** A label outside of its picture belongs to another one. */
export function checkInside({ targets }: FrameTargets, tap: FrameTap, source: string): void {
  const { sourceWidth, sourceHeight } = tap.letterbox;
  for (const { xyxyPx: [x1, y1, x2, y2] } of targets) {
    const inside = x2 > x1 && y2 > y1 && x1 < sourceWidth && y1 < sourceHeight && x2 > 0 && y2 > 0;
    if (inside) continue;
    throw new FoveaError(
      "ANNOTATIONS_INVALID",
      `Cannot learn from frame ${tap.seq} of ${source}: the box [${
        [x1, y1, x2, y2].map((corner) => corner.toFixed(1)).join(", ")
      }] is not in its picture of ${sourceWidth}×${sourceHeight} pixels`,
      { hint: "Give the annotations that belong to these pictures" },
    );
  }
}
