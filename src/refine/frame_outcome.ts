/** What became of one class in one frame. */
export interface ClassOutcome {
  /** Index into the head's class names. */
  readonly classIndex: number;
  /** Objects that should be found. */
  readonly targets: number;
  /** Object-level focal loss, summed over targets and detections that belong to none, in nats. */
  readonly lossSum: number;
  /** Targets that were found with a score from the reported one on. */
  readonly hits: number;
  /** Detections from the reported score on that belong to no target. */
  readonly falses: number;
}

/** What became of one frame under one head; classes about which there is nothing to tell are left out. */
export interface FrameOutcome {
  /** Which frame, the same text for the same picture, so that nothing counts twice. */
  readonly frame: string;
  /** Its classes. */
  readonly classes: readonly ClassOutcome[];
}

/** Figures of a set of frames. */
export interface OutcomeFigures {
  /** Number of frames. */
  readonly frames: number;
  /** Objects that should be found. */
  readonly targets: number;
  /** Loss over `max(1, targets)`, in nats. */
  readonly loss: number;
  /** `2 hits / (2 hits + falses + misses)`; `null` where there is neither target nor detection. */
  readonly f1: number | null;
}

/**
 * Sums outcomes up.
 *
 * @param classIndex The class to look at; `null` for all of them.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { sumOutcomes } from "@fovea/fovea/refine";
 *
 * const car = { classIndex: 2, targets: 2, lossSum: 0.5, hits: 1, falses: 0 };
 * const figures = sumOutcomes([{ frame: "a", classes: [car] }, { frame: "b", classes: [] }], null);
 * assertEquals(figures, { frames: 2, targets: 2, loss: 0.25, f1: 2 / 3 });
 * ```
 */
export function sumOutcomes(
  frames: readonly FrameOutcome[],
  classIndex: number | null,
): OutcomeFigures {
  let [targets, lossSum, hits, falses] = [0, 0, 0, 0];
  for (const { classes } of frames) {
    for (const one of classes) {
      if (classIndex !== null && one.classIndex !== classIndex) continue;
      targets += one.targets;
      lossSum += one.lossSum;
      hits += one.hits;
      falses += one.falses;
    }
  }
  const all = hits + falses + targets;
  return {
    frames: frames.length,
    targets,
    loss: lossSum / Math.max(1, targets),
    f1: all === 0 ? null : 2 * hits / all,
  };
}

/** The loss of one frame, all classes together. */
export function frameLoss({ classes }: FrameOutcome): number {
  return classes.reduce((sum, { lossSum }) => sum + lossSum, 0);
}

/** Classes that have targets in some of the frames, ascending. */
export function classesWithTargets(frames: readonly FrameOutcome[]): number[] {
  const found = new Set<number>();
  for (const { classes } of frames) {
    for (const { classIndex, targets } of classes) if (targets > 0) found.add(classIndex);
  }
  return [...found].sort((a, b) => a - b);
}
