// `run --monitor` and `monitor` on the drawn street and on a real clip, as a user starts them.
import { assert, assertEquals, assertGreater, assertMatch } from "@std/assert";
import type { MonitorReport } from "../../src/core/monitor_report.ts";
import type { LoggedAlarm } from "../../src/monitor/monitor_state.ts";
import { withTempFolder } from "../support/cli_process.ts";
import { runInProcess } from "../support/memory_terminal.ts";
import { testWithShared } from "../support/shared.ts";

const CALM = "synthetic:street?seed=4&size=320x192&frames=160";
/** The same street, and fog from frame 110 on. */
const FOGGY = `${CALM}&weather=fog:3@110`;
const WARM_UP = ["--warmup", "100"];

interface Line {
  readonly seq: number;
  readonly monitor: MonitorReport;
}

function readLines<T>(text: string): T[] {
  return text.trimEnd().split("\n").map((line) => JSON.parse(line) as T);
}

async function watch(...args: string[]): Promise<{ lines: Line[]; stderr: string }> {
  const { code, stdout, stderr } = await runInProcess(["run", ...args, "--monitor", "--json"]);
  assertEquals(code, 0, stderr);
  return { lines: readLines(stdout), stderr };
}

async function refusal(...args: string[]): Promise<{ code: number; stderr: string }> {
  const { code, stdout, stderr } = await runInProcess(args);
  assertEquals(stdout, "");
  return { code, stderr };
}

Deno.test("run --monitor says in every result how the detector is doing, and on what evidence", async () => {
  await withTempFolder(async (folder) => {
    const [events, saved] = [`${folder}/events.ndjson`, `${folder}/seen.ndjson`];
    const { lines } = await watch(FOGGY, ...WARM_UP, "--events", events, "--save", saved);
    assertEquals(lines.map(({ seq }) => seq), Array.from({ length: 160 }, (_, seq) => seq));
    for (const { seq, monitor } of lines) {
      for (const key of ["focalLoss", "crossEntropy", "easyNegativeShare", "s1", "s2"] as const) {
        assertEquals(typeof monitor[key], "number", `${key} of frame ${seq}`);
      }
      assert(["consensus", "expected"].includes(monitor.evidence!));
      assertEquals(monitor.interval, null);
      assert(monitor.easyNegativeShare! >= 0 && monitor.easyNegativeShare! <= 1);
      assertEquals(seq < 100, monitor.health === "warming", `frame ${seq} ${monitor.health}`);
    }
    const told = readLines<{ kind: string; seq: number }>(await Deno.readTextFile(events));
    const alarmed = lines.filter(({ monitor }) => monitor.alarm !== null);
    assertEquals(
      told.filter(({ kind }) => kind === "alarm").map(({ seq }) => seq),
      alarmed.map(({ seq }) => seq),
    );
    assert(alarmed[0]!.seq >= 110 && alarmed[0]!.seq < 130, `alarm at ${alarmed[0]!.seq}`);
    assert(alarmed.every(({ monitor }) => monitor.health !== "healthy"));
    assertMatch(alarmed[0]!.monitor.alarm!.message, /^since frame 1\d\d .*; suspected: /);
    assertEquals(lines.at(-1)!.monitor.suspicion, "low contrast");
    assertEquals(told[0]!.kind, "calibrated");
    // The file holds the same lines.
    const kept = readLines<Line>(await Deno.readTextFile(saved));
    assertEquals(kept.map(({ monitor }) => monitor), lines.map(({ monitor }) => monitor));
  });
});

Deno.test("without --monitor results carry none, and no flag of it is taken", async () => {
  const { stdout } = await runInProcess(["run", CALM, "--max-frames", "2", "--json"]);
  assertEquals(readLines<{ monitor: unknown }>(stdout).map(({ monitor }) => monitor), [null, null]);
  const { code, stderr } = await refusal("run", CALM, "--report", "out/x.html");
  assertEquals(code, 2);
  assertMatch(stderr, /Cannot use --report: nothing is monitored/);
});

Deno.test("monitor ends with 3 where an alarm was raised, with 0 where none was, and sums up", async () => {
  await withTempFolder(async (folder) => {
    // What is usual is learned from all of it, so that the street cannot surprise.
    const usual = `${folder}/usual.json`;
    const learned = ["monitor", CALM, "--warmup", "160", "--calibrate", usual];
    assertEquals((await runInProcess(learned)).code, 0);
    const calm = await runInProcess(["monitor", CALM, "--calibration", usual]);
    assertEquals(calm.code, 0, calm.stdout);
    assertMatch(calm.stdout, /^health: healthy \(160 frames: healthy 160\)\n/);
    assertMatch(calm.stdout, /\nlevel: .* an estimate from the scores: nobody looked/);
    assertMatch(calm.stdout, /\nalarms: none\n/);
  });
  const foggy = await runInProcess(["monitor", FOGGY, ...WARM_UP]);
  assertEquals(foggy.code, 3, foggy.stderr);
  assertMatch(foggy.stdout, /\nalarms: [1-9]\d*\n {2}frame 1\d\d: since frame/);
  const json = await runInProcess(["monitor", FOGGY, ...WARM_UP, "--labels", "truth", "--json"]);
  assertEquals(json.code, 3, json.stderr);
  const summary = JSON.parse(json.stdout);
  assertEquals([summary.frames, summary.level.evidence], [160, "measured"]);
  assert(summary.level.interval.low <= summary.level.focalLoss);
  assertEquals(summary.framesOf.warming, 100);
  assertGreater(summary.alarms.length, 0);
  assertEquals(summary.usual.frames, 100);
});

Deno.test("a calibration of a clean stream serves another run of the same model and camera only", async () => {
  await withTempFolder(async (folder) => {
    const cal = `${folder}/new/cal.json`;
    await watch(CALM, ...WARM_UP, "--calibrate", cal);
    const { lines } = await watch(FOGGY, "--calibration", cal);
    assertEquals(lines.filter(({ monitor }) => monitor.health === "warming"), []);
    const first = lines.find(({ monitor }) => monitor.alarm !== null)!;
    assert(first.seq >= 110 && first.seq < 130, `alarm at ${first.seq}`);
    const other = CALM.replace("seed=4", "seed=5");
    const model = ["--model", "models/tiny/fovea_street.onnx"];
    for (const args of [["monitor", other], ["run", CALM, "--monitor", ...model]]) {
      const { code, stderr } = await refusal(...args, "--calibration", cal);
      assertEquals(code, 1);
      assertMatch(stderr, /STATE_FOREIGN: Cannot use the calibration: it belongs to /);
    }
    const both = await refusal("monitor", CALM, "--calibration", cal, "--warmup", "60");
    assertEquals(both.code, 2);
    const none = await refusal("monitor", CALM, "--calibration", `${folder}/none.json`);
    assertMatch(none.stderr, /STATE_INVALID: .*none\.json: there is none/);
  });
});

Deno.test("with --hard-examples 0 no pixels are kept and none are in the report", async () => {
  await withTempFolder(async (folder) => {
    const pages: string[] = [];
    for (const more of [[], ["--hard-examples", "0"]]) {
      const page = `${folder}/page.html`;
      const args = ["monitor", CALM, "--max-frames", "30", "--report", page, ...more];
      assertEquals((await runInProcess(args)).code, 0);
      pages.push(await Deno.readTextFile(page));
    }
    assertEquals(pages.map((page) => page.includes("data:image")), [true, false]);
  });
});

Deno.test("too few frames make no calibration, and the exit code says so", async () => {
  await withTempFolder(async (folder) => {
    const cal = `${folder}/cal.json`;
    const args = ["monitor", CALM, "--max-frames", "20", "--calibrate", cal];
    const { code, stdout, stderr } = await runInProcess(args);
    assertEquals(code, 1);
    assertMatch(stdout, /^health: warming \(20 frames/);
    assertMatch(stderr, /STATE_INVALID: Cannot calibrate: 20 frames were seen/);
    assertEquals([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("signals, health and alarms survive a restart", async () => {
  await withTempFolder(async (folder) => {
    const state = ["--monitor-state", `${folder}/state.json`];
    const first = await runInProcess(["monitor", FOGGY, ...WARM_UP, ...state, "--json"]);
    assertEquals(first.code, 3, first.stderr);
    const before = JSON.parse(first.stdout);
    const { lines } = await watch(CALM, ...state);
    assertEquals(lines[0]!.monitor.health, before.health);
    assert(before.health !== "healthy");
    assertEquals(lines.filter(({ monitor }) => monitor.health === "warming"), []);
    const again = await runInProcess(["monitor", CALM, "--max-frames", "1", ...state, "--json"]);
    assertEquals(JSON.parse(again.stdout).alarms.slice(0, before.alarms.length), before.alarms);
  });
});

Deno.test("labels are truth of the world or COCO by frame number; others are refused", async () => {
  await withTempFolder(async (folder) => {
    const path = `${folder}/labels.json`;
    await Deno.writeTextFile(
      path,
      JSON.stringify({
        images: [{ id: 3 }, { id: 7 }, { id: 5000 }],
        categories: [{ id: 1, name: "car" }, { id: 9, name: "tram" }],
        annotations: [{ id: 1, image_id: 7, category_id: 9, bbox: [10, 10, 20, 20] }],
      }),
    );
    const few = ["--max-frames", "12"];
    const { lines, stderr } = await watch(CALM, ...few, "--labels", path);
    const measured = lines.filter(({ monitor }) => monitor.evidence === "measured");
    assertEquals(measured.map(({ seq }) => seq), [3, 7]);
    assert(measured.every(({ monitor }) => monitor.interval !== null));
    assertMatch(stderr, /labels of tram are ignored/);
    const truth = await watch(CALM, ...few, "--labels", "truth");
    assert(truth.lines.every(({ monitor }) => monitor.evidence === "measured"));

    await Deno.writeTextFile(path, '{"images":[]');
    const broken = await refusal("monitor", CALM, "--labels", path);
    assertEquals(broken.code, 1);
    assertMatch(broken.stderr, /ANNOTATIONS_INVALID/);
    const missing = await refusal("monitor", CALM, "--labels", `${folder}/none.json`);
    assertMatch(missing.stderr, /ANNOTATIONS_INVALID: Cannot read the labels/);
  });
});

Deno.test("a teacher is asked now and then, and its loss is named a disagreement", async () => {
  const teacher = ["--teacher", "models/fovea-street.onnx", "--teacher-every", "4"];
  const { lines } = await watch(CALM, "--max-frames", "20", ...teacher);
  const taught = lines.filter(({ monitor }) => monitor.evidence === "teacher");
  assertEquals(taught.map(({ seq }) => seq), [0, 4, 8, 12, 16]);
  const stranger = ["--teacher", "models/tiny/yolo_v8.onnx"];
  const { code, stderr } = await refusal("monitor", CALM, ...stranger);
  assertEquals(code, 2);
  assertMatch(stderr, /no class in common/);
});

testWithShared(
  "the same clip gives the same alarms and figures, byte for byte, whatever the workers",
  ["media/bottle-detection.mp4", "models/yolox_nano_416x416.onnx"],
  async ([clip, model]) => {
    await withTempFolder(async (folder) => {
      const args = [clip, "-m", model, "--policy", "every:6", "--degrade", "noise:3@90"];
      const texts: string[] = [];
      for (const [i, workers] of ["1", "1", "2"].entries()) {
        const events = `${folder}/events${i}.ndjson`;
        const more = ["--warmup", "90", "--workers", workers, "--events", events];
        const { lines } = await watch(...args, "--max-frames", "110", ...more);
        texts.push(JSON.stringify(lines.map(({ monitor }) => monitor)));
        texts.push(await Deno.readTextFile(events));
      }
      assertEquals(new Set(texts).size, 2);
      assertMatch(texts[1]!, /"kind":"alarm".*suspected: noise/);
    });
  },
);

testWithShared(
  "a real clip with labels: measured, with an interval; drift is found and named",
  [
    "media/bottle-detection.mp4",
    "models/yolox_nano_416x416.onnx",
    "media/truth/bottle-detection.coco.json",
  ],
  async ([clip, model, truth]) => {
    await withTempFolder(async (folder) => {
      const usual = `${folder}/usual.json`;
      const args = [clip, "-m", model, "--policy", "every:6"];
      await watch(...args, "--warmup", "199", "--calibrate", usual);
      const more = ["--calibration", usual, "--labels", truth, "--json"];
      const calm = await runInProcess(["monitor", ...args, ...more]);
      assertEquals(calm.code, 0, calm.stdout);
      const blurred = await runInProcess(["monitor", ...args, ...more, "--degrade", "blur:3@90"]);
      assertEquals(blurred.code, 3, blurred.stderr);
      const [before, after] = [calm, blurred].map(({ stdout }) => JSON.parse(stdout));
      assertEquals([before.level.evidence, after.level.evidence], ["measured", "measured"]);
      assertGreater(after.level.interval.low, before.level.interval.high);
      const suspected = after.alarms.flatMap((logged: LoggedAlarm) => logged.alarm.suspicions);
      assert(suspected.includes("blur"), suspected.join(", "));
    });
  },
);
