import { assert, assertEquals, assertThrows } from "@std/assert";
import { anchorsOf, CALM_LOOK, wobble } from "../../tests/support/monitor_frames.ts";
import { FoveaError } from "../core/errors.ts";
import type { MonitorReport } from "../core/monitor_report.ts";
import type { FrameObservation } from "./frame_observation.ts";
import { Monitor } from "./monitor.ts";
import type { MonitorSource } from "./monitor_options.ts";
import type { MonitorEvent } from "./monitor_event.ts";
import type { MonitorOptions } from "./monitor_options.ts";
import { formatMonitorState, parseMonitorState } from "./monitor_state.ts";
import type { ScoredBox } from "./target_box.ts";

const SOURCE: MonitorSource = {
  modelSha256: "a".repeat(64),
  camera: "test",
  classNames: ["car", "person"],
  fps: 25,
};

/** A car that drives along, seen well (or, after a drift, hardly). */
function carAt(seq: number, score: number): ScoredBox {
  const x = 40 + 5 * (seq % 100);
  return { classIndex: 0, score, xyxyPx: [x, 100, x + 60, 140] };
}

function observationAt(seq: number, choice: Partial<FrameObservation> = {}): FrameObservation {
  return {
    seq,
    ptsMs: 40 * seq,
    epoch: 0,
    state: "live",
    width: 640,
    height: 360,
    detections: [carAt(seq, 0.8 + 0.1 * wobble(seq))],
    anchors: anchorsOf(3 + wobble(seq)),
    background: null,
    image: CALM_LOOK,
    teacher: null,
    frame: null,
    ...choice,
  };
}

/** The detector after a drift: weak scores, undecided anchors. */
function drifted(seq: number): FrameObservation {
  return observationAt(seq, {
    detections: [carAt(seq, 0.2 + 0.1 * wobble(seq))],
    anchors: anchorsOf(9 + wobble(seq)),
  });
}

function run(monitor: Monitor, from: number, to: number, of = observationAt): MonitorReport[] {
  return Array.from({ length: to - from }, (_, i) => monitor.observe(of(from + i)));
}

Deno.test("a calm camera warms up, is healthy, and stays so", () => {
  const events: MonitorEvent[] = [];
  // Long enough for cars to come and go.
  const monitor = new Monitor(SOURCE, { warmUpFrames: 300, onEvent: (e) => events.push(e) });
  const warming = run(monitor, 0, 300);
  assert(warming.every(({ health }) => health === "warming"));
  const after = run(monitor, 300, 900);
  assert(after.every(({ health }) => health === "healthy"));
  assertEquals(after.filter(({ alarm }) => alarm !== null), []);
  assertEquals(events.map(({ kind }) => kind), ["calibrated", "health"]);
});

Deno.test("a drift raises an alarm within some frames, and only on the frame that raises it", () => {
  const monitor = new Monitor(SOURCE, { warmUpFrames: 300 });
  run(monitor, 0, 400);
  const reports = run(monitor, 400, 460, drifted);
  const first = reports.findIndex(({ alarm }) => alarm !== null);
  assert(first >= 0 && first < 15, `first alarm at ${first}`);
  assertEquals(reports[first]!.health, "drifting");
  assert(reports[first]!.alarm!.sinceSeq >= 399);
  assertEquals(reports[first + 1]!.alarm, null);
  assertEquals(reports.at(-1)!.health, "degraded");
  assertEquals(monitor.health, "degraded");
});

Deno.test("what left during a blind stretch is not missed after it", () => {
  const monitor = new Monitor(SOURCE, { warmUpFrames: 300 });
  run(monitor, 0, 400);
  monitor.observeState("stale");
  const after = run(monitor, 400, 420, (seq) => observationAt(seq, { detections: [] }));
  assertEquals(Math.max(...after.map(({ s1 }) => s1!)), 0);
  assertEquals(after.every(({ alarm }) => alarm === null), true);
});

Deno.test("anchors whose loss is no number are as the last that was one", () => {
  const monitor = new Monitor(SOURCE, { warmUpFrames: 50 });
  const broken = anchorsOf(NaN);
  const reports = run(monitor, 0, 80, (seq) => {
    return observationAt(seq, seq % 7 === 3 ? { anchors: broken } : {});
  });
  assertEquals(reports[73]!.s2, reports[72]!.s2);
  assertEquals(monitor.health, "healthy");
});

Deno.test("every loss says what it rests on", () => {
  const monitor = new Monitor(SOURCE, { warmUpFrames: 50 });
  const [first, ...rest] = run(monitor, 0, 20);
  assertEquals(first!.evidence, "expected");
  assertEquals(rest.at(-1)!.evidence, "consensus");
  assertEquals(rest.at(-1)!.targets, 1);
  assertEquals(rest.at(-1)!.byClass.map(({ name }) => name), ["car"]);
  assertEquals(rest.at(-1)!.interval, null);
});

Deno.test("labels make a measured loss with an interval, and beat all other evidence", () => {
  const truth = { targets: [{ classIndex: 0, xyxyPx: carAt(30, 1).xyxyPx }], ignored: [] };
  const labels = new Map([[30, truth], [31, { ...truth, targets: [] }]]);
  const monitor = new Monitor(SOURCE, { warmUpFrames: 50, labels });
  run(monitor, 0, 30);
  const report = monitor.observe(observationAt(30, { teacher: { targets: [], ignored: [] } }));
  assertEquals(report.evidence, "measured");
  assertEquals(report.targets, 1);
  assertEquals(report.interval!.frames, 1);
  const next = monitor.observe(observationAt(31));
  assertEquals(next.evidence, "measured");
  assertEquals(next.level!.evidence, "measured");
  assertEquals(next.level!.frames, 2);
});

Deno.test("a teacher's loss is named so", () => {
  const monitor = new Monitor(SOURCE);
  const teacher = { targets: [{ classIndex: 1, xyxyPx: [0, 0, 50, 50] as const }], ignored: [] };
  const report = monitor.observe(observationAt(0, { teacher }));
  assertEquals(report.evidence, "teacher");
  assert(report.focalLoss! > 0.5);
});

Deno.test("labels may come late, but not for frames that never came", () => {
  const monitor = new Monitor(SOURCE);
  run(monitor, 0, 400);
  const nothing = { targets: [], ignored: [] };
  assertEquals(monitor.label(399, nothing), true);
  assertEquals(monitor.label(395, nothing), true);
  assertEquals(monitor.label(5, nothing), false);
  assertEquals(monitor.label(1000, nothing), false);
  assertEquals(monitor.observe(observationAt(400)).level!.evidence, "measured");
});

for (const state of ["stale", "frozen", "black", "blind"] as const) {
  Deno.test(`a ${state} stream is blind: no loss, no signals, no alarm`, () => {
    const monitor = new Monitor(SOURCE, { warmUpFrames: 300 });
    run(monitor, 0, 400);
    const report = monitor.observe(observationAt(400, { state, detections: [] }));
    assertEquals([report.health, report.evidence, report.focalLoss, report.s1, report.s2], [
      "blind",
      null,
      null,
      null,
      null,
    ]);
    assertEquals(run(monitor, 401, 500, (seq) => observationAt(seq, { state })).length, 99);
    assertEquals(monitor.observe(observationAt(500)).health, "healthy");
  });
}

Deno.test("hard objects are kept with a reason", () => {
  const monitor = new Monitor(SOURCE, { warmUpFrames: 50, hardExamples: 5 });
  run(monitor, 0, 60);
  monitor.observe(observationAt(60, { detections: [] }));
  const [hardest] = monitor.hardExamples;
  assertEquals(hardest!.seq, 60);
  assertEquals(hardest!.reason, "car is there by its track and was missed");
});

Deno.test("the same frames give the same reports", () => {
  const [a, b] = [1, 2].map(() => {
    const monitor = new Monitor(SOURCE, { warmUpFrames: 100 });
    return JSON.stringify([...run(monitor, 0, 150), ...run(monitor, 150, 200, drifted)]);
  });
  assertEquals(a, b);
});

Deno.test("a calibration serves another run of the same model and camera, and no other", () => {
  const first = new Monitor(SOURCE, { warmUpFrames: 100 });
  run(first, 0, 100);
  const calibration = JSON.parse(JSON.stringify(first.calibration));
  const second = new Monitor(SOURCE, { calibration });
  assertEquals(second.observe(observationAt(0)).health, "healthy");
  for (const other of [{ modelSha256: "b".repeat(64) }, { camera: "another" }]) {
    const error = assertThrows(() => new Monitor({ ...SOURCE, ...other }, { calibration }));
    assertEquals((error as FoveaError).code, "STATE_FOREIGN");
  }
});

Deno.test("results that come out of order are refused and change nothing", () => {
  const monitor = new Monitor(SOURCE);
  run(monitor, 0, 10);
  assertThrows(() => monitor.observe(observationAt(9)), FoveaError, "in order");
  assertEquals(monitor.observe(observationAt(10)).health, "warming");
});

Deno.test("a reconnected camera may count anew", () => {
  const monitor = new Monitor(SOURCE);
  run(monitor, 0, 10);
  assertEquals(monitor.observe(observationAt(0, { epoch: 1 })).evidence, "expected");
});

Deno.test("a street that is empty all day is healthy", () => {
  const monitor = new Monitor(SOURCE, { warmUpFrames: 100 });
  const empty = (seq: number) => observationAt(seq, { detections: [], anchors: anchorsOf(1) });
  const reports = run(monitor, 0, 2000, empty);
  assertEquals(reports.at(-1)!.health, "healthy");
  assertEquals(reports.at(-1)!.targets, 0);
  assertEquals(reports.filter(({ alarm }) => alarm !== null), []);
});

Deno.test("bad options are refused by name", () => {
  const bad: [MonitorOptions, string][] = [
    [{ warmUpFrames: 1 }, "warmUpFrames"],
    [{ alarmsPerDay: 0 }, "alarmsPerDay"],
    [{ hardExamples: -1 }, "hardExamples"],
    [{ tpyo: 1 } as MonitorOptions, "tpyo"],
  ];
  for (const [options, name] of bad) {
    assertThrows(() => new Monitor(SOURCE, options), FoveaError, name);
  }
});

Deno.test("a monitor that is restarted goes on with its signals, health, level and alarms", () => {
  const whole = new Monitor(SOURCE, { warmUpFrames: 300 });
  run(whole, 0, 400);
  const before = run(whole, 400, 403, drifted);
  const text = formatMonitorState(whole.state!);
  const restarted = new Monitor(SOURCE, { state: parseMonitorState(text, "test") });
  assertEquals(restarted.state, whole.state);
  assertEquals(restarted.health, "healthy");
  // S1 needs its tracks again; S2, the verdict and the level are as if nothing had happened.
  const [on, again] = [whole, restarted].map((monitor) => run(monitor, 403, 440, drifted));
  assertEquals(again!.map(({ drift }) => drift!.s2), on!.map(({ drift }) => drift!.s2));
  assertEquals(again!.map(({ level }) => level), on!.map(({ level }) => level));
  assertEquals(again!.at(-1)!.health, "degraded");
  assertEquals(before.every(({ alarm }) => alarm === null), true);
  assertEquals(restarted.alarms.length >= 1, true);
});

Deno.test("a state that was cut or changed anywhere is refused, whatever is wrong", () => {
  const monitor = new Monitor(SOURCE, { warmUpFrames: 50 });
  run(monitor, 0, 60);
  const text = formatMonitorState(monitor.state!);
  for (let cut = 0; cut < text.length - 2; cut += 977) {
    const error = assertThrows(() => parseMonitorState(text.slice(0, cut), "x"), FoveaError);
    assertEquals(error.code, "STATE_INVALID");
  }
  const changed = [
    text.replace('"rise":', '"raise":'),
    text.replace('"version":1', '"version":2'),
    text.replace('"verdict":"healthy"', '"verdict":"fine"'),
    text.replace(/"threshold":[\d.]+/, '"threshold":-1'),
    text.replace(/"luma":\d+/, '"luma":"NaN"'),
    "[]",
    "null",
  ];
  for (const other of changed) {
    assertThrows(
      () => parseMonitorState(other, "x"),
      FoveaError,
      "Cannot read the monitor's state",
    );
  }
});
