// What a head in training says, what that costs, and how the cost changes with its logits.
import { choose, expNegative, logarithm, powHalves, sumLanes, twiceAtanh } from "./vector_math";

/** From this logit on, what both scores lack is written as a quotient that cannot underflow. */
const SURE: f32 = 15;

/** What is asked: the focal loss, likeness to given probabilities, or the probabilities. */
const FOCAL: u32 = 0;
const DISTIL: u32 = 1;

/** `x^gamma`, from `-ln(x)` where gamma is no multiple of a half. */
// @ts-ignore: decorator
@inline
function raise(x: v128, minusLn: v128, gamma: f32, halves: i32): v128 {
  if (halves >= 0) return powHalves(x, halves);
  return expNegative(f32x4.mul(f32x4.splat(-gamma), minusLn));
}

/** Lanes of the classes from `first` that are below `classes`. */
// @ts-ignore: decorator
@inline
function lanesBelow(first: u32, classes: u32): v128 {
  return i32x4.lt_s(i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3)), i32x4.splat(classes));
}

/**
 * Replaces the logits of `[rows, width]` by what is asked, see `TrainingKernels`.
 *
 * With objectness `p = sigmoid(c) sigmoid(o)`, `1 - p = sigmoid(-c) + sigmoid(c) sigmoid(-o)`, and of
 * the joint logit `z = ln p - ln(1 - p)`: `dz/dc = sigmoid(-c) / (1 - p)`, `dz/do` likewise.
 *
 * @param objectness `[rows, 4]` of which the first counts, 0 for none.
 * @param asked 0 for the focal loss, 1 for likeness, 2 for probabilities.
 * @param against Int32 targets `[rows]`, or probabilities `[rows, width]`.
 * @param halves Twice gamma where that is a small whole number, else -1.
 */
export function headSlopes(
  logits: usize,
  objectness: usize,
  rows: u32,
  classes: u32,
  width: u32,
  asked: u32,
  against: usize,
  weights: usize,
  alpha: f32,
  gamma: f32,
  halves: i32,
  scale: f64,
): f64 {
  const one = f32x4.splat(1);
  const two = f32x4.splat(2);
  const zero = f32x4.splat(0);
  const half = f32x4.splat(0.5);
  const gammas = f32x4.splat(gamma);
  const negative = f32x4.splat(1 - alpha);
  const positive = f32x4.splat(alpha);
  const rowBytes: usize = 4 * width;
  const joint = objectness != 0;
  let total: f64 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const factor = asked > DISTIL ? 0 : scale * <f64>load<f32>(weights + 4 * row);
    const factors = f32x4.splat(<f32>factor);
    const target = asked == FOCAL ? load<i32>(against + 4 * row) : -1;
    const o = joint ? v128.load32_splat(objectness + 16 * row) : zero;
    const tailO = expNegative(f32x4.neg(f32x4.abs(o)));
    const highO = f32x4.div(one, f32x4.add(one, tailO));
    const lowO = f32x4.mul(tailO, highO);
    const scoreO = choose(f32x4.ge(o, zero), highO, lowO);
    const lackO = choose(f32x4.ge(o, zero), lowO, highO);
    const minusLnO = f32x4.sub(
      twiceAtanh(f32x4.div(tailO, f32x4.add(two, tailO))),
      f32x4.pmin(zero, o),
    );
    let sum = zero;
    let slopeO = zero;
    for (let first: u32 = 0; first < width; first += 4) {
      const at = logits + rowBytes * row + 4 * first;
      const c = v128.load(at);
      const tail = expNegative(f32x4.neg(f32x4.abs(c)));
      const high = f32x4.div(one, f32x4.add(one, tail));
      const low = f32x4.mul(tail, high);
      const above = f32x4.ge(c, zero);
      const rest = twiceAtanh(f32x4.div(tail, f32x4.add(two, tail)));
      let p = choose(above, high, low);
      let lack = choose(above, low, high);
      let minusLnP = f32x4.sub(rest, f32x4.pmin(zero, c));
      let minusLnLack = f32x4.add(rest, f32x4.pmax(zero, c));
      let byClass = one;
      let byObjectness = zero;
      if (joint) {
        const lackC = lack;
        const lower = f32x4.pmin(c, o);
        lack = f32x4.add(lackC, f32x4.mul(p, lackO));
        p = f32x4.mul(p, scoreO);
        minusLnP = f32x4.add(minusLnP, minusLnO);
        minusLnLack = twiceAtanh(f32x4.div(p, f32x4.sub(two, p)));
        const likely = f32x4.gt(p, half);
        if (v128.any_true(likely)) {
          minusLnLack = choose(likely, f32x4.neg(logarithm(lack)), minusLnLack);
        }
        const inverse = f32x4.div(one, lack);
        byClass = f32x4.mul(lackC, inverse);
        byObjectness = f32x4.mul(lackO, inverse);
        const sure = f32x4.gt(lower, f32x4.splat(SURE));
        if (v128.any_true(sure)) {
          const apart = f32x4.sub(c, o);
          const small = expNegative(f32x4.neg(f32x4.abs(apart)));
          const more = f32x4.div(one, f32x4.add(one, small));
          const less = f32x4.mul(small, more);
          const ahead = f32x4.ge(apart, zero);
          const shared = twiceAtanh(f32x4.div(small, f32x4.add(two, small)));
          minusLnLack = choose(sure, f32x4.sub(lower, shared), minusLnLack);
          byClass = choose(sure, choose(ahead, less, more), byClass);
          byObjectness = choose(sure, choose(ahead, more, less), byObjectness);
        }
      }
      const inside = lanesBelow(first, classes);
      if (asked > DISTIL) {
        v128.store(at, v128.and(p, inside));
        continue;
      }
      let value: v128;
      let slope: v128;
      if (asked == DISTIL) {
        const q = v128.load(against + rowBytes * row + 4 * first);
        const excess = f32x4.sub(p, q);
        const distance = f32x4.abs(excess);
        const crossEntropy = f32x4.add(
          f32x4.mul(q, minusLnP),
          f32x4.mul(f32x4.sub(one, q), minusLnLack),
        );
        value = f32x4.mul(distance, crossEntropy);
        const steep = f32x4.mul(f32x4.mul(p, lack), crossEntropy);
        const signed = choose(f32x4.ge(excess, zero), steep, f32x4.neg(steep));
        slope = f32x4.add(f32x4.mul(distance, excess), v128.and(signed, f32x4.ne(excess, zero)));
      } else {
        const modulator = f32x4.mul(negative, raise(p, minusLnP, gamma, halves));
        const pull = f32x4.mul(f32x4.mul(gammas, lack), minusLnLack);
        value = f32x4.mul(modulator, minusLnLack);
        slope = f32x4.mul(modulator, f32x4.add(pull, p));
        if (target >= 0 && (<u32>target & ~3) == first) {
          const lane = i32x4.eq(
            i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3)),
            i32x4.splat(target),
          );
          const push = f32x4.mul(positive, raise(lack, minusLnLack, gamma, halves));
          const grow = f32x4.mul(f32x4.mul(gammas, p), minusLnP);
          value = choose(lane, f32x4.mul(push, minusLnP), value);
          slope = choose(lane, f32x4.neg(f32x4.mul(push, f32x4.add(grow, lack))), slope);
        }
      }
      sum = f32x4.add(sum, v128.and(value, inside));
      slope = v128.and(f32x4.mul(slope, factors), inside);
      v128.store(at, f32x4.mul(slope, byClass));
      slopeO = f32x4.add(slopeO, f32x4.mul(slope, byObjectness));
    }
    total += factor * sumLanes(sum);
    if (joint) v128.store(objectness + 16 * row, f32x4(<f32>sumLanes(slopeO), 0, 0, 0));
  }
  return total;
}
