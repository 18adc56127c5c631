// The default detector as it is committed: the file that its manifest describes, with a head that
// can be found, and as good on a street it never saw as its card says.
import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { type Detector, loadDetector, openCamera, perceive } from "@fovea/fovea";
import { resolveSpec } from "../../src/detector/resolve_spec.ts";
import {
  type CocoDetection,
  evaluateDetections,
  parseAnnotations,
  parseDetections,
} from "../../src/evaluate/mod.ts";
import { readModel } from "../../src/onnx/read_model.ts";
import { readModelFile } from "../../src/pipeline/model_file.ts";
import { type CocoDataset, CocoWriter, STREET_CLASSES } from "../../src/world/mod.ts";
import { HELD_OUT_SEED_MIN, joinDatasets } from "../../models/training/held_out.ts";

const MODEL = new URL("../../models/fovea-street.onnx", import.meta.url).pathname;
const STRIDES = [8, 16, 32];
/** All streets of the model card, two frames of each: a figure of few streets depends on which. */
const STREETS = 10;
const FRAMES = 2;

Deno.test("fovea-street is the file that its manifest and its metadata describe", async () => {
  const { bytes, sha256, manifest } = await readModelFile(MODEL);
  assertEquals(manifest?.sha256, sha256);
  assertEquals(manifest?.licence, "MIT");
  assertEquals(manifest?.classes, [...STREET_CLASSES]);
  assertLess(bytes.length, 3_000_000);
  const { metadata } = readModel(bytes);
  assertEquals(metadata.get("license"), manifest?.licence);
  assertEquals(metadata.get("version"), manifest?.version);
  assertEquals(metadata.get("task"), "detect");
});

Deno.test("nothing about fovea-street has to be assumed, even without its manifest", async () => {
  const { bytes, manifest } = await readModelFile(MODEL);
  for (const stated of [manifest, null]) {
    const spec = resolveSpec(readModel(bytes), { manifest: stated });
    assertEquals(spec.family, "yolo-v8");
    assertEquals(spec.classNames, [...STREET_CLASSES]);
    assertEquals(spec.findings.filter(({ source }) => source === "assumed"), []);
  }
});

Deno.test("the layers of fovea-street that are refined are found by their names", async () => {
  const model = readModel(await Deno.readFile(MODEL));
  for (const level of STRIDES.keys()) {
    const weight = model.initializers.get(`head.cls.${level}.weight`);
    const bias = model.initializers.get(`head.cls.${level}.bias`);
    assertEquals(weight?.dims.toSpliced(1, 1), [STREET_CLASSES.length, 1, 1]);
    assertEquals(bias?.dims, [STREET_CLASSES.length]);
  }
});

Deno.test("fovea-street reaches AP50 0.85 on streets that it was not trained on", async () => {
  await using detector = await loadDetector(MODEL, { confidence: 0.001, iouThreshold: 0.65 });
  const parts: CocoDataset[] = [];
  const found: CocoDetection[] = [];
  for (let street = 0; street < STREETS; street++) {
    const { dataset, detections } = await detectOn(HELD_OUT_SEED_MIN + street, detector);
    assertEquals(dataset.images.length, FRAMES);
    parts.push(dataset);
    found.push(...detections.map((one) => ({ ...one, image_id: street * FRAMES + one.image_id })));
  }
  const annotations = parseAnnotations(joinDatasets(parts));
  const detections = parseDetections(found, annotations);
  const { metrics, truths } = evaluateDetections(annotations, detections, { score: 0.3 });
  assertGreater(truths, 50);
  assert(metrics.AP50 !== null);
  assertGreater(metrics.AP50, 0.85);
});

/** What the detector finds in a street's frames on the way that every frame goes, and the truth. */
async function detectOn(
  seed: number,
  detector: Detector,
): Promise<{ dataset: CocoDataset; detections: CocoDetection[] }> {
  const uri = `synthetic:street?seed=${seed}&fps=0.5&frames=${FRAMES}`;
  await using camera = await openCamera(uri, { policy: "next" });
  const { width, height, truth } = { ...camera.info, truth: camera.truth! };
  const writer = new CocoWriter(truth.classNames, { width, height });
  const detections: CocoDetection[] = [];
  for await (const result of perceive(camera, detector)) {
    if (result.kind !== "frame") continue;
    writer.add(truth.at(result.seq), String(result.seq));
    for (const { classIndex, xyxyPx: [x1, y1, x2, y2], score } of result.detections) {
      const bbox = [x1, y1, x2 - x1, y2 - y1] as const;
      detections.push({ image_id: result.seq, category_id: classIndex + 1, bbox, score });
    }
  }
  return { dataset: writer.dataset(uri), detections };
}
