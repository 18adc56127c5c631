import type {
  DriftReport,
  LevelReport,
  MonitorAlarm,
  MonitorReport,
} from "../core/monitor_report.ts";
import type { AnchorFacts } from "./anchor_facts.ts";
import { NO_LOSS } from "./best_evidence.ts";
import { REPORT_GAMMA } from "./frame_log.ts";
import type { Verdict } from "./health.ts";
import type { Judged } from "./best_evidence.ts";
import { lossByClass, lossBySize } from "./object_shares.ts";

/** What a monitor found out about one picture. */
export interface FrameFindings {
  /** Its losses. */
  readonly judged: Judged;
  /** The losses of all anchors; `null` where the outputs were not to be trusted. */
  readonly anchors: AnchorFacts | null;
  /** Class names of the detector. */
  readonly classNames: readonly string[];
  /** S1 of it. */
  readonly s1: number;
  /** S2 of it. */
  readonly s2: number;
  /** Where the signals stand; `null` while warming. */
  readonly drift: DriftReport | null;
  /** Over the last frames. */
  readonly level: LevelReport | null;
  /** The verdict. */
  readonly verdict: Verdict;
  /** The likeliest suspicion. */
  readonly suspicion: string | null;
  /** The alarm it raised. */
  readonly alarm: MonitorAlarm | null;
}

/** The report on a picture. */
export function reportFrame(findings: FrameFindings): MonitorReport {
  const { judged, anchors, classNames, s1, s2, drift, level, verdict, suspicion, alarm } = findings;
  const { loss, matches } = judged;
  return {
    ...loss,
    easyNegativeShare: shareOf(anchors?.easyCrossEntropy, anchors?.crossEntropy),
    easyNegativeShareFocal: shareOf(anchors?.easyFocalLoss, anchors?.focalLoss),
    byClass: matches === null ? [] : lossByClass(matches, classNames, REPORT_GAMMA),
    bySize: matches === null ? [] : lossBySize(matches, REPORT_GAMMA),
    s1,
    s2,
    s3: drift?.s3?.value ?? null,
    drift,
    level,
    ...verdict,
    suspicion,
    alarm,
  };
}

/** The report on a change of the stream's state, without a picture. */
export function reportBlind(level: LevelReport | null, verdict: Verdict): MonitorReport {
  return {
    ...NO_LOSS,
    easyNegativeShare: null,
    easyNegativeShareFocal: null,
    byClass: [],
    bySize: [],
    s1: null,
    s2: null,
    s3: null,
    drift: null,
    level,
    ...verdict,
    suspicion: null,
    alarm: null,
  };
}

function shareOf(part: number | undefined, whole: number | undefined): number | null {
  if (part === undefined || whole === undefined) return null;
  return whole > 0 ? part / whole : 0;
}
