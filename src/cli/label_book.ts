import { basename } from "node:path";
import { FoveaError } from "../core/errors.ts";
import type { Xyxy } from "../core/xyxy.ts";
import { type GroundTruth, parseAnnotations } from "../evaluate/mod.ts";
import { readCocoText } from "./coco_text.ts";

/** A labelled box. */
export interface LabelledBox {
  /** Index of its class in the book. */
  readonly category: number;
  /** Corners in pixels of the picture. */
  readonly xyxyPx: Xyxy;
  /** Whether it is a place about which nothing is claimed. */
  readonly isCrowd: boolean;
}

/** Labels of pictures, whatever file they come from. */
export interface LabelBook {
  /** What it is called in messages. */
  readonly label: string;
  /** Names of the classes that were looked for. */
  readonly categories: readonly string[];
  /** The labelled pictures, by rising id. */
  readonly pictures: readonly LabelledPicture[];
  /** The boxes of a picture. */
  boxesOf(
    picture: LabelledPicture,
    size: { readonly width: number; readonly height: number },
  ): LabelledBox[];
}

/** A picture that somebody labelled. */
export interface LabelledPicture {
  /** Number of the frame in its video. */
  readonly id: number;
  /** Its name, with or without an ending; `null` where none is stated. */
  readonly name: string | null;
}

/**
 * Reads labels: a COCO JSON file, or a folder of YOLO text files.
 *
 * A text file has the name of its picture, or ends in the number of its frame, and a line
 * `class x y width height` for each box, all but the class as shares of the picture. Names of classes
 * stand in `classes.txt` beside them, one a line; without it, numbers are those of the detector.
 *
 * @param classNames The detector's class names.
 * @throws {FoveaError} `ANNOTATIONS_INVALID` with the place of the fault.
 */
export async function readLabelBook(
  path: string,
  classNames: readonly string[],
): Promise<LabelBook> {
  if (await isFolder(path)) return await readYoloFolder(path, classNames);
  const text = await readCocoText(path, "ANNOTATIONS_INVALID");
  return bookOfTruth(parseAnnotations(text, { label: path }), path);
}

/** A ground truth as a book. */
export function bookOfTruth({ images, categories, boxes }: GroundTruth, label: string): LabelBook {
  const boxesAt = new Map<number, LabelledBox[]>(images.map(({ id }) => [id, []]));
  for (let i = 0; i < boxes.count; i++) {
    const [x, y, w, h] = boxes.xywhPx.subarray(4 * i, 4 * i + 4);
    boxesAt.get(images[boxes.imageIndex[i]!]!.id)!.push({
      category: boxes.categoryIndex[i]!,
      xyxyPx: [x!, y!, x! + w!, y! + h!],
      isCrowd: boxes.isCrowd[i] === 1,
    });
  }
  return {
    label,
    categories: categories.map(({ name }) => name),
    pictures: images.map(({ id, fileName }) => ({ id, name: fileName })),
    boxesOf: ({ id }) => boxesAt.get(id) ?? [],
  };
}

async function isFolder(path: string): Promise<boolean> {
  return await Deno.stat(path).then(({ isDirectory }) => isDirectory, () => false);
}

/** A box as it stands in a text file: its centre and size as shares of the picture. */
interface RelativeBox {
  readonly category: number;
  readonly xywh: readonly [x: number, y: number, w: number, h: number];
}

const CLASSES = "classes.txt";

async function readYoloFolder(folder: string, classNames: readonly string[]): Promise<LabelBook> {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
  const categories = names.includes(CLASSES)
    ? (await Deno.readTextFile(`${folder}/${CLASSES}`)).split(/\r?\n/).map((name) => name.trim())
      .filter((name) => name !== "")
    : classNames;
  const files = names.filter((name) => name.endsWith(".txt") && name !== CLASSES);
  if (files.length === 0) {
    throw new FoveaError("ANNOTATIONS_INVALID", `Cannot read ${folder}: it holds no .txt labels`, {
      hint: "Give a folder of YOLO text files, or a COCO JSON file",
    });
  }
  const boxes = new Map<string, RelativeBox[]>();
  for (const file of files) {
    const text = await Deno.readTextFile(`${folder}/${file}`);
    boxes.set(file.slice(0, -4), parseYoloLabels(text, categories.length, `${folder}/${file}`));
  }
  const pictures = [...boxes.keys()].map((name): LabelledPicture => {
    return { id: Number(/(\d+)$/.exec(name)?.[1] ?? NaN), name };
  });
  return {
    label: folder,
    categories,
    pictures: pictures.sort((a, b) => a.id - b.id),
    boxesOf: ({ name }, { width, height }) =>
      (boxes.get(name!) ?? []).map(({ category, xywh: [x, y, w, h] }) => {
        const [halfW, halfH] = [w / 2, h / 2];
        return {
          category,
          xyxyPx: [
            (x - halfW) * width,
            (y - halfH) * height,
            (x + halfW) * width,
            (y + halfH) * height,
          ],
          isCrowd: false,
        };
      }),
  };
}

/**
 * Reads the lines of a YOLO text file.
 *
 * @throws {FoveaError} `ANNOTATIONS_INVALID` naming the line.
 */
export function parseYoloLabels(text: string, classes: number, label: string): RelativeBox[] {
  return text.split(/\r?\n/).flatMap((line, i) => {
    if (line.trim() === "") return [];
    const [category, x, y, w, h, ...more] = line.trim().split(/\s+/).map(Number);
    const known = Number.isInteger(category) && category! >= 0 && category! < classes;
    const isShare = [x, y, w, h].every((value) => value! >= 0 && value! <= 1);
    if (known && isShare && w! > 0 && h! > 0 && more.length === 0) {
      return [{ category: category!, xywh: [x!, y!, w!, h!] as const }];
    }
    throw new FoveaError(
      "ANNOTATIONS_INVALID",
      `Cannot read line ${i + 1} of ${label}: a class from 0 to ${classes - 1} and the box's ` +
        "x, y, width and height as shares of the picture are needed",
    );
  });
}

/** The part of a picture's name that its labels share. */
export function stemOf(path: string): string {
  return basename(path).replace(/\.[^.]+$/, "");
}
