import type { Detection } from "../core/detections.ts";
import { FoveaError } from "../core/errors.ts";
import type { FrameResult } from "../core/result.ts";
import type { Degradation } from "../degrade/degradation.ts";
import { labelsWhenMeasured } from "../detector/every_label.ts";
import {
  type CocoDetection,
  type GroundTruth,
  selectTruth,
  type TruthImage,
} from "../evaluate/mod.ts";
import { systemClock } from "../native/system_clock.ts";
import type { DetectorOptions } from "../pipeline/detector_options.ts";
import { loadDetector } from "../pipeline/load_detector.ts";
import type { Detector } from "../pipeline/loaded_detector.ts";
import { perceive } from "../pipeline/perceive.ts";
import { chooseTracker } from "../pipeline/track_stage.ts";
import { type ClassPartners, list, pairClasses } from "./class_partners.ts";
import { degradeTruth, type PictureSize } from "./degrade_truth.ts";
import { openPictures, type PictureSet } from "./eval_pictures.ts";
import { inspectFile } from "./inspect_report.ts";
import { ProgressBar } from "./progress.ts";
import { LinePrinter } from "./result_printer.ts";
import type { Terminal } from "./terminal.ts";
import { unlessAborted } from "./unless_aborted.ts";
import { TruthCollector } from "./world_truth.ts";

/** Boxes are written to a thousandth of a pixel. */
const BOX_STEPS = 1_000;
/** Digits that tell any two float32 scores apart. */
const SCORE_DIGITS = 9;

/** What a detector found in annotated pictures. */
export interface DetectedSet {
  /** The pictures that were looked at, with their truth. */
  readonly truth: GroundTruth;
  /** What was found in them, as it is written and evaluated. */
  readonly detections: readonly CocoDetection[];
  /** What was tracked in them; `null` where no tracker ran. */
  readonly tracked: readonly CocoDetection[] | null;
  /** Names of annotated pictures that are missing. */
  readonly missing: readonly string[];
  /** Which classes are which categories. */
  readonly partners: ClassPartners;
  /** Candidates left out because they were NaN or infinite. */
  readonly nonFinite: number;
  /** What ran. */
  readonly detector: Pick<Detector, "engine" | "provider" | "model">;
}

/** What {@linkcode detectAll} works with. */
export interface DetectionJob {
  /** Path of the model. */
  readonly model: string;
  /** How it is loaded and run. */
  readonly options: DetectorOptions;
  /**
   * What is to be found, already narrowed to the classes that are evaluated; without boxes where
   * the camera is asked.
   */
  readonly truth: GroundTruth;
  /** Whether the camera is asked what is in its frames. */
  readonly asksCamera: boolean;
  /** Whether objects are followed from frame to frame. */
  readonly tracks: boolean;
  /** Score from which on tracks begin; `null` for the one that `fovea run` reports from. */
  readonly trackScore: number | null;
  /** The pictures. */
  readonly pictures: PictureSet;
  /** What is done to them first. */
  readonly degrade: readonly Degradation[];
  /** Ends the work early. */
  readonly signal: AbortSignal;
  /** Where progress is shown. */
  readonly terminal: Terminal;
  /** Whether sentences about model and pictures are kept back. */
  readonly quiet: boolean;
}

/**
 * Runs a detector on annotated pictures; `null` where it was ended early.
 *
 * @throws {FoveaError} `ANNOTATIONS_INVALID` if classes or sizes of pictures do not fit; whatever
 * model and pictures throw.
 */
export async function detectAll(job: DetectionJob): Promise<DetectedSet | null> {
  const { model, options, truth, pictures, degrade, signal, terminal, quiet } = job;
  // The names are needed before loading: other classes must not take up the places of these.
  const inspection = await inspectFile(model, options.overrides ?? {});
  const spec = await inspection.resolve();
  const classNames = namesOf(options) ?? spec.classNames;
  const partners = pairClasses(classNames, truth.categories);
  const wanted = classNames.filter((_, i) => partners.categoryIds[i] !== null);
  const isWhole = partners.classesWithout.length === 0;
  await using detector = await unlessAborted(signal, () =>
    loadDetector(model, {
      labels: labelsWhenMeasured(spec),
      // All pictures are to be seen by the same provider.
      ...(options.providers?.[0] === "tensorrt" ? { tensorrtBuild: "wait" } : {}),
      ...options,
      ...(isWhole ? {} : { classes: wanted }),
      signal,
    }));
  if (detector === null) return null;
  const printer = quiet ? null : new LinePrinter(terminal, options.providers?.[0] ?? "cpu");
  await printer?.begin(detector);
  if (signal.aborted) return null;
  const poolFrames = Math.min(64, 3 * detector.workers + 6);
  const { camera, idOf } = await openPictures(pictures, pictures.ids, degrade, poolFrames);
  await using _camera = camera;
  const collector = new DetectionCollector(truth, partners, job.tracks);
  const known = job.asksCamera ? new TruthCollector(camera.truth!, camera.info) : null;
  const bar = new ProgressBar({
    write: (text) => void terminal.writeErr(text),
    columns: () => terminal.columns,
    isTerminal: terminal.stderrIsTerminal,
    totalFrames: pictures.ids.size,
    clock: systemClock,
  });
  // Nearly all detections are evaluated, but tracks are those of a usual run.
  const track = chooseTracker(job.tracks, job.trackScore ?? inspection.confidence) ?? false;
  try {
    for await (const result of perceive(camera, detector, { signal, track })) {
      if (result.kind !== "frame") continue;
      collector.add(idOf(result.seq), result);
      known?.add(result.seq);
      bar.advance(collector.sizes.size, result.detections.length);
    }
  } finally {
    bar.finish();
  }
  if (signal.aborted) return null;
  const unseen = [...pictures.ids].filter((id) => !collector.sizes.has(id));
  return {
    truth: known === null
      ? degradeTruth(seenOf(truth, collector), degrade, collector.sizes)
      // The truth of a camera that is degraded has moved already.
      : selectTruth(known.truth(), { categoryIds: new Set(truth.categories.map(({ id }) => id)) }),
    detections: collector.detections,
    tracked: job.tracks ? collector.tracked : null,
    missing: [...pictures.missing, ...unseen.map((id) => `frame ${id}`)],
    partners,
    nonFinite: collector.nonFinite,
    detector,
  };
}

/** Names of a head to begin with, which may know more classes than the file. */
function namesOf({ head }: DetectorOptions): readonly string[] | null {
  return typeof head === "object" ? head.weights?.classNames ?? null : null;
}

function seenOf(truth: GroundTruth, { sizes }: DetectionCollector): GroundTruth {
  return selectTruth(truth, { imageIds: new Set(sizes.keys()) });
}

/**
 * Refuses an evaluation that not all annotated pictures took part in.
 *
 * @throws {FoveaError} `ANNOTATIONS_INVALID` naming some of those that are missing.
 */
export function refuseMissing(missing: readonly string[], label: string): void {
  if (missing.length === 0) return;
  throw new FoveaError(
    "ANNOTATIONS_INVALID",
    `Cannot evaluate: ${missing.length} of the pictures in ${label} are missing: ${list(missing)}`,
    { hint: "Add --allow-missing to leave them out" },
  );
}

type FoundBox = Pick<Detection, "classIndex" | "score" | "xyxyPx">;

/** Gathers results as COCO detections. */
class DetectionCollector {
  /** Sizes of the pictures that were seen, by id in the order in which they came. */
  readonly sizes = new Map<number, PictureSize>();
  readonly detections: CocoDetection[] = [];
  readonly tracked: CocoDetection[] = [];
  nonFinite = 0;
  readonly #images: ReadonlyMap<number, TruthImage>;
  readonly #partners: ClassPartners;
  readonly #tracks: boolean;

  constructor(truth: GroundTruth, partners: ClassPartners, tracks: boolean) {
    this.#tracks = tracks;
    this.#images = new Map(truth.images.map((image) => [image.id, image]));
    this.#partners = partners;
  }

  /** Adds what was found in the picture with this id. */
  add(id: number, result: FrameResult): void {
    checkSize(this.#images.get(id)!, result);
    this.sizes.set(id, { width: result.width, height: result.height });
    this.nonFinite += result.nonFinite;
    for (const found of result.detections) {
      const row = this.#rowOf(id, found);
      if (row !== null) this.detections.push(row);
    }
    if (!this.#tracks) return;
    for (const found of result.tracks) {
      const row = this.#rowOf(id, found);
      if (row !== null) this.tracked.push({ ...row, track_id: found.trackId });
    }
  }

  /** A box as it is evaluated; `null` where its class is no category. */
  #rowOf(id: number, { classIndex, score, xyxyPx }: FoundBox): CocoDetection | null {
    const category = this.#partners.categoryIds[classIndex] ?? null;
    if (category === null) return null;
    const [x1, y1, x2, y2] = xyxyPx;
    return {
      image_id: id,
      category_id: category,
      bbox: [roundBox(x1), roundBox(y1), roundBox(x2 - x1), roundBox(y2 - y1)],
      score: Number(score.toPrecision(SCORE_DIGITS)),
    };
  }
}

/** Boxes of another size than the picture's would all be misses. */
function checkSize({ id, fileName, width, height }: TruthImage, result: FrameResult): void {
  const isOther = (width !== null && width !== result.width) ||
    (height !== null && height !== result.height);
  if (!isOther) return;
  const name = fileName ?? `picture ${id}`;
  const isTurned = width === result.height && height === result.width;
  throw new FoveaError(
    "ANNOTATIONS_INVALID",
    `Cannot evaluate ${name}: it has ${result.width}×${result.height} pixels, ` +
      `its annotations are for ${width ?? "?"}×${height ?? "?"}`,
    {
      hint: isTurned
        ? "fovea turns pictures upright as their metadata says; annotate them upright"
        : "Annotate the pictures in the size they have",
    },
  );
}

function roundBox(value: number): number {
  return Math.round(value * BOX_STEPS) / BOX_STEPS;
}
