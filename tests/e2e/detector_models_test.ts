// Real detectors on real pictures, against detections that another pipeline (onnxruntime, NumPy and
// OpenCV in Python) made of the same files. Both decode the pictures exactly and resample them
// bilinearly, so nearly all of its detections must come out here, nearly the same.
import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { candidatesBytes, candidatesView } from "../../src/core/candidates.ts";
import type { DetectorSpec } from "../../src/core/detector_spec.ts";
import type { Picture } from "../../src/core/frame.ts";
import type { Engine } from "../../src/core/ports.ts";
import type { Detections } from "../../src/core/detections.ts";
import { createAdapter } from "../../src/detector/adapter.ts";
import { finishDetections } from "../../src/detector/finish_detections.ts";
import { resolveSpec } from "../../src/detector/resolve_spec.ts";
import { loadOnnxRuntimeNode } from "../../src/engine/onnxruntime_node.ts";
import { SharedArena } from "../../src/native/arena.ts";
import { createKernels } from "../../src/native/create_kernels.ts";
import { kernelScratchBytes } from "../../src/native/wasm_kernels.ts";
import { readModel } from "../../src/onnx/read_model.ts";
import { fitLetterbox } from "../../src/preprocess/letterbox.ts";
import { decodeJpeg, type RgbPixels } from "../support/decoded_jpeg.ts";
import { testWithShared } from "../support/shared.ts";

/** How the reference was made; fovea's own defaults differ. */
const REFERENCES = [
  { model: "yolox_nano_416x416", reference: "yolox_nano_416", iouThreshold: 0.65 },
  { model: "yolov8n", reference: "yolov8n", iouThreshold: 0.7 },
  { model: "yolo26n", reference: "yolo26n", iouThreshold: 0.7 },
] as const;

/** Reference detections from this score on are looked for. */
const SCORE_MIN = 0.3;
/** A found detection overlaps by more than this, and its score differs by less than that. */
const IOU_MIN = 0.9;
const SCORE_DIFFERENCE_MAX = 0.03;
/** How many of them must be found. Rounding of pixels alone moves one or two in a hundred. */
const SHARE_FOUND_MIN = 0.97;

/** COCO's category numbers by class index. */
const CATEGORIES = Array.from({ length: 90 }, (_, i) => i + 1)
  .filter((id) => ![12, 26, 29, 30, 45, 66, 68, 69, 71, 83].includes(id));

interface ReferenceDetection {
  readonly image_id: number;
  readonly category_id: number;
  /** `[x, y, width, height]` in source pixels. */
  readonly bbox: readonly [number, number, number, number];
  readonly score: number;
}

for (const { model, reference, iouThreshold } of REFERENCES) {
  testWithShared(
    `${model} finds on 64 pictures what an independent pipeline finds`,
    [`models/${model}.onnx`, `coco64/reference/${reference}.dets.json`, "coco64/images"],
    async ([modelPath, referencePath, folder]) => {
      const wanted: ReferenceDetection[] = JSON.parse(await Deno.readTextFile(referencePath));
      const files = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
      assertEquals(files.length, 64);
      const bytes = await Deno.readFile(modelPath);
      await using engine = await loadOnnxRuntimeNode(bytes, { threads: 2 });
      const bench = await Bench.make(engine, resolveSpec(readModel(bytes)), iouThreshold);
      let [sought, found, differences] = [0, 0, 0];
      for (const file of files) {
        const detections = await bench.detect(await decodeJpeg(`${folder}/${file}`));
        const id = Number.parseInt(file, 10);
        for (const one of wanted) {
          if (one.image_id !== id || one.score < SCORE_MIN) continue;
          sought++;
          const match = bestMatch(detections, one);
          if (match.iou <= IOU_MIN || match.difference >= SCORE_DIFFERENCE_MAX) continue;
          found++;
          differences += match.difference;
        }
      }
      assertGreater(sought, 200);
      assertGreater(found / sought, SHARE_FOUND_MIN, `${found} of ${sought}`);
      assertLess(differences / found, 0.003, "mean difference of scores");
    },
  );
}

function bestMatch(
  detections: Detections,
  wanted: ReferenceDetection,
): { readonly iou: number; readonly difference: number } {
  let best = { iou: 0, difference: 1 };
  for (let i = 0; i < detections.count; i++) {
    if (CATEGORIES[detections.classIndex[i]!] !== wanted.category_id) continue;
    const iou = overlap(detections.xyxyPx.subarray(4 * i, 4 * i + 4), wanted.bbox);
    const difference = Math.abs(detections.score[i]! - wanted.score);
    if (iou > best.iou) best = { iou, difference };
  }
  return best;
}

function overlap(xyxy: Float32Array, [x, y, width, height]: ReferenceDetection["bbox"]): number {
  const [x1, y1, x2, y2] = xyxy as unknown as [number, number, number, number];
  const across = Math.max(0, Math.min(x2, x + width) - Math.max(x1, x));
  const down = Math.max(0, Math.min(y2, y + height) - Math.max(y1, y));
  const both = across * down;
  return both / ((x2 - x1) * (y2 - y1) + width * height - both);
}

/** The parts of a detector put together by hand, in one arena. */
class Bench {
  /** Widest and highest picture. */
  static readonly #sideMax = 1024;

  private constructor(
    readonly engine: Engine,
    readonly spec: DetectorSpec,
    readonly iouThreshold: number,
    readonly arena: SharedArena,
    readonly places: { readonly picture: number; readonly output: number; readonly rows: number },
    readonly kernels: Awaited<ReturnType<typeof createKernels>>,
    readonly input: Float32Array,
    readonly engineInput: Float32Array,
  ) {}

  static async make(engine: Engine, spec: DetectorSpec, iouThreshold: number): Promise<Bench> {
    const arena = new SharedArena();
    const { width, height } = spec.input;
    const elements = 3 * width * height;
    const rows = createAdapter(spec).rows;
    const scratchBytes = kernelScratchBytes({
      sourceWidth: Bench.#sideMax,
      netWidth: width,
      netHeight: height,
      candidates: rows,
    });
    const places = {
      picture: arena.allocate(3 * Bench.#sideMax ** 2),
      output: arena.allocate(4 * rows * (5 + spec.classNames.length)),
      rows: arena.allocate(candidatesBytes(rows) + 4 * rows),
    };
    const inputAt = arena.allocate(4 * elements);
    const scratchAt = arena.allocate(scratchBytes);
    const kernels = await createKernels(arena.memory, scratchAt, scratchBytes);
    const input = new Float32Array(arena.buffer, inputAt, elements);
    const engineInput = new Float32Array(elements);
    engine.setInput(spec.input.name, {
      type: "float32",
      dims: [1, 3, height, width],
      data: engineInput,
    });
    return new Bench(engine, spec, iouThreshold, arena, places, kernels, input, engineInput);
  }

  async detect(pixels: RgbPixels): Promise<Detections> {
    const { spec, arena, kernels, places } = this;
    const { width, height } = pixels;
    new Uint8Array(arena.buffer, places.picture, pixels.data.length).set(pixels.data);
    const picture: Picture = {
      format: "rgb24",
      width,
      height,
      colorRange: "full",
      colorMatrix: "bt601",
      planes: [{ byteOffset: places.picture, strideBytes: 3 * width }],
    };
    const { input } = spec;
    const letterbox = fitLetterbox(width, height, input.width, input.height, input.letterbox);
    kernels.letterboxInto(picture, arena.buffer, letterbox, input, this.input);
    this.engineInput.set(this.input);
    const view = await this.engine.run();
    const adapter = createAdapter(spec);
    const out = candidatesView(arena.buffer, places.rows, adapter.rows);
    const keepAt = places.rows + candidatesBytes(adapter.rows);
    const keep = new Int32Array(arena.buffer, keepAt, adapter.rows);
    const params = {
      confidence: 0.001,
      iouThreshold: this.iouThreshold,
      agnosticNms: false,
      maxDetections: 300,
      labels: "best" as const,
      classFilter: null,
    };
    adapter.decodeInto(
      {
        get: (name) => {
          const tensor = view.get(name);
          const data = new Float32Array(arena.buffer, places.output, tensor.data.length);
          data.set(tensor.data as Float32Array);
          return { ...tensor, data };
        },
      },
      kernels,
      params,
      out,
    );
    return finishDetections(out, kernels, params, spec, letterbox, keep);
  }
}
