import { degradeCamera } from "../camera/degrade_camera.ts";
import { listImages } from "../camera/image_folder.ts";
import { openCamera, openImages } from "../camera/open_camera.ts";
import { selectFrames } from "../camera/selected_frames.ts";
import { FoveaError } from "../core/errors.ts";
import type { Camera } from "../core/ports.ts";
import type { Xyxy } from "../core/xyxy.ts";
import { type Degradation, formatDegradation } from "../degrade/degradation.ts";
import { degradeBoxes } from "../degrade/degrade_boxes.ts";
import { findClass } from "../detector/class_indices.ts";
import type { TargetBox } from "../monitor/target_box.ts";
import type { FrameLabeller, FrameSet } from "../pipeline/refining/frame_set.ts";
import type { FrameList } from "./frame_list.ts";
import { isInFrameList } from "./frame_list.ts";
import { type LabelBook, type LabelledPicture, stemOf } from "./label_book.ts";
import { labelOfSource } from "./source_label.ts";

/** Frames that are held at once; they are looked at one after the other. */
const POOL_FRAMES = 8;

/** Where pictures lie. */
export type PictureSource =
  | { readonly kind: "images"; readonly folder: string }
  | { readonly kind: "video"; readonly uri: string };

/** A picture with its place in its source. */
export interface FoundPicture {
  /** Frame number in the video, or place among the sorted names. */
  readonly at: number;
  /** Path of the image; `null` for a frame of a video. */
  readonly path: string | null;
  /** Its labels; `null` where nobody labelled it. */
  readonly labels: LabelledPicture | null;
}

/** How the classes of a book are those of a detector. */
export interface BookClasses {
  /** For each category the detector's class; -1 where it has none. */
  readonly classOf: readonly number[];
  /** Classes that were looked for. */
  readonly judged: ReadonlySet<number>;
  /** Names that the detector does not know. */
  readonly unknown: readonly string[];
}

/**
 * Pairs the categories of a book with the detector's classes by name.
 *
 * @throws {FoveaError} `ANNOTATIONS_INVALID` if none is known.
 */
export function pairBook(book: LabelBook, classNames: readonly string[]): BookClasses {
  const classOf = book.categories.map((name) => findClass(classNames, name)[0] ?? -1);
  if (classOf.every((index) => index < 0)) {
    throw new FoveaError(
      "ANNOTATIONS_INVALID",
      `Cannot learn from ${book.label}: the detector knows none of its classes, ` +
        book.categories.slice(0, 8).join(", "),
      { hint: "Correct the names with --names, or add one of them with --new-class" },
    );
  }
  return {
    classOf,
    judged: new Set(classOf.filter((index) => index >= 0)),
    unknown: book.categories.filter((_, i) => classOf[i]! < 0),
  };
}

/**
 * The pictures of a source that are labelled, by time or by name.
 *
 * @throws {FoveaError} `ANNOTATIONS_INVALID` if there is none, or asked frames are not labelled.
 */
export async function findLabelled(
  source: PictureSource,
  book: LabelBook,
  frames: FrameList | null,
): Promise<FoundPicture[]> {
  const found = source.kind === "images" ? await findImages(source.folder, book) : book.pictures
    .filter(({ id }) => id >= 0 && (frames === null || isInFrameList(frames, id)))
    .map((labels) => ({ at: labels.id, path: null, labels }));
  if (frames instanceof Set) refuseUnlabelled(frames, found, book);
  if (found.length > 0) return found;
  throw new FoveaError(
    "ANNOTATIONS_INVALID",
    `Cannot learn from ${book.label}: it labels none of the pictures asked for`,
    { hint: "Image ids of a video are frame numbers; pictures of a folder go by file_name" },
  );
}

async function findImages(folder: string, book: LabelBook): Promise<FoundPicture[]> {
  const byName = new Map(
    book.pictures.filter(({ name }) => name !== null).map((one) => [stemOf(one.name!), one]),
  );
  return (await listImages(folder)).flatMap((path, at) => {
    const labels = byName.get(stemOf(path));
    return labels === undefined ? [] : [{ at, path, labels }];
  });
}

function refuseUnlabelled(
  frames: ReadonlySet<number>,
  found: readonly FoundPicture[],
  { label }: LabelBook,
): void {
  const known = new Set(found.map(({ at }) => at));
  const missing = [...frames].filter((frame) => !known.has(frame));
  if (missing.length === 0) return;
  throw new FoveaError(
    "ANNOTATIONS_INVALID",
    `Cannot learn from frames ${missing.slice(0, 8).join(", ")}: ${label} does not label them`,
  );
}

/** How a set is made of some pictures. */
export interface SetRequest {
  readonly source: PictureSource;
  readonly pictures: readonly FoundPicture[];
  /** What is done to them first. */
  readonly degrade: readonly Degradation[];
  /** What they are labelled with; `null` for what the detector itself is sure of. */
  readonly book: { readonly labels: LabelBook; readonly classes: BookClasses } | null;
}

/** Makes a set; nothing is opened yet. */
export function makeSet({ source, pictures, degrade, book }: SetRequest): FrameSet {
  const seqs = new Map(
    pictures.map((picture, i) => [source.kind === "video" ? picture.at : i, picture]),
  );
  const name = source.kind === "video"
    ? labelOfSource(source.uri)
    : labelOfSource(`images:${source.folder}`);
  return {
    source: [name, ...degrade.map(formatDegradation)].join(" "),
    frames: pictures.length,
    open: async () => {
      const camera = await openPart(source, pictures, seqs);
      return degrade.length === 0
        ? camera
        : degradeCamera(camera, degrade, { poolFrames: POOL_FRAMES });
    },
    labels: book === null ? null : labellerOf(seqs, degrade, book.labels, book.classes),
    labelledBy: book === null ? "own" : "operator",
    judged: book === null ? null : book.classes.judged,
  };
}

async function openPart(
  source: PictureSource,
  pictures: readonly FoundPicture[],
  seqs: ReadonlyMap<number, FoundPicture>,
): Promise<Camera> {
  const options = { poolFrames: POOL_FRAMES };
  if (source.kind === "images") return await openImages(pictures.map(({ path }) => path!), options);
  const camera = await openCamera(source.uri, options);
  if (camera.info.kind === "file" || camera.truth !== undefined) {
    return selectFrames(camera, new Set(seqs.keys()));
  }
  await camera[Symbol.asyncDispose]();
  throw new FoveaError("USAGE", `Cannot learn from ${camera.info.uri}: it is a live source`, {
    hint: "Record it, annotate the recording, and give that to --video; or use run --refine",
  });
}

function labellerOf(
  seqs: ReadonlyMap<number, FoundPicture>,
  degrade: readonly Degradation[],
  book: LabelBook,
  { classOf }: BookClasses,
): FrameLabeller {
  const orderOf = new Map([...seqs.keys()].map((seq, order) => [seq, order]));
  return (seq, size) => {
    const labels = seqs.get(seq)?.labels ?? null;
    if (labels === null) return undefined;
    const targets: TargetBox[] = [];
    const ignored: Xyxy[] = [];
    for (const { category, xyxyPx, isCrowd } of book.boxesOf(labels, size)) {
      const { width, height } = size;
      const [x1, y1, x2, y2] = degrade.length === 0
        ? xyxyPx
        : degradeBoxes(degrade, xyxyPx, width, height, orderOf.get(seq)!);
      const box: Xyxy = [x1!, y1!, x2!, y2!];
      // An object that a turned picture lost has a box without area.
      if (degrade.length > 0 && !(box[2] > box[0] && box[3] > box[1])) continue;
      if (isCrowd || classOf[category]! < 0) ignored.push(box);
      else targets.push({ classIndex: classOf[category]!, xyxyPx: box });
    }
    return { targets, ignored };
  };
}
