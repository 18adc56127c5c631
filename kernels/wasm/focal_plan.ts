import { choose, expNegative, loadLanes, powHalves, sumLanes } from "./vector_math";

/** Probability below which series of a few terms are exact in float32. */
export const SMALL: f32 = 0.001;
/** The logit of that probability, rounded away from 0. */
export const SMALL_LOGIT: f32 = -6.9068;
/** A logit whose probability and loss are exactly 0. */
export const SILENT_LOGIT: f32 = -1000;

/**
 * What is wanted and what was found, in the order of `SUM` and `WORD` in src/native/wasm_focal.ts.
 * Pointers are byte offsets; 0 is none.
 */
@unmanaged
export class FocalPlan {
  // Results
  easyFocal: f64;
  hardFocal: f64;
  easyCrossEntropy: f64;
  hardCrossEntropy: f64;
  positiveFocal: f64;
  positiveCrossEntropy: f64;
  positives: u32;
  nonFinite: u32;
  // Settings
  gamma: f32;
  /** Twice gamma where that is a small whole number, else -1. */
  halves: i32;
  /** Weights of the two sides in the gradient. */
  positiveWeight: f32;
  negativeWeight: f32;
  easyBelow: f32;
  /** Class of each row, -1 for background, below for ignored. */
  targets: usize;
  /** Float64 sums of the negatives' focal loss, one for each class. */
  classFocal: usize;
  /** Float32 derivatives, in the layout of the scores without anything between them. */
  gradient: usize;
}

/** Sets the results to 0. */
export function clearSums(plan: FocalPlan, classCount: u32): void {
  plan.easyFocal = 0;
  plan.hardFocal = 0;
  plan.easyCrossEntropy = 0;
  plan.hardCrossEntropy = 0;
  plan.positiveFocal = 0;
  plan.positiveCrossEntropy = 0;
  plan.positives = 0;
  plan.nonFinite = 0;
  if (plan.classFocal != 0) memory.fill(plan.classFocal, 0, 8 * classCount);
}

/**
 * Some vectors of four negatives that lie `step` bytes apart: the same four classes in rows that
 * follow each other, or one class of anchors that follow each other.
 */
@unmanaged
export class FocalStrip {
  from: usize;
  step: usize;
  count: u32;
  /** Lanes in use, the others are not read: 1 to 4. */
  lanes: u32;
  firstClass: u32;
  /** Whether the lanes are classes, or anchors of one class. */
  lanesAreClasses: u32;
  /** Targets of the first vector, 0 for none. */
  targets: usize;
  /** Objectness of the first row, 0 for none; the same `step` applies. */
  objectness: usize;
  /** Where the first derivatives go, 0 for nowhere, and how far apart. */
  gradient: usize;
  gradientStep: usize;
}

/** The classes of a strip's lanes. */
// @ts-ignore: decorator
@inline
export function stripClasses(strip: FocalStrip): v128 {
  const first = i32x4.splat(strip.firstClass);
  return strip.lanesAreClasses != 0 ? i32x4.add(first, i32x4(0, 1, 2, 3)) : first;
}

/** Lanes of vector `index` that are no negatives: positives and ignored rows. */
// @ts-ignore: decorator
@inline
export function excludedLanes(strip: FocalStrip, index: u32, classes: v128): v128 {
  let targets: v128;
  if (strip.lanesAreClasses != 0) {
    targets = v128.load32_splat(strip.targets + 4 * index);
  } else {
    const from = strip.targets + 16 * index;
    targets = strip.lanes == 4 ? v128.load(from) : loadLanes(from, strip.lanes, i32x4.splat(-2));
  }
  return v128.or(i32x4.eq(targets, classes), i32x4.lt_s(targets, i32x4.splat(-1)));
}

/** `missing^gamma`, from its logarithm where gamma is no multiple of a half. */
// @ts-ignore: decorator
@inline
export function modulate(plan: FocalPlan, missing: v128, logMissing: v128): v128 {
  if (plan.halves >= 0) return powHalves(missing, plan.halves);
  return expNegative(f32x4.mul(f32x4.splat(plan.gamma), logMissing));
}

/**
 * The derivative of the focal loss by the logit of the wrong answer:
 * `modulator (gamma p_t CE + missing)`, `p_t = 1 - missing`.
 */
// @ts-ignore: decorator
@inline
export function focalSlope(
  plan: FocalPlan,
  modulator: v128,
  missing: v128,
  crossEntropy: v128,
): v128 {
  const pt = f32x4.sub(f32x4.splat(1), missing);
  const pull = f32x4.mul(f32x4.mul(f32x4.splat(plan.gamma), pt), crossEntropy);
  return f32x4.mul(modulator, f32x4.add(pull, missing));
}

/** Replaces lanes that are NaN or infinite by `silent`, and counts them. */
// @ts-ignore: decorator
@inline
export function silenceNonFinite(scores: v128, silent: v128, plan: FocalPlan): v128 {
  const finite = f32x4.eq(f32x4.sub(scores, scores), f32x4.splat(0));
  plan.nonFinite += 4 - popcnt(i32x4.bitmask(finite));
  return choose(finite, scores, silent);
}

/** Adds a strip's sums. Within a strip sums are float32, across strips float64. */
// @ts-ignore: decorator
@inline
export function addStrip(
  plan: FocalPlan,
  strip: FocalStrip,
  easyFocal: v128,
  hardFocal: v128,
  easyCrossEntropy: v128,
  hardCrossEntropy: v128,
): void {
  plan.easyFocal += sumLanes(easyFocal);
  plan.hardFocal += sumLanes(hardFocal);
  plan.easyCrossEntropy += sumLanes(easyCrossEntropy);
  plan.hardCrossEntropy += sumLanes(hardCrossEntropy);
  if (plan.classFocal == 0) return;
  const focal = f32x4.add(easyFocal, hardFocal);
  const to = plan.classFocal + 8 * strip.firstClass;
  if (strip.lanesAreClasses == 0) {
    store<f64>(to, load<f64>(to) + sumLanes(focal));
    return;
  }
  store<f64>(to, load<f64>(to) + <f64>f32x4.extract_lane(focal, 0));
  if (strip.lanes > 1) store<f64>(to, load<f64>(to, 8) + <f64>f32x4.extract_lane(focal, 1), 8);
  if (strip.lanes > 2) store<f64>(to, load<f64>(to, 16) + <f64>f32x4.extract_lane(focal, 2), 16);
  if (strip.lanes > 3) store<f64>(to, load<f64>(to, 24) + <f64>f32x4.extract_lane(focal, 3), 24);
}
