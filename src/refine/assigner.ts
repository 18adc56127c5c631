import { boxIou } from "../core/box_overlap.ts";
import type { Letterbox } from "../core/input_spec.ts";

/** Predictions that targets may be given to, as columns; a `FrameTap` is one. */
export interface AnchorColumns {
  /** Number of anchors. */
  readonly count: number;
  /** Anchor points, `[count, 2]`, `x y` in network pixels. */
  readonly pointXy: Float32Array;
  /** Sides of their cells, `[count]`, in network pixels. */
  readonly stride: Float32Array;
  /** Predicted boxes, `[count, 4]`, `x1 y1 x2 y2` in network pixels. */
  readonly xyxyNet: Float32Array;
}

/** Rules of {@linkcode assignAnchors}. */
export interface AssignOptions {
  /** How far from a target's centre its anchor points lie, in strides on each axis; 2.5. */
  readonly centreStrides?: number;
  /** Most anchors of a target, and how many of the best decide on its number; 10. */
  readonly topCandidates?: number;
  /** Anchors whose box overlaps a target or an ignored box by more than this are left out; 0.4. */
  readonly ignoreIou?: number;
  /** Anchors inside a target whose box overlaps it by more than this are left out; 0.2. */
  readonly ignoreInsideIou?: number;
}

/** Which target each anchor answers for. */
export interface Assignment {
  /** Target of each anchor, `[anchors]` int32; -1 for none. */
  readonly target: Int32Array;
  /** IoU of the predicted box with that target, `[anchors]` float32; 0 where there is none. */
  readonly iou: Float32Array;
  /** 1 where an anchor answers for nothing and is no negative either, `[anchors]` uint8. */
  readonly ignore: Uint8Array;
}

/**
 * Gives targets to anchors by where they are and what they predict, without regard to the class.
 *
 * - Candidates of a target are the anchors whose point lies inside its box and within
 *   `centreStrides` strides of its centre on both axes; where there is none, the anchor nearest to
 *   the centre (sum of the distances on both axes).
 * - Of these it gets the `k` whose predicted boxes overlap it most, `k` being the sum of its
 *   `topCandidates` best IoUs, cut to a whole number from 1 to `topCandidates`.
 * - An anchor that several targets claim goes to the one it overlaps most, and to the first of
 *   them where they are equal. A target that loses all of its anchors so takes the candidate it
 *   overlaps most among those that nobody has, else the nearest anchor that nobody has or that a
 *   target with several can spare: every target has an anchor, as long as there are as many.
 * - Anchors that answer for nothing are ignored where their box overlaps a target, or a box of
 *   `ignored`, by more than `ignoreIou`, or lies with its point inside a target and overlaps it by
 *   more than `ignoreInsideIou`.
 *
 * Source: the centre prior and dynamic k of Ge et al. 2021, "YOLOX" (SimOTA), with the class left
 * out of the cost.
 *
 * @param anchors The anchors.
 * @param targets Boxes `[n, 4]`, `x1 y1 x2 y2` in network pixels.
 * @param ignored Boxes of things that are neither targets nor background, likewise.
 * @throws {RangeError} If a box is empty or not finite, or an option is out of range.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { assignAnchors } from "@fovea/fovea/refine";
 *
 * const anchors = {
 *   count: 3,
 *   pointXy: new Float32Array([4, 4, 12, 4, 20, 4]),
 *   stride: new Float32Array([8, 8, 8]),
 *   xyxyNet: new Float32Array([0, 0, 8, 8, 1, 0, 9, 8, 16, 0, 24, 8]),
 * };
 * const { target, ignore } = assignAnchors(anchors, new Float32Array([0, 0, 8, 8]));
 * assertEquals([...target], [0, -1, -1]);
 * assertEquals([...ignore], [0, 1, 0]);
 * ```
 */
export function assignAnchors(
  anchors: AnchorColumns,
  targets: Float32Array,
  ignored: Float32Array = new Float32Array(0),
  options: AssignOptions = {},
): Assignment {
  checkBoxes(targets, "target");
  checkBoxes(ignored, "ignored box");
  const rules = checkRules(options);
  const { count } = anchors;
  const targetCount = targets.length / 4;
  const assignment = {
    target: new Int32Array(count).fill(-1),
    iou: new Float32Array(count),
    ignore: new Uint8Array(count),
  };
  const claims: TargetClaim[] = [];
  for (let index = 0; index < targetCount; index++) {
    const claim = claimAnchors(anchors, targets, index, rules, assignment.ignore);
    claims.push(claim);
    for (const anchor of claim.chosen) claimOne(assignment, claims, anchor, claim);
  }
  if (count >= targetCount) {
    for (const claim of claims) giveOne(anchors, claim, claims, assignment);
  }
  ignoreBoxes(anchors, ignored, rules.ignoreIou, assignment.ignore);
  for (let anchor = 0; anchor < count; anchor++) {
    if (assignment.target[anchor] !== -1) assignment.ignore[anchor] = 0;
  }
  return assignment;
}

/** One target's view of the anchors. */
interface TargetClaim {
  readonly index: number;
  readonly centreX: number;
  readonly centreY: number;
  /** IoU with the predicted box of every anchor. */
  readonly iou: Float64Array;
  /** Anchors that it may have. */
  readonly candidates: readonly number[];
  /** Anchors that it wants, best first. */
  readonly chosen: readonly number[];
}

function claimAnchors(
  anchors: AnchorColumns,
  targets: Float32Array,
  index: number,
  rules: Required<AssignOptions>,
  ignore: Uint8Array,
): TargetClaim {
  const [x1, y1, x2, y2] = targets.subarray(4 * index, 4 * index + 4) as unknown as Box;
  const [centreX, centreY] = [(x1 + x2) / 2, (y1 + y2) / 2];
  const iou = new Float64Array(anchors.count);
  const candidates: number[] = [];
  for (let anchor = 0; anchor < anchors.count; anchor++) {
    const overlap = boxIou(anchors.xyxyNet, 4 * anchor, targets, 4 * index);
    iou[anchor] = overlap;
    const x = anchors.pointXy[2 * anchor]!;
    const y = anchors.pointXy[2 * anchor + 1]!;
    const inside = x > x1 && x < x2 && y > y1 && y < y2;
    if (overlap > rules.ignoreIou || (inside && overlap > rules.ignoreInsideIou)) {
      ignore[anchor] = 1;
    }
    const reach = rules.centreStrides * anchors.stride[anchor]!;
    if (inside && Math.abs(x - centreX) < reach && Math.abs(y - centreY) < reach) {
      candidates.push(anchor);
    }
  }
  if (candidates.length === 0) {
    const nearest = findNearest(anchors, centreX, centreY, () => true);
    if (nearest !== -1) candidates.push(nearest);
  }
  candidates.sort((a, b) => iou[b]! - iou[a]! || a - b);
  const best = candidates.slice(0, rules.topCandidates);
  const sum = best.reduce((total, anchor) => total + iou[anchor]!, 0);
  const wanted = Math.max(1, Math.min(Math.floor(sum), rules.topCandidates));
  return { index, centreX, centreY, iou, candidates, chosen: best.slice(0, wanted) };
}

function claimOne(
  assignment: Assignment,
  claims: readonly TargetClaim[],
  anchor: number,
  { index, iou }: TargetClaim,
): void {
  const owner = claims[assignment.target[anchor]!];
  if (owner !== undefined && owner.iou[anchor]! >= iou[anchor]!) return;
  assignment.target[anchor] = index;
  assignment.iou[anchor] = iou[anchor]!;
}

/** Gives a target that has no anchor left the best that can be spared. */
function giveOne(
  anchors: AnchorColumns,
  claim: TargetClaim,
  claims: readonly TargetClaim[],
  assignment: Assignment,
): void {
  const { target } = assignment;
  if (claim.chosen.some((anchor) => target[anchor] === claim.index)) return;
  const free = claim.candidates.find((anchor) => target[anchor] === -1);
  const owned = new Int32Array(claims.length);
  for (const index of target) if (index !== -1) owned[index]!++;
  const given = free ??
    findNearest(anchors, claim.centreX, claim.centreY, (anchor) => {
      const owner = target[anchor]!;
      return owner === -1 || owned[owner]! > 1;
    });
  target[given] = claim.index;
  assignment.iou[given] = claim.iou[given]!;
}

function findNearest(
  { count, pointXy }: AnchorColumns,
  centreX: number,
  centreY: number,
  allowed: (anchor: number) => boolean,
): number {
  let nearest = -1;
  let least = Infinity;
  for (let anchor = 0; anchor < count; anchor++) {
    const distance = Math.abs(pointXy[2 * anchor]! - centreX) +
      Math.abs(pointXy[2 * anchor + 1]! - centreY);
    if (distance < least && allowed(anchor)) [nearest, least] = [anchor, distance];
  }
  return nearest;
}

function ignoreBoxes(
  anchors: AnchorColumns,
  boxes: Float32Array,
  ignoreIou: number,
  ignore: Uint8Array,
): void {
  for (let box = 0; box < boxes.length / 4; box++) {
    for (let anchor = 0; anchor < anchors.count; anchor++) {
      if (boxIou(anchors.xyxyNet, 4 * anchor, boxes, 4 * box) > ignoreIou) ignore[anchor] = 1;
    }
  }
}

type Box = readonly [x1: number, y1: number, x2: number, y2: number];

/** Distance from the picture's border below which a target counts as cut off, in network pixels. */
const BORDER_PX = 6;

/**
 * Parts targets that touch the border of the picture from those that are seen whole. A box that is
 * cut off teaches that a part of a thing is the thing, so it is to be ignored.
 *
 * @param boxes Boxes `[n, 4]`, `x1 y1 x2 y2` in network pixels.
 * @param letterbox How the picture lies in the network input.
 * @param borderPx Nearer to the border than this counts as touching, in network pixels; 6.
 * @returns For each box, whether it touches the border.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { touchesBorder } from "@fovea/fovea/refine";
 *
 * const letterbox = {
 *   sourceWidth: 200, sourceHeight: 100, netWidth: 100, netHeight: 100,
 *   contentWidth: 100, contentHeight: 50, padX: 0, padY: 25, scaleX: 0.5, scaleY: 0.5,
 * };
 * const boxes = new Float32Array([10, 40, 30, 60, 10, 28, 30, 60, 80, 40, 96, 60]);
 * assertEquals(touchesBorder(boxes, letterbox), [false, true, true]);
 * ```
 */
export function touchesBorder(
  boxes: Float32Array,
  letterbox: Letterbox,
  borderPx: number = BORDER_PX,
): boolean[] {
  const { padX, padY, contentWidth, contentHeight } = letterbox;
  return Array.from({ length: boxes.length / 4 }, (_, i) => {
    const [x1, y1, x2, y2] = boxes.subarray(4 * i, 4 * i + 4) as unknown as Box;
    return x1 - padX < borderPx || y1 - padY < borderPx ||
      padX + contentWidth - x2 < borderPx || padY + contentHeight - y2 < borderPx;
  });
}

function checkBoxes(boxes: Float32Array, what: string): void {
  if (boxes.length % 4 !== 0) {
    throw new RangeError(`Cannot assign anchors: ${boxes.length} numbers make no boxes`);
  }
  for (let at = 0; at < boxes.length; at += 4) {
    const [x1, y1, x2, y2] = boxes.subarray(at, at + 4) as unknown as Box;
    if (x2 > x1 && y2 > y1 && Number.isFinite(x2 - x1) && Number.isFinite(y2 - y1)) continue;
    throw new RangeError(
      `Cannot assign anchors: ${what} ${at / 4} is [${x1}, ${y1}, ${x2}, ${y2}]`,
    );
  }
}

function checkRules(options: AssignOptions): Required<AssignOptions> {
  const rules = {
    centreStrides: options.centreStrides ?? 2.5,
    topCandidates: options.topCandidates ?? 10,
    ignoreIou: options.ignoreIou ?? 0.4,
    ignoreInsideIou: options.ignoreInsideIou ?? 0.2,
  };
  const { centreStrides, topCandidates, ignoreIou, ignoreInsideIou } = rules;
  const sound = centreStrides > 0 && Number.isInteger(topCandidates) && topCandidates >= 1 &&
    ignoreIou >= 0 && ignoreIou <= 1 && ignoreInsideIou >= 0 && ignoreInsideIou <= 1;
  if (sound) return rules;
  throw new RangeError(`Cannot assign anchors by the rules ${JSON.stringify(rules)}`);
}
