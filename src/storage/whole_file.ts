import { dirname } from "node:path";
import { FoveaError } from "../core/errors.ts";

/**
 * A file that is there whole or not at all, also after a power cut: it is written aside, synced and
 * renamed, and the folder is synced so that its new name lasts. The place is
 * tried when it is created, so that a long run does not end at an unwritable folder. Use it with
 * `await using`; without {@linkcode WholeFile.commit} nothing is left behind.
 */
export class WholeFile implements AsyncDisposable {
  readonly #path: string;
  readonly #asidePath: string;
  #aside: Deno.FsFile | null;
  /** Whether the file aside is gone: renamed or removed. */
  #done = false;

  private constructor(path: string, asidePath: string, aside: Deno.FsFile) {
    this.#path = path;
    this.#asidePath = asidePath;
    this.#aside = aside;
  }

  /**
   * Opens a file aside of `path`; an existing file at `path` stays until {@linkcode commit}. Makes
   * the folder where `makeFolder` says so.
   *
   * @throws {FoveaError} `SINK_OPEN` if the folder cannot be written or `path` is a folder.
   */
  static async create(path: string, makeFolder = false): Promise<WholeFile> {
    const asidePath = `${path}.${Deno.pid}.part`;
    try {
      if (makeFolder) await Deno.mkdir(dirname(path), { recursive: true });
      if (await isFolder(path)) throw new Error("it is a folder");
      const aside = await Deno.open(asidePath, { write: true, create: true, truncate: true });
      return new WholeFile(path, asidePath, aside);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new FoveaError("SINK_OPEN", `Cannot create ${path}: ${reason}`, {
        cause,
        hint: "Give a path in a folder that exists and can be written",
      });
    }
  }

  /** Writes `content` as JSON and puts the file in its place; see {@linkcode commit}. */
  async commitJson(content: unknown): Promise<void> {
    await this.commit([`${JSON.stringify(content, null, 2)}\n`]);
  }

  /**
   * Writes pieces of text or bytes one after the other and puts the file in its place.
   *
   * @throws {FoveaError} `SINK_WRITE`, for example on a full disk; nothing is left behind then.
   */
  async commit(pieces: Iterable<string | Uint8Array>): Promise<void> {
    const aside = this.#aside;
    if (aside === null) {
      throw new FoveaError("DISPOSED", `Cannot write ${this.#path}: it is closed`);
    }
    try {
      for (const piece of pieces) await writeAll(aside, piece);
      await aside.sync();
      this.#close(aside);
      await Deno.rename(this.#asidePath, this.#path);
      this.#done = true;
      await syncFolder(dirname(this.#path));
    } catch (cause) {
      await this[Symbol.asyncDispose]();
      throw FoveaError.from(cause, "SINK_WRITE", `Cannot write ${this.#path}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#aside !== null) this.#close(this.#aside);
    if (this.#done) return;
    this.#done = true;
    await Deno.remove(this.#asidePath).catch(() => undefined);
  }

  #close(aside: Deno.FsFile): void {
    aside.close();
    this.#aside = null;
  }
}

async function writeAll(file: Deno.FsFile, piece: string | Uint8Array): Promise<void> {
  const bytes = typeof piece === "string" ? new TextEncoder().encode(piece) : piece;
  for (let start = 0; start < bytes.length;) start += await file.write(bytes.subarray(start));
}

/** Not every file system can sync a folder; the file's content is safe either way. */
async function syncFolder(path: string): Promise<void> {
  try {
    using folder = await Deno.open(path, { read: true });
    await folder.sync();
  } catch {
    // With the power the new name may be lost, and the old file be there again, whole.
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
