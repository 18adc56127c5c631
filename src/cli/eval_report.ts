import { Buffer } from "node:buffer";
import type { Degradation } from "../degrade/degradation.ts";
import {
  type Evaluation,
  findWorstImages,
  type GroundTruth,
  type JudgedImage,
  renderReport,
  type ReportPicture,
  type ScoredBoxes,
  type TrackEvaluation,
} from "../evaluate/mod.ts";
import { JpegStudio } from "../sink/jpeg_studio.ts";
import { describeLeftOut, type EvalFacts } from "./eval_outcome.ts";
import { openPictures, type PictureSet } from "./eval_pictures.ts";
import { OWN_TRUTH } from "./eval_settings.ts";

/** Pictures that a report shows. */
const PICTURES_MAX = 12;
/** Longest side of a picture in a report, in pixels. */
const SIDE_MAX_PX = 800;

/** Pictures that are open at once. */
const POOL_FRAMES = 8;

/** What a report is made of. */
export interface ReportMaterial {
  /** The figures. */
  readonly evaluation: Evaluation;
  /** Figures of tracks; `null` where none were compared. */
  readonly tracks: TrackEvaluation | null;
  /** What was to be found. */
  readonly truth: GroundTruth;
  /** What was found. */
  readonly detections: ScoredBoxes;
  /** What took part. */
  readonly facts: EvalFacts;
  /** Where the pictures are; `null` for boxes on an empty ground. */
  readonly pictures: PictureSet | null;
  /** What was done to them first. */
  readonly degrade: readonly Degradation[];
}

/** A picture as a report embeds it. */
interface Embedded {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly jpegBase64: string;
}

/**
 * Makes the page of a report; opens the worst pictures again for it.
 *
 * @throws {FoveaError} Whatever the pictures throw.
 */
export async function makeReport(material: ReportMaterial, signal: AbortSignal): Promise<string> {
  const { evaluation, tracks, truth, detections, facts, pictures, degrade } = material;
  const worst = findWorstImages(truth, detections, evaluation, PICTURES_MAX);
  const embedded = pictures === null
    ? new Map<number, Embedded>()
    : await embedPictures(pictures, worst, degrade, signal);
  const { model } = facts;
  return renderReport(evaluation, {
    title: `${baseName(facts.detections)} on ${baseName(setOf(facts))}`,
    facts: [
      ["pictures", String(facts.images)],
      ["objects", String(evaluation.truths)],
      ...(facts.crowds === 0 ? [] : [["crowds", String(facts.crowds)] as const]),
      ["detections", String(facts.detectionCount)],
      ...(degrade.length === 0 ? [] : [["degraded", facts.degrade.join(", ")] as const]),
      ...(tracks === null ? [] : describeTracks(tracks)),
      ...(model === null ? [] : [
        ["run by", `${model.engine} ${model.provider}`] as const,
        ["model", `sha256 ${model.sha256.slice(0, 12)}`] as const,
      ]),
    ],
    notes: describeLeftOut(facts.leftOut),
    pictures: worst.map((judged) => ({ ...judged, ...frameOf(judged, embedded) })),
  });
}

/** What the evaluation is called by: its annotations, or the world that knows its own truth. */
function setOf({ annotations, pictures }: EvalFacts): string {
  return annotations === OWN_TRUTH && pictures !== null ? pictures : annotations;
}

function describeTracks({ overall }: TrackEvaluation): (readonly [string, string])[] {
  const share = (value: number | null): string => value === null ? "-" : value.toFixed(3);
  return [
    ["MOTA", share(overall.mota)],
    ["IDF1", share(overall.idf1)],
    ["id switches", String(overall.idSwitches)],
  ];
}

/** Encodes those of the pictures that are there, by id. */
async function embedPictures(
  pictures: PictureSet,
  worst: readonly JudgedImage[],
  degrade: readonly Degradation[],
  signal: AbortSignal,
): Promise<Map<number, Embedded>> {
  const embedded = new Map<number, Embedded>();
  const ids = new Set(worst.map(({ image }) => image.id).filter((id) => pictures.ids.has(id)));
  if (ids.size === 0) return embedded;
  // Degradations count pictures from their beginning, so all must pass to look the same again.
  const passing = degrade.length === 0 ? ids : pictures.ids;
  const { camera, idOf } = await openPictures(pictures, passing, degrade, POOL_FRAMES);
  await using _camera = camera;
  using studio = await JpegStudio.open(SIDE_MAX_PX);
  for (;;) {
    const event = await camera.next(signal);
    if (event.kind === "end") return embedded;
    if (event.kind !== "frame") continue;
    using frame = event.frame;
    if (!ids.has(idOf(frame.seq))) continue;
    const { width, height } = frame.picture;
    const { bytes } = await studio.develop(frame);
    embedded.set(idOf(frame.seq), {
      widthPx: width,
      heightPx: height,
      jpegBase64: Buffer.from(bytes.buffer).toString("base64"),
    });
  }
}

/** The picture of an image, or an empty ground as large as is known. */
function frameOf(
  { image, boxes }: JudgedImage,
  embedded: ReadonlyMap<number, Embedded>,
): Pick<ReportPicture, "widthPx" | "heightPx" | "jpegBase64"> {
  const known = embedded.get(image.id);
  if (known !== undefined) return known;
  const right = Math.max(1, ...boxes.map(({ boxPx: [x, , width] }) => x + width));
  const bottom = Math.max(1, ...boxes.map(({ boxPx: [, y, , height] }) => y + height));
  return {
    widthPx: image.width ?? Math.ceil(right),
    heightPx: image.height ?? Math.ceil(bottom),
    jpegBase64: null,
  };
}

function baseName(path: string): string {
  return path.split(/[/\\]/).at(-1)!;
}
