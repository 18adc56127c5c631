import { assert, assertEquals, assertGreater, assertRejects } from "@std/assert";
import {
  FoveaError,
  type FoveaErrorCode,
  type FrameResult,
  loadDetector,
  openCamera,
  perceive,
} from "../../mod.ts";
import type { SharedArena } from "../../src/native/arena.ts";
import { makeBitmap } from "../support/bitmap.ts";

/** The tiny networks look at 128×96 pixels in cells of 8 pixels, 16 columns and 12 rows. */
const CELL_COLUMNS = 16;

/** Pictures of several sizes, all 4:3, each with one red and one blue cell. */
const PICTURES = [
  { width: 256, height: 192, red: [2, 3], blue: [10, 7] },
  { width: 128, height: 96, red: [0, 0], blue: [15, 11] },
  { width: 512, height: 384, red: [5, 5], blue: [5, 7] },
  { width: 256, height: 192, red: [14, 1], blue: [1, 9] },
] as const;

const MODELS = [
  "yolo_v8",
  "yolo_v8_float16",
  "yolo_v8_uint8_nhwc",
  "yolo_end2end",
  "yolo_nms",
  "yolo_v5",
  "yolox",
  "yolox_dynamic",
  "detr",
  "detr_deploy",
  "nanodet_plus",
];

function tinyModel(name: string): string {
  return new URL(`../../models/tiny/${name}.onnx`, import.meta.url).pathname;
}

type Box = readonly [number, number, number, number];

function cellBox(width: number, cell: readonly [number, number]): Box {
  const side = width / CELL_COLUMNS;
  const [column, row] = cell;
  return [column * side, row * side, (column + 1) * side, (row + 1) * side];
}

async function withPictures(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "fovea_pictures_" });
  try {
    for (const [i, { width, height, red, blue }] of PICTURES.entries()) {
      await makeBitmap(`${folder}/${i}.bmp`, width, height, [
        { xyxyPx: cellBox(width, red), rgb: [255, 40, 40] },
        { xyxyPx: cellBox(width, blue), rgb: [40, 40, 255] },
      ]);
    }
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function collect(folder: string, model: string, workers = 1): Promise<FrameResult[]> {
  await using camera = await openCamera(`images:${folder}`);
  await using detector = await loadDetector(tinyModel(model), {
    workers,
    confidence: 0.5,
    // What some of the files leave open.
    overrides: { classNames: ["red", "blue"], width: 128, height: 96 },
  });
  return await Array.fromAsync(perceive(camera, detector));
}

/** Fails unless the results tell the painted cells of every picture, in order. */
function assertCellsFound(results: readonly FrameResult[]): void {
  assertEquals(results.map((result) => result.seq), PICTURES.map((_, i) => i));
  for (const [i, { width, height, red, blue }] of PICTURES.entries()) {
    const { detections, ...result } = results[i]!;
    assertEquals([result.width, result.height], [width, height]);
    const found = new Map(detections.map((d) => [d.className, d.xyxyPx]));
    assertEquals([...found.keys()].sort(), ["blue", "red"], `picture ${i}`);
    assertEquals(detections.length, 2);
    for (const [name, cell] of [["red", red], ["blue", blue]] as const) {
      const expected = cellBox(width, cell);
      found.get(name)!.forEach((value, k) => {
        assert(Math.abs(value - expected[k]!) < 0.02 * width / CELL_COLUMNS, `${name} ${value}`);
      });
    }
  }
}

for (const model of MODELS) {
  Deno.test(`perceive() finds what is painted, in source pixels, with ${model}`, async () => {
    await withPictures(async (folder) => assertCellsFound(await collect(folder, model)));
  });
}

Deno.test("perceive() gives the same results in the same order with three workers", async () => {
  await withPictures(async (folder) => assertCellsFound(await collect(folder, "yolox", 3)));
});

Deno.test("one detector serves two cameras at once and lets go of their memory", async () => {
  await withPictures(async (folder) => {
    await using detector = await loadDetector(tinyModel("yolo_v8"), { confidence: 0.5 });
    await using first = await openCamera(`images:${folder}`);
    await using second = await openCamera(`images:${folder}`);
    const [a, b] = [perceive(first, detector), perceive(second, detector)];
    const results: [FrameResult[], FrameResult[]] = [[], []];
    for (const _ of PICTURES) {
      results[0].push((await a.next()).value!);
      results[1].push((await b.next()).value!);
    }
    await a.return();
    await b.return();
    assertCellsFound(results[0]);
    assertCellsFound(results[1]);
    await using third = await openCamera(`images:${folder}`);
    const arena = third.arena as SharedArena;
    let usedBytes = 0;
    for await (const _ of perceive(third, detector)) usedBytes = arena.usedBytes;
    // While it ran, the worker's region lay in the arena; now only the camera's pictures do.
    assertGreater(usedBytes, arena.usedBytes);
    assertGreater(await detector.measureModelMs(3), 0);
  });
});

Deno.test("perceive() counts candidates that are not numbers and keeps the others", async () => {
  await withPictures(async (folder) => {
    const results = await collect(folder, "yolo_v8_some_nan");
    assertGreater(results[0]!.nonFinite, 0);
  });
});

Deno.test("perceive() stops with OUTPUT_NOT_FINITE where every score is NaN", async () => {
  await withPictures(async (folder) => {
    const error = await assertRejects(() => collect(folder, "yolo_v8_nan"), FoveaError);
    assertEquals(error.code, "OUTPUT_NOT_FINITE");
  });
});

Deno.test("loadDetector() refuses what is not a detector, with what it found", async () => {
  for (const name of ["classifier", "two_pictures", "unknown_layout", "zero_classes"]) {
    const error = await assertRejects(() => loadDetector(tinyModel(name)), FoveaError);
    assertEquals([error.code, error.message.startsWith("Cannot")], ["MODEL_UNSUPPORTED", true]);
  }
});

Deno.test("loadDetector() says what is wrong with a missing, broken or foreign file", async () => {
  const cases: [string | Uint8Array, FoveaErrorCode][] = [
    ["/no/such/model.onnx", "MODEL_NOT_FOUND"],
    [tinyModel("../tiny").replace(".onnx", ""), "MODEL_NOT_FOUND"],
    [new Uint8Array(0), "MODEL_INVALID"],
    [Deno.readFileSync(tinyModel("yolox")).subarray(0, 900), "MODEL_INVALID"],
    [new TextEncoder().encode("<!DOCTYPE html><html></html>"), "MODEL_INVALID"],
  ];
  for (const [model, code] of cases) {
    const error = await assertRejects(() => loadDetector(model), FoveaError);
    assertEquals(error.code, code);
  }
});

Deno.test("loadDetector() refuses options before it reads the model", async () => {
  const wrong: Record<string, unknown>[] = [
    { worker: 2 },
    { workers: 0 },
    { workers: 1.5 },
    { confidence: -0.1 },
    { confidence: NaN },
    { iouThreshold: 2 },
    { maxDetections: 0 },
    { engine: "torch" },
    { confidence: "0.5" },
    { agnosticNms: "yes" },
    { classes: "red" },
    { classes: [] },
    { classes: [0] },
  ];
  for (const options of wrong) {
    const error = await assertRejects(() => loadDetector("/no/such.onnx", options), FoveaError);
    assertEquals(error.code, "USAGE", JSON.stringify(options));
  }
  const threads = await assertRejects(
    () => loadDetector("/no/such.onnx", { threads: 0 }),
    FoveaError,
  );
  assertEquals(threads.code, "ENGINE_OPTION");
});

Deno.test("loadDetector() reads the manifest beside the model and checks its SHA-256", async () => {
  const folder = await Deno.makeTempDir({ prefix: "fovea_manifest_" });
  try {
    const model = `${folder}/mine.onnx`;
    await Deno.copyFile(tinyModel("yolo_v8"), model);
    await Deno.writeTextFile(`${folder}/manifest.json`, '{"classes": ["apple", "plum"]}');
    {
      await using detector = await loadDetector(model);
      assertEquals([detector.spec.classNames, detector.confidence], [["apple", "plum"], 0.25]);
    }
    await Deno.writeTextFile(`${folder}/manifest.json`, '{"confidence": 0.4}');
    for (const [asked, reported] of [[{}, 0.4], [{ confidence: 0.1 }, 0.1]] as const) {
      await using detector = await loadDetector(model, asked);
      assertEquals(detector.confidence, reported);
    }
    await Deno.writeTextFile(
      `${folder}/mine.manifest.json`,
      JSON.stringify({ sha256: "0".repeat(64) }),
    );
    const wrong = await assertRejects(() => loadDetector(model), FoveaError, "SHA-256");
    assertEquals(wrong.code, "MODEL_INVALID");
    await Deno.writeTextFile(`${folder}/mine.manifest.json`, '{"sha265": "00"}');
    const unknown = await assertRejects(() => loadDetector(model), FoveaError, "sha265");
    assertEquals(unknown.code, "MANIFEST_INVALID");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("loadDetector() reports only the classes it is asked for and knows them", async () => {
  await withPictures(async (folder) => {
    await using camera = await openCamera(`images:${folder}`);
    await using detector = await loadDetector(tinyModel("yolo_v8"), {
      classes: ["blue"],
      workers: 2,
    });
    for await (const { detections } of perceive(camera, detector)) {
      assertEquals(detections.map((d) => d.className), ["blue"]);
    }
  });
  const error = await assertRejects(
    () => loadDetector(tinyModel("yolo_v8"), { classes: ["bleu"] }),
    FoveaError,
    "bleu",
  );
  assertEquals(error.code, "USAGE");
});
