import { dirname } from "node:path";
import { FoveaError, type FoveaErrorCode } from "../core/errors.ts";
import { HINT_DISK_FULL } from "./av_library.ts";

/** A file that is written from start to end. */
export class OutputFile implements Disposable {
  /** Where it lies. */
  readonly path: string;
  readonly #file: Deno.FsFile;
  #closed = false;

  private constructor(path: string, file: Deno.FsFile) {
    this.path = path;
    this.#file = file;
  }

  /**
   * Opens a file, empty; what it held before is gone. Its folder must exist.
   *
   * @throws {FoveaError} `SINK_OPEN` if it cannot be written.
   */
  static async create(path: string): Promise<OutputFile> {
    try {
      const file = await Deno.open(path, { write: true, create: true, truncate: true });
      return new OutputFile(path, file);
    } catch (error) {
      throw fileError(error, "SINK_OPEN", path);
    }
  }

  /**
   * Appends all bytes.
   *
   * @throws {FoveaError} `SINK_WRITE`, for example if the disk is full.
   */
  async write(bytes: Uint8Array): Promise<void> {
    try {
      for (let start = 0; start < bytes.length;) {
        start += await this.#file.write(bytes.subarray(start));
      }
    } catch (error) {
      throw fileError(error, "SINK_WRITE", this.path);
    }
  }

  /** Closes it; a second call does nothing. */
  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#file.close();
  }
}

/**
 * Makes sure that a file can be written, without touching what it holds, and makes its folder
 * where there is none. Returns whether the file is new.
 *
 * @throws {FoveaError} `SINK_OPEN` if it cannot be written.
 */
export async function prepareFile(path: string): Promise<boolean> {
  await prepareFolder(dirname(path), path);
  try {
    const isNew = !(await exists(path));
    (await Deno.open(path, { write: true, create: true })).close();
    return isNew;
  } catch (error) {
    throw fileError(error, "SINK_OPEN", path);
  }
}

/**
 * Makes a folder and those above it where there are none.
 *
 * @throws {FoveaError} `SINK_OPEN` if that fails; `path` is what should be written into it.
 */
export async function prepareFolder(folder: string, path: string): Promise<void> {
  try {
    await Deno.mkdir(folder, { recursive: true });
  } catch (error) {
    throw fileError(error, "SINK_OPEN", path);
  }
}

/** Removes a file that holds nothing of use; does nothing where that fails. */
export async function discardFile(path: string): Promise<void> {
  await Deno.remove(path).catch(() => undefined);
}

/** Says in fovea's words why a file could not be opened or written. */
export function fileError(cause: unknown, code: FoveaErrorCode, path: string): FoveaError {
  if (cause instanceof FoveaError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  const verb = code === "SINK_OPEN" ? "create" : "write";
  const hint = hintFor(cause);
  return new FoveaError(code, `Cannot ${verb} ${path}: ${reason}`, {
    cause,
    ...(hint === null ? {} : { hint }),
  });
}

function hintFor(cause: unknown): string | null {
  if (cause instanceof Deno.errors.NotCapable) {
    return "Give --allow-write, and --allow-read to look";
  }
  if (cause instanceof Deno.errors.PermissionDenied) return "Choose a folder you may write to";
  if (cause instanceof Deno.errors.IsADirectory) return "Name a file in it, not the folder";
  if (cause instanceof Deno.errors.NotADirectory || cause instanceof Deno.errors.AlreadyExists) {
    return "A file stands where the folder should be; choose another path";
  }
  const osCode = cause instanceof Error && "code" in cause ? cause.code : null;
  return osCode === "ENOSPC" || osCode === "EDQUOT" ? HINT_DISK_FULL : null;
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
