import { FoveaError } from "../core/errors.ts";
import type { FrameResult } from "../core/result.ts";
import type { FrameTap, TapRequest, TapRule } from "../core/tap.ts";
import type { HeadGrid } from "../detector/head_grid.ts";

/** A picture that is about to be inferred. */
export interface FrameToTap {
  /** Position in the stream. */
  readonly seq: number;
  /** Reconnects before it. */
  readonly epoch: number;
  /** Presentation time in milliseconds. */
  readonly ptsMs: number;
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
}

/** Taps rows of the head while the loop runs. The detector must be loaded with `head`. */
export interface TapOptions {
  /**
   * What to tap of every picture, or a function that says so for each one, `null` for nothing. It is
   * called in the order of capture, before the picture is inferred.
   */
  readonly select: TapRequest | ((frame: FrameToTap) => TapRequest | null);
  /** Gets what was tapped, in the order of results, each before its result goes anywhere. */
  readonly onTap: (tap: FrameTap, result: FrameResult) => void | Promise<void>;
}

/** Most rows that a rule may ask for by number. */
const COUNT_MAX = 1_000_000;

const RULE_KEYS: readonly (keyof TapRule)[] = [
  "nearPx",
  "nearStrides",
  "scoreMin",
  "hardest",
  "random",
  "seed",
];

/**
 * Checks what is to be tapped.
 *
 * @throws {FoveaError} `USAGE` naming what is out of range.
 */
export function checkTapRequest({ rows }: TapRequest, grid: HeadGrid): void {
  if (rows instanceof Int32Array) {
    const wrong = rows.find((row) => row < 0 || row >= grid.rows);
    if (wrong !== undefined) throw refuse(`row ${wrong}: there are ${grid.rows}, from 0`);
    return;
  }
  if (typeof rows !== "object" || rows === null) throw refuse(`rows ${rows}`);
  const unknown = Object.keys(rows).find((key) => !(RULE_KEYS as readonly string[]).includes(key));
  if (unknown !== undefined) throw refuse(`by rule "${unknown}": it is unknown`);
  const { nearPx, nearStrides = 1, scoreMin = 0, hardest = 0, random = 0, seed = 0 } = rows;
  if (nearPx !== undefined) checkBoxes(nearPx);
  if (!(nearStrides > 0)) throw refuse(`by nearStrides ${nearStrides}: more than 0 is needed`);
  if (!(scoreMin >= 0 && scoreMin <= 1)) throw refuse(`by scoreMin ${scoreMin}: 0 to 1 is needed`);
  for (const [name, count] of Object.entries({ hardest, random })) {
    if (Number.isInteger(count) && count >= 0 && count <= COUNT_MAX) continue;
    throw refuse(`by ${name} ${count}: a whole number from 0 to ${COUNT_MAX} is needed`);
  }
  if (!Number.isSafeInteger(seed)) throw refuse(`by seed ${seed}: a whole number is needed`);
}

function checkBoxes(boxes: unknown): void {
  const sound = boxes instanceof Float32Array && boxes.length % 4 === 0 &&
    boxes.every((corner) => Number.isFinite(corner));
  if (!sound) throw refuse("near boxes that are not rows of four finite float32 numbers");
}

function refuse(what: string): FoveaError {
  return new FoveaError("USAGE", `Cannot tap ${what}`, {
    hint: `Give rows as an Int32Array, or rules: ${RULE_KEYS.join(", ")}`,
  });
}
