import { FoveaError } from "../core/errors.ts";

/** A file of events, one a line as JSON; each line is written when it happens. */
export class EventFile implements AsyncDisposable {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  #tail: Promise<void> = Promise.resolve();
  #failure: unknown = null;

  private constructor(path: string, file: Deno.FsFile) {
    this.#path = path;
    this.#file = file;
  }

  /**
   * Opens a file to write on at its end.
   *
   * @throws {FoveaError} `SINK_OPEN` if it cannot be created.
   */
  static async open(path: string): Promise<EventFile> {
    try {
      return new EventFile(path, await Deno.open(path, { append: true, create: true }));
    } catch (cause) {
      throw FoveaError.from(cause, "SINK_OPEN", `Cannot create ${path}`);
    }
  }

  /** Writes one event; a failure is told when the file is closed. */
  write(event: object): void {
    const bytes = new TextEncoder().encode(`${JSON.stringify(event)}\n`);
    this.#tail = this.#tail.then(() => this.#write(bytes)).catch((error) => {
      this.#failure ??= error;
    });
  }

  /**
   * Waits for what was written and closes the file.
   *
   * @throws {FoveaError} `SINK_WRITE` if something could not be written.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tail;
    this.#file.close();
    if (this.#failure === null) return;
    throw FoveaError.from(this.#failure, "SINK_WRITE", `Cannot write ${this.#path}`);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let start = 0; start < bytes.length;) {
      start += await this.#file.write(bytes.subarray(start));
    }
  }
}
