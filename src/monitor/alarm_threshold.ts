import { nextRandom } from "./xorshift.ts";

/** Frames that stay together when the warm-up is played again, so that what lasts lasts. */
const BLOCK_FRAMES = 25;
/** Frames that are played. */
const PLAYED_FRAMES = 200_000;
/** The slack is never taken to be smaller than this share of it. */
const SLACK_SHARE_MIN = 0.4;
/** Rises of the statistic that the tail of their heights is read from. */
const TAIL_RISES = 50;

/** Where the random numbers begin. */
const SEED = 0x9e3779b9;

/** What a threshold is to keep. */
export interface AlarmBudget {
  /** False alarms a day that are bearable, more than 0. */
  readonly alarmsPerDay: number;
  /** Frames a day that will be observed, more than 0. */
  readonly framesPerDay: number;
  /** What each frame takes off the statistic, in standard deviations. */
  readonly slack: number;
}

/**
 * The threshold at which a CUSUM over a stream like the warm-up raises so many false alarms a day.
 *
 * The warm-up is played again 200,000 frames long in blocks of 25 frames drawn at random (a block
 * bootstrap with a fixed seed), and the heights of the rises of `S = max(0, S + z - slack)` are
 * counted. Where the budget asks for rarer rises than were seen, their heights are continued as an
 * exponential tail, which is how the excursions of such a walk fall off: its scale is the mean
 * excess that was seen, or `v / (2 slack)` with the long-run variance `v` of the signal if that is
 * more. The slack is taken to be smaller by the standard error of the warm-up's mean, so that a
 * short warm-up gives a high threshold rather than many alarms.
 *
 * It knows what the warm-up knew: a warm-up without a busy hour takes the busy hour for a drift.
 * Sources: Künsch 1989 (block bootstrap); Siegmund 1985, "Sequential Analysis", ch. 2.
 *
 * @param z The signal of the warm-up in its standard deviations, in order.
 */
export function thresholdFor(z: readonly number[], budget: AlarmBudget): number {
  const variance = longRunVariance(z);
  const error = Math.sqrt(variance / Math.max(1, z.length));
  const slack = Math.max(SLACK_SHARE_MIN * budget.slack, budget.slack - error);
  const rises = playRises(z, slack).sort((a, b) => b - a);
  const wanted = budget.alarmsPerDay / budget.framesPerDay * PLAYED_FRAMES;
  if (wanted >= TAIL_RISES) return rises[Math.floor(wanted)] ?? 0;
  const tail = rises.slice(0, TAIL_RISES);
  const edge = tail[tail.length - 1];
  if (edge === undefined) return 0;
  const excess = tail.reduce((sum, rise) => sum + rise - edge, 0) / tail.length;
  const scale = Math.max(excess, variance / (2 * slack));
  return edge + scale * Math.log(tail.length / wanted);
}

/** The variance of a sum over its length, from the means of blocks that follow each other. */
function longRunVariance(z: readonly number[]): number {
  const blocks = Math.floor(z.length / BLOCK_FRAMES);
  if (blocks < 2) return 1;
  const means = Array.from({ length: blocks }, (_, block) => {
    const start = block * BLOCK_FRAMES;
    return z.slice(start, start + BLOCK_FRAMES).reduce((sum, x) => sum + x, 0) / BLOCK_FRAMES;
  });
  const mean = means.reduce((sum, x) => sum + x, 0) / blocks;
  return BLOCK_FRAMES * means.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (blocks - 1);
}

/** Heights of the rises of the statistic over the played frames. */
function playRises(z: readonly number[], slack: number): number[] {
  const rises: number[] = [];
  if (z.length === 0) return rises;
  let random = SEED;
  const block = Math.min(BLOCK_FRAMES, z.length);
  let [statistic, height] = [0, 0];
  for (let played = 0; played < PLAYED_FRAMES; played += block) {
    random = nextRandom(random);
    const start = Math.floor(random / 2 ** 32 * (z.length - block + 1));
    for (let i = 0; i < block; i++) {
      statistic = Math.max(0, statistic + z[start + i]! - slack);
      height = Math.max(height, statistic);
      if (statistic > 0 || height === 0) continue;
      rises.push(height);
      height = 0;
    }
  }
  if (height > 0) rises.push(height);
  return rises;
}
