import { listImages } from "../camera/image_folder.ts";
import { openCamera } from "../camera/open_camera.ts";
import type { GroundTruth } from "../evaluate/mod.ts";
import type { FrameSet } from "../pipeline/refining/frame_set.ts";
import type { RefineFrames } from "../pipeline/refining/refine_detector.ts";
import { type FrameList, isInFrameList } from "./frame_list.ts";
import { bookOfTruth, type LabelBook, readLabelBook } from "./label_book.ts";
import {
  type BookClasses,
  findLabelled,
  type FoundPicture,
  makeSet,
  pairBook,
  type PictureSource,
} from "./refine_frames.ts";
import type { RefineSettings } from "./refine_settings.ts";
import { TruthCollector } from "./world_truth.ts";

/** Most pictures that are replayed, and a third as many again judge. */
const REPLAY_PICTURES_MAX = 64;
/** Every which of the pictures to be kept judges in place of being replayed. */
const BANK_EVERY = 3;
/** Most frames of a drawn world that stand in for pictures of all kinds. */
const WORLD_BANK = { uri: "synthetic:street?seed=90210&frames=480", every: 8 } as const;

/** The frames of a refinement, with what has to be said about them. */
export interface RefineEvidence {
  /** The frames. */
  readonly frames: RefineFrames;
  /** Sentences for people. */
  readonly notes: readonly string[];
}

/** A book with its classes as the detector has them. */
interface PairedBook {
  readonly labels: LabelBook;
  readonly classes: BookClasses;
}

/**
 * Finds the labels of a refinement.
 *
 * @param classNames The detector's class names, without a class that is new.
 */
export async function readBook(
  settings: RefineSettings,
  classNames: readonly string[],
): Promise<LabelBook> {
  const { annotations, source, frames } = settings;
  if (annotations !== null) return await readLabelBook(annotations, classNames);
  const { uri } = source as Extract<PictureSource, { kind: "video" }>;
  return bookOfTruth(await readWorldTruth(uri, frames!), "the truth of the camera");
}

/**
 * Finds all frames of a refinement and shares them out: the latest of the labelled frames judge, and
 * every third of the pictures to be kept.
 *
 * @param classNames The detector's class names, with a class that is new.
 * @throws {FoveaError} `ANNOTATIONS_INVALID`, `CAMERA_OPEN`.
 */
export async function findEvidence(
  settings: RefineSettings,
  book: LabelBook,
  classNames: readonly string[],
): Promise<RefineEvidence> {
  const { source, degrade, holdOut } = settings;
  const paired = { labels: book, classes: pairBook(book, classNames) };
  const pictures = await findLabelled(source, book, settings.frames);
  const isNew = settings.newClass === null ? -1 : classNames.length - 1;
  const judging = firstJudging(pictures.map((one) => holdsObjects(one, paired, isNew)), holdOut);
  const learn = pictures.slice(0, judging);
  const drifted = pictures.slice(judging);
  const { unknown } = paired.classes;
  const setOf = (some: readonly FoundPicture[], isClean = false): FrameSet | null =>
    some.length === 0
      ? null
      : makeSet({ source, pictures: some, degrade: isClean ? [] : degrade, book: paired });
  const clean = await findClean(settings, setOf, learn, drifted, paired);
  const bank = await findBank(settings, classNames);
  return {
    frames: {
      learn: setOf(learn)!,
      drifted: setOf(drifted),
      replay: [...bank.replay, ...clean.replay],
      clean: clean.judge,
      bank: bank.judge,
    },
    notes: [
      ...(unknown.length === 0 ? [] : [
        `labels of ${unknown.join(", ")} are ignored: the detector does not know them`,
      ]),
      ...(source.kind === "images"
        ? ["pictures of a folder have no times: the last by name judge, as if they were the latest"]
        : []),
      ...bank.notes,
    ],
  };
}

/** Fewest frames with objects that judge. */
const JUDGING_MIN = 2;

/**
 * Which is the first of the frames that judge: from there on, a share of all frames with objects
 * follows, two at least. All frames learn where that leaves none to learn from.
 *
 * @param hasObjects For each frame by time, whether there is an object in it.
 */
export function firstJudging(hasObjects: readonly boolean[], share: number): number {
  const all = hasObjects.filter((has) => has).length;
  const wanted = Math.max(JUDGING_MIN, Math.round(share * all));
  if (share === 0 || wanted >= all) return hasObjects.length;
  let found = 0;
  for (let i = hasObjects.length - 1;; i--) if (hasObjects[i]! && ++found === wanted) return i;
}

/** Whether there is anything in a picture that the detector may find, or the class that is new. */
function holdsObjects(
  { labels }: FoundPicture,
  { labels: book, classes: { classOf } }: PairedBook,
  newClass: number,
): boolean {
  return labels !== null && book.boxesOf(labels, { width: 1, height: 1 })
    .some(({ category, isCrowd }) =>
      !isCrowd && (newClass < 0 ? classOf[category]! >= 0 : classOf[category] === newClass)
    );
}

/** Some frames that are kept against forgetting, and some others that judge. */
interface KeptFrames {
  readonly replay: readonly FrameSet[];
  readonly judge: FrameSet | null;
  readonly notes: readonly string[];
}

/** Frames of the camera as it was: those asked for, or the labelled ones before they were degraded. */
async function findClean(
  settings: RefineSettings,
  setOf: (some: readonly FoundPicture[], isClean?: boolean) => FrameSet | null,
  learn: readonly FoundPicture[],
  drifted: readonly FoundPicture[],
  { labels }: PairedBook,
): Promise<KeptFrames> {
  const { cleanFrames, degrade, source } = settings;
  if (cleanFrames !== null) {
    const frames = await listFrames(
      source as Extract<PictureSource, { kind: "video" }>,
      cleanFrames,
    );
    return shareOut(source, frames, null);
  }
  if (degrade.length === 0 || labels.pictures.length === 0) {
    return { replay: [], judge: null, notes: [] };
  }
  // A class that is new is no part of what was there before; everything else is.
  if (settings.newClass !== null) return { replay: [], judge: null, notes: [] };
  const between = source.kind === "video" ? framesBetween([...learn, ...drifted]) : [];
  return {
    replay: [setOf(learn, true)].filter((set) => set !== null),
    // Frames that nobody labelled judge by what the detector is sure of while they are clean.
    judge: between.length < CLEAN_JUDGES_MIN
      ? setOf(drifted, true)
      : makeSet({ source, pictures: between, degrade: [], book: null }),
    notes: [],
  };
}

/** Frames between labelled ones that judge forgetting, and how many there must be. */
const CLEAN_JUDGES_MAX = 12;
const CLEAN_JUDGES_MIN = 4;

/** Frames of a video spread over the time of others and none of them. */
function framesBetween(labelled: readonly FoundPicture[]): FoundPicture[] {
  const taken = new Set(labelled.map(({ at }) => at));
  const [first, last] = [labelled[0]!.at, labelled.at(-1)!.at];
  const step = (last - first) / CLEAN_JUDGES_MAX;
  const wanted = Array.from(
    { length: CLEAN_JUDGES_MAX },
    (_, i) => Math.floor(first + (i + 0.5) * step),
  );
  return [...new Set(wanted)].filter((at) => !taken.has(at))
    .map((at) => ({ at, path: null, labels: null }));
}

/** Pictures of all kinds: a folder, or for the shipped detector the world it was made for. */
async function findBank(
  settings: RefineSettings,
  classNames: readonly string[],
): Promise<KeptFrames> {
  const { replayImages: folder, replayAnnotations, model } = settings;
  if (folder !== null) {
    const source = { kind: "images", folder } as const;
    if (replayAnnotations === null) {
      const paths = await listImages(folder);
      return shareOut(source, paths.map((path, at) => ({ at, path, labels: null })), null);
    }
    const labels = await readLabelBook(replayAnnotations, classNames);
    const classes = pairBook(labels, classNames);
    return shareOut(source, await findLabelled(source, labels, null), { labels, classes });
  }
  if (model.isShipped) return await findWorldBank(classNames);
  return {
    replay: [],
    judge: null,
    notes: [
      "without --replay-images only the labelled classes learn, and whether the detector forgets " +
      "them elsewhere cannot be checked",
    ],
  };
}

async function findWorldBank(classNames: readonly string[]): Promise<KeptFrames> {
  const { uri, every } = WORLD_BANK;
  const source = { kind: "video", uri } as const;
  const range = { start: 0, stop: null, step: every };
  const labels = bookOfTruth(await readWorldTruth(uri, range), uri);
  const classes = pairBook(labels, classNames);
  const kept = shareOut(source, await findLabelled(source, labels, range), { labels, classes });
  return { ...kept, notes: [`other streets are drawn to see what is forgotten: ${uri}`] };
}

/** Replays two of three pictures and lets the third judge. */
function shareOut(
  source: PictureSource,
  pictures: readonly FoundPicture[],
  book: PairedBook | null,
): KeptFrames {
  const most = Math.floor(REPLAY_PICTURES_MAX * BANK_EVERY / (BANK_EVERY - 1));
  const step = Math.max(1, pictures.length / most);
  const some = pictures.length <= most
    ? pictures
    : Array.from({ length: most }, (_, i) => pictures[Math.floor(i * step)]!);
  const replayed = some.filter((_, i) => some.length === 1 || i % BANK_EVERY !== BANK_EVERY - 1);
  const judging = some.filter((_, i) => i % BANK_EVERY === BANK_EVERY - 1);
  return {
    // What is replayed is what the detector says, right or wrong: that is what it is not to forget.
    replay: [makeSet({ source, pictures: replayed, degrade: [], book: null })],
    judge: judging.length === 0 ? null : makeSet({ source, pictures: judging, degrade: [], book }),
    notes: [],
  };
}

/** Frames of a video that nobody labelled. */
async function listFrames(
  { uri }: Extract<PictureSource, { kind: "video" }>,
  frames: FrameList,
): Promise<FoundPicture[]> {
  return (await countFrames(uri, frames)).map((at) => ({ at, path: null, labels: null }));
}

/** Numbers of the frames that a list means; a range without an end goes to the video's. */
async function countFrames(uri: string, frames: FrameList): Promise<number[]> {
  if (!("start" in frames)) return [...frames].sort((a, b) => a - b);
  let { stop } = frames;
  if (stop === null) {
    await using camera = await openCamera(uri);
    stop = camera.info.frameCount ?? frames.start + 1;
  }
  const all = Array.from({ length: Math.max(0, stop - frames.start) }, (_, i) => frames.start + i);
  return all.filter((frame) => isInFrameList(frames, frame));
}

/** The truth of a drawn world about some of its frames. */
async function readWorldTruth(uri: string, frames: FrameList): Promise<GroundTruth> {
  const wanted = await countFrames(uri, frames);
  await using camera = await openCamera(uri);
  const collector = new TruthCollector(camera.truth!, camera.info);
  for (const seq of wanted) collector.add(seq);
  return collector.truth();
}
