import {
  type Evaluation,
  METRIC_NAMES,
  type TrackEvaluation,
  type TrackScores,
} from "../evaluate/mod.ts";
import { list } from "./class_partners.ts";

/** What took part in an evaluation, and what did not. */
export interface EvalFacts {
  /** Path of the annotations; `truth` for what the camera itself knows. */
  readonly annotations: string;
  /** The video or the folder of the pictures; `null` where nobody said. */
  readonly pictures: string | null;
  /** Path of the model or of the file of detections. */
  readonly detections: string;
  /** SHA-256 of the model and what ran it; `null` for a file of detections. */
  readonly model: {
    readonly sha256: string;
    readonly engine: string;
    readonly provider: string;
  } | null;
  /** What was done to the pictures first, as `fog:3`. */
  readonly degrade: readonly string[];
  /** Pictures that were evaluated. */
  readonly images: number;
  /** Regions with many objects, which do not count. */
  readonly crowds: number;
  /** Detections that were evaluated. */
  readonly detectionCount: number;
  /** What was left out or assumed. */
  readonly leftOut: LeftOut;
}

/** What was left out of an evaluation, or assumed. */
export interface LeftOut {
  /** Pictures that are not annotated; `null` where that is not known. */
  readonly picturesWithoutAnnotations: number | null;
  /** Annotated pictures that are missing. */
  readonly annotatedPicturesMissing: number;
  /** Classes of the model that are no category. */
  readonly classesWithoutCategory: readonly string[];
  /** Categories that are no class of the model; their objects count as missed. */
  readonly categoriesWithoutClass: readonly string[];
  /** Detections in the file whose category is not in the annotations. */
  readonly detectionsOfOtherCategories: number;
  /** Annotations whose area was taken from their box. */
  readonly areasFromBoxes: number;
  /** Candidates of the model that were NaN or infinite. */
  readonly nonFinite: number;
}

/** The evaluation as plain data, for `--json`; `tracks` is `null` where none were compared. */
export function evalReport(
  evaluation: Evaluation,
  tracks: TrackEvaluation | null,
  facts: EvalFacts,
): Record<string, unknown> {
  const { metrics, perClass, f1, bestF1, calibration, hits, falses, misses } = evaluation;
  return {
    metrics: Object.fromEntries(METRIC_NAMES.map((name) => [name, metrics[name]])),
    perClass: Object.fromEntries(perClass.map((one) => [one.name, {
      ...one.metrics,
      precision: one.f1.precision,
      recall: one.f1.recall,
      f1: one.f1.f1,
      truths: one.truths,
      detections: one.detections,
    }])),
    f1,
    bestF1,
    calibration,
    confusion: listConfusions(evaluation),
    ...(tracks === null ? {} : {
      tracks: {
        ...nameScores(tracks.overall),
        perClass: Object.fromEntries(
          tracks.perClass.map(({ name, ...scores }) => [name, nameScores(scores)]),
        ),
      },
    }),
    counts: {
      images: facts.images,
      truths: evaluation.truths,
      crowds: facts.crowds,
      detections: facts.detectionCount,
      hits,
      falses,
      misses,
    },
    source: {
      annotations: facts.annotations,
      pictures: facts.pictures,
      detections: facts.detections,
      model: facts.model,
      degrade: facts.degrade,
    },
    leftOut: facts.leftOut,
  };
}

/** Scores of tracks by the names that the field gives them. */
function nameScores(
  { mota, motp, idf1, idp, idr, ...counts }: TrackScores,
): Record<string, number | null> {
  return { MOTA: mota, MOTP: motp, IDF1: idf1, IDP: idp, IDR: idr, ...counts };
}

/** One cell of a confusion matrix; `null` is the background. */
export interface Confusion {
  /** What was there. */
  readonly truth: string | null;
  /** What was found. */
  readonly detected: string | null;
  /** How often. */
  readonly count: number;
}

/** The cells of the confusion matrix that are not empty, the fullest first. */
export function listConfusions({ confusion }: Evaluation): Confusion[] {
  const { classNames, counts } = confusion;
  const size = classNames.length;
  return [...counts]
    .map((count, i): Confusion => ({
      truth: classNames[Math.floor(i / size)]!,
      detected: classNames[i % size]!,
      count,
    }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
}

/** What a person should know about what was left out, a sentence each. */
export function describeLeftOut(leftOut: LeftOut): string[] {
  const sentences: string[] = [];
  const say = (count: number | null, one: string, many: string): void => {
    if (count !== null && count > 0) sentences.push(count === 1 ? `1 ${one}` : `${count} ${many}`);
  };
  say(
    leftOut.picturesWithoutAnnotations,
    "picture is not annotated and was left out",
    "pictures are not annotated and were left out",
  );
  say(
    leftOut.annotatedPicturesMissing,
    "annotated picture is missing and was left out",
    "annotated pictures are missing and were left out",
  );
  say(
    leftOut.detectionsOfOtherCategories,
    "detection is of a category that the annotations do not have and was left out",
    "detections are of categories that the annotations do not have and were left out",
  );
  say(
    leftOut.areasFromBoxes,
    "annotation states no area; that of its box was taken",
    "annotations state no area; that of their boxes was taken",
  );
  say(
    leftOut.nonFinite,
    "candidate of the model was not finite and was left out",
    "candidates of the model were not finite and were left out",
  );
  const { classesWithoutCategory, categoriesWithoutClass } = leftOut;
  if (classesWithoutCategory.length > 0) {
    sentences.push(`not annotated, so not evaluated: ${list(classesWithoutCategory)}`);
  }
  if (categoriesWithoutClass.length > 0) {
    sentences.push(`unknown to the model, so all missed: ${list(categoriesWithoutClass)}`);
  }
  return sentences;
}
