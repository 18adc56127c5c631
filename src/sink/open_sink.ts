import type { Sink } from "../core/ports.ts";
import { AnnotatedSink, type PictureWriter } from "./annotated_sink.ts";
import { loadAvLibrary } from "./av_library.ts";
import { findMp4Encoder } from "./mp4_encoder.ts";
import { Mp4Writer } from "./mp4_writer.ts";
import { ndjsonSink } from "./ndjson_sink.ts";
import { OutputFile, prepareFile, prepareFolder } from "./output_file.ts";
import { planOutput } from "./output_path.ts";
import { PictureStudio } from "./picture_studio.ts";
import { JpegStreamWriter, PictureFilesWriter, SnapshotWriter } from "./picture_writers.ts";

/** Pictures a second where the source does not say. */
const FPS_UNKNOWN = 25;
/** Range of rates an encoder is told; the times of the pictures are kept in any case. */
const FPS_MIN = 1;
const FPS_MAX = 240;

/** Options of {@linkcode openSink}. */
export interface SinkOptions {
  /** Pictures a second of the source, a guide for video encoders; `null` where unknown. */
  readonly fps?: number | null;
  /** Threads of the video encoder, 1 by default: the detector needs the others. */
  readonly encoderThreads?: number;
  /** Whether boxes, labels and a status line are drawn on pictures; `true` by default. */
  readonly annotate?: boolean;
}

/**
 * Opens the output that a path asks for by its extension: annotated video (`.mp4`, `.mjpeg`), the
 * last annotated picture (`.png`, `.jpg`), every picture (`frames/%06d.png`), or results
 * (`.ndjson`). Folders are made where there are none; a file that exists is replaced.
 *
 * Pictures show boxes, labels and a status line unless `annotate` is `false`. An MP4 has the size of its first picture, made
 * even; pictures of another size are scaled to fit. It plays also if the program is killed or the
 * disk fills up; only the last second may be lost.
 *
 * @throws {FoveaError} `SINK_OPEN` if the extension is unknown, the path cannot be written, or the
 * video library is missing.
 */
export async function openSink(path: string, options: SinkOptions = {}): Promise<Sink> {
  const { encoderThreads = 1, annotate = true } = options;
  if (!Number.isInteger(encoderThreads) || encoderThreads < 1 || encoderThreads > 64) {
    throw new RangeError(`Cannot encode with ${encoderThreads} threads: use 1 to 64`);
  }
  const plan = planOutput(path);
  if (plan.kind === "ndjson") return await openNdjson(path);
  const av = await loadAvLibrary();
  switch (plan.kind) {
    case "mp4": {
      const label = `${path} (${findMp4Encoder(av).name})`;
      const video = { fps: usableFps(options.fps ?? null), threads: encoderThreads, annotate };
      return new AnnotatedSink(label, await Mp4Writer.open(av, path, video));
    }
    case "mjpeg": {
      const studio = new PictureStudio(av, "jpeg", annotate);
      return annotated(path, await JpegStreamWriter.open(studio, path));
    }
    case "picture": {
      const studio = new PictureStudio(av, plan.picture, annotate);
      return annotated(path, await SnapshotWriter.open(studio, path));
    }
    case "pictures": {
      await prepareFolder(plan.folder, path);
      const studio = new PictureStudio(av, plan.picture, annotate);
      return annotated(path, new PictureFilesWriter(studio, plan.pathOf));
    }
  }
}

function annotated(path: string, writer: PictureWriter): Sink {
  return new AnnotatedSink(path, writer);
}

async function openNdjson(path: string): Promise<Sink> {
  await prepareFile(path);
  const file = await OutputFile.create(path);
  const stream = new WritableStream<Uint8Array>({
    async write(bytes) {
      try {
        await file.write(bytes);
      } catch (error) {
        file[Symbol.dispose](); // A stream that failed is not closed any more.
        throw error;
      }
    },
    close: () => file[Symbol.dispose](),
  });
  return ndjsonSink(stream, path);
}

function usableFps(fps: number | null): number {
  if (fps === null || !Number.isFinite(fps) || fps <= 0) return FPS_UNKNOWN;
  return Math.max(FPS_MIN, Math.min(FPS_MAX, fps));
}
