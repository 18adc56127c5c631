import type { Candidates } from "../core/kernels.ts";
import { GOLDEN_STEP, mixBits } from "../core/mix_bits.ts";
import { TAP_REASONS, type TapReason, type TapRule } from "../core/tap.ts";
import type { HeadGrid } from "./head_grid.ts";

const NEAR_STRIDES = 2.5;

/** Picks rows of a frame by rules. Made for one model; keeps its working memory. */
export class RowPicker {
  /** Rows that are picked, in the order in which the rules picked them. */
  readonly rows: Int32Array;
  /** Why, as an index into {@linkcode TAP_REASONS}. */
  readonly reasons: Uint8Array;
  readonly #grid: HeadGrid;
  readonly #pointX: Float32Array;
  readonly #pointY: Float32Array;
  readonly #stride: Float32Array;
  readonly #taken: Uint8Array;
  readonly #rest: Int32Array;
  #count = 0;

  /** Works out the anchor points once. */
  constructor(grid: HeadGrid) {
    const { rows } = grid;
    this.#grid = grid;
    this.rows = new Int32Array(rows);
    this.reasons = new Uint8Array(rows);
    this.#pointX = new Float32Array(rows);
    this.#pointY = new Float32Array(rows);
    this.#stride = new Float32Array(rows);
    this.#taken = new Uint8Array(rows);
    this.#rest = new Int32Array(rows);
    for (let row = 0; row < rows; row++) {
      const { x, y, stride } = grid.pointOf(row);
      this.#pointX[row] = x;
      this.#pointY[row] = y;
      this.#stride[row] = stride;
    }
  }

  /**
   * Picks rows and returns how many.
   *
   * @param scored Every row that has a score, with its score.
   * @param rule The rules; `nearNet` replaces its boxes.
   * @param nearNet The boxes of `rule` in network pixels, `[n, 4]`.
   * @param seq Position of the frame, which decides the draw.
   */
  pick(scored: Candidates, rule: TapRule, nearNet: Float32Array, seq: number): number {
    this.#count = 0;
    this.#taken.fill(1);
    // Rows without a score are never picked by rule.
    for (let i = 0; i < scored.count; i++) this.#taken[scored.anchorIndex[i]!] = 0;
    this.#pickNear(nearNet, rule.nearStrides ?? NEAR_STRIDES);
    if (rule.scoreMin !== undefined) this.#pickScores(scored, rule.scoreMin);
    this.#pickHardest(scored, rule.hardest ?? 0);
    this.#pickRandom(rule.random ?? 0, rule.seed ?? 0, seq);
    return this.#count;
  }

  #take(row: number, reason: TapReason): void {
    this.#taken[row] = 1;
    this.rows[this.#count] = row;
    this.reasons[this.#count++] = TAP_REASONS.indexOf(reason);
  }

  #pickNear(boxes: Float32Array, strides: number): void {
    for (let at = 0; at + 4 <= boxes.length; at += 4) {
      const [x1, y1, x2, y2] = boxes.subarray(at, at + 4) as unknown as number[];
      const centreX = (x1! + x2!) / 2;
      const centreY = (y1! + y2!) / 2;
      let found = false;
      let nearest = -1;
      let distance = Infinity;
      for (let row = 0; row < this.#grid.rows; row++) {
        const x = this.#pointX[row]!;
        const y = this.#pointY[row]!;
        const dx = Math.abs(x - centreX);
        const dy = Math.abs(y - centreY);
        if (dx + dy < distance) {
          nearest = row;
          distance = dx + dy;
        }
        const reach = strides * this.#stride[row]!;
        if (x > x1! && x < x2! && y > y1! && y < y2! && dx < reach && dy < reach) {
          found = true;
          if (this.#taken[row] === 0) this.#take(row, "near");
        }
      }
      if (!found && nearest >= 0 && this.#taken[nearest] === 0) this.#take(nearest, "near");
    }
  }

  #pickScores({ count, score, anchorIndex }: Candidates, scoreMin: number): void {
    const threshold = Math.fround(scoreMin);
    for (let i = 0; i < count; i++) {
      const row = anchorIndex[i]!;
      if (score[i]! >= threshold && this.#taken[row] === 0) this.#take(row, "score");
    }
  }

  /** The best `wanted` rows, best first, equal scores in the order of the rows. */
  #pickHardest({ count, score, anchorIndex }: Candidates, wanted: number): void {
    const best = this.#rest;
    let kept = 0;
    for (let i = 0; i < count && wanted > 0; i++) {
      if (this.#taken[anchorIndex[i]!] !== 0) continue;
      if (kept === wanted && score[best[kept - 1]!]! >= score[i]!) continue;
      if (kept < wanted) kept++;
      let at = kept - 1;
      while (at > 0 && score[best[at - 1]!]! < score[i]!) best[at] = best[--at]!;
      best[at] = i;
    }
    for (let i = 0; i < kept; i++) this.#take(anchorIndex[best[i]!]!, "hardest");
  }

  /** Draws without putting back: the first steps of a Fisher–Yates shuffle. */
  #pickRandom(wanted: number, seed: number, seq: number): void {
    const rest = this.#rest;
    let left = 0;
    for (let row = 0; row < this.#taken.length && wanted > 0; row++) {
      if (this.#taken[row] === 0) rest[left++] = row;
    }
    let state = mixBits(mixBits(seed) + (seq >>> 0));
    for (let drawn = 0; drawn < wanted && left > 0; drawn++) {
      state = (state + GOLDEN_STEP) >>> 0;
      const at = mixBits(state) % left;
      this.#take(rest[at]!, "random");
      rest[at] = rest[--left]!;
    }
  }
}
