import { FoveaError } from "../core/errors.ts";
import type { HeadLayout } from "../core/head_layout.ts";
import { GOLDEN_STEP, mixBits } from "../core/mix_bits.ts";
import type { FrameTap } from "../core/tap.ts";
import { scoresOf } from "../detector/apply_head.ts";
import { assignAnchors, type AssignOptions, touchesBorder } from "./assigner.ts";
import { gatherRows, joinRows, type TrainingRows } from "./training_rows.ts";

/**
 * How much a label counts by where it comes from: a person's word is 1, a second detector's a half,
 * and what the detector and its tracker agree on a quarter.
 *
 * The order is measured, the steps between are a choice: on drifted clips a teacher's labels were as
 * good as an operator's in three cases of six and missing or wrong in the others, and the tracker's
 * consensus was worse again, above all where the class was wrong from the beginning.
 */
export const EVIDENCE_WEIGHTS: Readonly<Record<"operator" | "teacher" | "consensus", number>> =
  Object.freeze({ operator: 1, teacher: 0.5, consensus: 0.25 });

/** A thing in a frame that a head is to name. */
export interface FrameTarget {
  /** Its box, `x1 y1 x2 y2` in network pixels. */
  readonly xyxyNet: ArrayLike<number>;
  /** Its class, an index of the head. */
  readonly classIndex: number;
  /** How much it counts, above 0; see {@linkcode EVIDENCE_WEIGHTS}. */
  readonly weight: number;
}

/** Which rows of a frame are learnt from besides those of its targets. */
export interface FrameRowsOptions extends AssignOptions {
  /** How many rows of background with the highest scores, whole, from 0; 32. */
  readonly hardest?: number;
  /**
   * The classes whose scores make background hard, by index: those that learn. All by default. For a
   * new class it matters: what is hard for the others teaches it little.
   */
  readonly classes?: readonly number[];
  /** How many rows of background drawn at random, whole, from 0; 8. */
  readonly random?: number;
  /** Changes what is drawn; 0. The same frame and seed give the same rows. */
  readonly seed?: number;
  /** How much background counts, from 0; as much as the frame's weightiest target, or 1. */
  readonly backgroundWeight?: number;
  /** Targets nearer to the picture's border than this are ignored, in network pixels; 6. */
  readonly borderPx?: number;
}

/** Options of {@linkcode rowsOfFrame} for frames that are kept against forgetting. */
export const REPLAY_FRAME_ROWS: Readonly<Pick<FrameRowsOptions, "hardest" | "random">> = Object
  .freeze({ hardest: 16, random: 4 });

/**
 * Turns what a head saw in a frame, and what is known to be there, into rows to learn from.
 *
 * - Each target gets its rows from {@linkcode assignAnchors}. Targets that touch the border are
 *   ignored, since a part of a thing teaches that parts are things.
 * - Background are the `hardest` rows with the highest scores and `random` others, of those that are
 *   neither a target's nor ignored. Rows in which the model said no number are left out.
 *
 * The tap must hold the rows near the targets: `nearPx` of its rule, or all rows.
 *
 * @param tap What the head saw.
 * @param layout The head.
 * @param targets Everything in the frame that is known.
 * @param ignoredXyxyNet Boxes `[n, 4]` of what is neither target nor background, in network pixels.
 * @throws {RangeError} If a target, a box or an option is out of range.
 * @throws {FoveaError} `HEAD_UNSUPPORTED` for heads whose rows have no place in the picture.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { rowsOfFrame } from "@fovea/fovea/refine";
 * import { findHeads, readModel } from "@fovea/fovea/onnx";
 *
 * const path = new URL("models/tiny/yolo_v8.onnx", `file://${Deno.cwd()}/`);
 * const { layout } = findHeads(readModel(Deno.readFileSync(path)), { classCount: 2 });
 * const tap = {
 *   seq: 0, headVersion: 0, count: 2, row: new Int32Array([0, 1]), reason: new Uint8Array(2),
 *   level: new Uint8Array(2), anchor: new Uint8Array(2),
 *   pointXy: new Float32Array([20, 20, 60, 20]), stride: new Float32Array([8, 8]),
 *   xyxyNet: new Float32Array([10, 10, 30, 30, 50, 10, 70, 30]),
 *   score: new Float32Array([0.4, 0.6]), classIndex: new Int32Array([0, 0]),
 *   channels: 3, features: new Float32Array([1, 2, 3, 4, 5, 6]), logits: new Float32Array(4),
 *   objectnessChannels: 0, objectnessFeatures: null, objectness: null,
 *   letterbox: {
 *     sourceWidth: 100, sourceHeight: 100, netWidth: 100, netHeight: 100,
 *     contentWidth: 100, contentHeight: 100, padX: 0, padY: 0, scaleX: 1, scaleY: 1,
 *   },
 * };
 * const rows = rowsOfFrame(tap, layout, [{ xyxyNet: [10, 10, 30, 30], classIndex: 1, weight: 1 }]);
 * assertEquals([...rows.target], [1, -1]);
 * assertEquals([...rows.features], [1, 2, 3, 4, 5, 6]);
 * ```
 */
export function rowsOfFrame(
  tap: FrameTap,
  layout: HeadLayout,
  targets: readonly FrameTarget[],
  ignoredXyxyNet: Float32Array = new Float32Array(0),
  options: FrameRowsOptions = {},
): TrainingRows {
  const { hardest = 32, random = 8, seed = 0, backgroundWeight, borderPx } = options;
  checkFrame(tap, layout, targets, options);
  const boxes = Float32Array.from(targets.flatMap(({ xyxyNet }) => Array.from(xyxyNet)));
  const cut = touchesBorder(boxes, tap.letterbox, borderPx);
  const whole = targets.filter((_, i) => !cut[i]);
  const ignored = [...ignoredXyxyNet];
  for (const [i, { xyxyNet }] of targets.entries()) {
    if (cut[i]) ignored.push(...Array.from(xyxyNet));
  }
  const assigned = assignAnchors(
    tap,
    Float32Array.from(whole.flatMap(({ xyxyNet }) => Array.from(xyxyNet))),
    Float32Array.from(ignored),
    options,
  );
  const { target } = assigned;
  const sound = (row: number) => !Number.isNaN(tap.score[row]!);
  const all = Array.from({ length: tap.count }, (_, row) => row).filter(sound);
  const positives = all.filter((row) => target[row] !== -1);
  const hardness = options.classes === undefined
    ? tap.score
    : bestScores(tap, layout, options.classes);
  const rest = all.filter((row) => target[row] === -1 && assigned.ignore[row] === 0)
    .sort((a, b) => hardness[b]! - hardness[a]! || a - b);
  const background = [
    ...rest.slice(0, hardest),
    ...drawSome(rest.slice(hardest), random, mixBits(mixBits(seed) + (tap.seq >>> 0))),
  ];
  const floor = backgroundWeight ??
    (targets.length === 0 ? 1 : Math.max(...targets.map(({ weight }) => weight)));
  return gatherRows(
    tap,
    [...positives, ...background],
    (row) => whole[target[row]!]?.classIndex ?? -1,
    (row) => whole[target[row]!]?.weight ?? floor,
  );
}

/** A frame with what is known to be in it. */
export interface LabelledTap {
  /** What the head saw. */
  readonly tap: FrameTap;
  /** Everything in it that is known. */
  readonly targets: readonly FrameTarget[];
  /** Boxes `[n, 4]` of what is neither target nor background, in network pixels. */
  readonly ignoredXyxyNet?: Float32Array;
}

/**
 * Turns labelled frames into rows to learn from: {@linkcode rowsOfFrame} of each, joined.
 *
 * @throws As {@linkcode rowsOfFrame} does; {RangeError} for no frame.
 */
export function collectRows(
  frames: readonly LabelledTap[],
  layout: HeadLayout,
  options: FrameRowsOptions = {},
): TrainingRows {
  return joinRows(
    frames.map(({ tap, targets, ignoredXyxyNet }) =>
      rowsOfFrame(tap, layout, targets, ignoredXyxyNet, options)
    ),
  );
}

/** The best score of some classes in each row, as the head that ran gave it. */
function bestScores(
  { count, logits, objectness }: FrameTap,
  { activation, classCount }: HeadLayout,
  classes: readonly number[],
): Float32Array {
  const scores = scoresOf({ classes: logits, objectness }, activation, classCount);
  return Float32Array.from(
    { length: count },
    (_, row) => classes.reduce((best, c) => Math.max(best, scores[row * classCount + c]!), 0),
  );
}

/** Draws without putting back: the first steps of a Fisher–Yates shuffle. */
function drawSome(from: number[], wanted: number, seed: number): number[] {
  let state = seed;
  const drawn: number[] = [];
  for (let left = from.length; drawn.length < wanted && left > 0; left--) {
    state = (state + GOLDEN_STEP) >>> 0;
    const at = mixBits(state) % left;
    drawn.push(from[at]!);
    from[at] = from[left - 1]!;
  }
  return drawn;
}

function checkFrame(
  { count, stride }: FrameTap,
  { classCount }: HeadLayout,
  targets: readonly FrameTarget[],
  { hardest = 0, random = 0, backgroundWeight = 1, classes = [] }: FrameRowsOptions,
): void {
  const unknown = classes.find((index) =>
    !(Number.isInteger(index) && index >= 0 && index < classCount)
  );
  if (unknown !== undefined) {
    throw new RangeError(`Cannot rank background by class ${unknown} of ${classCount}`);
  }
  if (![hardest, random].every((wanted) => Number.isInteger(wanted) && wanted >= 0)) {
    throw new RangeError(`Cannot take ${hardest} hard and ${random} random rows`);
  }
  if (!(backgroundWeight >= 0 && backgroundWeight < Infinity)) {
    throw new RangeError(`Cannot weigh background ${backgroundWeight}`);
  }
  for (const [i, { xyxyNet, classIndex, weight }] of targets.entries()) {
    const known = Number.isInteger(classIndex) && classIndex >= 0 && classIndex < classCount;
    if (known && weight > 0 && weight < Infinity && xyxyNet.length === 4) continue;
    throw new RangeError(
      `Cannot learn target ${i}: class ${classIndex} of ${classCount}, weight ${weight}, ` +
        `${xyxyNet.length} numbers of a box`,
    );
  }
  if (count > 0 && targets.length > 0 && Number.isNaN(stride[0]!)) {
    throw new FoveaError(
      "HEAD_UNSUPPORTED",
      "Cannot give targets to rows: the model's queries have no place in the picture",
      { hint: "Refine a detector whose predictions lie on a grid" },
    );
  }
}
