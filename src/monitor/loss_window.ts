import type { ConfidenceInterval } from "../core/monitor_report.ts";

/** Probability that an interval holds the true mean. */
const CONFIDENCE = 0.95;
/** 97.5 % quantile of the normal distribution. */
const NORMAL_QUANTILE = 1.959963984540054;

/** Loss of one frame before it is divided by its targets. */
export interface FrameLoss {
  /** Sum over the frame's objects, in nats. */
  readonly sum: number;
  /** The frame's targets. */
  readonly targets: number;
}

/** Loss over several frames. */
export interface WindowLoss {
  /** Sum of all losses over `max(1, sum of all targets)`, in nats per target. */
  readonly value: number;
  /** Frames. */
  readonly frames: number;
  /** Targets in them. */
  readonly targets: number;
  /** Where the value probably lies. */
  readonly interval: ConfidenceInterval;
}

/**
 * Loss over frames as a ratio of sums, with a 95 % interval from the spread between frames:
 * `R = sum l / sum t`, `var R = n / (n - 1) * sum (l - R t)^2 / (sum t)^2`, and Student's t with
 * `n - 1` degrees of freedom. Frames next to each other are alike, so with labels on every frame the
 * interval is too narrow; with labels here and there it is fair. From a single frame nothing is known
 * about the spread: the interval is then open above (`high` is the largest finite number).
 * Source: Cochran 1977, "Sampling Techniques", 2.11 and 6.4 (ratio estimator).
 *
 * @param frames At least one.
 *
 * @example Two labelled frames
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { lossOver } from "@fovea/fovea/monitor";
 *
 * const { value, interval } = lossOver([{ sum: 0.6, targets: 3 }, { sum: 0.2, targets: 1 }]);
 * assertEquals(value.toFixed(3), "0.200");
 * assertEquals([interval.low.toFixed(3), interval.high.toFixed(3)], ["0.200", "0.200"]);
 * ```
 */
export function lossOver(frames: readonly FrameLoss[]): WindowLoss {
  const count = frames.length;
  const sum = frames.reduce((total, frame) => total + frame.sum, 0);
  const targets = frames.reduce((total, frame) => total + frame.targets, 0);
  const weight = Math.max(1, targets);
  const value = sum / weight;
  const squares = frames.reduce((total, { sum, targets }) => {
    return total + (sum - value * targets) ** 2;
  }, 0);
  const spread = count < 2
    ? Infinity
    : studentQuantile(count - 1) * Math.sqrt(count / (count - 1) * squares) / weight;
  return {
    value,
    frames: count,
    targets,
    interval: {
      low: Math.max(0, value - spread),
      high: Math.min(Number.MAX_VALUE, value + spread),
      confidence: CONFIDENCE,
      frames: count,
    },
  };
}

/**
 * 97.5 % quantile of Student's t, within 1 %: exact for one and two degrees of freedom, else the
 * expansion of Abramowitz and Stegun 1964, 26.7.5.
 */
export function studentQuantile(degrees: number): number {
  const p = (1 + CONFIDENCE) / 2;
  if (degrees === 1) return Math.tan(Math.PI * (p - 0.5));
  if (degrees === 2) return (2 * p - 1) / Math.sqrt(2 * p * (1 - p));
  const z = NORMAL_QUANTILE;
  return z + (z ** 3 + z) / (4 * degrees) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * degrees ** 3);
}
