import { basename, dirname } from "node:path";
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

/**
 * Removes what processes that were killed while they wrote `path` left beside it: files aside that
 * are older than the file itself. What another process is writing now is newer and stays. Does
 * nothing where the folder may not be listed.
 */
export async function removeLeftovers(path: string): Promise<void> {
  const folder = dirname(path);
  const name = basename(path);
  try {
    const writtenMs = (await Deno.stat(path)).mtime?.getTime() ?? 0;
    for await (const entry of Deno.readDir(folder)) {
      const { name: other } = entry;
      if (!other.startsWith(`${name}.`) || !/^\d+\.part$/.test(other.slice(name.length + 1))) {
        continue;
      }
      const aside = `${folder}/${other}`;
      const asideMs = (await Deno.stat(aside)).mtime?.getTime() ?? writtenMs;
      if (asideMs < writtenMs) await Deno.remove(aside);
    }
  } catch {
    // Leftovers cost some space and nothing else.
  }
}
