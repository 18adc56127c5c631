import type { Detections } from "../core/detections.ts";
import type { Frame } from "../core/frame.ts";
import type { MonitorReport } from "../core/monitor_report.ts";
import type { StreamState } from "../core/result.ts";
import type { Monitor } from "../monitor/monitor.ts";
import type { FrameTargets, ScoredBox } from "../monitor/target_box.ts";
import type { FrameFacts, StreamFacts } from "./describe_result.ts";
import type { InferReply } from "./protocol.ts";
import type { TeacherStage } from "./teacher_stage.ts";

/** What a teacher says about a picture, as soon as it has said it. */
export type TeacherAnswer = Promise<FrameTargets | null>;

/** Feeds a monitor with what the worker found, in frame order; does nothing without one. */
export class MonitorStage {
  readonly #monitor: Monitor | null;
  readonly #teacher: TeacherStage | null;
  readonly #waitsForTeacher: boolean;

  /**
   * @param waitsForTeacher Whether a picture's report waits for the teacher, so that the same clip
   * always gives the same reports; else the answer counts when it comes.
   */
  constructor(monitor: Monitor | null, teacher: TeacherStage | null, waitsForTeacher: boolean) {
    this.#monitor = monitor;
    this.#teacher = teacher;
    this.#waitsForTeacher = waitsForTeacher;
  }

  /** Whether pictures are to be looked at for a monitor. */
  get isOn(): boolean {
    return this.#monitor !== null;
  }

  /** Whether frames must be kept until their report is made. */
  get keepsFrames(): boolean {
    return this.#monitor?.needsFrame ?? false;
  }

  /** Shows a picture to the teacher, if it is its turn; the lease stays with the caller. */
  ask(frame: Frame): TeacherAnswer | null {
    return this.#teacher?.ask(frame) ?? null;
  }

  /** Reports on a change of state without a picture. */
  observeState(state: StreamState): MonitorReport | null {
    return this.#monitor?.observeState(state) ?? null;
  }

  /**
   * Reports on the next picture.
   *
   * @param frame The pixels, on loan until the promise resolves; `null` where nobody kept them.
   * @param answer What the teacher says about it; `null` where it was not asked.
   */
  async observe(
    facts: FrameFacts,
    { state }: StreamFacts,
    reply: InferReply,
    frame: Frame | null,
    answer: TeacherAnswer | null,
  ): Promise<MonitorReport | null> {
    const monitor = this.#monitor;
    if (monitor === null || reply.monitor === null) return null;
    const { seq, ptsMs, epoch, width, height } = facts;
    const { detections, anchors, background, image } = reply.monitor;
    const teacher = this.#waitsForTeacher ? await answer : null;
    const report = monitor.observe({
      seq,
      ptsMs,
      epoch,
      state,
      width,
      height,
      detections: listScored(detections),
      anchors,
      background,
      image,
      teacher,
      frame,
    });
    if (!this.#waitsForTeacher && answer !== null) {
      answer.then((targets) => {
        if (targets !== null) monitor.teach(seq, targets);
      });
    }
    return report;
  }
}

/** Detections as a list of boxes. */
export function listScored({ count, xyxyPx, score, classIndex }: Detections): ScoredBox[] {
  return Array.from({ length: count }, (_, i): ScoredBox => ({
    classIndex: classIndex[i]!,
    score: score[i]!,
    xyxyPx: [xyxyPx[4 * i]!, xyxyPx[4 * i + 1]!, xyxyPx[4 * i + 2]!, xyxyPx[4 * i + 3]!],
  }));
}
