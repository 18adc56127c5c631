import type { LevelReport } from "../core/monitor_report.ts";
import { judgeByBest, type Judged } from "./best_evidence.ts";
import type { Calibration } from "./calibration.ts";
import { ExampleCollector } from "./example_collector.ts";
import { FrameLog, type LoggedFrame, REPORT_GAMMA, type TargetSource } from "./frame_log.ts";
import type { FrameObservation } from "./frame_observation.ts";
import type { HardExample } from "./hard_examples.ts";
import type { LabelSource } from "./monitor_options.ts";
import type { ObjectMatches } from "./object_loss.ts";
import type { FrameTargets } from "./target_box.ts";

/** A measured loss this many times the usual one, and this much above it, is bad. */
const BAD_FACTOR = 2;
const BAD_MARGIN = 0.1;

/** What a {@linkcode LossJudge} needs. */
export interface JudgeOptions {
  /** Labels that are there from the start, by `seq`. */
  readonly labels: LabelSource;
  /** Most hard examples that are kept. */
  readonly hardExamples: number;
  /** Class names in the model's order. */
  readonly classNames: readonly string[];
}

/** Judges frames by the best evidence there is, remembers them, and keeps what is hard in them. */
export class LossJudge {
  readonly #labels: LabelSource;
  readonly #log = new FrameLog();
  readonly #examples: ExampleCollector;

  /** Begins with nothing judged. */
  constructor({ labels, hardExamples, classNames }: JudgeOptions) {
    this.#labels = labels;
    this.#examples = new ExampleCollector(hardExamples, classNames, REPORT_GAMMA);
  }

  /** The hardest objects so far, hardest first. */
  get hardExamples(): readonly HardExample[] {
    return this.#examples.list;
  }

  /**
   * Judges the next frame.
   *
   * @param own The frame against the detector's own tracks.
   */
  judge(observation: FrameObservation, own: ObjectMatches): Judged {
    const { seq, detections } = observation;
    this.#log.add(seq, detections);
    const labels = this.#labels.get(seq);
    const labelled = labels === undefined ? null : this.#log.judge(seq, "measured", labels);
    const window = this.#log.window("measured");
    const teacher = observation.teacher === null
      ? null
      : this.#log.judge(seq, "teacher", observation.teacher);
    const judged = judgeByBest({
      measured: labelled === null || window === null ? null : { matches: labelled, window },
      teacher,
      consensus: own,
      detections,
    });
    if (judged.matches !== null && judged.loss.evidence !== null) {
      this.#examples.collect(judged.matches, judged.loss.evidence, observation);
    }
    return judged;
  }

  /** Judges a frame of the past; false where it is not remembered. */
  judgeLate(seq: number, source: TargetSource, targets: FrameTargets): boolean {
    const matches = this.#log.judge(seq, source, targets);
    if (matches === null) return false;
    this.#examples.collect(matches, source, { seq, ptsMs: 0, frame: null });
    return true;
  }

  /** The level over the last frames; `null` before the first. */
  level(calibration: Calibration | null): LevelReport | null {
    return this.#log.level(calibration?.targetsPerFrame ?? 0);
  }

  /** Whether labels say, beyond doubt, that the loss is far above what it was. */
  isMeasuredBad(calibration: Calibration | null): boolean {
    const level = this.level(calibration);
    if (calibration === null || level?.evidence !== "measured") return false;
    return level.interval.low > BAD_FACTOR * calibration.focalLoss + BAD_MARGIN;
  }

  /** What must be kept for the level to go on after a restart. */
  toJSON(): LoggedFrame[] {
    return this.#log.toJSON();
  }

  /** Goes on from what was kept. */
  restore(frames: readonly LoggedFrame[]): void {
    this.#log.restore(frames);
  }
}
