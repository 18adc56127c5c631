import { assert, assertEquals } from "@std/assert";
import {
  degradeCamera,
  loadDetector,
  openCamera,
  perceive,
  type RefineEvent,
  Refiner,
} from "../../mod.ts";
import { parseAnnotations } from "../../src/evaluate/mod.ts";
import { systemClock } from "../../src/native/system_clock.ts";
import { labelFrames } from "../../src/monitor/frame_labels.ts";
import type { FrameTargets } from "../../src/monitor/target_box.ts";
import { HeadStore } from "../../src/refine/head_store.ts";
import { verifyLedger } from "../../src/refine/ledger.ts";
import { openTrainer } from "../../src/refine/open_trainer.ts";
import { testWithShared } from "../support/shared.ts";

/** The picture goes bad here. */
const ONSET = 150;
const FRAMES = 560;

/** Everything is somewhere else: the measured loss rises. */
function lie({ targets, ignored }: FrameTargets): FrameTargets {
  return {
    ignored,
    targets: targets.map(({ classIndex }) => ({ classIndex, xyxyPx: [2, 2, 40, 40] as const })),
  };
}

testWithShared(
  "Refiner serves a better head between two frames, and takes it back when the loss rises",
  [
    "models/yolox_nano_416x416.onnx",
    "media/bottle-detection.mp4",
    "media/truth/bottle-detection.coco.json",
  ],
  async ([model, video, annotations]) => {
    const folder = await Deno.makeTempDir({ prefix: "fovea-refiner-" });
    try {
      await using detector = await loadDetector(model, { head: true });
      await using camera = degradeCamera(await openCamera(video, { poolFrames: 16 }), [
        { kind: "cast", severity: 4, fromFrame: ONSET },
      ], { poolFrames: 16 });
      await using store = await HeadStore.open(folder, { model: detector.model.sha256 });
      await using trainer = await openTrainer({ kind: "builtin" });
      const truth = parseAnnotations(await Deno.readTextFile(annotations));
      const { frames } = labelFrames(truth, detector.spec.classNames);
      let served = 0;
      const labels = {
        get: (seq: number) => {
          // Before the onset nobody labels, and after the change the labels are wrong.
          const known = seq < ONSET ? undefined : frames.get(seq);
          return known === undefined || served === 0 ? known : lie(known);
        },
      };
      const events: RefineEvent[] = [];
      const onEvent = (event: RefineEvent): void => void events.push(event);
      const refiner = new Refiner(detector, {
        ...{ mode: "auto", store, trainer, labels, onEvent, every: 12 },
        judged: new Set([detector.spec.classNames.indexOf("bottle")]),
      });
      const versions: number[] = [];
      const seqs: number[] = [];
      const monitor = { warmUpFrames: 100, labels };
      const options = { monitor, refine: refiner, maxFrames: FRAMES };
      for await (const { seq, headVersion } of perceive(camera, detector, options)) {
        served = headVersion === 0 ? served : 1;
        seqs.push(seq);
        versions.push(headVersion);
        // A clip runs faster than a camera: it must not be over before the head is.
        while (refiner.isRefining) await systemClock.wait(5);
      }
      assertEquals(seqs, Array.from({ length: FRAMES }, (_, i) => i));
      const kinds = events.map(({ kind }) => kind);
      const from = kinds.indexOf("head-served");
      assert(from >= 0, JSON.stringify(events));
      assertEquals(kinds[from - 1], "refined");
      const back = events.find((event) => event.kind === "head-taken-back");
      assert(back !== undefined, JSON.stringify(events));
      assertEquals([back.from, back.version], [1, 0]);
      // One head from one frame on, and back from another one on.
      const first = versions.indexOf(1);
      const last = versions.lastIndexOf(1);
      assert(first > ONSET && last < FRAMES - 1, `${first} ${last}`);
      assert(versions.slice(first, last + 1).every((version) => version === 1));
      const { entries, fault } = await verifyLedger(folder);
      assertEquals(fault, null);
      const ledger = entries.map(({ event }) => event.kind);
      assert(ledger.indexOf("promoted") < ledger.indexOf("rolled-back"));
      assertEquals(store.served.version, 0);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
