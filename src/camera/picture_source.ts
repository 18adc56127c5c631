import type { Arena, Picture } from "../core/frame.ts";
import type { PictureShape } from "../core/frame_draft.ts";
import type { TruthSource } from "../core/frame_truth.ts";

/** What is known about a source once it is open. */
export interface SourceFacts {
  /** A `file` ends and can wait for its reader; a `live` source does neither. */
  readonly kind: "file" | "live";
  /** Width of the first picture in pixels. */
  readonly width: number;
  /** Height of the first picture in pixels. */
  readonly height: number;
  /** Nominal frames per second; `null` where unknown. */
  readonly fps: number | null;
  /** How many frames there are; `null` where unknown. */
  readonly frameCount: number | null;
  /** Whether reading can wait for something outside this machine's files without an end. */
  readonly canStall: boolean;
}

/**
 * One connection to a source, read picture by picture. Policies, leases, states and reconnects
 * are the camera's business; a source only decodes.
 *
 * One call at a time. {@linkcode interrupt} may be called at any time; dispose it after the call
 * it interrupted has settled.
 */
export interface PictureSource extends AsyncDisposable {
  /** What is known about the source. */
  readonly facts: SourceFacts;
  /**
   * Decodes the next picture, which stays current until the next call; `false` at the clean end.
   *
   * @throws {FoveaError} `CAMERA_LOST` if the source died.
   */
  advance(): Promise<boolean>;
  /** Time of the current picture on the source's own clock in milliseconds; `null` if it has none. */
  readonly ptsMs: number | null;
  /** When the data of the current picture had arrived, on the camera's clock. */
  readonly receivedMs: number;
  /** What it took to decode the current picture, in milliseconds. */
  readonly decodeMs: number;
  /** Pictures that came broken or not at all between the last picture and the current one. */
  readonly lostPictures: number;
  /**
   * Makes the current picture ready to be copied; at once, unless it has to be converted because
   * the kernels cannot read it.
   *
   * @throws {FoveaError} `PIXEL_FORMAT` if it cannot be converted.
   */
  prepare(): PictureShape | Promise<PictureShape>;
  /** Copies the prepared picture to its place; exactly one copy. */
  copyInto(picture: Picture, arena: Arena): void;
  /** When the read that is going on now began, on the camera's clock; `null` if none is. */
  readonly readingSinceMs: number | null;
  /** What really is in the pictures, where the source knows. */
  readonly truth?: TruthSource;
  /** Ends a call that is going on, which then rejects; does nothing if none is. */
  interrupt(): void;
}

/** Opens a connection anew; `signal` ends the attempt with an error. */
export type OpenSource = (signal: AbortSignal) => Promise<PictureSource>;
