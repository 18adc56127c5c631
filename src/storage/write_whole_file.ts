import { FoveaError } from "../core/errors.ts";
import { WholeFile } from "./whole_file.ts";

/**
 * Writes a file that is there whole or not at all; see {@linkcode WholeFile}. Missing folders are
 * made.
 *
 * @throws {FoveaError} `SINK_OPEN` or `SINK_WRITE`; what was there before stays.
 */
export async function writeWholeFile(path: string, content: string | Uint8Array): Promise<void> {
  await using file = await WholeFile.create(path, true);
  await file.commit([content]);
}

/**
 * Reads a text file; `null` where there is none.
 *
 * @throws {FoveaError} `STATE_INVALID` if it cannot be read.
 */
export async function readTextIfThere(path: string): Promise<string | null> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return null;
    throw FoveaError.from(cause, "STATE_INVALID", `Cannot read ${path}`);
  }
}
