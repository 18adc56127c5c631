import {
  addStrip,
  excludedLanes,
  FocalPlan,
  focalSlope,
  FocalStrip,
  modulate,
  silenceNonFinite,
  SILENT_LOGIT,
  SMALL_LOGIT,
  stripClasses,
} from "./focal_plan";
import { choose, expNegative, loadLanes, storeLanes, twiceAtanh } from "./vector_math";

/**
 * Adds a strip of negatives given as logits. Where all four are far below 0, probability and
 * cross-entropy are series in `exp(z)`; there is no division then.
 *
 * @returns Whether all scores were finite; if not, nothing was added and the caller asks again with
 * `careful`, which leaves those out and counts them.
 */
export function addLogitStrip(strip: FocalStrip, careful: bool, plan: FocalPlan): bool {
  const one = f32x4.splat(1);
  const zero = f32x4.splat(0);
  const silent = f32x4.splat(SILENT_LOGIT);
  const classes = stripClasses(strip);
  const lanes = strip.lanes;
  let easyFocal = zero;
  let hardFocal = zero;
  let easyCrossEntropy = zero;
  let hardCrossEntropy = zero;
  let broken = zero;
  let from = strip.from;
  let gradient = strip.gradient;
  for (let index: u32 = 0; index < strip.count; index++, from += strip.step) {
    let z = lanes == 4 ? v128.load(from) : loadLanes(from, lanes, silent);
    if (strip.targets != 0) z = choose(excludedLanes(strip, index, classes), silent, z);
    if (careful) z = silenceNonFinite(z, silent, plan);
    else broken = v128.or(broken, f32x4.sub(z, z));
    const tail = expNegative(f32x4.neg(f32x4.abs(z)));
    const small = !v128.any_true(f32x4.ge(z, f32x4.splat(SMALL_LOGIT)));
    let missing: v128;
    let rest: v128;
    if (small) {
      missing = f32x4.mul(tail, f32x4.sub(one, f32x4.mul(tail, f32x4.sub(one, tail))));
      const third = f32x4.mul(tail, f32x4.splat(0.33333333));
      rest = f32x4.mul(tail, f32x4.sub(one, f32x4.mul(tail, f32x4.sub(f32x4.splat(0.5), third))));
    } else {
      const high = f32x4.div(one, f32x4.add(one, tail));
      missing = choose(f32x4.ge(z, zero), high, f32x4.mul(tail, high));
      // ln(1 + tail)
      rest = twiceAtanh(f32x4.div(tail, f32x4.add(f32x4.splat(2), tail)));
    }
    const crossEntropy = f32x4.add(f32x4.pmax(z, zero), rest);
    const modulator = modulate(plan, missing, f32x4.sub(f32x4.pmin(z, zero), rest));
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

/** Adds the positive whose logit is at `from`; its derivative goes to `gradient`, 0 for nowhere. */
export function addPositiveLogit(from: usize, gradient: usize, plan: FocalPlan): void {
  const logit = load<f32>(from);
  if (!isFinite(logit)) {
    plan.nonFinite += 1;
    if (gradient != 0) store<f32>(gradient, 0);
    return;
  }
  // A positive is a negative of the opposite logit.
  const z = f32x4.splat(-logit);
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const tail = expNegative(f32x4.neg(f32x4.abs(z)));
  const high = f32x4.div(one, f32x4.add(one, tail));
  const missing = choose(f32x4.ge(z, zero), high, f32x4.mul(tail, high));
  const rest = twiceAtanh(f32x4.div(tail, f32x4.add(f32x4.splat(2), tail)));
  const crossEntropy = f32x4.add(f32x4.pmax(z, zero), rest);
  const modulator = modulate(plan, missing, f32x4.sub(f32x4.pmin(z, zero), rest));
  plan.positives += 1;
  plan.positiveFocal += <f64>f32x4.extract_lane(f32x4.mul(modulator, crossEntropy), 0);
  plan.positiveCrossEntropy += <f64>f32x4.extract_lane(crossEntropy, 0);
  if (gradient == 0) return;
  const slope = f32x4.extract_lane(focalSlope(plan, modulator, missing, crossEntropy), 0);
  store<f32>(gradient, -plan.positiveWeight * slope);
}
