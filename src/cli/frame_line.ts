import type { Detection } from "../core/detections.ts";
import type { MonitorReport } from "../core/monitor_report.ts";
import type { FrameResult } from "../core/result.ts";

/** Most scores that one line names; the rest is counted. */
const SCORES_MAX = 12;

/**
 * One result as a line for people, without a line break.
 *
 * @param droppedBefore `dropped` of the result before, so that a loss is told where it happens.
 */
export function describeResult(result: FrameResult, droppedBefore: number): string {
  const lost = result.dropped - droppedBefore;
  const loss = lost > 0 ? `  (${lost} dropped)` : "";
  if (result.kind === "state") {
    const reason = result.stateReason === null ? "" : `: ${result.stateReason}`;
    return `stream ${result.state}${reason}${loss}`;
  }
  const state = result.state === "live" ? "" : `  ${result.state}`;
  const head = `frame ${result.seq}  ${(result.ptsMs / 1000).toFixed(2)} s`;
  const time = `${result.timingsMs.total.toFixed(1)} ms`;
  const broken = result.nonFinite > 0 ? `  (${result.nonFinite} not finite)` : "";
  const watched = describeMonitor(result.monitor);
  return `${head}  ${time}${state}  ${
    describeDetections(result.detections)
  }${broken}${loss}${watched}`;
}

/** What a monitor has to say that people should see: a verdict that is not good, an alarm. */
function describeMonitor(report: MonitorReport | null): string {
  if (report === null) return "";
  const isGood = report.health === "healthy" || report.health === "warming";
  const alarm = report.alarm === null ? "" : `  ALARM: ${report.alarm.message}`;
  return `${isGood ? "" : `  ${report.health}`}${alarm}`;
}

/** `car 0.91 0.55, person 0.62`: classes in the order of their best score; a track's id follows. */
export function describeDetections(detections: readonly Detection[]): string {
  if (detections.length === 0) return "nothing";
  const scores = new Map<string, string[]>();
  for (const { className, score, trackId } of detections.slice(0, SCORES_MAX)) {
    const text = trackId === undefined ? score.toFixed(2) : `${score.toFixed(2)} #${trackId}`;
    const known = scores.get(className);
    if (known === undefined) scores.set(className, [text]);
    else known.push(text);
  }
  const parts = [...scores].map(([className, all]) => `${className} ${all.join(" ")}`);
  const more = detections.length - SCORES_MAX;
  return parts.join(", ") + (more > 0 ? `, and ${more} more` : "");
}
