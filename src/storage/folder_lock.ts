import { FoveaError } from "../core/errors.ts";

const NAME = ".lock";

/**
 * A folder that one process at a time writes to. The system itself lets go of the lock when the
 * process ends, however that happens, so nothing is left that would have to be cleaned up.
 */
export class FolderLock implements Disposable {
  readonly #file: Deno.FsFile;

  private constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  /**
   * Locks a folder that exists.
   *
   * @param what What is in the folder, for messages.
   * @throws {FoveaError} `STATE_LOCKED` if somebody holds it; `SINK_OPEN` if it cannot be written.
   */
  static async take(folder: string, what: string): Promise<FolderLock> {
    const path = `${folder}/${NAME}`;
    let file: Deno.FsFile;
    try {
      file = await Deno.open(path, { write: true, create: true });
    } catch (cause) {
      throw FoveaError.from(cause, "SINK_OPEN", `Cannot write to ${folder}`);
    }
    if (await file.tryLock(true)) return new FolderLock(file);
    file.close();
    throw new FoveaError("STATE_LOCKED", `Cannot open ${what} ${folder}: another process has it`, {
      hint: "Wait until that one has ended, or end it",
    });
  }

  /** Lets go of the folder. */
  [Symbol.dispose](): void {
    this.#file.close();
  }
}
