import type { EvidencedLoss } from "../core/monitor_report.ts";
import { expectedLoss, readScores } from "./expected_loss.ts";
import { REPORT_GAMMA } from "./frame_log.ts";
import type { WindowLoss } from "./loss_window.ts";
import { objectLoss, type ObjectMatches } from "./object_loss.ts";
import type { ScoredBox } from "./target_box.ts";

/** A frame judged by each kind of evidence that there is. */
export interface Judgements {
  /** By labels, with the last labelled frames; `null` without. */
  readonly measured: { readonly matches: ObjectMatches; readonly window: WindowLoss } | null;
  /** By another detector; `null` without. */
  readonly teacher: ObjectMatches | null;
  /** By the detector's own tracks. */
  readonly consensus: ObjectMatches;
  /** What was detected. */
  readonly detections: readonly ScoredBox[];
}

/** The loss of a frame by its best evidence. */
export interface Judged {
  /** The loss, with what it rests on. */
  readonly loss: EvidencedLoss;
  /** The objects behind it; `null` where it rests on scores alone. */
  readonly matches: ObjectMatches | null;
}

/** No loss at all, as while the stream is blind. */
export const NO_LOSS: EvidencedLoss = {
  evidence: null,
  interval: null,
  focalLoss: null,
  crossEntropy: null,
  targets: 0,
};

/** The loss of a frame by the best evidence there is: labels, a teacher, tracks, scores. */
export function judgeByBest({ measured, teacher, consensus, detections }: Judgements): Judged {
  if (measured !== null) {
    const { matches, window } = measured;
    const { interval } = window;
    return { loss: { evidence: "measured", interval, ...lossesOf(matches) }, matches };
  }
  if (teacher !== null) {
    return {
      loss: { evidence: "teacher", interval: null, ...lossesOf(teacher) },
      matches: teacher,
    };
  }
  if (consensus.targets > 0) {
    return {
      loss: { evidence: "consensus", interval: null, ...lossesOf(consensus) },
      matches: consensus,
    };
  }
  const { targets } = readScores(detections, REPORT_GAMMA);
  const loss = (gamma: number) => expectedLoss(detections, gamma) / Math.max(1, targets);
  return {
    loss: {
      evidence: "expected",
      interval: null,
      focalLoss: loss(REPORT_GAMMA),
      crossEntropy: loss(0),
      targets,
    },
    matches: null,
  };
}

function lossesOf(
  matches: ObjectMatches,
): { focalLoss: number; crossEntropy: number; targets: number } {
  return {
    focalLoss: objectLoss(matches, REPORT_GAMMA).value,
    crossEntropy: objectLoss(matches, 0).value,
    targets: matches.targets,
  };
}
