// What the outside world does to a monitor: it stays alive, says what it rests on, and raises no
// alarm for anything but the detector.
import { assert, assertEquals, assertGreater, assertLess, assertThrows } from "@std/assert";
import fc from "fast-check";
import { FoveaError } from "../../src/core/errors.ts";
import type { MonitorReport } from "../../src/core/monitor_report.ts";
import { parseAnnotations } from "../../src/evaluate/parse_annotations.ts";
import { formatCalibration, parseCalibration } from "../../src/monitor/calibration_file.ts";
import { labelFrames } from "../../src/monitor/frame_labels.ts";
import type { FrameObservation } from "../../src/monitor/frame_observation.ts";
import { Monitor } from "../../src/monitor/monitor.ts";
import type { FrameTargets } from "../../src/monitor/target_box.ts";
import {
  anchorsOf,
  CALM_LOOK,
  carAt,
  carsAt,
  driftedAt,
  frameAt,
  STREET,
  wobble,
} from "../support/monitor_frames.ts";

type FrameMaker = (seq: number) => FrameObservation;

function run(
  monitor: Monitor,
  from: number,
  to: number,
  of: FrameMaker = (seq) => frameAt(seq),
): MonitorReport[] {
  return Array.from({ length: to - from }, (_, i) => monitor.observe(of(from + i)));
}

/** Frames of a calm street that a monitor has seen, the warm-up among them. */
const CALM = 500;

/** A monitor of a calm street. */
function calmMonitor(): Monitor {
  const monitor = new Monitor(STREET, { warmUpFrames: 450 });
  run(monitor, 0, CALM);
  assertEquals(monitor.health, "healthy");
  return monitor;
}

function alarmsIn(reports: readonly MonitorReport[]): number {
  return reports.filter(({ alarm }) => alarm !== null).length;
}

/** Whether every number of a report is one. */
function isFinite(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (value === null || typeof value !== "object") return true;
  return Object.values(value).every(isFinite);
}

for (const score of [NaN, Infinity, -Infinity, -1, 2]) {
  Deno.test(`detections with the score ${score} leave every figure finite, and the verdict as it is`, () => {
    const monitor = new Monitor(STREET, { warmUpFrames: 450 });
    // From the first frame on, so that what is usual is learned from them as well.
    const broken = run(monitor, 0, 700, (seq) => {
      return frameAt(seq, { detections: [...carsAt(seq, score), ...carsAt(seq)] });
    });
    assertEquals(broken.filter((report) => !isFinite(report)).length, 0);
    assertEquals([alarmsIn(broken), monitor.health], [0, "healthy"]);
    parseCalibration(formatCalibration(monitor.calibration!), "test");
  });
}

Deno.test("a clock that jumps, stands still or runs backwards changes nothing", () => {
  const clocks: ((seq: number) => number)[] = [
    (seq) => 40 * seq,
    () => 0,
    (seq) => -40 * seq,
    (seq) => 40 * seq + (seq > 400 ? 3_600_000 : 0),
    (seq) => seq % 2 === 0 ? 40 * seq : Number.MAX_SAFE_INTEGER,
  ];
  const texts = clocks.map((ptsMs) => {
    const monitor = new Monitor(STREET, { warmUpFrames: 300 });
    const of = (make: FrameMaker) => (seq: number) => ({ ...make(seq), ptsMs: ptsMs(seq) });
    const calm = run(monitor, 0, 480, of((seq) => frameAt(seq)));
    return JSON.stringify([...calm, ...run(monitor, 480, 530, of((seq) => driftedAt(seq)))]);
  });
  assertEquals(new Set(texts).size, 1);
});

Deno.test("frames out of order are refused by name, in any order, and leave the monitor as it was", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 60 }), (seqs) => {
      const [mixed, sorted] = [new Monitor(STREET), new Monitor(STREET)];
      let last = -1;
      const told: MonitorReport[] = [];
      const wanted: MonitorReport[] = [];
      for (const seq of seqs) {
        if (seq <= last) {
          const error = assertThrows(() => mixed.observe(frameAt(seq)), FoveaError);
          assertEquals(error.code, "USAGE");
          continue;
        }
        last = seq;
        told.push(mixed.observe(frameAt(seq)));
        wanted.push(sorted.observe(frameAt(seq)));
      }
      assertEquals(told, wanted);
    }),
    { seed: 11, numRuns: 60 },
  );
});

Deno.test("a day without a single target is calm, and the estimate of the level says so", () => {
  const monitor = new Monitor({ ...STREET, fps: 1 }, { warmUpFrames: 300 });
  const empty: FrameMaker = (seq) => {
    return frameAt(seq, { detections: [], anchors: anchorsOf(1 + 0.1 * wobble(seq)) });
  };
  let alarms = 0;
  let last: MonitorReport | null = null;
  for (let seq = 0; seq < 86_400; seq++) {
    last = monitor.observe(empty(seq));
    if (last.alarm !== null) alarms++;
  }
  assertEquals([alarms, last!.health, last!.targets], [0, "healthy", 0]);
  assertEquals([last!.evidence, last!.focalLoss], ["expected", 0]);
  assertEquals(last!.level!.isEstimate, true);
});

Deno.test("a detector of one class is watched like any other", () => {
  const monitor = new Monitor({ ...STREET, classNames: ["car"] }, { warmUpFrames: 450 });
  assertEquals(alarmsIn(run(monitor, 0, CALM)), 0);
  const drifted = run(monitor, CALM, CALM + 40, (seq) => driftedAt(seq));
  assertGreater(alarmsIn(drifted), 0);
  assertEquals(drifted.find(({ alarm }) => alarm !== null)!.suspicion === "class mix", false);
});

for (const state of ["stale", "frozen", "black", "blind"] as const) {
  Deno.test(`a ${state} stream hides a drift's verdict and does not heal it`, () => {
    const monitor = calmMonitor();
    run(monitor, 500, 600, (seq) => driftedAt(seq));
    assertEquals(monitor.health, "degraded");
    const hidden = run(monitor, 600, 900, (seq) => frameAt(seq, { state, detections: [] }));
    assert(hidden.every(({ health, alarm }) => health === "blind" && alarm === null));
    assert(hidden[0]!.why!.includes(state));
    assertEquals(monitor.observe(frameAt(900)).health, "degraded");
    // Only calm frames heal.
    assertEquals(run(monitor, 901, 1200).at(-1)!.health, "healthy");
  });
}

Deno.test("a state of the stream without a picture makes blind, too", () => {
  const monitor = calmMonitor();
  assertEquals(monitor.observeState("blind").health, "blind");
  assertEquals(monitor.health, "blind");
  assertEquals(monitor.observe(frameAt(CALM)).health, "healthy");
});

Deno.test("a teacher that disagrees totally is a disagreement, not an alarm", () => {
  const monitor = calmMonitor();
  const nowhere: FrameTargets = {
    targets: [{ classIndex: 1, xyxyPx: [400, 200, 440, 300] }],
    ignored: [],
  };
  const reports = run(monitor, CALM, 800, (seq) => frameAt(seq, { teacher: nowhere }));
  assert(reports.every(({ evidence }) => evidence === "teacher"));
  assertGreater(reports.at(-1)!.focalLoss!, 0.5);
  assertEquals(reports.at(-1)!.level!.evidence, "teacher");
  assertEquals([alarmsIn(reports), monitor.health], [0, "healthy"]);
});

Deno.test("what a slow teacher says counts for the level as long as its frame is remembered", () => {
  const monitor = calmMonitor();
  const { xyxyPx } = carAt(490);
  const answer: FrameTargets = { targets: [{ classIndex: 0, xyxyPx }], ignored: [] };
  assertEquals([490, 489].map((seq) => monitor.teach(seq, answer)), [true, true]);
  assertEquals(monitor.teach(10, answer), false);
  assertEquals(monitor.observe(frameAt(CALM)).level!.evidence, "teacher");
});

Deno.test("labels of frames that never come, outside the picture or without area do no harm", () => {
  const truth = parseAnnotations({
    images: [{ id: 502 }, { id: 503 }, { id: 1_000_000 }],
    categories: [{ id: 1, name: "car" }, { id: 2, name: "giraffe" }],
    annotations: [
      { id: 1, image_id: 502, category_id: 1, bbox: [-500, -500, 100, 100] },
      { id: 2, image_id: 502, category_id: 1, bbox: [9000, 9000, 50, 50] },
      { id: 3, image_id: 503, category_id: 1, bbox: [100, 100, 0, 0] },
      { id: 4, image_id: 503, category_id: 2, bbox: carBox(503) },
      { id: 5, image_id: 1_000_000, category_id: 1, bbox: [0, 0, 10, 10] },
    ],
  });
  const { frames, unknownClasses } = labelFrames(truth, STREET.classNames);
  assertEquals(unknownClasses, ["giraffe"]);
  const monitor = new Monitor(STREET, { warmUpFrames: 450, labels: frames });
  const reports = run(monitor, 0, 600);
  assertEquals(reports.filter((report) => !isFinite(report)), []);
  const measured = reports.filter(({ evidence }) => evidence === "measured");
  assertEquals(measured.length, 2);
  // Nobody finds what is not in the picture: missed, by the labels.
  assertEquals(measured[0]!.targets, 2);
  assertGreater(measured[0]!.focalLoss!, 0.9);
  // The giraffe's place is one about which nothing is claimed, so the car there is excused.
  assertEquals(measured[1]!.targets, 1);
  assertEquals(alarmsIn(reports), 0);
});

Deno.test("labels that come late change the level and never the past", () => {
  const monitor = calmMonitor();
  const missed: FrameTargets = {
    targets: [{ classIndex: 1, xyxyPx: [400, 200, 440, 300] }],
    ignored: [],
  };
  const before = monitor.alarms.length;
  for (let seq = 480; seq < CALM; seq++) assertEquals(monitor.label(seq, missed), true);
  const next = monitor.observe(frameAt(CALM));
  assertEquals(next.level!.evidence, "measured");
  assertGreater(next.level!.focalLoss, 0.5);
  // Labels beyond doubt make the verdict, whatever the signals say.
  assertEquals(next.health, "degraded");
  assertEquals(monitor.alarms.length, before);
  assertEquals(monitor.label(199, missed), false);
});

Deno.test("labels of classes that nobody knows are refused with the classes there are", () => {
  const truth = parseAnnotations({
    images: [{ id: 1 }],
    categories: [{ id: 1, name: "giraffe" }],
    annotations: [],
  });
  const error = assertThrows(() => labelFrames(truth, STREET.classNames), FoveaError);
  assertEquals(error.code, "ANNOTATIONS_INVALID");
  assert(error.message.includes("giraffe") && error.hint!.includes("car, person"));
});

Deno.test("a picture that changes its look without harm raises no alarm and is named", () => {
  const monitor = calmMonitor();
  const dim = { ...CALM_LOOK, luma: 50, contrast: 35 };
  const reports = run(monitor, CALM, 700, (seq) => frameAt(seq, { image: dim }));
  assertEquals([alarmsIn(reports), monitor.health], [0, "healthy"]);
  assertEquals(reports.at(-1)!.suspicion, "dark");
});

Deno.test("thousands of crowded frames keep a monitor's memory and its state small", () => {
  const monitor = new Monitor(STREET, { warmUpFrames: 300 });
  const crowd = (seq: number) => {
    return Array.from({ length: 60 }, (_, i) => ({
      classIndex: i % 2,
      score: 0.1 + 0.85 * wobble(seq * 60 + i),
      xyxyPx: [10 * i, 3 * i, 10 * i + 8, 3 * i + 20] as const,
    }));
  };
  const sizes: number[] = [];
  for (let seq = 0; seq < 8_000; seq++) {
    monitor.observe(frameAt(seq, { detections: seq % 10 === 0 ? crowd(seq) : carsAt(seq) }));
    if (seq % 2000 === 1999) sizes.push(JSON.stringify(monitor.state).length);
  }
  assertLess(Math.max(...sizes), 200_000);
  assertLess(sizes.at(-1)!, 1.2 * sizes[0]!);
  assert(monitor.hardExamples.length <= 48 && monitor.alarms.length <= 100);
});

function carBox(seq: number): number[] {
  const [x1, y1, x2, y2] = carAt(seq).xyxyPx;
  return [x1, y1, x2 - x1, y2 - y1];
}
