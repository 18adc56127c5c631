import { assert, assertEquals, assertRejects } from "@std/assert";
import { ManualLane, QuickLane } from "../../tests/support/manual_lane.ts";
import { toDetections } from "../../tests/support/moving_scene.ts";
import { ScriptedCamera } from "../../tests/support/scripted_camera.ts";
import type { Detections } from "../core/detections.ts";
import { FoveaError } from "../core/errors.ts";
import type { CameraEvent } from "../core/ports.ts";
import type { FrameResult, StreamState } from "../core/result.ts";
import { createMonitor } from "./create_monitor.ts";
import type { Lane } from "./lane.ts";
import { LoadedDetector } from "./loaded_detector.ts";
import { perceive, type PerceiveOptions } from "./perceive.ts";
import type { LoadReply } from "./protocol.ts";

function detectorOf(lane: Lane, classNames: readonly string[] = ["thing"]): LoadedDetector {
  const reply = {
    spec: { classNames },
    engine: "test",
    provider: "cpu",
    candidatesMax: 1,
    inputCopies: 0,
    outputDims: {},
    arenaOutputs: [],
    tap: null,
  } as unknown as LoadReply;
  return new LoadedDetector([lane], reply, { name: "test", sha256: "", bytes: 0 }, 0, 0.25);
}

async function turn(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve();
}

async function read(camera: ScriptedCamera, options: PerceiveOptions): Promise<FrameResult[]> {
  const results: FrameResult[] = [];
  for await (const result of perceive(camera, detectorOf(new QuickLane()), options)) {
    results.push(result);
  }
  return results;
}

function evidenceOf(results: readonly FrameResult[]): (string | null)[] {
  return results.map(({ monitor }) => monitor!.evidence);
}

/** A teacher that sees another thing than the detector, somewhere else. */
function seeElsewhere(): Detections {
  return toDetections([{ box: [2, 1, 4, 2], score: 0.9, classIndex: 0 }]);
}

/** A lane that fails at the calls that are listed, counted from 0. */
class FailingLane extends QuickLane {
  calls = 0;
  readonly #fails: (call: number) => boolean;

  constructor(fails: (call: number) => boolean) {
    super();
    this.#fails = fails;
  }

  override infer(...args: Parameters<QuickLane["infer"]>): ReturnType<QuickLane["infer"]> {
    const answer = super.infer(...args);
    return this.#fails(this.calls++) ? answer.then(() => Promise.reject(new Error("no"))) : answer;
  }
}

Deno.test("a teacher is asked about every k-th picture, and its word is evidence there", async () => {
  const camera = new ScriptedCamera(7);
  const teacher = { detector: detectorOf(new QuickLane(seeElsewhere)), every: 3 };
  const results = await read(camera, { monitor: true, teacher });
  assertEquals(evidenceOf(results), [
    "teacher",
    "expected",
    "consensus",
    "teacher",
    "consensus",
    "consensus",
    "teacher",
  ]);
  // It disagrees with everything: one missed, one not there.
  assert(results[0]!.monitor!.focalLoss! > 0.9);
  assertEquals(results.filter(({ monitor }) => monitor!.alarm !== null), []);
  assertEquals(camera.leases.out, 0);
});

Deno.test("a teacher that fails is told of, left alone after the third time, and stops nothing", async () => {
  const camera = new ScriptedCamera(12);
  const lane = new FailingLane(() => true);
  const told: FoveaError[] = [];
  const onError = (error: FoveaError) => void told.push(error);
  const teacher = { detector: detectorOf(lane), every: 1, onError };
  const results = await read(camera, { monitor: true, teacher });
  assertEquals(results.length, 12);
  assertEquals(evidenceOf(results).includes("teacher"), false);
  assertEquals(told.map(({ code }) => code).slice(0, 3), Array(3).fill("ENGINE_FAILED"));
  assert(told[0]!.message.startsWith("Cannot ask the teacher: no"));
  // Pictures that were begun before the third answer was there were asked about, too.
  assert(lane.calls >= 3 && lane.calls <= 6, `${lane.calls} calls`);
  assertEquals(camera.leases.out, 0);
});

Deno.test("a teacher that fails now and then is asked again", async () => {
  const lane = new FailingLane((call) => call % 2 === 0);
  const teacher = { detector: detectorOf(lane), every: 1 };
  const results = await read(new ScriptedCamera(20), { monitor: true, teacher });
  assertEquals(lane.calls, 20);
  assertEquals(evidenceOf(results).filter((kind) => kind === "teacher").length, 10);
});

Deno.test("a live camera does not wait for a slow teacher; the answer counts when it comes", async () => {
  const camera: ScriptedCamera = new ScriptedCamera((seq) => camera.frame(seq), true);
  const slow = new ManualLane(seeElsewhere);
  const detector = detectorOf(new QuickLane());
  const monitor = createMonitor(camera, detector);
  const teacher = { detector: detectorOf(slow), every: 2 };
  const results = perceive(camera, detector, { monitor, teacher });
  for (let seq = 0; seq < 200; seq++) {
    const { value } = await results.next();
    assertEquals(value!.monitor!.evidence === "teacher", false);
    // It has one worker, and pictures do not pile up before it.
    assert(slow.highest <= 1 && camera.leases.out <= 4, `${camera.leases.out} leases`);
  }
  slow.waiting[0]!.finish();
  await turn();
  // Frame 0 is too old for the level by now; the teacher has time for the next turn.
  assertEquals((await results.next()).value!.monitor!.level!.evidence, "expected");
  await results.next();
  slow.waiting[0]!.finish();
  await turn();
  await results.next();
  slow.waiting[0]?.finish();
  assertEquals((await results.next()).value!.monitor!.level!.evidence, "teacher");
  slow.waiting[0]?.finish();
  await results.return();
  assertEquals(camera.leases.out, 0);
});

Deno.test("a teacher without a monitor, a class in common or a rhythm is refused", async () => {
  const strange = { detector: detectorOf(new QuickLane(), ["giraffe"]), every: 2 };
  const known = { detector: detectorOf(new QuickLane()), every: 0 };
  const cases: [PerceiveOptions, string][] = [
    [{ teacher: { ...known, every: 2 } }, "nobody monitors"],
    [{ monitor: true, teacher: strange }, "no class in common"],
    [{ monitor: true, teacher: known }, "every 0 pictures"],
  ];
  for (const [options, words] of cases) {
    const camera = new ScriptedCamera(1);
    const error = await assertRejects(() => read(camera, options), FoveaError, words);
    assertEquals(error.code, "USAGE");
  }
});

for (const state of ["stale", "frozen", "black"] as const) {
  Deno.test(`pictures of a ${state} stream are reported as blind, and then as before`, async () => {
    const stateAt = (seq: number): StreamState => seq >= 2 && seq < 5 ? state : "live";
    const camera: ScriptedCamera = new ScriptedCamera((seq): CameraEvent => {
      if (seq === 8) return { kind: "end" };
      if (seq === 5) return { kind: "state", state: "blind", reason: "connection lost" };
      return { ...camera.frame(seq), state: stateAt(seq), reason: null } as CameraEvent;
    });
    const results = await read(camera, { monitor: true });
    assertEquals(results.map(({ monitor }) => monitor!.health), [
      "warming",
      "warming",
      "blind",
      "blind",
      "blind",
      "blind",
      "warming",
      "warming",
    ]);
    assertEquals(results[2]!.monitor!.focalLoss, null);
    assertEquals(camera.leases.out, 0);
  });
}
