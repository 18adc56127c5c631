import {
  addStrip,
  excludedLanes,
  FocalPlan,
  focalSlope,
  FocalStrip,
  modulate,
  silenceNonFinite,
  SMALL,
  stripClasses,
} from "./focal_plan";
import { choose, loadLanes, logarithm, storeLanes, twiceAtanh } from "./vector_math";

/** What a probability that was rounded to 1 may lack: half a step below 1. */
const MISSING_MIN: f32 = 2.9802322387695312e-8;
/** The smallest normal number: what a probability that was rounded to 0 may have been. */
const NORMAL_MIN: f32 = 1.1754943508222875e-38;

/** `-ln(pt)`, without cancelling where little is missing. */
// @ts-ignore: decorator
@inline
function minusLog(pt: v128, missing: v128): v128 {
  const half = f32x4.splat(0.5);
  const near = twiceAtanh(f32x4.div(f32x4.pmin(missing, half), f32x4.add(f32x4.splat(1), pt)));
  const far = f32x4.gt(missing, half);
  if (!v128.any_true(far)) return near;
  return choose(far, f32x4.neg(logarithm(pt)), near);
}

/** `ln(missing)` where gamma needs it. */
// @ts-ignore: decorator
@inline
function logMissing(plan: FocalPlan, missing: v128): v128 {
  if (plan.halves >= 0) return missing;
  return logarithm(f32x4.pmax(missing, f32x4.splat(NORMAL_MIN)));
}

/** Twice the gamma that {@linkcode addQuietStrip} is made for. */
export const QUIET_HALVES: i32 = 4;

/**
 * Adds a strip of negatives that are all small, with gamma 2 and without derivatives: nearly all of a
 * picture is like that, and this way it costs a third. The sums have the same bits as those of
 * {@linkcode addProbabilityStrip}.
 *
 * @param isBackground Whether no target lies in the strip, so that nothing is left out.
 * @returns Whether all scores were small and finite; if not, nothing was added.
 */
export function addQuietStrip(strip: FocalStrip, isBackground: bool, plan: FocalPlan): bool {
  if (strip.lanes == 4 && isBackground) {
    if (strip.objectness != 0) return addQuiet(strip, true, true, true, plan);
    return addQuiet(strip, true, false, true, plan);
  }
  if (strip.objectness != 0) return addQuiet(strip, false, true, false, plan);
  return addQuiet(strip, false, false, false, plan);
}

/** {@linkcode addQuietStrip} with what is the same for all of a strip decided by the compiler. */
// @ts-ignore: decorator
@inline
function addQuiet(
  strip: FocalStrip,
  isWhole: bool,
  hasObjectness: bool,
  isBackground: bool,
  plan: FocalPlan,
): bool {
  const one = f32x4.splat(1);
  const half = f32x4.splat(0.5);
  const zero = f32x4.splat(0);
  const classes = stripClasses(strip);
  const lanes = strip.lanes;
  const used = i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(lanes));
  const step = strip.step;
  const count = strip.count;
  let focal = zero;
  let crossEntropy = zero;
  let highest = zero;
  let from = strip.from;
  let objectness = strip.objectness;
  for (let index: u32 = 0; index < count; index++, from += step) {
    let score = isWhole || lanes == 4 ? v128.load(from) : loadLanes(from, lanes, zero);
    if (hasObjectness) {
      score = f32x4.mul(score, v128.load32_splat(objectness));
      // Infinity times a lane that is not in use would count as broken.
      if (!isWhole) score = v128.and(score, used);
      objectness += step;
    }
    if (!isBackground && strip.targets != 0) {
      score = v128.andnot(score, excludedLanes(strip, index, classes));
    }
    // A lane that is not a number stays so, here and in the highest.
    const missing = f32x4.pmax(score, zero);
    highest = f32x4.max(highest, missing);
    const third = f32x4.mul(missing, f32x4.splat(0.33333333));
    const second = f32x4.mul(missing, f32x4.add(half, third));
    const loss = f32x4.mul(missing, f32x4.add(one, second));
    focal = f32x4.add(focal, f32x4.mul(f32x4.mul(missing, missing), loss));
    crossEntropy = f32x4.add(crossEntropy, loss);
  }
  if (!i32x4.all_true(f32x4.lt(highest, f32x4.splat(SMALL)))) return false;
  addStrip(plan, strip, focal, zero, crossEntropy, zero);
  return true;
}

/**
 * Adds a strip of negatives given as probabilities. Where all four are small, cross-entropy is a
 * series in them: with a gamma that is a multiple of a half there is no logarithm at all.
 *
 * @returns Whether all scores were finite; if not, nothing was added and the caller asks again with
 * `careful`, which leaves those out and counts them.
 */
export function addProbabilityStrip(strip: FocalStrip, careful: bool, plan: FocalPlan): bool {
  const one = f32x4.splat(1);
  const zero = f32x4.splat(0);
  const classes = stripClasses(strip);
  const lanes = strip.lanes;
  const used = i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(lanes));
  let easyFocal = zero;
  let hardFocal = zero;
  let easyCrossEntropy = zero;
  let hardCrossEntropy = zero;
  let broken = zero;
  let from = strip.from;
  let objectness = strip.objectness;
  let gradient = strip.gradient;
  for (let index: u32 = 0; index < strip.count; index++, from += strip.step) {
    let score = lanes == 4 ? v128.load(from) : loadLanes(from, lanes, zero);
    if (objectness != 0) {
      // Infinity times a lane that is not in use would count as broken.
      score = v128.and(f32x4.mul(score, v128.load32_splat(objectness)), used);
      objectness += strip.step;
    }
    if (strip.targets != 0) score = v128.andnot(score, excludedLanes(strip, index, classes));
    if (careful) score = silenceNonFinite(score, zero, plan);
    else broken = v128.or(broken, f32x4.sub(score, score));
    const missing = f32x4.pmin(f32x4.pmax(score, zero), one);
    const small = !v128.any_true(f32x4.ge(missing, f32x4.splat(SMALL)));
    let crossEntropy: v128;
    if (small) {
      const third = f32x4.mul(missing, f32x4.splat(0.33333333));
      const second = f32x4.mul(missing, f32x4.add(f32x4.splat(0.5), third));
      crossEntropy = f32x4.mul(missing, f32x4.add(one, second));
    } else {
      const pt = f32x4.pmax(f32x4.sub(one, missing), f32x4.splat(MISSING_MIN));
      crossEntropy = minusLog(pt, missing);
    }
    const modulator = modulate(plan, missing, logMissing(plan, missing));
    const focal = f32x4.mul(modulator, crossEntropy);
    if (small) {
      easyFocal = f32x4.add(easyFocal, focal);
      easyCrossEntropy = f32x4.add(easyCrossEntropy, crossEntropy);
    } else {
      const easy = f32x4.lt(missing, f32x4.splat(plan.easyBelow));
      easyFocal = f32x4.add(easyFocal, v128.and(focal, easy));
      hardFocal = f32x4.add(hardFocal, v128.andnot(focal, easy));
      easyCrossEntropy = f32x4.add(easyCrossEntropy, v128.and(crossEntropy, easy));
      hardCrossEntropy = f32x4.add(hardCrossEntropy, v128.andnot(crossEntropy, easy));
    }
    if (gradient != 0) {
      const slope = focalSlope(plan, modulator, missing, crossEntropy);
      const weighted = f32x4.mul(slope, f32x4.splat(plan.negativeWeight));
      if (lanes == 4) v128.store(gradient, weighted);
      else storeLanes(gradient, lanes, weighted);
      gradient += strip.gradientStep;
    }
  }
  if (v128.any_true(broken)) return false;
  addStrip(plan, strip, easyFocal, hardFocal, easyCrossEntropy, hardCrossEntropy);
  return true;
}

/** Adds a positive of this probability; its derivative goes to `gradient`, 0 for nowhere. */
export function addPositiveProbability(score: f32, gradient: usize, plan: FocalPlan): void {
  if (!isFinite(score)) {
    plan.nonFinite += 1;
    if (gradient != 0) store<f32>(gradient, 0);
    return;
  }
  const p = f32x4.splat(min(max(score, <f32>0), <f32>1));
  const missing = f32x4.sub(f32x4.splat(1), p);
  const crossEntropy = minusLog(f32x4.pmax(p, f32x4.splat(NORMAL_MIN)), missing);
  const modulator = modulate(plan, missing, logMissing(plan, missing));
  plan.positives += 1;
  plan.positiveFocal += <f64>f32x4.extract_lane(f32x4.mul(modulator, crossEntropy), 0);
  plan.positiveCrossEntropy += <f64>f32x4.extract_lane(crossEntropy, 0);
  if (gradient == 0) return;
  const slope = f32x4.extract_lane(focalSlope(plan, modulator, missing, crossEntropy), 0);
  store<f32>(gradient, -plan.positiveWeight * slope);
}
