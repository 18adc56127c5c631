// deno-lint-ignore-file no-console
// A rare lesion among healthy tissue: 16 of 16,384 pixels. How much of each loss and of its gradient
// easy healthy pixels hold while the lesion is missed, and what each loss says once it is found.
// deno run examples/rare_lesion.ts
import {
  diceInto,
  focalTverskyInto,
  type LossOut,
  sigmoid,
  sigmoidFocalInto,
  tverskyInto,
} from "@fovea/fovea/losses";

const SIDE = 128;
const EASY_BELOW = 0.1;
/** Missing a pixel costs nine times as much as imagining one. */
const SENSITIVE = { alpha: 0.1, beta: 0.9 };

/** A mask with one lesion of 4x4 pixels. */
function makeMask(): Uint8Array {
  return Uint8Array.from({ length: SIDE * SIDE }, (_, pixel) => {
    const [x, y] = [pixel % SIDE, Math.floor(pixel / SIDE)];
    return x >= 60 && x < 64 && y >= 40 && y < 44 ? 1 : 0;
  });
}

/** A segmentation of it as logits: sure of healthy tissue, and of the lesion by `found`. */
function segment(mask: Uint8Array, found: number): Float64Array {
  let state = 1;
  function noise(): number {
    let sum = -6;
    for (let i = 0; i < 12; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      sum += state / 2 ** 32;
    }
    return sum;
  }
  const lesion = Math.log(found / (1 - found));
  return Float64Array.from(mask, (isLesion) => (isLesion ? lesion : -5) + 0.8 * noise());
}

const mask = makeMask();
const missed = segment(mask, 0.05);
const found = segment(mask, 0.95);
const loss = new Float64Array(mask.length);
const gradient = new Float64Array(mask.length);

/** The share of `values` that easy healthy pixels hold while the lesion is missed. */
function easyShare(values: Float64Array): string {
  let easy = 0;
  let all = 0;
  values.forEach((value, pixel) => {
    if (mask[pixel] === 0 && sigmoid(missed[pixel]!) < EASY_BELOW) easy += Math.abs(value);
    all += Math.abs(value);
  });
  return `${(100 * easy / all).toFixed(1)} %`;
}

function tell(name: string, ofLoss: string, sumMissed: number, sumFound: number): void {
  const cells = [
    name.padEnd(20),
    ofLoss.padStart(9),
    easyShare(gradient).padStart(13),
    `x ${(sumFound / sumMissed).toFixed(3)}`.padStart(15),
  ];
  console.log(cells.join(""));
}

console.log(`${mask.length} pixels, ${mask.reduce((sum, y) => sum + y, 0)} of them in a lesion`);
console.log("                    easy pixels hold        loss once the");
console.log("                      of loss  of gradient  lesion is found");
for (const gamma of [0, 0.5, 1, 1.5, 2, 3]) {
  const weights = { gamma, alpha: null };
  const before = sigmoidFocalInto(missed, mask, weights, { loss, gradient });
  const name = gamma === 0 ? "cross-entropy" : `focal, gamma ${gamma}`;
  tell(name, easyShare(loss), before, sigmoidFocalInto(found, mask, weights, {}));
}
const overlaps: [string, (logits: Float64Array, out: LossOut) => number][] = [
  ["Dice", (logits, out) => diceInto(logits, mask, {}, out)],
  ["Tversky 0.3, 0.7", (logits, out) => tverskyInto(logits, mask, {}, out)],
  ["Tversky 0.1, 0.9", (logits, out) => tverskyInto(logits, mask, SENSITIVE, out)],
  ["focal Tversky", (logits, out) => focalTverskyInto(logits, mask, SENSITIVE, out)],
];
for (const [name, lossInto] of overlaps) {
  // One loss for the whole mask: it has no parts that pixels could hold.
  tell(name, "-", lossInto(missed, { gradient }), lossInto(found, {}));
}
