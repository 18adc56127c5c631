import { FoveaError } from "../../src/core/errors.ts";
import { METRIC_NAMES } from "../../src/evaluate/coco_metrics.ts";
import { evaluateDetections } from "../../src/evaluate/evaluate_detections.ts";
import type { GroundTruth } from "../../src/evaluate/ground_truth.ts";
import { parseAnnotations } from "../../src/evaluate/parse_annotations.ts";
import { parseDetections, type ScoredBoxes } from "../../src/evaluate/parse_detections.ts";
import { type Fuzzer, type Random, showShortly } from "./fuzzer.ts";

/** Reads damaged annotations and detections: typed errors, or figures that are sound. */
export const fuzzer: Fuzzer = {
  name: "coco",
  run(random: Random, runs: number): void {
    for (let run = 0; run < runs; run++) {
      const annotations = damage(random, makeAnnotations(random));
      const detections = damage(random, makeDetections(random));
      try {
        checkOne(annotations, detections);
      } catch (error) {
        const shown = `${showShortly(annotations)} and ${showShortly(detections)}`;
        throw new Error(`Cannot bear ${shown}`, { cause: error });
      }
    }
  },
};

function checkOne(annotations: string, detections: string): void {
  const truth = orRefused("ANNOTATIONS_INVALID", () => parseAnnotations(annotations));
  if (truth === null) return;
  checkTruth(truth);
  const found = orRefused("DETECTIONS_INVALID", () => parseDetections(detections, truth));
  if (found === null) return;
  checkFigures(truth, found);
}

/** What `read` returns, or `null` where it refuses the source as it may. */
function orRefused<Content>(code: string, read: () => Content): Content | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof FoveaError) || error.code !== code) throw error;
    if (!error.message.startsWith("Cannot read ")) throw new Error(error.message);
    if (error.message.length > 1_000) throw new Error("a message without an end");
    return null;
  }
}

function checkTruth({ images, categories, boxes }: GroundTruth): void {
  for (let i = 0; i < boxes.count; i++) {
    const isPlaced = images[boxes.imageIndex[i]!] !== undefined &&
      categories[boxes.categoryIndex[i]!] !== undefined;
    const isSound = boxes.xywhPx.subarray(4 * i, 4 * i + 4).every(Number.isFinite) &&
      boxes.xywhPx[4 * i + 2]! >= 0 && boxes.areaPx2[i]! >= 0;
    if (!isPlaced || !isSound) throw new Error(`annotation ${i} is not sound`);
  }
}

function checkFigures(truth: GroundTruth, found: ScoredBoxes): void {
  const { metrics, hits, misses, truths, calibration } = evaluateDetections(truth, found, {
    score: 0.3,
  });
  for (const name of METRIC_NAMES) {
    const value = metrics[name];
    if (value !== null && !(value >= 0 && value <= 1 + 1e-12)) throw new Error(`${name} ${value}`);
  }
  if (hits + misses !== truths) throw new Error(`${hits} hits, ${misses} misses, ${truths} truths`);
  if (calibration.ece !== null && !(calibration.ece >= 0 && calibration.ece <= 1.0001)) {
    throw new Error(`ece ${calibration.ece}`);
  }
}

function makeAnnotations(random: Random): string {
  return JSON.stringify({
    images: list(random, 4, (id) => ({ id, file_name: `${id}.jpg`, width: 64, height: 48 })),
    categories: list(random, 4, (id) => ({ id, name: `class ${id}` })),
    annotations: list(random, 8, (id) => ({
      id,
      image_id: someId(random),
      category_id: someId(random),
      bbox: box(random),
      ...(random.chance(3) ? {} : { area: random.unit() * 2_000 }),
      ...(random.chance(2) ? {} : { iscrowd: random.int(0, 1) }),
    })),
  });
}

function makeDetections(random: Random): string {
  const detections = list(random, 12, () => ({
    image_id: someId(random),
    category_id: random.int(0, 5),
    bbox: box(random),
    score: random.chance(4) ? 0.5 : random.unit(),
  }));
  return JSON.stringify(random.chance(3) ? { detections } : detections);
}

function list<Item>(random: Random, most: number, make: (index: number) => Item): Item[] {
  return Array.from({ length: random.int(random.chance(9) ? 0 : 1, most) }, (_, i) => make(i));
}

/** Mostly one that is there. */
function someId(random: Random): number {
  return random.chance(60) ? random.int(-1, 5) : 0;
}

function box(random: Random): number[] {
  if (random.chance(200)) return [random.float(), 0, random.float(), 1];
  return Array.from({ length: 4 }, () => random.int(0, 40));
}

/** Leaves a text as it is or damages it in one or two places. */
function damage(random: Random, text: string): string {
  let damaged = text;
  for (let times = random.chance(2) ? 0 : random.int(1, 2); times > 0; times--) {
    const at = random.int(0, damaged.length);
    const before = damaged.slice(0, at);
    switch (random.int(0, 3)) {
      case 0: // cut off
        damaged = before;
        break;
      case 1: // one character more
        damaged = before + random.text(1) + damaged.slice(at);
        break;
      case 2: // some less
        damaged = before + damaged.slice(at + random.int(1, 5));
        break;
      default: // another value
        damaged = damaged.replace(
          random.pick([/:\d+/, /"id"/, /\[\d+,\d+/, /"\w+":/]),
          random.pick([":NaN", ":-1", ":null", ":1e400", '"x":', "[null,0", ":{}", '":"']),
        );
    }
  }
  return damaged;
}
