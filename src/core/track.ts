/** What is known about an object that is followed from picture to picture. */
export interface Track {
  /**
   * Names the object: a whole number from 1, greater than every one given before. Never given
   * twice, also not after a reset.
   */
  readonly trackId: number;
  /** Class that most of its detections had, each counted by its score. */
  readonly classIndex: number;
  /** Score of its newest detection, 0–1. */
  readonly score: number;
  /** Where it is now, smoothed over time, `[x1, y1, x2, y2]` in source pixels inside the picture. */
  readonly xyxyPx: readonly [number, number, number, number];
  /**
   * Row of its detection among those handed in for this picture; -1 where it was not found and
   * its place is only predicted.
   */
  readonly detectionRow: number;
  /** Pictures it was found in so far. */
  readonly hits: number;
  /** Pictures since it was last found; 0 where it was found in this one. */
  readonly missed: number;
  /** Time since its first detection, in milliseconds. */
  readonly ageMs: number;
}

/** Which picture a tracker is told about. */
export interface PictureMoment {
  /** Position of the picture in the stream; gaps are pictures that were not looked at. */
  readonly seq: number;
  /** Presentation time in milliseconds, greater for every picture. */
  readonly ptsMs: number;
  /** How often the source was reconnected before it. */
  readonly epoch: number;
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
}

/** A track as it stands in results and NDJSON. */
export interface TrackedObject {
  /** Names the object, from 1 and never given twice; its detection carries the same. */
  readonly trackId: number;
  /** Class that most of its detections had, as an index into the detector's class names. */
  readonly classIndex: number;
  /** Name of that class. */
  readonly className: string;
  /** Score of its detection in this picture; may be below the reported detections' lowest. */
  readonly score: number;
  /** Corners `[x1, y1, x2, y2]`, smoothed over time, in source pixels. */
  readonly xyxyPx: readonly [number, number, number, number];
  /** Pictures it was found in so far. */
  readonly hits: number;
  /** Time since its first detection, in milliseconds. */
  readonly ageMs: number;
}

/**
 * The tracks that were found in a picture, with class names; those whose place is only predicted
 * are left out.
 */
export function listTracked(
  tracks: readonly Track[],
  classNames: readonly string[],
): TrackedObject[] {
  return tracks.filter(({ missed }) => missed === 0).map((track) => ({
    trackId: track.trackId,
    classIndex: track.classIndex,
    className: classNames[track.classIndex] ?? `class ${track.classIndex}`,
    score: track.score,
    xyxyPx: track.xyxyPx,
    hits: track.hits,
    ageMs: track.ageMs,
  }));
}
