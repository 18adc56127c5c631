/*
 * Evaluating a data set of the size of COCO's validation set, from text to figures, in parts. What
 * pycocotools takes on the same files is in README.md beside this.
 */
import { evaluateDetections, parseAnnotations, parseDetections } from "@fovea/fovea/evaluate";
import { benchSize } from "./bench_size.ts";
import { COCO_VAL_SIZE, makeEvaluateInputs } from "./evaluate_inputs.ts";

const { small } = benchSize();
const size = small ? { images: 100, truths: 700, detectionsPerImage: 20 } : COCO_VAL_SIZE;
const inputs = makeEvaluateInputs(size);
const annotations = JSON.stringify(inputs.annotations);
const found = JSON.stringify(inputs.detections);
const truth = parseAnnotations(annotations);
const detections = parseDetections(found, truth);
const { metrics } = evaluateDetections(truth, detections, { score: 0.3 });
// Figures of a set without a hit would not mean that anything was matched.
if (!(metrics.AP! > 0.02 && metrics.AP! < 0.9)) {
  throw new Error(`Cannot time the evaluation: AP is ${metrics.AP}`);
}

const group = `${size.images} images, ${size.truths} objects, ${detections.count} detections`;
const runs = small ? { n: 3, warmup: 1 } : { n: 7, warmup: 1 };
Deno.bench({
  name: "read annotations",
  group,
  ...runs,
  fn: () => void parseAnnotations(annotations),
});
Deno.bench({
  name: "read detections",
  group,
  ...runs,
  fn: () => void parseDetections(found, truth),
});
Deno.bench({
  name: "evaluate",
  group,
  ...runs,
  fn: () => void evaluateDetections(truth, detections, { score: 0.3 }),
});
