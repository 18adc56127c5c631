// A class that a detector has never seen, learnt from its own taps on a thread of its own, served
// between two frames and exported: what it said about the old classes stays bit for bit.
import { assert, assertEquals, assertGreater } from "@std/assert";
import {
  type Detector,
  exportHead,
  type FrameResult,
  type FrameTap,
  loadDetector,
  perceive,
} from "../../mod.ts";
import {
  collectRows,
  growHead,
  type LabelledTap,
  NEW_CLASS_RECIPE,
  newClassJob,
  openTrainer,
  refineHead,
} from "../../src/refine/mod.ts";
import { BLUE, CELL_SIDE, cellCamera, RED, tinyModel } from "../support/cell_camera.ts";

const GREEN = [0, 255, 0] as const;
/** The tiny models' logits rise by 20 from black to full colour: more than a real head's. */
const RECIPE = { ...NEW_CLASS_RECIPE, learningRate: 1, steps: 150, pull: 1e-4 };

function cellsOf(seq: number) {
  return [
    { x: 2 + seq, y: 3, rgb: GREEN },
    { x: 9, y: 2 + seq, rgb: BLUE },
    { x: 3, y: 8, rgb: RED },
  ];
}

/** The box of the green cell, in pixels of the network, which are those of the picture. */
function greenBox(seq: number): number[] {
  const [x, y] = [CELL_SIDE * (2 + seq), CELL_SIDE * 3];
  return [x, y, x + CELL_SIDE, y + CELL_SIDE];
}

async function tapFrames(detector: Detector, frames: number): Promise<LabelledTap[]> {
  await using camera = cellCamera(frames, cellsOf);
  const taps: FrameTap[] = [];
  const tap = {
    select: ({ seq }: { readonly seq: number }) => ({
      rows: { nearPx: Float32Array.from(greenBox(seq)), hardest: 32, random: 8 },
    }),
    onTap: (one: FrameTap) => void taps.push(one),
  };
  for await (const _ of perceive(camera, detector, { tap })) continue;
  return taps.map((one) => ({
    tap: one,
    targets: [{ xyxyNet: greenBox(one.seq), classIndex: 2, weight: 1 }],
  }));
}

async function perceiveAll(detector: Detector): Promise<FrameResult[]> {
  await using camera = cellCamera(8, cellsOf);
  return await Array.fromAsync(perceive(camera, detector));
}

function oldOnes({ detections }: FrameResult) {
  return detections.filter(({ className }) => className !== "green");
}

for (const model of ["yolo_v8", "yolox", "nanodet_joint"]) {
  Deno.test(`${model} learns a class from five boxes, serves and exports it`, async () => {
    const overrides = { classNames: ["red", "blue"] };
    const path = tinyModel(model);
    await using plain = await loadDetector(path, { head: true, overrides });
    const grown = growHead(plain.shippedHead!, plain.headLayout!, ["green"]);
    await using detector = await loadDetector(path, { head: { weights: grown.head }, overrides });
    assertEquals(detector.spec.classNames, ["red", "blue", "green"]);
    assertEquals(detector.headLayout!.layers, grown.layout.layers);
    const before = await perceiveAll(detector);

    const rows = collectRows(await tapFrames(detector, 5), grown.layout);
    assertGreater([...rows.target].filter((target) => target === 2).length, 4);
    await using trainer = await openTrainer({ kind: "builtin" });
    const job = newClassJob({ grown, count: 1, rows, replay: null, recipe: RECIPE });
    const { head, losses } = await refineHead(trainer, job, 7);
    assert(losses.at(-1)!.rows < 0.1 * losses[0]!.rows);

    await detector.adoptHead(head);
    const after = await perceiveAll(detector);
    for (const [i, result] of after.entries()) {
      assertEquals(result.headVersion, 7);
      assertEquals(oldOnes(result), oldOnes(before[i]!));
      const green = result.detections.filter(({ className }) => className === "green");
      assertEquals(green.length, 1, `frame ${i}`);
      const [x1, y1] = green[0]!.xyxyPx;
      assert(Math.abs(x1 - greenBox(i)[0]!) < 2 && Math.abs(y1 - greenBox(i)[1]!) < 2);
    }
    const out = await Deno.makeTempFile({ suffix: ".onnx" });
    try {
      const report = await exportHead({ model: path, head, out, overrides });
      assertEquals(report.classNames.at(-1), "green");
      assertEquals([report.newClasses, report.check.oldClassesIdentical], [1, true]);
    } finally {
      await Deno.remove(out);
    }
  });
}
