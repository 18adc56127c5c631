import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import {
  type Detector,
  FoveaError,
  type FrameResult,
  type FrameTap,
  loadDetector,
  openCamera,
  perceive,
  TAP_REASONS,
  type TapRequest,
} from "../../mod.ts";
import { applyHead, assignAnchors, scoresOf } from "../../src/refine/mod.ts";
import { BLUE, CELL_SIDE, cellCamera, RED, tinyModel } from "../support/cell_camera.ts";
import { testWithShared } from "../support/shared.ts";

/** Where red and blue are painted in picture `seq`. */
function cellsOf(seq: number) {
  return [{ x: seq % 16, y: 5, rgb: RED }, { x: 9, y: seq % 12, rgb: BLUE }];
}

async function tapCells(
  detector: Detector,
  select: TapRequest | ((frame: { readonly seq: number }) => TapRequest | null),
  frames = 4,
): Promise<{ readonly tap: FrameTap; readonly result: FrameResult }[]> {
  await using camera = cellCamera(frames, cellsOf);
  const taps: { tap: FrameTap; result: FrameResult }[] = [];
  const results: FrameResult[] = [];
  const onTap = (tap: FrameTap, result: FrameResult) => void taps.push({ tap, result });
  for await (const result of perceive(camera, detector, { tap: { select, onTap } })) {
    results.push(result);
    assert(taps.every((one) => one.result.seq <= result.seq));
  }
  assertEquals([results.length, camera.leases.out], [frames, 0]);
  return taps;
}

/** Scores by features and head beside what the graph said about the same rows. */
function checkScores(detector: Detector, tap: FrameTap, tolerance: number): void {
  const layout = detector.headLayout!;
  const { classCount, activation } = layout;
  const applied = applyHead(detector.head!, layout, tap);
  const scores = scoresOf(applied, activation, classCount);
  const graph = scoresOf(
    { classes: tap.logits, objectness: tap.objectness },
    activation,
    classCount,
  );
  for (let i = 0; i < tap.count; i++) {
    const row = [...scores.subarray(i * classCount, (i + 1) * classCount)];
    const said = graph.subarray(i * classCount, (i + 1) * classCount);
    for (const [c, score] of row.entries()) assertLess(Math.abs(score - said[c]!), tolerance);
    // The best of them is the score that the model's output holds.
    assertLess(Math.abs(row[tap.classIndex[i]!]! - tap.score[i]!), tolerance);
    assertLess(Math.max(...row) - tap.score[i]!, tolerance);
  }
}

const NAMED = { overrides: { classNames: ["red", "blue"], width: 128, height: 96 } };

const MODELS = [
  ...["detr", "detr_linear", "fovea_street", "nanodet_joint", "nanodet_plus", "yolo26"],
  ...["yolo_v5_joint", "yolo_v8", "yolo_v8_joined", "yolo_v8_shared_head", "yolo_v8_uint8_nhwc"],
  ...["yolo_v8_float16", "yolo_v8_half_head", "yolox", "yolox_dynamic"],
];

for (const model of MODELS) {
  Deno.test(`taps of ${model}: the head applied to features gives the graph's scores`, async () => {
    await using detector = await loadDetector(tinyModel(model), { ...NAMED, head: true });
    const every = Int32Array.from({ length: detector.headGrid!.rows }, (_, row) => row);
    // What an output in float16 holds is rounded, and so are the features of such a layer.
    const half = model.includes("float16") || model.includes("half");
    for (const { tap, result } of await tapCells(detector, { rows: every })) {
      assertEquals([tap.count, tap.headVersion], [every.length, 0]);
      checkScores(detector, tap, half ? 1e-3 : 1e-5);
      checkFound(tap, result);
    }
  });
}

/** Every detection is a tapped row with its box, its score and its class. */
function checkFound(
  { xyxyNet, score, classIndex, letterbox }: FrameTap,
  result: FrameResult,
): void {
  assertEquals([letterbox.scaleX, letterbox.padX], [1, 0]);
  assert(result.detections.length >= 2);
  for (const found of result.detections) {
    const row = score.findIndex((value, i) =>
      value === Math.fround(found.score) && classIndex[i] === found.classIndex &&
      found.xyxyPx.every((corner, k) => Math.abs(corner - xyxyNet[4 * i + k]!) < 1e-3)
    );
    assert(row >= 0, `${found.className} ${found.xyxyPx}`);
  }
}

for (const name of ["yolox_nano_416x416", "yolox_nano_320x320", "yolov8n", "yolo26n"]) {
  testWithShared(`taps of ${name} on a real clip give the graph's scores`, [
    `models/${name}.onnx`,
    "media/car-detection.mp4",
  ], async ([model, clip]) => {
    await using camera = await openCamera(clip, { policy: "every:90" });
    await using detector = await loadDetector(model, { head: true, threads: 2 });
    const rows = { scoreMin: 0.2, hardest: 32, random: 200 };
    let tapped = 0;
    const onTap = (tap: FrameTap) => {
      checkScores(detector, tap, 1e-5);
      assert(tap.count >= 232);
      tapped++;
    };
    const options = { maxFrames: 3, tap: { select: { rows }, onTap } };
    for await (const { headVersion } of perceive(camera, detector, options)) {
      assertEquals(headVersion, 0);
    }
    assertEquals(tapped, 3);
  });
}

Deno.test("a tap tells cells, points and strides of the rows it was asked for", async () => {
  await using detector = await loadDetector(tinyModel("yolo_v8"), { head: true });
  const rows = new Int32Array([251, 17, 17, 200]);
  const { tap } = (await tapCells(detector, { rows }, 1))[0]!;
  assertEquals([...tap.row], [...rows]);
  assertEquals([...tap.reason].map((code) => TAP_REASONS[code]), Array(4).fill("asked"));
  assertEquals([...tap.level], [2, 0, 0, 1]);
  assertEquals([...tap.stride], [32, 8, 8, 16]);
  assertEquals([...tap.pointXy], [112, 80, 12, 12, 12, 12, 8 + 16 * 0, 8 + 16 * 1]);
  assertEquals(tap.features.subarray(3, 6), tap.features.subarray(6, 9));
  assertEquals([tap.objectness, tap.objectnessFeatures, tap.objectnessChannels], [null, null, 0]);
});

Deno.test("a tap tells the anchors of a cell apart", async () => {
  await using detector = await loadDetector(tinyModel("yolo_v5_joint"), { head: true });
  const grid = detector.headGrid!;
  const rows = Int32Array.from([0, 1, 2], (anchor) => grid.rowOf({ level: 0, x: 0, y: 5, anchor }));
  const { tap } = (await tapCells(detector, { rows }, 1))[0]!;
  assertEquals([...tap.anchor], [0, 1, 2]);
  assertEquals([...tap.objectness!].map((logit) => Math.round(logit)), [8, -20, -20]);
  // All anchors of a cell read the same features.
  assertEquals(tap.features.subarray(0, 3), tap.features.subarray(6, 9));
});

Deno.test("rules pick what they say, each frame its own, and the same again", async () => {
  await using detector = await loadDetector(tinyModel("yolox"), { head: true, workers: 2 });
  const rule = { rows: { scoreMin: 0.5, hardest: 5, random: 3 } };
  const first = await tapCells(detector, rule);
  const again = await tapCells(detector, rule);
  assertEquals(first.map(({ tap }) => tap.row), again.map(({ tap }) => tap.row));
  for (const { tap, result } of first) {
    const reasons = [...tap.reason].map((code) => TAP_REASONS[code]!);
    const count = (reason: string) => reasons.filter((one) => one === reason).length;
    assertEquals([count("score"), count("hardest"), count("random")], [2, 5, 3]);
    assertEquals([tap.seq, tap.headVersion], [result.seq, result.headVersion]);
  }
  const drawn = first.map(({ tap }) => String(tap.row.subarray(7)));
  assertEquals(new Set(drawn).size, drawn.length);
});

Deno.test("the rows near a box are the ones that an assigner needs", async () => {
  await using detector = await loadDetector(tinyModel("yolo_v8"), { head: true });
  const boxOf = (seq: number) => {
    const { x, y } = cellsOf(seq)[0]!;
    return Float32Array.from([x, y, x + 1, y + 1], (value) => CELL_SIDE * value);
  };
  const taps = await tapCells(
    detector,
    ({ seq }) => ({ rows: { nearPx: boxOf(seq), random: 20 } }),
  );
  assertEquals(taps.length, 4);
  for (const { tap } of taps) {
    const { target, iou } = assignAnchors(tap, boxOf(tap.seq));
    const positives = [...target.entries()].filter(([, owner]) => owner === 0).map(([i]) => i);
    assertEquals(positives.length, 1);
    const [row] = positives as [number];
    assertEquals([tap.classIndex[row], iou[row]], [0, 1]);
    assertEquals(TAP_REASONS[tap.reason[row]!], "near");
  }
});

Deno.test("frames that nobody asks about are not tapped", async () => {
  await using detector = await loadDetector(tinyModel("yolo26"), { head: true });
  const taps = await tapCells(
    detector,
    ({ seq }) => seq % 3 === 0 ? { rows: { hardest: 1 } } : null,
    7,
  );
  assertEquals(taps.map(({ tap }) => tap.seq), [0, 3, 6]);
});

Deno.test("tracking and tapping leave each other alone", async () => {
  await using detector = await loadDetector(tinyModel("yolox"), { head: true, workers: 2 });
  async function look(track: boolean, tapped: boolean) {
    await using camera = cellCamera(6, () => [{ x: 4, y: 5, rgb: RED }]);
    const taps: FrameTap[] = [];
    const select = { rows: { hardest: 4 } };
    const tap = { select, onTap: (one: FrameTap) => void taps.push(one) };
    const options = tapped ? { track, tap } : { track };
    const results = await Array.fromAsync(perceive(camera, detector, options));
    return { taps, results: results.map(({ detections, tracks }) => ({ detections, tracks })) };
  }
  const both = await look(true, true);
  assertEquals(both.taps, (await look(false, true)).taps);
  assertEquals(both.results, (await look(true, false)).results);
  assert(both.results.at(-1)!.tracks.length > 0 && both.taps.length === 6);
});

Deno.test("a wrong request stops the loop and gives every picture back", async () => {
  await using detector = await loadDetector(tinyModel("yolo_v8"), { head: true });
  await using camera = cellCamera(5, cellsOf);
  const select = ({ seq }: { readonly seq: number }) => ({
    rows: new Int32Array([seq === 2 ? 252 : 0]),
  });
  const error = await assertRejects(
    () => Array.fromAsync(perceive(camera, detector, { tap: { select, onTap: () => {} } })),
    FoveaError,
    "row 252",
  );
  assertEquals([error.code, camera.leases.out], ["USAGE", 0]);
});

Deno.test("an error of the receiver stops the loop", async () => {
  await using detector = await loadDetector(tinyModel("yolo_v8"), { head: true });
  await using camera = cellCamera(5, cellsOf);
  const onTap = () => Promise.reject(new Error("full"));
  const tap = { select: { rows: { hardest: 1 } }, onTap };
  await assertRejects(() => Array.fromAsync(perceive(camera, detector, { tap })), Error, "full");
  assertEquals(camera.leases.out, 0);
});

Deno.test("what cannot be tapped says so before anything runs", async () => {
  const tap = { select: { rows: { hardest: 1 } }, onTap: () => {} };
  const cases = [
    [await loadDetector(tinyModel("yolo_v8")), "it is not exposed"],
    [await loadDetector(tinyModel("yolo_end2end"), { head: true }), "never together"],
    [await loadDetector(tinyModel("yolo_nms"), { head: true }), "never together"],
  ] as const;
  for (const [loaded, words] of cases) {
    await using detector = loaded;
    await using camera = cellCamera(1, cellsOf);
    const error = await assertRejects(
      () => Array.fromAsync(perceive(camera, detector, { tap })),
      FoveaError,
      words,
    );
    assertEquals([error.code, detector.headGrid], ["HEAD_UNSUPPORTED", null]);
  }
});
