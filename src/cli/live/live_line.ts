import type { FrameResult } from "../../core/result.ts";
import type { Health, MonitorReport } from "../../core/monitor_report.ts";
import { plain } from "../text_table.ts";
import type { LiveSnapshot } from "./live_tally.ts";

/** Most classes that one line names; the rest is counted. */
const CLASSES_MAX = 6;

/** How a run stands, as one line without a line break. */
export function describeMoment({ last, fps, classes, all, summary }: LiveSnapshot): string {
  if (last === null) return "no frame yet";
  const { kind, seq, ptsMs, state, stateReason, ageMs, dropped, monitor } = last;
  if (kind === "state") {
    return `stream ${state}${stateReason === null ? "" : `: ${plain(stateReason)}`}`;
  }
  const { p50 } = summary.stagesMs.total;
  return [
    `frame ${seq}`,
    `${(ptsMs / 1000).toFixed(1)} s`,
    ...(fps === null ? [] : [`${fps.toFixed(1)} fps`]),
    describeClasses(classes, all),
    ...(p50 === null ? [] : [`${p50.toFixed(1)} ms a frame`]),
    `age ${ageMs.toFixed(0)} ms`,
    `${dropped} dropped`,
    state,
    ...(monitor === null ? [] : [monitor.health]),
  ].join("  ");
}

/**
 * What a monitor says that it did not say before: another health, an alarm. One sentence each.
 *
 * @param before The health that was told last; `null` where none was.
 */
export function describeMonitorNews(
  { seq, monitor }: Pick<FrameResult, "seq" | "monitor">,
  before: Health | null,
): string[] {
  if (monitor === null) return [];
  return [
    ...(monitor.health === before ? [] : [`Frame ${seq}: ${describeHealth(monitor)}.`]),
    ...(monitor.alarm === null ? [] : [describeAlarm(seq, monitor.alarm.message)]),
  ];
}

/** An alarm as a sentence. */
export function describeAlarm(seq: number, message: string): string {
  return `Frame ${seq}: alarm: ${plain(message)}.`;
}

/** `drifting: 1 crossing in the last 100 frames`. */
export function describeHealth({ health, why }: Pick<MonitorReport, "health" | "why">): string {
  return `${health}${why === null ? "" : `: ${plain(why)}`}`;
}

/** `car 4, van 1`; where the truth is known, `car 4 of 5, van 1 of 1`. */
function describeClasses(
  classes: LiveSnapshot["classes"],
  all: LiveSnapshot["all"],
): string {
  const shown = classes.filter(({ now, there }) => now > 0 || (there ?? 0) > 0);
  if (shown.length === 0) return "nothing";
  const parts = shown.slice(0, CLASSES_MAX).map(({ name, now, there }) =>
    `${plain(name)} ${now}${there === null ? "" : `/${there}`}`
  );
  const more = shown.length - CLASSES_MAX;
  const rest = more > 0 ? `, ${more} more` : "";
  return `${all.now}${all.there === null ? "" : ` of ${all.there}`}: ${parts.join(", ")}${rest}`;
}
