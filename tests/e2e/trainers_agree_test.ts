// What a real detector's head reads in a real clip, learnt by TensorFlow.js and by the built-in
// trainer: both come to the same loss and to heads that say the same.
import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { type Detector, type FrameTap, loadDetector, openCamera, perceive } from "../../mod.ts";
import {
  applyHead,
  BuiltinTrainer,
  collectRows,
  DEFAULT_RECIPE,
  type LabelledTap,
  scoresOf,
  TensorFlowTrainer,
  type TrainingJob,
} from "../../src/refine/mod.ts";
import { findNativeTensorFlow } from "../support/native_tensorflow.ts";
import { testWithShared } from "../support/shared.ts";

const CAR = 2;
/** In these frames the first car crosses the picture, which detectors take for something else. */
const CAR_FRAMES = [72, 78, 84, 90, 96];
const BOTTLE_FRAMES = [0, 10, 20, 30, 40, 50];
const native = await findNativeTensorFlow();
/** Plain JavaScript takes a quarter of a second a step. */
const STEPS = typeof native === "string" ? 10 : DEFAULT_RECIPE.steps;

for (const model of ["yolox_nano_416x416", "yolov8n"]) {
  testWithShared(
    `TensorFlow.js and the built-in trainer agree on ${model}`,
    [`models/${model}.onnx`, "media/car-detection.mp4", "media/bottle-detection.mp4"],
    async ([path, cars, bottles]) => {
      const job = await makeJob(path, cars, bottles);
      assertGreater(job.rows.target.filter((target) => target === CAR).length, 10);
      await using builtin = await BuiltinTrainer.create();
      await using tensorFlow = await TensorFlowTrainer.create();
      const expected = await builtin.train(job);
      const trained = await tensorFlow.train(job);
      const first = expected.losses[0]!.total;
      for (const [step, { total }] of trained.losses.entries()) {
        const wanted = expected.losses[step]!.total;
        assertLess(Math.abs(total - wanted), 1e-3 * wanted, `step ${step}`);
      }
      assertLess(expected.losses.at(-1)!.total, 0.5 * first);
      const { start, layout, rows } = job;
      const [own, other] = [trained, expected].map(({ values }) =>
        scoresOf(
          applyHead(start.withValues([...values], 1), layout, rows),
          layout.activation,
          layout.classCount,
        )
      );
      const apart = own!.reduce((most, p, i) => Math.max(most, Math.abs(p - other![i]!)), 0);
      assertLess(apart, 0.01);
    },
  );
}

async function makeJob(path: string, cars: string, bottles: string): Promise<TrainingJob> {
  await using detector = await loadDetector(path, { head: true });
  const head = detector.shippedHead!;
  const layout = detector.headLayout!;
  return {
    layout,
    start: head,
    reference: head,
    rows: collectRows(await tapClip(detector, cars, CAR_FRAMES, CAR), layout),
    replay: collectRows(await tapClip(detector, bottles, BOTTLE_FRAMES, null), layout),
    classes: head.classNames.map((_, i) => i),
    objectness: true,
    recipe: { ...DEFAULT_RECIPE, steps: STEPS },
  };
}

/**
 * Some frames of a clip, each with what the detector is surest of as its target.
 *
 * @param classIndex What an operator calls it; `null` for what the detector calls it.
 */
async function tapClip(
  detector: Detector,
  clip: string,
  frames: readonly number[],
  classIndex: number | null,
): Promise<LabelledTap[]> {
  await using camera = await openCamera(clip);
  const taps: FrameTap[] = [];
  const tap = {
    select: ({ seq }: { readonly seq: number }) =>
      frames.includes(seq) ? { rows: { hardest: 400, random: 40 } } : null,
    onTap: (one: FrameTap) => void taps.push(one),
  };
  const maxFrames = Math.max(...frames) + 1;
  for await (const _ of perceive(camera, detector, { tap, maxFrames })) continue;
  assertEquals(taps.length, frames.length);
  return taps.map((one): LabelledTap => {
    const best = one.score.indexOf(Math.max(...one.score));
    const xyxyNet = one.xyxyNet.slice(4 * best, 4 * best + 4);
    const target = { xyxyNet, classIndex: classIndex ?? one.classIndex[best]!, weight: 1 };
    return { tap: one, targets: [target] };
  });
}
