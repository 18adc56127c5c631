import type { Detection } from "../../src/core/detections.ts";
import type { MonitorReport } from "../../src/core/monitor_report.ts";
import type { FrameResult } from "../../src/core/result.ts";

/** Makes a result up; what is not given is that of a quiet live frame of 64 × 48. */
export function makeResult(facts: Partial<FrameResult> = {}): FrameResult {
  const seq = facts.seq ?? 0;
  return {
    kind: "frame",
    seq,
    ptsMs: 40 * seq,
    ageMs: 12.5,
    dropped: 0,
    epoch: 0,
    state: "live",
    stateReason: null,
    width: 64,
    height: 48,
    detections: [],
    tracks: [],
    monitor: null,
    nonFinite: 0,
    engine: "none",
    provider: "cpu",
    headVersion: 0,
    timingsMs: {
      decode: 1,
      preprocess: 1,
      infer: 10,
      decodeOutputs: 0.5,
      nms: 0.25,
      monitor: 0,
      track: 0,
      total: 12.75,
    },
    ...facts,
  };
}

/** Makes a detection up. */
export function makeDetection(
  xyxyPx: Detection["xyxyPx"],
  facts: Partial<Detection> = {},
): Detection {
  return { classIndex: 0, className: "person", score: 0.87, xyxyPx, ...facts };
}

/** Makes a monitor's report up; what is not given is that of a healthy detector without labels. */
export function makeMonitorReport(facts: Partial<MonitorReport> = {}): MonitorReport {
  return {
    evidence: null,
    interval: null,
    focalLoss: null,
    crossEntropy: null,
    targets: 0,
    easyNegativeShare: 0.9,
    easyNegativeShareFocal: 0.2,
    byClass: [],
    bySize: [],
    s1: 0.1,
    s2: 0.5,
    drift: null,
    level: {
      focalLoss: 0.25,
      evidence: "expected",
      frames: 100,
      targets: 400,
      interval: null,
      meanScore: 0.6,
      isEstimate: true,
    },
    health: "healthy",
    why: null,
    suspicion: null,
    alarm: null,
    ...facts,
  } as MonitorReport;
}
