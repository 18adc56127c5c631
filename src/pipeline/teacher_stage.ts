import { FoveaError } from "../core/errors.ts";
import type { Arena, Frame } from "../core/frame.ts";
import type { FrameTargets } from "../monitor/target_box.ts";
import type { LoadedDetector } from "./loaded_detector.ts";
import { listScored } from "./monitor_stage.ts";

/** Score from which the teacher's detections are targets. */
const TARGET_SCORE = 0.4;
/** Score from which they are at least not to be judged. */
const IGNORED_SCORE = 0.1;
/** Failures in a row after which the teacher is not asked any more. */
const FAILURES_MAX = 3;

/** When a teacher is asked. */
export interface TeacherRhythm {
  /** About the first picture and every so many after it. */
  readonly every: number;
  /**
   * Whether pictures come whatever the teacher does. It is then left out while it has no worker
   * free, so that a slow one does not hold the camera's pictures back.
   */
  readonly isLive: boolean;
}

/** Asks another detector about every k-th picture. */
export class TeacherStage {
  readonly #teacher: LoadedDetector;
  readonly #rhythm: TeacherRhythm;
  /** The watched detector's index of each class of the teacher; -1 where it has none. */
  readonly #classOf: readonly number[];
  readonly #tell: (error: FoveaError) => void;
  readonly #asked = new Set<Promise<FrameTargets | null>>();
  #pictures = 0;
  #failures = 0;

  /**
   * @param classNames Classes of the watched detector; the teacher's are matched by name.
   * @param tell Is told when the teacher fails; pictures then count as not asked about.
   * @throws {FoveaError} `USAGE` if the two have no class in common.
   */
  constructor(
    teacher: LoadedDetector,
    rhythm: TeacherRhythm,
    classNames: readonly string[],
    tell: (error: FoveaError) => void,
  ) {
    this.#teacher = teacher;
    this.#rhythm = rhythm;
    this.#classOf = teacher.spec.classNames.map((name) => classNames.indexOf(name));
    this.#tell = tell;
    if (this.#classOf.some((classIndex) => classIndex >= 0)) return;
    throw new FoveaError(
      "USAGE",
      `Cannot learn from ${teacher.model.name}: it has no class in common with the detector`,
      { hint: "Use a teacher whose class names are those of the detector" },
    );
  }

  /** Shows a picture to the teacher if it is its turn; resolves to `null` where it failed. */
  ask(frame: Frame): Promise<FrameTargets | null> | null {
    const { every, isLive } = this.#rhythm;
    const isTurn = this.#pictures++ % every === 0;
    if (!isTurn || this.#failures >= FAILURES_MAX) return null;
    if (isLive && this.#asked.size >= this.#teacher.workers) return null;
    const answer = this.#answer(frame.retain());
    this.#asked.add(answer);
    answer.then(() => this.#asked.delete(answer));
    return answer;
  }

  /** Waits for what it was asked and lets go of a camera's memory. */
  async detach(arena: Arena): Promise<void> {
    await Promise.all(this.#asked);
    await this.#teacher.detach(arena);
  }

  async #answer(frame: Frame): Promise<FrameTargets | null> {
    try {
      const { detections } = await this.#teacher.infer(frame, {
        confidence: IGNORED_SCORE,
        monitored: false,
        tap: null,
      });
      this.#failures = 0;
      return this.#targetsOf(listScored(detections));
    } catch (error) {
      this.#failures++;
      this.#tell(FoveaError.from(error, "ENGINE_FAILED", "Cannot ask the teacher"));
      return null;
    }
  }

  #targetsOf(boxes: ReturnType<typeof listScored>): FrameTargets {
    const known = boxes.flatMap(({ classIndex, score, xyxyPx }) => {
      const own = this.#classOf[classIndex] ?? -1;
      return own < 0 ? [] : [{ classIndex: own, score, xyxyPx }];
    });
    return {
      targets: known.filter(({ score }) => score >= TARGET_SCORE)
        .map(({ classIndex, xyxyPx }) => ({ classIndex, xyxyPx })),
      ignored: known.filter(({ score }) => score < TARGET_SCORE).map(({ xyxyPx }) => xyxyPx),
    };
  }
}
