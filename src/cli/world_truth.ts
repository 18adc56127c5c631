import { parseCameraUri } from "../camera/camera_uri.ts";
import { FoveaError } from "../core/errors.ts";
import type { TruthSource } from "../core/frame_truth.ts";
import { type GroundTruth, parseAnnotations } from "../evaluate/mod.ts";
import { CocoWriter, StreetWorld } from "../world/mod.ts";
import { type FrameRange, isInFrameRange } from "./frame_range.ts";

/** Most frames whose truth is collected: it is held in memory. */
export const TRUTH_FRAMES_MAX = 100_000;

/**
 * What is known about a drawn world before any of it is drawn: its pictures and classes, as a truth
 * without boxes.
 *
 * @param range Which of its frames; `null` for all.
 * @throws {FoveaError} `CAMERA_URI` if it is no such world; `USAGE` if it has no end, none of the
 * frames, or too many of them.
 */
export function outlineWorld(uri: string, range: FrameRange | null): GroundTruth {
  const parsed = parseCameraUri(uri);
  if (parsed.scheme !== "synthetic") throw new TypeError(`Cannot outline ${uri}: it is not drawn`);
  const { world, label } = parsed;
  const end = Math.min(world.frames ?? Infinity, range?.stop ?? Infinity);
  const { start, step } = range ?? { start: 0, step: 1 };
  if (end === Infinity) {
    throw new FoveaError("USAGE", `Cannot evaluate all of ${label}: it has no end`, {
      hint: "Add frames=300 to the URI, or --frames 0:300",
    });
  }
  const frames = Math.max(0, Math.ceil((end - start) / step));
  if (frames === 0 || frames > TRUTH_FRAMES_MAX) {
    throw new FoveaError("USAGE", `Cannot evaluate ${frames} frames of ${label}`, {
      hint: `Choose from 1 to ${TRUTH_FRAMES_MAX} frames`,
    });
  }
  const writer = new CocoWriter(StreetWorld.classNamesOf(world), world);
  for (let seq = start; seq < end; seq++) {
    if (range === null || isInFrameRange(range, seq)) writer.add({ seq, objects: [] }, `${seq}`);
  }
  return parseAnnotations(writer.dataset(label));
}

/** Collects what a camera knows about the frames that were looked at. */
export class TruthCollector {
  readonly #source: TruthSource;
  readonly #writer: CocoWriter;

  /** Asks a source about pictures of one size. */
  constructor(
    source: TruthSource,
    size: { readonly width: number; readonly height: number },
  ) {
    this.#source = source;
    this.#writer = new CocoWriter(source.classNames, size);
  }

  /** Adds a frame; each once. */
  add(seq: number): void {
    this.#writer.add(this.#source.at(seq), `frame ${seq}`);
  }

  /** All that was added, as if it had been read from a file. */
  truth(): GroundTruth {
    return parseAnnotations(this.#writer.dataset("the truth of the camera"));
  }
}
