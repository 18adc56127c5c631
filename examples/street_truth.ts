// deno-lint-ignore-file no-console
// Compares what a detector finds with what is there, by day and after night has fallen, on a drawn
// street whose truth is known: deno run --allow-all examples/street_truth.ts [detector.onnx]
import { loadDetector, openCamera, perceive } from "@fovea/fovea";
import { evaluateDetections, parseAnnotations, parseDetections } from "@fovea/fovea/evaluate";
import type { CocoDetection } from "@fovea/fovea/evaluate";
import { CocoWriter } from "@fovea/fovea/world";

const NIGHT = 30;
const [model] = Deno.args;

await using camera = await openCamera(
  `synthetic:street?seed=4&frames=${2 * NIGHT}&weather=night:3@${NIGHT}`,
);
await using detector = await loadDetector(model, { confidence: 0.05 });
const truth = camera.truth!;
const parts = ["by day", "at night"].map((when) => ({
  when,
  writer: new CocoWriter(truth.classNames, camera.info),
  found: [] as CocoDetection[],
}));
for await (const { seq, detections } of perceive(camera, detector)) {
  const { writer, found } = parts[seq < NIGHT ? 0 : 1]!;
  writer.add(truth.at(seq), `frame ${seq}`);
  for (const { className, score, xyxyPx: [x1, y1, x2, y2] } of detections) {
    const category_id = 1 + truth.classNames.indexOf(className);
    found.push({ image_id: seq, category_id, bbox: [x1, y1, x2 - x1, y2 - y1], score });
  }
}
for (const { when, writer, found } of parts) {
  const annotations = parseAnnotations(writer.dataset(when));
  const detections = parseDetections(found, annotations);
  const { metrics, f1, truths } = evaluateDetections(annotations, detections, { score: 0.3 });
  const figures = [metrics.AP50, f1.precision, f1.recall].map((value) => value?.toFixed(2) ?? "-");
  const [ap50, precision, recall] = figures;
  console.log(
    `${when}: AP50 ${ap50}, precision ${precision}, recall ${recall} (${truths} objects)`,
  );
}
