import { runFovea } from "./run_fovea.ts";
import type { CocoDataset } from "../../src/world/mod.ts";

/** Streets from this seed on are for evaluation alone; `frames.py` refuses to train on them. */
export const HELD_OUT_SEED_MIN = 1_000_000;

/** What is drawn to judge a detector by. */
export interface HeldOutPlan {
  /** How many streets, from {@linkcode HELD_OUT_SEED_MIN} on. */
  readonly streets: number;
  /** Frames of each, two seconds apart. */
  readonly framesEach: number;
  /** `night:3` and the like; `null` for clear weather. */
  readonly weather: string | null;
}

/** Frames on disk with their truth. */
export interface HeldOutFrames {
  /** Folder of the pictures. */
  readonly images: string;
  /** The annotations, one COCO file for all streets. */
  readonly annotations: string;
}

/** The URI of one street. */
export function streetUri(seed: number, { framesEach, weather }: HeldOutPlan): string {
  if (seed < HELD_OUT_SEED_MIN) {
    throw new RangeError(`Cannot judge by street ${seed}: below ${HELD_OUT_SEED_MIN} is training`);
  }
  const changes = weather === null ? "" : `&weather=${weather}`;
  return `synthetic:street?seed=${seed}&fps=0.5&frames=${framesEach}${changes}`;
}

/**
 * Draws the streets with `fovea world` and joins their annotations: pictures keep the folder of
 * their street in `file_name`, and get ids that differ between streets.
 *
 * @throws {Error} If a street cannot be drawn.
 */
export async function drawHeldOut(plan: HeldOutPlan, folder: string): Promise<HeldOutFrames> {
  const parts: CocoDataset[] = [];
  for (let i = 0; i < plan.streets; i++) {
    const name = String(HELD_OUT_SEED_MIN + i);
    await Deno.mkdir(`${folder}/${name}`, { recursive: true });
    const annotations = `${folder}/${name}.json`;
    await runFovea([
      "world",
      streetUri(HELD_OUT_SEED_MIN + i, plan),
      "--annotations",
      annotations,
      "--save",
      `${folder}/${name}/%06d.png`,
    ]);
    parts.push(inFolder(JSON.parse(await Deno.readTextFile(annotations)), name));
  }
  const annotations = annotationsIn(folder);
  const joined = { ...joinDatasets(parts), info: { description: describePlan(plan) } };
  await Deno.writeTextFile(annotations, JSON.stringify(joined));
  return { images: folder, annotations };
}

/** What {@linkcode drawHeldOut} left in a folder, or `null` where it did not finish this plan. */
export async function findHeldOut(
  plan: HeldOutPlan,
  folder: string,
): Promise<HeldOutFrames | null> {
  const annotations = annotationsIn(folder);
  let text: string;
  try {
    text = await Deno.readTextFile(annotations);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  const { info }: Pick<CocoDataset, "info"> = JSON.parse(text);
  return info.description === describePlan(plan) ? { images: folder, annotations } : null;
}

function annotationsIn(folder: string): string {
  return `${folder}/annotations.json`;
}

/** The streets one by one; the same text means the same pictures. */
function describePlan(plan: HeldOutPlan): string {
  return Array.from({ length: plan.streets }, (_, i) => streetUri(HELD_OUT_SEED_MIN + i, plan))
    .join(" ");
}

function inFolder(dataset: CocoDataset, name: string): CocoDataset {
  const images = dataset.images.map((image) => ({
    ...image,
    file_name: `${name}/${image.file_name}`,
  }));
  return { ...dataset, images };
}

/** One data set of several with the same categories; ids are counted anew. */
export function joinDatasets(parts: readonly CocoDataset[]): CocoDataset {
  const [first] = parts;
  if (first === undefined) throw new RangeError("Cannot join data sets: there are none");
  const images: CocoDataset["images"][number][] = [];
  const annotations: CocoDataset["annotations"][number][] = [];
  for (const part of parts) {
    const idOf = new Map(part.images.map(({ id }, i) => [id, images.length + i]));
    images.push(...part.images.map((image) => ({ ...image, id: idOf.get(image.id)! })));
    for (const annotation of part.annotations) {
      annotations.push({
        ...annotation,
        id: annotations.length + 1,
        image_id: idOf.get(annotation.image_id)!,
      });
    }
  }
  return { info: first.info, images, annotations, categories: first.categories };
}
