import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import {
  makeDetection,
  makeMonitorReport,
  makeResult,
} from "../../../tests/support/fake_result.ts";
import { describeMoment, describeMonitorNews } from "./live_line.ts";
import { describeScene, formatLive, type TableFrame } from "./live_table.ts";
import { type LiveSnapshot, LiveTally } from "./live_tally.ts";
import { ScenePlan } from "./scene_plan.ts";

const TRUTH = {
  classNames: ["car", "pedestrian"],
  at: (seq: number) => ({
    seq,
    objects: [{
      trackId: 1,
      classIndex: 0,
      className: "car",
      xyxyPx: [0, 0, 40, 20] as const,
      visible: 1,
      truncated: 0,
      speedMps: 0,
    }],
  }),
};
const CAR = makeDetection([0, 0, 40, 20], { className: "car" });

/** Two seconds of a street in which night falls after the first one and hides a car. */
function nightfall(): LiveSnapshot {
  const plan = new ScenePlan("synthetic:street?weather=night:3@25", []);
  const tally = new LiveTally(plan, TRUTH, 0);
  for (let seq = 0; seq < 50; seq++) {
    tally.add(makeResult({ seq, detections: seq < 25 ? [CAR] : [] }), 40 * (seq + 1));
  }
  return tally.snapshot(2_000);
}

/** A monitored second: healthy, then two alarms, the second of which is the last frame. */
function alarmed(): LiveSnapshot {
  const tally = new LiveTally(new ScenePlan("clip.mp4", []), null, 0);
  for (let seq = 0; seq < 25; seq++) {
    const alarm = seq === 20 || seq === 24
      ? {
        signal: "s1" as const,
        statistic: 9,
        threshold: 8,
        sinceSeq: 19,
        suspicions: ["dark"],
        message: `since frame 19 objects are missed; suspected: dark\x07`,
      }
      : null;
    const [health, why] = seq < 20
      ? ["healthy" as const, null]
      : ["drifting" as const, "a crossing"];
    const monitor = makeMonitorReport({ health, why, alarm });
    tally.add(makeResult({ seq, monitor, detections: [CAR] }), 40 * (seq + 1));
  }
  return tally.snapshot(1_000);
}

/** Two hundred classes, one of which steers terminals. */
function crowd(): LiveSnapshot {
  const tally = new LiveTally(new ScenePlan("clip.mp4", []), null, 0);
  const detections = Array.from(
    { length: 200 },
    (_, i) =>
      makeDetection([0, 0, 9, 9], {
        className: i === 0 ? "\x1b[2J\n" : `class ${i}`,
        classIndex: i,
      }),
  );
  const stateReason = "no picture for a long time\x1b[5m".repeat(3);
  tally.add(makeResult({ detections, state: "stale", stateReason, epoch: 2 }), 40);
  return tally.snapshot(50);
}

const FRAME: TableFrame = { columns: 99, rows: 40, totalFrames: 50, hasScenes: true };

function show(snapshot: LiveSnapshot, frame: Partial<TableFrame> = {}): string[] {
  return formatLive(snapshot, { ...FRAME, ...frame }).map(({ text }) => text);
}

Deno.test("formatLive() shows detections, times, state and what happened", () => {
  assertEquals(show(nightfall()), [
    "[========================================]  100%  50/50  25.0 fps  0:00 left  25 detections",
    "live   25.0 fps   age 13 ms   0 dropped",
    "",
    "detections   now there found        ms a frame        p50    p99",
    "all            0     1    0%        decode            1.0    1.0",
    "car            0     1    0%        preprocess        1.0    1.0",
    "pedestrian     0     0     -        infer            10.0   10.0",
    "                                    decode outputs    0.5    0.5",
    "                                    nms               0.3    0.3",
    "                                    track             0.0    0.0",
    "                                    total            12.8   12.8",
    "                                    age              12.5   12.5",
    "",
    "Frame 25: night falls (night:3). Found: 100% of what is there before, 0% since.",
    "a frame of  seen there found false  from",
    "clear        1.0   1.0  100%   0.0     0",
    "night:3      0.0   1.0    0%   0.0    25",
    "",
    "detections, second by second  █▁",
  ]);
});

Deno.test("formatLive() shows what a monitor says, and its last alarm", () => {
  const lines = formatLive(alarmed(), { ...FRAME, totalFrames: 25, hasScenes: false });
  const health = lines.find(({ text }) => text.startsWith("drifting"));
  assertEquals(health, { text: "drifting: a crossing   loss 0.250 (expected)", style: "bad" });
  const text = lines.map(({ text }) => text).join("\n");
  assertStringIncludes(text, "monitor           0.0    0.0");
  assertStringIncludes(
    text,
    "\n\nFrame 24: alarm: since frame 19 objects are missed; suspected: dark?. 2 alarms so far.\n",
  );
  assertEquals(lines.filter(({ style }) => style === "notice").length, 1);
});

Deno.test("describeMonitorNews() tells another health and alarms, each once", () => {
  const healthy = { seq: 7, monitor: makeMonitorReport() };
  assertEquals(describeMonitorNews(healthy, null), ["Frame 7: healthy."]);
  assertEquals(describeMonitorNews(healthy, "healthy"), []);
  assertEquals(describeMonitorNews({ seq: 7, monitor: null }, "healthy"), []);
  const { last } = alarmed();
  assertEquals(describeMonitorNews(last!, "healthy"), [
    "Frame 24: drifting: a crossing.",
    "Frame 24: alarm: since frame 19 objects are missed; suspected: dark?.",
  ]);
});

Deno.test("formatLive() leaves out what does not fit, and says so where it cuts", () => {
  const narrow = show(nightfall(), { columns: 19, rows: 60 });
  assertStringIncludes(narrow.join("\n"), "car         0     1\n");
  assertStringIncludes(narrow.join("\n"), "Frame 25: night\nfalls (night:3).");
  assertStringIncludes(narrow.join("\n"), "infer          10.0");
  const short = show(nightfall(), { rows: 8 });
  assertEquals(short.at(-1), "5 more");
  assertEquals(short.length, 8);
  const many = show(crowd(), { rows: 12, hasScenes: false });
  assertEquals(many.at(-1), "195 more");
});

Deno.test("formatLive() fits any screen and steers no terminal", () => {
  const snapshots = [nightfall(), crowd(), alarmed(), emptyRun()];
  fc.assert(
    fc.property(
      fc.constantFrom(...snapshots),
      fc.integer({ min: 19, max: 220 }),
      fc.integer({ min: 4, max: 80 }),
      fc.boolean(),
      (snapshot, columns, rows, hasScenes) => {
        const lines = show(snapshot, { columns, rows, hasScenes });
        assert(lines.length >= 1 && lines.length <= rows, `${lines.length} of ${rows}`);
        for (const line of lines) {
          assert(line.length <= columns, `${line.length} of ${columns}: ${line}`);
          assert(!/\p{Cc}/u.test(line), JSON.stringify(line));
        }
      },
    ),
    { numRuns: 300, seed: 1 },
  );
});

function emptyRun(): LiveSnapshot {
  return new LiveTally(new ScenePlan("clip.mp4", []), null, 0).snapshot(0);
}

Deno.test("formatLive() marks a stream that is not live", () => {
  const styleOf = (snapshot: LiveSnapshot) => formatLive(snapshot, FRAME)[1]!.style;
  assertEquals([styleOf(nightfall()), styleOf(crowd())], ["good", "bad"]);
  const text = show(crowd(), { columns: 160 })[1]!;
  assertStringIncludes(text, "stale: no picture for a long time?[5m");
  assertStringIncludes(text, "2 reconnected");
});

Deno.test("describeMoment() is one line for a log", () => {
  assertEquals(
    describeMoment(nightfall()),
    "frame 49  2.0 s  25.0 fps  0 of 1: car 0/1  12.8 ms a frame  age 13 ms  0 dropped  live",
  );
  assertEquals(describeMoment(emptyRun()), "no frame yet");
  const line = describeMoment(crowd());
  assertStringIncludes(line, "200: ?[2J? 1, class 1 1");
  assertStringIncludes(line, ", 194 more");
  assert(!/\p{Cc}/u.test(line));
  const tally = new LiveTally(new ScenePlan("clip.mp4", []), null, 0);
  tally.add(makeResult({ kind: "state", state: "blind", stateReason: "connection refused" }), 1);
  assertEquals(describeMoment(tally.snapshot(2)), "stream blind: connection refused");
});

Deno.test("describeScene() tells news and no more", () => {
  const scene = { name: "fog:2", happened: "fog comes in" };
  assertEquals(describeScene({ scene, fromSeq: 7 }), "Frame 7: fog comes in (fog:2).");
  assertEquals(describeScene({ scene: { ...scene, happened: null }, fromSeq: 0 }), null);
});
