// deno-lint-ignore-file no-console -- it is a command
// Measures how far a variant of a model agrees with it, as the gate for TensorRT's engines does, and
// what the gate would say: on all pictures, and the worst of the parts that the gate looks at.
//
//   deno run --allow-all tools/measure_agreement.ts <model> <variant> <uri> [int8]
import { loadDetector, openCamera, perceive } from "../mod.ts";
import type { Detection, Detections } from "../src/core/detections.ts";
import { type Agreement, AgreementTally } from "../src/evaluate/agreement.ts";
import { findFault, gateRule, gateThresholds, isEvidence } from "../src/pipeline/accuracy_gate.ts";

/** Lowest score that is reported by default. */
const CONFIDENCE = 0.25;
/** Most pictures of a source. */
const PICTURES_MAX = 500;

async function detect(model: string, uri: string): Promise<Detections[]> {
  await using camera = await openCamera(uri);
  await using detector = await loadDetector(model, { confidence: CONFIDENCE });
  const found: Detections[] = [];
  for await (const result of perceive(camera, detector, { maxFrames: PICTURES_MAX })) {
    if (result.kind === "frame") found.push(columns(result.detections));
  }
  return found;
}

function columns(detections: readonly Detection[]): Detections {
  return {
    count: detections.length,
    xyxyPx: Float32Array.from(detections.flatMap(({ xyxyPx }) => xyxyPx)),
    score: Float32Array.from(detections, ({ score }) => score),
    classIndex: Int32Array.from(detections, ({ classIndex }) => classIndex),
    anchorIndex: new Int32Array(detections.length),
  };
}

function describe(name: string, figures: Agreement): string {
  const { pictures, referenceCount, lostShare, newShare, scoreDifference, meanIou } = figures;
  return `${name}: ${pictures} pictures, ${referenceCount} detections; lost ${
    lostShare.toFixed(4)
  }, ` +
    `new ${newShare.toFixed(4)}, scores ${scoreDifference.toFixed(4)}, IoU ${meanIou.toFixed(4)}`;
}

const [model, variant, uri, precision] = Deno.args;
if (model === undefined || variant === undefined || uri === undefined) {
  console.error("measure_agreement.ts <model> <variant> <uri> [int8]");
  Deno.exit(2);
}
const [reference, candidate] = [await detect(model, uri), await detect(variant, uri)];
const thresholds = gateThresholds({ int8: precision === "int8" });
const all = new AgreementTally(gateRule(CONFIDENCE));
let part = new AgreementTally(gateRule(CONFIDENCE));
const parts: Agreement[] = [];
for (const [i, found] of reference.entries()) {
  all.add(found, candidate[i]!);
  part.add(found, candidate[i]!);
  if (!isEvidence(part.agreement)) continue;
  parts.push(part.agreement);
  part = new AgreementTally(gateRule(CONFIDENCE));
}
console.log(describe("all", all.agreement));
const refused = parts.filter((figures) => findFault(figures, thresholds) !== null);
console.log(`the gate would refuse ${refused.length} of ${parts.length} parts`);
for (const figures of refused) {
  console.log(`${describe("part", figures)}: ${findFault(figures, thresholds)}`);
}
