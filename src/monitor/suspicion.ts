import {
  BLOCK_COLUMNS,
  BLOCK_ROWS,
  type ImageFacts,
  THUMBNAIL_COLUMNS,
  THUMBNAIL_ROWS,
} from "./image_look.ts";

/** What may have happened to a camera. It is information, never an alarm by itself. */
export type SuspicionName =
  | "dark"
  | "low contrast"
  | "noise"
  | "blur"
  | "colour cast"
  | "obstructed"
  | "camera moved"
  | "class mix"
  | "confidence collapse";

/** One suspicion with how far it goes. */
export interface Suspicion {
  /** What may have happened. */
  readonly name: SuspicionName;
  /** How far what is seen lies from the camera's own past; 1 is where it becomes notable. */
  readonly strength: number;
}

/** What the scores of a frame look like. */
export interface ScoreFacts {
  /** Mean score of detections above 0.1; 0 where there is none. */
  readonly meanScore: number;
  /** Detections of at least 0.25 by class. */
  readonly classCounts: ReadonlyMap<number, number>;
}

/** Picture and scores of a time, averaged; plain data. */
export interface LookAverage extends ImageFacts {
  /** Mean of the mean scores. */
  readonly meanScore: number;
  /** Detections a frame by class. */
  readonly classRates: Readonly<Record<string, number>>;
}

/** A share below which a fall is notable. */
const NOTABLE_SHARE = 0.6;
/** A picture that kept this share of its luma or contrast did not lose it. */
const KEPT_SHARE = 0.75;
/** Codes of chroma that a mean colour may wander. */
const CAST_CODES = 9;
/** A block below this share of its sharpness, the picture's own change left out, lost it … */
const LOST_SHARE = 0.4;
/** … and one above this share kept it. */
const KEPT_STRUCTURE = 0.6;
/** A covered block correlates less than this with its past … */
const COVERED_CORRELATION = 0.75;
/** … or, where it had no structure to know it by, changed its luma by more than this. */
const COVERED_CODES = 12;
/** A picture this dark shows nothing about what is in front of it. */
const DARKNESS = 1.5;
/** Share of lost blocks that is notable where the others show what they showed … */
const LOST_BLOCKS = 0.15;
/** … and where they do not: a camera that moved loses less. */
const LOST_BLOCKS_ALONE = 0.4;
/** A block that correlates less than this with its past shows something else. */
const SAME_CORRELATION = 0.5;
/** Share of the kept blocks that must show something else to be notable. */
const CHANGED_BLOCKS = 0.65;
/** Luma of a block must vary by this many codes to be recognised. */
const STRUCTURE_CODES = 3;
/** Detections a frame that a mix of classes must rest on. */
const MIX_RATE_MIN = 0.2;
/** Divergence of class mixes that is notable, of at most ln 2. */
const MIX_DIVERGENCE = 0.2;

/**
 * Names what may have happened to a camera: what is seen in the picture first, then what is seen in
 * the scores alone, each the strongest first. It compares the picture and the
 * scores of the last moments with the same camera's calm past. Empty where nothing is notable.
 *
 * A cause is named only where a plainer one does not explain it: a dark picture has little contrast
 * too, and a covered one another scene.
 *
 * @param past The mean over the warm-up.
 * @param now The mean over the last moments.
 *
 * @example A picture that became dark
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { type LookAverage, suspect } from "@fovea/fovea/monitor";
 *
 * const past: LookAverage = {
 *   luma: 120,
 *   contrast: 50,
 *   sharpness: 8,
 *   noise: 2,
 *   cb: 0,
 *   cr: 0,
 *   blockSharpness: Array(48).fill(8),
 *   thumbnail: Array(1728).fill(120),
 *   meanScore: 0.7,
 *   classRates: { 0: 2 },
 * };
 * const now = { ...past, luma: 40, contrast: 20 };
 * assertEquals(suspect(past, now).map(({ name }) => name), ["dark"]);
 * ```
 */
export function suspect(past: LookAverage, now: LookAverage): Suspicion[] {
  const causes = suspectImage(past, now);
  const symptoms = [
    ...notable("confidence collapse", fall(past.meanScore, now.meanScore)),
    ...notable("class mix", classMix(past, now) / MIX_DIVERGENCE),
  ];
  return [causes, symptoms].flatMap((found) => found.sort((a, b) => b.strength - a.strength));
}

function suspectImage(past: LookAverage, now: LookAverage): Suspicion[] {
  const dark = fall(past.luma, now.luma);
  const flat = fall(past.contrast, now.contrast);
  const noise = (now.noise - past.noise) / (0.8 * past.noise + 2);
  const { lost, changed, usual } = compareBlocks(past, now);
  const isWhole = now.contrast >= KEPT_SHARE * past.contrast;
  const isNoisy = noise >= 1;
  const isFlat = flat >= 1 || dark >= DARKNESS;
  const isMoved = changed >= CHANGED_BLOCKS && lost < LOST_BLOCKS_ALONE && !isNoisy && !isFlat;
  const lostMin = changed >= CHANGED_BLOCKS ? LOST_BLOCKS_ALONE : LOST_BLOCKS;
  return [
    ...notable("dark", dark),
    ...notable("low contrast", dark >= 1 ? 0 : flat),
    ...notable("noise", noise),
    ...notable("blur", isWhole && !isNoisy ? fall(1, usual) : 0),
    ...notable("colour cast", Math.hypot(now.cb - past.cb, now.cr - past.cr) / CAST_CODES),
    ...notable("obstructed", isFlat || isNoisy ? 0 : lost / lostMin),
    ...notable("camera moved", isMoved ? changed / CHANGED_BLOCKS : 0),
  ];
}

function notable(name: SuspicionName, strength: number): Suspicion[] {
  return strength >= 1 ? [{ name, strength }] : [];
}

/** How far a figure fell: 1 at 60 % of its past. */
function fall(past: number, now: number): number {
  return past > 0 ? (1 - now / past) / (1 - NOTABLE_SHARE) : 0;
}

/**
 * Share of the blocks that lost their structure, share of the others that show something else, and
 * the share of its sharpness that the less disturbed half of the picture kept. Something on the lens
 * takes structure away where it sits; a camera that moved shows other things everywhere; a camera
 * out of focus loses sharpness everywhere.
 */
function compareBlocks(
  past: LookAverage,
  now: LookAverage,
): { lost: number; changed: number; usual: number } {
  const ratios = past.blockSharpness.map((sharpness, i) =>
    sharpness > 0 ? now.blockSharpness[i]! / sharpness : 1
  );
  const usual = [...ratios].sort((a, b) => a - b)[Math.floor(0.6 * ratios.length)]!;
  let [lost, kept, changed] = [0, 0, 0];
  for (const [block, ratio] of ratios.entries()) {
    const [before, after] = [blockOf(past.thumbnail, block), blockOf(now.thumbnail, block)];
    const correlation = correlate(before, after);
    // Coarse compression takes fine structure too, but leaves the light where it was.
    const isCovered = correlation === null
      ? Math.abs(mean(after) - mean(before)) > COVERED_CODES
      : correlation < COVERED_CORRELATION;
    if (ratio < LOST_SHARE * usual && isCovered) lost++;
    if (ratio <= KEPT_STRUCTURE * usual || correlation === null) continue;
    kept++;
    if (correlation < SAME_CORRELATION) changed++;
  }
  return { lost: lost / ratios.length, changed: kept === 0 ? 0 : changed / kept, usual };
}

/** The cells of the thumbnail that a block covers. */
function blockOf(thumbnail: readonly number[], block: number): number[] {
  const width = THUMBNAIL_COLUMNS / BLOCK_COLUMNS;
  const height = THUMBNAIL_ROWS / BLOCK_ROWS;
  const left = (block % BLOCK_COLUMNS) * width;
  const top = Math.floor(block / BLOCK_COLUMNS) * height;
  const cells: number[] = [];
  for (let row = top; row < top + height; row++) {
    for (let column = left; column < left + width; column++) {
      cells.push(thumbnail[row * THUMBNAIL_COLUMNS + column]!);
    }
  }
  return cells;
}

/** Pearson's correlation; `null` where the first has too little structure to be recognised by. */
function correlate(a: readonly number[], b: readonly number[]): number | null {
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (const [i, value] of a.entries()) {
    const [x, y] = [value - meanA, b[i]! - meanB];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  if (aa < a.length * STRUCTURE_CODES ** 2) return null;
  return bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * Jensen–Shannon divergence of the shares of classes, in nats, 0 to ln 2; 0 where there are too few
 * detections to tell. Source: Lin 1991, "Divergence Measures Based on the Shannon Entropy".
 */
function classMix({ classRates: past }: LookAverage, { classRates: now }: LookAverage): number {
  const total = (rates: Readonly<Record<string, number>>) =>
    Object.values(rates).reduce((sum, rate) => sum + rate, 0);
  const [totalPast, totalNow] = [total(past), total(now)];
  if (totalPast < MIX_RATE_MIN || totalNow < MIX_RATE_MIN) return 0;
  let divergence = 0;
  for (const name of new Set([...Object.keys(past), ...Object.keys(now)])) {
    const p = (past[name] ?? 0) / totalPast;
    const q = (now[name] ?? 0) / totalNow;
    const middle = (p + q) / 2;
    if (p > 0) divergence += p * Math.log(p / middle) / 2;
    if (q > 0) divergence += q * Math.log(q / middle) / 2;
  }
  return divergence;
}

/** Scores above this count into their mean. */
const MEAN_SCORE_MIN = 0.1;
/** Detections from this score count into the mix of classes. */
const MIX_SCORE_MIN = 0.25;

/** What the scores of a frame's detections look like. */
export function readScoreFacts(
  detections: readonly { readonly score: number; readonly classIndex: number }[],
): ScoreFacts {
  const classCounts = new Map<number, number>();
  let [sum, count] = [0, 0];
  for (const { score, classIndex } of detections) {
    if (!Number.isFinite(score)) continue;
    if (score >= MIX_SCORE_MIN) classCounts.set(classIndex, (classCounts.get(classIndex) ?? 0) + 1);
    if (score <= MEAN_SCORE_MIN) continue;
    sum += score;
    count++;
  }
  return { meanScore: count === 0 ? 0 : sum / count, classCounts };
}
