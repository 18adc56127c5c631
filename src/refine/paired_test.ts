/** Most pairs of which every assignment of signs is tried, 65,536 of them. */
const EXACT_PAIRS_MAX = 16;
/** Assignments that are drawn where there are more pairs. */
const DRAWS = 20_000;
/** Sums are equal when they differ by less than this share of the sum of all magnitudes. */
const TOLERANCE = 1e-12;

/** What a paired test says. */
export interface PairedTest {
  /** Pairs that differ; equal ones say nothing. */
  readonly pairs: number;
  /**
   * How likely a sum of differences as high as the one found is if signs were a matter of chance,
   * 0–1.
   */
  readonly p: number;
  /** Whether every assignment of signs was tried, not a sample of them. */
  readonly exact: boolean;
}

/**
 * One-sided sign-flip test of paired differences: is their sum higher than chance explains? The sum
 * is compared with the sums under all assignments of signs, or under 20,000 drawn ones where there
 * are more than 16 pairs; the same differences give the same figure.
 *
 * Source: Fisher 1935, "The Design of Experiments", section 21; drawn as in Phipson & Smyth 2010,
 * "Permutation P-values should never be zero", so that a drawn figure is never 0.
 *
 * @param differences Before minus after, one a frame; finite.
 * @throws {RangeError} If one is not finite.
 *
 * @example Four frames that all became better
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { signFlipTest } from "@fovea/fovea/refine";
 *
 * assertEquals(signFlipTest([0.4, 0.2, 0.9, 0.1, 0]), { pairs: 4, p: 1 / 16, exact: true });
 * assertEquals(signFlipTest([0.4, -0.4]).p, 0.75);
 * ```
 */
export function signFlipTest(differences: readonly number[]): PairedTest {
  const broken = differences.find((value) => !Number.isFinite(value));
  if (broken !== undefined) throw new RangeError(`Cannot test a difference of ${broken}`);
  const values = differences.filter((value) => value !== 0);
  const pairs = values.length;
  if (pairs === 0) return { pairs, p: 1, exact: true };
  const sum = values.reduce((total, value) => total + value, 0);
  const scale = values.reduce((total, value) => total + Math.abs(value), 0);
  const least = sum - TOLERANCE * scale;
  if (pairs > EXACT_PAIRS_MAX) return { pairs, p: drawShare(values, least), exact: false };
  return { pairs, p: countShare(values, scale, least), exact: true };
}

/** Share of all assignments whose sum reaches `least`; each differs from the last in one sign. */
function countShare(values: readonly number[], scale: number, least: number): number {
  const all = 2 ** values.length;
  const magnitudes = values.map(Math.abs);
  const signs = new Int8Array(values.length).fill(1);
  let sum = scale;
  let reached = 0;
  for (let i = 1;; i++) {
    if (sum >= least) reached++;
    if (i === all) return reached / all;
    // Gray code: the lowest set bit of the count says which sign changes.
    const flipped = 31 - Math.clz32(i & -i);
    signs[flipped] = -signs[flipped]!;
    sum += 2 * signs[flipped]! * magnitudes[flipped]!;
  }
}

function drawShare(values: readonly number[], least: number): number {
  let state = 1;
  let reached = 0;
  for (let draw = 0; draw < DRAWS; draw++) {
    let sum = 0;
    for (const value of values) {
      // xorshift32 of Marsaglia 2003, "Xorshift RNGs".
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      sum += (state & 0x10000) === 0 ? value : -value;
    }
    if (sum >= least) reached++;
  }
  return (reached + 1) / (DRAWS + 1);
}
