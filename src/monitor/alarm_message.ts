import type { MonitorAlarm } from "../core/monitor_report.ts";
import type { Suspicion } from "./suspicion.ts";

const MEANINGS = {
  s1: "objects that were followed are missed or lose their scores",
  s2: "the scores of the whole picture are not what they were",
  s3: "what the detector says where nothing is has changed for good",
};

/** Adds to an alarm what may have caused it, and all of it in words. */
export function nameAlarm(
  alarm: Omit<MonitorAlarm, "suspicions" | "message">,
  suspicions: readonly Suspicion[],
): MonitorAlarm {
  const names = suspicions.map(({ name }) => name);
  const { signal, statistic, threshold, sinceSeq } = alarm;
  const cause = names.length === 0
    ? "the picture looks as usual"
    : `suspected: ${names.join(", ")}`;
  const figures = `${signal.toUpperCase()} at ${figure(statistic)} of ${figure(threshold)}`;
  return {
    ...alarm,
    suspicions: names,
    message: `since frame ${sinceSeq} ${MEANINGS[signal]} (${figures}); ${cause}`,
  };
}

/** Deviations with one digit, shares with two. */
function figure(value: number): string {
  return value.toFixed(value < 1 ? 2 : 1);
}
