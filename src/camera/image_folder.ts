import { FoveaError } from "../core/errors.ts";
import { explainAccess } from "./access_error.ts";
import { compareNames } from "./natural_order.ts";

/** Most images of a folder. */
const IMAGES_MAX = 1_000_000;

/** Whether a name ends like an image that can be decoded: jpg, jpeg, png, bmp or webp. */
export function isImageName(name: string): boolean {
  return /\.(jpe?g|png|bmp|webp)$/i.test(name);
}

/**
 * The paths of a folder's images by name, digits counted by value. Folders inside are not entered.
 *
 * @throws {FoveaError} `CAMERA_OPEN` if it is no folder, cannot be read or holds no image; `LIMIT`
 * if it holds more than a million.
 */
export async function listImages(folder: string): Promise<string[]> {
  const names = await listImageNames(folder);
  if (names.length === 0) {
    throw new FoveaError("CAMERA_OPEN", `Cannot open ${folder}: it holds no image`, {
      hint: "Images end in .jpg, .jpeg, .png, .bmp or .webp; folders inside are not entered",
    });
  }
  const prefix = folder.replace(/\/*$/, "/");
  return names.sort(compareNames).map((name) => `${prefix}${name}`);
}

/**
 * The names of a folder's images in no order. Folders inside are not entered.
 *
 * @throws {FoveaError} `CAMERA_OPEN` if it is no folder or cannot be read; `LIMIT` if it holds more
 * than a million images.
 */
export async function listImageNames(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) {
      if (entry.isDirectory || !isImageName(entry.name)) continue;
      names.push(entry.name);
      if (names.length > IMAGES_MAX) {
        throw new FoveaError("LIMIT", `Cannot read ${folder}: it holds over ${IMAGES_MAX} images`);
      }
    }
  } catch (cause) {
    throw explainAccess(cause, folder);
  }
  return names;
}
