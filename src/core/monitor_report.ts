/**
 * What a loss rests on, best first.
 *
 * - `measured`: labels of an operator, a file or a sensor. An error of the detector.
 * - `teacher`: another detector. A disagreement; the teacher may be the one that is wrong.
 * - `consensus`: the detector's own tracks. Blind to what it never saw.
 * - `expected`: the scores alone, taken at their word. Blind to every confident error.
 */
export type EvidenceKind = "measured" | "teacher" | "consensus" | "expected";

/**
 * How well a detector is doing.
 *
 * - `warming`: not enough frames yet to know what is usual here.
 * - `healthy`: as usual.
 * - `drifting`: an alarm was raised, and things are not back to what they were.
 * - `degraded`: the drift goes on, or labels say that the detector is bad.
 * - `blind`: no picture to judge by: the stream is stale, frozen, black or lost.
 */
export type Health = "warming" | "healthy" | "drifting" | "degraded" | "blind";

/** Where a figure probably lies. */
export interface ConfidenceInterval {
  /** Lower end. */
  readonly low: number;
  /** Upper end. */
  readonly high: number;
  /** Probability that such an interval holds the true figure, 0–1. */
  readonly confidence: number;
  /** Labelled frames it rests on. */
  readonly frames: number;
}

/** Losses of one frame, in nats per target. */
export interface LossFigures {
  /** Object-level focal loss, `gamma` = 2. */
  readonly focalLoss: number;
  /** Object-level cross-entropy with the same class weights: the focal loss with `gamma` = 0. */
  readonly crossEntropy: number;
  /** Number of targets the losses are a mean over. */
  readonly targets: number;
}

/** A loss that says what it rests on; a measured one with its interval over the last labels. */
export type EvidencedLoss =
  | LossFigures & {
    /** Labels. */
    readonly evidence: "measured";
    /** Where the mean over the last labelled frames probably lies. */
    readonly interval: ConfidenceInterval;
  }
  | LossFigures & {
    readonly evidence: Exclude<EvidenceKind, "measured">;
    readonly interval: null;
  }
  | {
    readonly evidence: null;
    readonly interval: null;
    readonly focalLoss: null;
    readonly crossEntropy: null;
    readonly targets: 0;
  };

/** A loss of a part of the objects. */
export interface LossShare {
  /** Class name, or `small`, `medium`, `large`. */
  readonly name: string;
  /** Object-level focal loss over `max(1, targets)`, in nats. */
  readonly focalLoss: number;
  /** Number of targets. */
  readonly targets: number;
}

/** Where a drift signal stands. */
export interface SignalReport {
  /** The signal of this frame. */
  readonly value: number;
  /** The same in standard deviations from the warm-up, cut at ±6; `null` while warming. */
  readonly z: number | null;
  /** What the drift detector has piled up; `null` while warming. */
  readonly statistic: number | null;
  /** Where it raises an alarm; `null` while warming. */
  readonly threshold: number | null;
}

/** Where the signals stand against the warm-up. */
export interface DriftReport {
  /** Followed objects that are missed. */
  readonly s1: SignalReport;
  /** Undecided scores of the whole picture. */
  readonly s2: SignalReport;
  /** The background; `null` where the model has no rows with a place of their own. */
  readonly s3: SignalReport | null;
}

/** The level of the loss over the last frames. */
export type LevelReport =
  | {
    /** Mean object-level focal loss over labelled frames, in nats per target. */
    readonly focalLoss: number;
    readonly evidence: "measured" | "teacher";
    /** Labelled frames. */
    readonly frames: number;
    /** Targets in them. */
    readonly targets: number;
    /** Where the mean probably lies. */
    readonly interval: ConfidenceInterval;
    /** False: somebody looked. */
    readonly isEstimate: false;
  }
  | {
    /** Loss of the own detections, with a term for objects that are missing, in nats. */
    readonly focalLoss: number;
    readonly evidence: "expected";
    /** Frames. */
    readonly frames: number;
    /** Own detections taken as targets. */
    readonly targets: number;
    readonly interval: null;
    /** Mean score of detections above 0.1, frame by frame. */
    readonly meanScore: number;
    /** True: nobody looked; it follows the error loosely. */
    readonly isEstimate: true;
  };

/** An alarm: something is not as it was. */
export interface MonitorAlarm {
  /** Which signal raised it. */
  readonly signal: "s1" | "s2" | "s3";
  /** Its statistic. */
  readonly statistic: number;
  /** The threshold that it passed. */
  readonly threshold: number;
  /** First frame of the rise that led here, as a `seq`. */
  readonly sinceSeq: number;
  /** What may have happened, the likeliest first; a guess from the picture and the scores. */
  readonly suspicions: readonly string[];
  /** All of this for people. */
  readonly message: string;
}

/** What the monitor says about one result. */
export type MonitorReport = EvidencedLoss & {
  /** Share of all anchors' cross-entropy that easy negatives (p < 0.1) hold, 0–1. */
  readonly easyNegativeShare: number | null;
  /** Share of all anchors' focal loss that they hold: what the focusing factor leaves of it. */
  readonly easyNegativeShareFocal: number | null;
  /** Focal loss of the objects by class. */
  readonly byClass: readonly LossShare[];
  /** Focal loss of the objects by size: areas below 32², below 96², and above, in source pixels. */
  readonly bySize: readonly LossShare[];
  /** Object-level focal loss against the detector's own tracks, `gamma` = 1.5; `null` if blind. */
  readonly s1: number | null;
  /** Cross-entropy of all anchors against own detections, over positives; `null` if blind. */
  readonly s2: number | null;
  /**
   * Share of the rows of the background, 0–1, whose best score has left the range of the warm-up for
   * good; `null` while warming, if blind, and where the model has no such rows.
   */
  readonly s3: number | null;
  /** How they stand against the warm-up. */
  readonly drift: DriftReport | null;
  /** The level over the last frames; `null` before the first. */
  readonly level: LevelReport | null;
  /** The verdict. */
  readonly health: Health;
  /** Why, where it is not `healthy`; else `null`. */
  readonly why: string | null;
  /** What may have happened to the camera, the likeliest; information, never an alarm. */
  readonly suspicion: string | null;
  /** Set on the frame that raises one. */
  readonly alarm: MonitorAlarm | null;
};
