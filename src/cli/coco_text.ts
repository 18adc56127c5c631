import { FoveaError } from "../core/errors.ts";

/** Most bytes of a COCO file: what fits into one string. */
const FILE_BYTES_MAX = 500_000_000;

/**
 * Reads a file of annotations or detections as text.
 *
 * @throws {FoveaError} `code` if it is missing, cannot be read or is not UTF-8; `LIMIT` if it has
 * more than 500 MB.
 */
export async function readCocoText(
  path: string,
  code: "ANNOTATIONS_INVALID" | "DETECTIONS_INVALID",
): Promise<string> {
  let bytes: Uint8Array;
  try {
    const { isFile, size } = await Deno.stat(path);
    if (!isFile) throw new Error("it is not a file");
    if (size > FILE_BYTES_MAX) {
      throw new FoveaError(
        "LIMIT",
        `Cannot read ${path}: it has ${size} bytes, the most is ${FILE_BYTES_MAX}`,
      );
    }
    bytes = await Deno.readFile(path);
  } catch (cause) {
    if (cause instanceof FoveaError) throw cause;
    const reason = cause instanceof Deno.errors.NotFound
      ? "there is no such file"
      : cause instanceof Error
      ? cause.message
      : String(cause);
    throw new FoveaError(code, `Cannot read ${path}: ${reason}`, { cause });
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new FoveaError(code, `Cannot read ${path}: it is not UTF-8 text`, { cause });
  }
}
