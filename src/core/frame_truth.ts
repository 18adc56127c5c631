/** One object of a frame as it really is. */
export interface TrueObject {
  /** Stays the same as long as the object exists, and is never given to another one; from 1. */
  readonly trackId: number;
  /** Place of its class among {@linkcode TruthSource.classNames}. */
  readonly classIndex: number;
  /** Its class. */
  readonly className: string;
  /**
   * The smallest box around all of it, also around what is hidden, cut at the edges of the picture:
   * left, top, right, bottom in pixels from the top left corner.
   */
  readonly xyxyPx: readonly [number, number, number, number];
  /** Share of its pixels inside the picture that nothing hides, 0 to 1. */
  readonly visible: number;
  /** Share of its box that lies outside the picture, 0 to 1. */
  readonly truncated: number;
  /** How fast it moves over the ground, in metres a second. */
  readonly speedMps: number;
}

/** Everything there is to see in one frame, as it really is: what a perfect detector would find. */
export interface FrameTruth {
  /** Which frame. */
  readonly seq: number;
  /** All objects of which the picture holds at least one pixel, hidden or not. */
  readonly objects: readonly TrueObject[];
}

/** What knows the truth about the frames of a camera. */
export interface TruthSource {
  /** Names of all classes that can occur, in the order of their indices. */
  readonly classNames: readonly string[];
  /**
   * The truth about a frame, whenever it is asked for.
   *
   * @throws {RangeError} If the camera has no frame of that number.
   */
  at(seq: number): FrameTruth;
}
