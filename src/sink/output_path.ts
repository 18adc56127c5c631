import { FoveaError } from "../core/errors.ts";
import type { PictureKind } from "./picture_encoder.ts";

/** What an output path asks for. */
export type OutputPlan =
  | { readonly kind: "mp4" | "mjpeg" | "ndjson"; readonly path: string }
  | { readonly kind: "picture"; readonly path: string; readonly picture: PictureKind }
  | {
    readonly kind: "pictures";
    /** Folder of all files. */
    readonly folder: string;
    /** How they are encoded. */
    readonly picture: PictureKind;
    /** Path of the picture at `seq`. */
    readonly pathOf: (seq: number) => string;
  };

/** Most digits a number in a path may be padded to. */
const DIGITS_MAX = 12;

const HINT =
  "Use .mp4, .mjpeg, .png, .jpg, .ndjson, or a numbered pattern like frames/%06d.png or frames/%06d.jpg";

/**
 * Reads from a path what is to be written there.
 *
 * | path | output |
 * |---|---|
 * | `.mp4` | H.264 video |
 * | `.mjpeg`, `.mjpg` | one JPEG after the other |
 * | `.png`, `.jpg`, `.jpeg` | the last picture |
 * | the same with one `%d` or `%06d` in the file name | every picture, numbered by its `seq` |
 * | `.ndjson`, `.jsonl` | results, one a line |
 *
 * `%%` in a pattern stands for a percent sign.
 *
 * @throws {FoveaError} `SINK_OPEN` if the path is none of them.
 */
export function planOutput(path: string): OutputPlan {
  const extension = /\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase() ?? null;
  switch (extension) {
    case "mp4":
      return { kind: "mp4", path };
    case "mjpeg":
    case "mjpg":
      return { kind: "mjpeg", path };
    case "ndjson":
    case "jsonl":
      return { kind: "ndjson", path };
    case "png":
      return planPictures(path, "png");
    case "jpg":
    case "jpeg":
      return planPictures(path, "jpeg");
  }
  const reason = extension === null
    ? "it has no file extension"
    : `nothing is known about .${extension} files`;
  throw new FoveaError("SINK_OPEN", `Cannot write ${path}: ${reason}`, { hint: HINT });
}

function planPictures(path: string, picture: PictureKind): OutputPlan {
  const nameAt = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1;
  const [folder, name] = [path.slice(0, nameAt), path.slice(nameAt)];
  const marks = [...name.matchAll(/%(%|(0\d+)?d)/g)];
  const numbers = marks.filter(([mark]) => mark !== "%%");
  if (numbers.length === 0) return { kind: "picture", path, picture };
  const digits = Number(numbers[0]![2] ?? 1);
  if (numbers.length > 1 || digits > DIGITS_MAX) {
    const reason = numbers.length > 1
      ? "its name holds more than one number"
      : `its number has more than ${DIGITS_MAX} digits`;
    throw new FoveaError("SINK_OPEN", `Cannot write ${path}: ${reason}`, { hint: HINT });
  }
  return {
    kind: "pictures",
    folder: folder === "" ? "." : folder,
    picture,
    pathOf: (seq) => {
      const number = String(seq).padStart(digits, "0");
      return folder + name.replaceAll(/%(%|(0\d+)?d)/g, (mark) => mark === "%%" ? "%" : number);
    },
  };
}
