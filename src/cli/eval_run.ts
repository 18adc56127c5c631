import { formatDegradation } from "../degrade/degradation.ts";
import {
  type CocoDetection,
  evaluateDetections,
  evaluateTracks,
  type GroundTruth,
  parseAnnotations,
  parseDetections,
  type ScoredBoxes,
  selectTruth,
} from "../evaluate/mod.ts";
import { findCategoryIds } from "./class_partners.ts";
import { readCocoText } from "./coco_text.ts";
import { detectAll, refuseMissing } from "./eval_detect.ts";
import { describeLeftOut, type EvalFacts, evalReport, type LeftOut } from "./eval_outcome.ts";
import { findPictures, type PictureSet } from "./eval_pictures.ts";
import { makeReport } from "./eval_report.ts";
import {
  type DetectionOrigin,
  type EvalSettings,
  OWN_TRUTH,
  type PicturePlace,
} from "./eval_settings.ts";
import { formatEvaluation } from "./eval_table.ts";
import { EXIT_CODE } from "./exit_code.ts";
import { Interrupt } from "./interrupt.ts";
import { tellShippedModel } from "./shipped_model.ts";
import { labelOfSource } from "./source_label.ts";
import type { Terminal } from "./terminal.ts";
import { WholeFile } from "../storage/whole_file.ts";
import { outlineWorld } from "./world_truth.ts";

/** Detections that are written at once. */
const ROWS_PER_PIECE = 4_096;

/** What is evaluated, once everything that had to run has run. */
interface EvalInput {
  readonly truth: GroundTruth;
  readonly detections: ScoredBoxes;
  /** What a tracker said; `null` where none ran. */
  readonly tracked: ScoredBoxes | null;
  /** Where the pictures are; `null` where nobody said. */
  readonly pictures: PictureSet | null;
  readonly model: EvalFacts["model"];
  readonly leftOut: LeftOut;
}

/**
 * Does what `fovea eval` is for and returns the exit code.
 *
 * @throws {FoveaError} Whatever a part throws; nothing is left open or half-written then.
 */
export async function runEval(settings: EvalSettings, terminal: Terminal): Promise<number> {
  using interrupt = new Interrupt();
  const { signal } = interrupt;
  const { origin, report, json } = settings;
  await using page = report === null ? null : await WholeFile.create(report, true);
  const truth = await readTruth(settings);
  const input = origin.kind === "model"
    ? await runModel(settings, origin, truth, signal, terminal)
    : await readFound(settings, origin, truth);
  if (input === null || signal.aborted) {
    if (!json) await terminal.writeErr("ended early, so nothing was evaluated\n");
    return interrupt.exitCode ?? EXIT_CODE.ok;
  }
  const evaluation = evaluateDetections(input.truth, input.detections, { score: settings.score });
  const tracks = input.tracked === null ? null : evaluateTracks(input.truth, input.tracked);
  const facts = factsOf(settings, input);
  if (json) {
    await terminal.writeOut(`${JSON.stringify(evalReport(evaluation, tracks, facts), null, 2)}\n`);
  } else {
    for (const sentence of describeLeftOut(facts.leftOut)) await terminal.writeErr(`${sentence}\n`);
    await terminal.writeOut(formatEvaluation(evaluation, tracks, facts, terminal.columns));
  }
  if (page === null) return EXIT_CODE.ok;
  const degrade = origin.kind === "model" ? origin.degrade : [];
  const material = { evaluation, tracks, facts, degrade, ...input };
  const text = await makeReport(material, signal);
  if (signal.aborted) return interrupt.exitCode ?? EXIT_CODE.ok;
  await page.commit([text]);
  if (!json) await terminal.writeErr(`wrote ${report}\n`);
  return EXIT_CODE.ok;
}

/** What is to be found, of the classes that are evaluated. */
async function readTruth({ annotations, origin, classes }: EvalSettings): Promise<GroundTruth> {
  const { place } = origin;
  const whole = annotations === null && place?.kind === "video"
    ? outlineWorld(place.uri, place.frames)
    : parseAnnotations(await readCocoText(annotations!, "ANNOTATIONS_INVALID"), {
      label: annotations!,
    });
  if (classes === null) return whole;
  return selectTruth(whole, { categoryIds: findCategoryIds(whole.categories, classes) });
}

/** Runs the model on the pictures; `null` where that was ended early. */
async function runModel(
  settings: EvalSettings,
  origin: DetectionOrigin & { kind: "model" },
  truth: GroundTruth,
  signal: AbortSignal,
  terminal: Terminal,
): Promise<EvalInput | null> {
  const { allowMissing, json, tracks } = settings;
  const { model, detector: options, trackScore, place, degrade, save } = origin;
  const label = labelOf(settings);
  await tellShippedModel(model, sourceOf(place), json, terminal);
  if (!json) { for (const note of origin.headNotes) await terminal.writeErr(`${note}\n`); }
  await using file = save === null ? null : await WholeFile.create(save, true);
  const pictures = await findPictures(place, truth, label);
  if (!allowMissing) refuseMissing(pictures.missing, label);
  const found = await detectAll({
    model: model.path,
    options,
    truth,
    asksCamera: settings.annotations === null,
    tracks,
    trackScore,
    pictures,
    degrade,
    signal,
    terminal,
    quiet: json,
  });
  if (found === null) return null;
  await file?.commit(writeDetections(found.detections));
  if (!json && save !== null) await terminal.writeErr(`wrote ${save}\n`);
  if (!allowMissing) refuseMissing(found.missing, label);
  const { engine, provider, model: { sha256 } } = found.detector;
  return {
    truth: found.truth,
    detections: parseDetections(found.detections, found.truth),
    tracked: found.tracked === null ? null : parseDetections(found.tracked, found.truth),
    pictures,
    model: { sha256, engine, provider },
    leftOut: {
      picturesWithoutAnnotations: pictures.withoutAnnotations,
      annotatedPicturesMissing: found.missing.length,
      classesWithoutCategory: settings.classes === null ? found.partners.classesWithout : [],
      categoriesWithoutClass: found.partners.categoriesWithout,
      detectionsOfOtherCategories: 0,
      areasFromBoxes: truth.withoutArea,
      nonFinite: found.nonFinite,
    },
  };
}

/** Reads what another program found. */
async function readFound(
  settings: EvalSettings,
  { path, place }: DetectionOrigin & { kind: "file" },
  truth: GroundTruth,
): Promise<EvalInput> {
  const text = await readCocoText(path, "DETECTIONS_INVALID");
  const detections = parseDetections(text, truth, { label: path });
  const pictures = place === null ? null : await findPictures(place, truth, labelOf(settings));
  return {
    truth,
    detections,
    tracked: settings.tracks ? detections : null,
    pictures,
    model: null,
    leftOut: {
      picturesWithoutAnnotations: null,
      annotatedPicturesMissing: 0,
      classesWithoutCategory: [],
      categoriesWithoutClass: [],
      detectionsOfOtherCategories: settings.classes === null ? detections.outsideCategories : 0,
      areasFromBoxes: truth.withoutArea,
      nonFinite: 0,
    },
  };
}

function sourceOf(place: PicturePlace): string {
  return place.kind === "video" ? place.uri : place.folder;
}

/** What the truth is called in messages. */
function labelOf({ annotations }: EvalSettings): string {
  return annotations ?? "the truth of the camera";
}

function factsOf(settings: EvalSettings, input: EvalInput): EvalFacts {
  const { annotations, origin } = settings;
  const { boxes, images } = input.truth;
  const { place } = origin;
  return {
    annotations: annotations ?? OWN_TRUTH,
    pictures: place === null ? null : labelOfSource(sourceOf(place)),
    detections: origin.kind === "model" ? origin.model.path : origin.path,
    model: input.model,
    degrade: origin.kind === "model" ? origin.degrade.map(formatDegradation) : [],
    images: images.length,
    crowds: boxes.isCrowd.reduce((sum, flag) => sum + flag, 0),
    detectionCount: input.detections.count,
    leftOut: input.leftOut,
  };
}

/** COCO results, a detection a line, in pieces that need little memory. */
function* writeDetections(detections: readonly CocoDetection[]): Generator<string> {
  yield "[";
  for (let start = 0; start < detections.length; start += ROWS_PER_PIECE) {
    const rows = detections.slice(start, start + ROWS_PER_PIECE);
    yield `${start === 0 ? "" : ","}\n${rows.map((row) => JSON.stringify(row)).join(",\n")}`;
  }
  yield "\n]\n";
}
