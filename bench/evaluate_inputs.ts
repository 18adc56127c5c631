// A made-up data set of the size of COCO's validation set, and detections of it. As a program it
// writes both, for tools in other languages:
//
//   deno run --allow-write bench/evaluate_inputs.ts <folder>
import type { CocoDetection } from "@fovea/fovea/evaluate";

/** How much there is. */
export interface EvaluateSize {
  /** Pictures. */
  readonly images: number;
  /** Objects, crowds among them. */
  readonly truths: number;
  /** Detections of a picture. */
  readonly detectionsPerImage: number;
}

/** As COCO val2017, with the hundred detections a picture that benchmarks report. */
export const COCO_VAL_SIZE: EvaluateSize = {
  images: 5_000,
  truths: 36_781,
  detectionsPerImage: 100,
};

/** A data set and what a detector could have found in it. */
export interface EvaluateInputs {
  /** COCO annotations. */
  readonly annotations: object;
  /** COCO results. */
  readonly detections: readonly CocoDetection[];
}

interface Truth {
  readonly id: number;
  readonly image_id: number;
  readonly category_id: number;
  readonly bbox: [number, number, number, number];
  readonly area: number;
  readonly iscrowd: 0 | 1;
}

const CLASSES = 80;
const WIDTH = 640;
const HEIGHT = 480;
/** One object in so many is a crowd. */
const CROWD_ODDS = 80;
/** Share of the detections that lie on an object, well or badly. */
const NEAR_SHARE = 0.35;

/** The same size gives the same data. */
export function makeEvaluateInputs(size: EvaluateSize): EvaluateInputs {
  const random = new Chance(1);
  const images = Array.from({ length: size.images }, (_, i) => ({
    id: 3 * i + 1,
    file_name: `${i}.jpg`,
    width: WIDTH,
    height: HEIGHT,
  }));
  const truths: Truth[] = [];
  const ofImage = images.map((): Truth[] => []);
  for (let i = 0; i < size.truths; i++) {
    const image = Math.floor(random.unit() * images.length);
    const bbox = random.box();
    const truth: Truth = {
      id: i + 1,
      image_id: images[image]!.id,
      category_id: random.category(),
      bbox,
      area: round(bbox[2] * bbox[3] * (0.5 + 0.5 * random.unit())),
      iscrowd: random.unit() < 1 / CROWD_ODDS ? 1 : 0,
    };
    truths.push(truth);
    ofImage[image]!.push(truth);
  }
  const detections = images.flatMap(({ id }, image) =>
    Array.from({ length: size.detectionsPerImage }, () => detect(random, id, ofImage[image]!))
  );
  const categories = Array.from({ length: CLASSES }, (_, i) => ({ id: i + 1, name: `class ${i}` }));
  return { annotations: { images, categories, annotations: truths }, detections };
}

function detect(random: Chance, image: number, truths: readonly Truth[]): CocoDetection {
  const truth = truths[Math.floor(random.unit() * truths.length)];
  if (truth === undefined || random.unit() > NEAR_SHARE) {
    const score = round(0.001 + 0.3 * random.unit() ** 4, 5);
    return { image_id: image, category_id: random.category(), bbox: random.box(), score };
  }
  const jitter = 0.02 + 0.3 * random.unit() ** 2;
  const [x, y, width, height] = truth.bbox;
  return {
    image_id: image,
    category_id: random.unit() < 0.85 ? truth.category_id : random.category(),
    bbox: [
      round(x + jitter * width * random.normal()),
      round(y + jitter * height * random.normal()),
      round(width * Math.exp(jitter * random.normal())),
      round(height * Math.exp(jitter * random.normal())),
    ],
    score: round(Math.max(0.001, (1 - 2 * jitter) * random.unit()), 5),
  };
}

/** Chance that depends on nothing but a seed. Source: Steele and Vigna, "SplitMix", 32 bits. */
class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  unit(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  }

  /** Nearly normal: the sum of four uniform numbers. */
  normal(): number {
    return (this.unit() + this.unit() + this.unit() + this.unit() - 2) * Math.sqrt(3);
  }

  /** A few classes are frequent, most are rare, as in COCO. */
  category(): number {
    return 1 + Math.floor(CLASSES * this.unit() ** 3);
  }

  box(): [number, number, number, number] {
    const [width, height] = [Math.exp(2 + 4 * this.unit()), Math.exp(2 + 4 * this.unit())];
    return [
      round(this.unit() * (WIDTH - Math.min(width, WIDTH))),
      round(this.unit() * (HEIGHT - Math.min(height, HEIGHT))),
      round(Math.min(width, WIDTH)),
      round(Math.min(height, HEIGHT)),
    ];
  }
}

function round(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}

if (import.meta.main) {
  const [folder = "."] = Deno.args;
  const { annotations, detections } = makeEvaluateInputs(COCO_VAL_SIZE);
  await Deno.writeTextFile(`${folder}/truth.json`, JSON.stringify(annotations));
  await Deno.writeTextFile(`${folder}/found.json`, JSON.stringify(detections));
}
