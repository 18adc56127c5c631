import { FoveaError, type FoveaErrorCode } from "../core/errors.ts";
import { type Agreement, AgreementTally } from "../evaluate/agreement.ts";
import { findFault, gateRule, type GateThresholds, isEvidence } from "./accuracy_gate.ts";
import type { CalibrationFrame, CalibrationFrames } from "./calibration_frames.ts";
import type { Lane } from "./lane.ts";
import type { InferReply } from "./protocol.ts";

/** An engine that is to be judged. */
export interface JudgeJob {
  /** Where it runs; not serving. */
  readonly lane: Lane;
  /** Pictures of the stream with what the provider that serves found in them. */
  readonly calibration: CalibrationFrames;
  /** Lets the engine have the head that is served now, and resolves to its version. */
  readonly giveHead: () => Promise<number>;
  /** Lowest score that is reported. */
  readonly confidence: number;
  /** How far it may be from its model. */
  readonly thresholds: GateThresholds;
  /** Is told how far it agrees so far. */
  readonly onProgress: (figures: Agreement) => void;
}

/** What came of it. */
export interface Judgement {
  /** How far the engine agrees with the provider that serves. */
  readonly figures: Agreement;
  /** Why it must not serve, in words; `null` where it may. */
  readonly reason: string | null;
}

/** What only a broken engine does, where the provider that serves did not. */
const BROKEN: readonly FoveaErrorCode[] = ["OUTPUT_NOT_FINITE", "OUTPUT_SHAPE"];

/**
 * Runs an engine on pictures of the stream until there is enough to judge it by. Where the stream
 * shows nothing, it waits for more.
 *
 * @throws {FoveaError} What running throws, but for what only a broken engine does.
 * @throws The reason of `signal`.
 */
export async function judgeEngine(job: JudgeJob, signal: AbortSignal): Promise<Judgement> {
  const { calibration, confidence, thresholds } = job;
  const tally = new AgreementTally(gateRule(confidence));
  let figures = tally.agreement;
  job.onProgress(figures);
  while (!isEvidence(figures)) {
    signal.throwIfAborted();
    const [sample] = calibration.frames;
    if (sample === undefined) {
      await calibration.changed(signal);
      continue;
    }
    const seen = await runSample(job, sample);
    calibration.drop(sample);
    if (seen === null) continue;
    if (seen instanceof FoveaError) return { figures, reason: seen.message };
    tally.add(sample.detections, seen.detections);
    figures = tally.agreement;
    job.onProgress(figures);
    const { nonFinite } = seen;
    if (nonFinite > sample.nonFinite) {
      return { figures, reason: `${nonFinite} of its candidates are not finite` };
    }
  }
  return { figures, reason: findFault(figures, thresholds) };
}

/** What the engine finds in a picture; `null` where the picture was seen with another head. */
async function runSample(
  { lane, giveHead }: JudgeJob,
  { frame, confidence, headVersion }: CalibrationFrame,
): Promise<InferReply | FoveaError | null> {
  // The picture may be thinned out meanwhile.
  using lease = frame.retain();
  if (await giveHead() !== headVersion) return null;
  try {
    return await lane.infer(lease.retain(), { confidence, monitored: false, tap: null });
  } catch (error) {
    if (error instanceof FoveaError && BROKEN.includes(error.code)) return error;
    throw error;
  }
}
