// deno-lint-ignore-file no-console
// One small pedestrian in a large background: what cross-entropy and focal loss look at, and what
// they say when the detector stops seeing it.
// deno run examples/small_pedestrian.ts
import { sigmoid, sigmoidFocalInto } from "@fovea/fovea/losses";

const ANCHORS = 8400;
const ON_PEDESTRIAN = 3;
const EASY_BELOW = 0.1;

/** Scores of a detector that finds the pedestrian with probability `found`, as logits. */
function makeLogits(found: number): Float64Array {
  let state = 1;
  function noise(): number {
    let sum = -6;
    for (let i = 0; i < 12; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      sum += state / 2 ** 32;
    }
    return sum;
  }
  const logits = Float64Array.from({ length: ANCHORS }, () => -5 + 0.8 * noise());
  return logits.fill(Math.log(found / (1 - found)), 0, ON_PEDESTRIAN);
}

/** The share of `values` that lies where `logits` are easy negatives. */
function easyShare(logits: Float64Array, values: Float64Array): number {
  let easy = 0;
  let all = 0;
  values.forEach((value, anchor) => {
    const isEasy = anchor >= ON_PEDESTRIAN && sigmoid(logits[anchor]!) < EASY_BELOW;
    if (isEasy) easy += Math.abs(value);
    all += Math.abs(value);
  });
  return easy / all;
}

const targets = new Uint8Array(ANCHORS).fill(1, 0, ON_PEDESTRIAN);
const seen = makeLogits(0.4);
const lost = makeLogits(0.02);
const out = { loss: new Float64Array(ANCHORS), gradient: new Float64Array(ANCHORS) };

console.log(`${ANCHORS} anchors, ${ON_PEDESTRIAN} of them on a pedestrian`);
console.log("gamma  easy negatives hold      loss once the");
console.log("       of loss  of gradient     pedestrian is lost");
for (const gamma of [0, 0.5, 1, 1.5, 2, 3]) {
  const weights = { gamma, alpha: null };
  const before = sigmoidFocalInto(seen, targets, weights, out);
  const [ofLoss, ofGradient] = [out.loss, out.gradient].map((values) => easyShare(seen, values));
  const after = sigmoidFocalInto(lost, targets, weights, out);
  const cells = [
    gamma.toFixed(1).padStart(5),
    `${(100 * ofLoss!).toFixed(1)} %`.padStart(9),
    `${(100 * ofGradient!).toFixed(1)} %`.padStart(12),
    `x ${(after / before).toFixed(2)}`.padStart(15),
  ];
  console.log(cells.join(""));
}
