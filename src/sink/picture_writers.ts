import type { Frame } from "../core/frame.ts";
import type { FrameResult } from "../core/result.ts";
import type { PictureWriter } from "./annotated_sink.ts";
import { discardFile, fileError, OutputFile, prepareFile } from "./output_file.ts";
import type { PictureStudio } from "./picture_studio.ts";

/**
 * Writes one JPEG after the other into a file, with nothing in between: the format that players
 * call MJPEG. It holds no times. Pictures keep their sizes.
 */
export class JpegStreamWriter implements PictureWriter {
  readonly #studio: PictureStudio;
  readonly #file: OutputFile;

  private constructor(studio: PictureStudio, file: OutputFile) {
    this.#studio = studio;
    this.#file = file;
  }

  /**
   * Opens the file, empty, and takes the studio over.
   *
   * @throws {FoveaError} `SINK_OPEN` if it cannot be written.
   */
  static async open(studio: PictureStudio, path: string): Promise<JpegStreamWriter> {
    await prepareFile(path);
    return new JpegStreamWriter(studio, await OutputFile.create(path));
  }

  async write(result: FrameResult, frame: Frame): Promise<void> {
    await this.#file.write(await this.#studio.develop(result, frame));
  }

  close(): Promise<void> {
    this.#studio[Symbol.dispose]();
    this.#file[Symbol.dispose]();
    return Promise.resolve();
  }
}

/** Writes each picture into a file of its own, named by its `seq`. A file appears when it is whole. */
export class PictureFilesWriter implements PictureWriter {
  readonly #studio: PictureStudio;
  readonly #pathOf: (seq: number) => string;

  /** Takes the studio over; the folder must exist. */
  constructor(studio: PictureStudio, pathOf: (seq: number) => string) {
    this.#studio = studio;
    this.#pathOf = pathOf;
  }

  async write(result: FrameResult, frame: Frame): Promise<void> {
    await replaceFile(this.#pathOf(frame.seq), await this.#studio.develop(result, frame));
  }

  close(): Promise<void> {
    this.#studio[Symbol.dispose]();
    return Promise.resolve();
  }
}

/**
 * Writes the last picture of the run when it ends. Until then it holds a lease on it, one at a
 * time, and draws nothing. Without any picture no file is left.
 */
export class SnapshotWriter implements PictureWriter {
  readonly #studio: PictureStudio;
  readonly #path: string;
  readonly #isNew: boolean;
  #last: { readonly result: FrameResult; readonly frame: Frame } | null = null;

  private constructor(studio: PictureStudio, path: string, isNew: boolean) {
    this.#studio = studio;
    this.#path = path;
    this.#isNew = isNew;
  }

  /**
   * Checks that the file can be written, and takes the studio over.
   *
   * @throws {FoveaError} `SINK_OPEN` if it cannot.
   */
  static async open(studio: PictureStudio, path: string): Promise<SnapshotWriter> {
    return new SnapshotWriter(studio, path, await prepareFile(path));
  }

  write(result: FrameResult, frame: Frame): Promise<void> {
    this.#last?.frame[Symbol.dispose]();
    this.#last = { result, frame: frame.retain() };
    return Promise.resolve();
  }

  async close(): Promise<void> {
    using studio = this.#studio;
    if (this.#last === null) {
      if (this.#isNew) await discardFile(this.#path);
      return;
    }
    using frame = this.#last.frame;
    await replaceFile(this.#path, await studio.develop(this.#last.result, frame));
  }
}

/** Writes a file aside and moves it in place, so that nobody ever sees half of it. */
async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const aside = `${path}.part`;
  try {
    {
      using file = await OutputFile.create(aside);
      await file.write(bytes);
    }
    await Deno.rename(aside, path);
  } catch (error) {
    await discardFile(aside);
    throw fileError(error, "SINK_WRITE", path);
  }
}
