import type { CameraOptions } from "../camera/camera_options.ts";
import { degradeCamera } from "../camera/degrade_camera.ts";
import { isImageName, listImageNames } from "../camera/image_folder.ts";
import { openCamera, openImages } from "../camera/open_camera.ts";
import { selectFrames } from "../camera/selected_frames.ts";
import { FoveaError } from "../core/errors.ts";
import type { Camera } from "../core/ports.ts";
import type { Degradation } from "../degrade/degradation.ts";
import type { GroundTruth } from "../evaluate/mod.ts";
import { list } from "./class_partners.ts";
import type { PicturePlace } from "./eval_settings.ts";
import { type FrameRange, isInFrameRange } from "./frame_range.ts";

/** Some pictures of an evaluation as one camera. The caller disposes it. */
export interface OpenPictures {
  /** Hands out each picture once. */
  readonly camera: Camera;
  /** The `id` of the picture that the camera hands out as `seq`. */
  idOf(seq: number): number;
}

/** The annotated pictures of a folder or a video. */
export interface PictureSet {
  /** Their ids; for a video some may turn out to be missing. */
  readonly ids: ReadonlySet<number>;
  /** Annotated pictures that are known to be missing. */
  readonly missing: readonly string[];
  /** Pictures that nobody annotated, which are left out; `null` where that is not known. */
  readonly withoutAnnotations: number | null;
  /** Opens those of the ids that are in the set. */
  open(ids: ReadonlySet<number>, options: CameraOptions): Promise<OpenPictures>;
}

/**
 * Finds the pictures that annotations are about.
 *
 * @param label What the annotations are called in messages.
 * @throws {FoveaError} `CAMERA_OPEN` if the folder cannot be read; `ANNOTATIONS_INVALID` if none of
 * the pictures is there, or a name is missing, stands twice or leads out of the folder.
 */
export async function findPictures(
  place: PicturePlace,
  truth: GroundTruth,
  label: string,
): Promise<PictureSet> {
  const set = place.kind === "images"
    ? await findImages(place.folder, truth, label)
    : findFrames(place.uri, place.frames, truth);
  if (set.ids.size > 0) return set;
  const where = place.kind === "images"
    ? `the pictures in ${place.folder}`
    : `the frames asked for of ${place.uri}`;
  throw new FoveaError(
    "ANNOTATIONS_INVALID",
    `Cannot evaluate: ${label} is about none of ${where}`,
    set.missing.length === 0 ? {} : { hint: `It names ${list(set.missing)}` },
  );
}

/**
 * Opens pictures of a set, made worse as asked.
 *
 * @param degrade What is done to them; `@F` counts the pictures that this camera hands out.
 */
export async function openPictures(
  set: PictureSet,
  ids: ReadonlySet<number>,
  degrade: readonly Degradation[],
  poolFrames: number,
): Promise<OpenPictures> {
  const opened = await set.open(ids, { poolFrames });
  if (degrade.length === 0) return opened;
  return { ...opened, camera: degradeCamera(opened.camera, degrade, { poolFrames }) };
}

async function findImages(
  folder: string,
  truth: GroundTruth,
  label: string,
): Promise<PictureSet> {
  const present = new Set(await listImageNames(folder));
  const named = new Set<string>();
  const pathOf = new Map<number, string>();
  const missing: string[] = [];
  for (const { id, fileName } of truth.images) {
    const name = checkFileName(fileName, id, label);
    if (named.has(name)) throw wrongName(label, id, `${name} is the name of another one too`);
    named.add(name);
    const path = `${folder.replace(/\/*$/, "")}/${name}`;
    if (present.has(name) || (name.includes("/") && await isFile(path))) pathOf.set(id, path);
    else missing.push(name);
  }
  return {
    ids: new Set(pathOf.keys()),
    missing,
    withoutAnnotations: [...present].filter((name) => !named.has(name)).length,
    open: async (ids, options) => {
      const chosen = [...pathOf].filter(([id]) => ids.has(id));
      const camera = await openImages(chosen.map(([, path]) => path), options);
      return { camera, idOf: (seq) => chosen[seq]![0] };
    },
  };
}

/** A name that can be looked up inside the folder. */
function checkFileName(name: string | null, id: number, label: string): string {
  if (name === null) throw wrongName(label, id, "it has no file_name");
  const parts = name.split(/[/\\]/);
  if (name.startsWith("/") || parts.includes("..") || /^[a-z]:/i.test(name)) {
    throw wrongName(label, id, `${JSON.stringify(name)} leads out of the folder`);
  }
  if (!isImageName(name)) {
    throw wrongName(label, id, `${JSON.stringify(name)} is no jpg, png, bmp or webp`);
  }
  return parts.filter((part) => part !== "" && part !== ".").join("/");
}

function wrongName(label: string, id: number, reason: string): FoveaError {
  return new FoveaError(
    "ANNOTATIONS_INVALID",
    `Cannot find the picture with the id ${id} of ${label}: ${reason}`,
  );
}

function findFrames(uri: string, range: FrameRange | null, truth: GroundTruth): PictureSet {
  const ids = truth.images
    .map(({ id }) => id)
    .filter((id) => id >= 0 && (range === null || isInFrameRange(range, id)));
  const negative = truth.images.filter(({ id }) => id < 0).map(({ id }) => `frame ${id}`);
  return {
    ids: new Set(ids),
    missing: range === null ? negative : [],
    withoutAnnotations: range === null ? null : countFrames(range, ids) - ids.length,
    open: async (wanted, options) => {
      const seqs = new Set(ids.filter((id) => wanted.has(id)));
      return { camera: selectFrames(await openFile(uri, options), seqs), idOf: (seq) => seq };
    },
  };
}

/** Frames of a range; of one without an end those up to the last annotated frame. */
function countFrames({ start, stop, step }: FrameRange, ids: readonly number[]): number {
  const end = stop ?? (ids.at(-1) ?? start) + 1;
  return Math.ceil((end - start) / step);
}

async function openFile(uri: string, options: CameraOptions): Promise<Camera> {
  const camera = await openCamera(uri, options);
  if (camera.info.kind === "file") return camera;
  await camera[Symbol.asyncDispose]();
  throw new FoveaError("USAGE", `Cannot evaluate ${camera.info.uri}: it is a live source`, {
    hint: "Record it, annotate the recording, and give that to --video",
  });
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return false;
    }
    throw FoveaError.from(error, "CAMERA_OPEN", `Cannot open ${path}`);
  }
}
