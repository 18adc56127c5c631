import { FoveaError } from "../core/errors.ts";

/**
 * Writes a file that is there whole or not at all, also after a power cut: the bytes are written
 * aside, synced, and renamed; then the folder is synced, so that the new name lasts. Missing folders
 * are made.
 *
 * @throws {FoveaError} `SINK_WRITE`, for example on a full disk; what was there before stays.
 */
export async function writeWholeFile(path: string, content: string | Uint8Array): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const asidePath = `${path}.${Deno.pid}.part`;
  try {
    await Deno.mkdir(folderOf(path), { recursive: true });
    await writeSynced(asidePath, bytes);
    await Deno.rename(asidePath, path);
    await syncFolder(folderOf(path));
  } catch (cause) {
    await Deno.remove(asidePath).catch(() => undefined);
    throw FoveaError.from(cause, "SINK_WRITE", `Cannot write ${path}`);
  }
}

/** Reads a text file; `null` where there is none. */
export async function readTextIfThere(path: string): Promise<string | null> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return null;
    throw FoveaError.from(cause, "STATE_INVALID", `Cannot read ${path}`);
  }
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  for (let start = 0; start < bytes.length;) start += await file.write(bytes.subarray(start));
  await file.sync();
}

/** Not every file system can sync a folder; the file itself is safe either way. */
async function syncFolder(path: string): Promise<void> {
  try {
    using folder = await Deno.open(path, { read: true });
    await folder.sync();
  } catch {
    // The rename may then be lost with the power, never the content.
  }
}

function folderOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "." : path.slice(0, Math.max(1, slash));
}
