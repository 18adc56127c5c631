import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type { MonitorReport } from "../core/monitor_report.ts";
import { MonitorHistory } from "./history.ts";
import { NO_LOSS } from "./best_evidence.ts";

/** A report with what a history keeps of it. */
function reportOf(seq: number, choice: Partial<MonitorReport> = {}): MonitorReport {
  return {
    ...NO_LOSS,
    evidence: "consensus",
    focalLoss: seq % 7,
    crossEntropy: 1,
    targets: 1,
    drift: null,
    health: "healthy",
    ...choice,
  } as MonitorReport;
}

Deno.test("a history of any length stays short and forgets neither frames nor means", () => {
  const history = new MonitorHistory();
  const frames = 200_000;
  let sum = 0;
  for (let seq = 0; seq < frames; seq++) {
    history.add(seq, reportOf(seq));
    sum += seq % 7;
    assert(history.points.length <= 1024);
  }
  const { points } = history;
  assert(points.length > 512);
  assertEquals(points.reduce((total, point) => total + point.frames, 0), frames);
  const kept = points.reduce((total, { focalLoss, lossFrames }) => {
    return total + focalLoss.consensus! * lossFrames.consensus!;
  }, 0);
  assertAlmostEquals(kept, sum, 1e-6 * sum);
  // Each point begins where the one before it ends.
  for (const [i, point] of points.entries()) {
    if (i > 0) assertEquals(point.seq, points[i - 1]!.seq + points[i - 1]!.frames);
  }
});

Deno.test("joined points keep the worst verdict and the highest statistic, and mix no evidence", () => {
  const history = new MonitorHistory();
  const signal = (statistic: number) => ({ value: 0, z: 0, statistic, threshold: 10 });
  for (let seq = 0; seq < 1025; seq++) {
    const isBad = seq === 3;
    const drift = { s1: signal(isBad ? 9 : 1), s2: signal(2), s3: signal(0) };
    history.add(
      seq,
      reportOf(seq, {
        ...(isBad ? { evidence: "measured", health: "drifting" } as Partial<MonitorReport> : {}),
        drift,
      } as Partial<MonitorReport>),
    );
  }
  const [, second] = history.points;
  assertEquals(second!.frames, 2);
  assertEquals(second!.health, "drifting");
  assertEquals([second!.s1Share, second!.s2Share], [0.9, 0.2]);
  assertEquals(second!.focalLoss, { consensus: 2, measured: 3 });
  assertEquals(second!.lossFrames, { consensus: 1, measured: 1 });
});

Deno.test("blind frames are in the history, without a loss", () => {
  const history = new MonitorHistory();
  history.add(0, reportOf(0, { ...NO_LOSS, health: "blind" } as Partial<MonitorReport>));
  assertEquals(history.points[0]!.focalLoss, {});
  assertEquals(history.points[0]!.s1Share, null);
});
