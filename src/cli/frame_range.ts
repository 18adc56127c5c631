import { wrongValue } from "./parse_value.ts";

/** Evenly spaced frames of a video: from `start`, before `stop`, every `step`-th. */
export interface FrameRange {
  /** Number of the first frame, from 0. */
  readonly start: number;
  /** First number that is not taken any more; `null` for the end of the video. */
  readonly stop: number | null;
  /** Distance between two frames, from 1. */
  readonly step: number;
}

const RANGE = /^(\d{0,9}):(\d{0,9})(?::(\d{0,9}))?$/;

/**
 * Reads frames given to `flag`: `START:STOP:STEP`, STOP exclusive, as in a slice of Python. Parts
 * may be left out: they are 0, the end, and 1.
 *
 * @throws {FoveaError} `USAGE` if it is none or holds no frame.
 */
export function parseFrameRange(flag: string, text: string): FrameRange {
  const [, start, stop, step] = RANGE.exec(text.trim()) ?? [];
  const range = {
    start: Number(start ?? 0),
    stop: stop === undefined || stop === "" ? null : Number(stop),
    step: step === undefined || step === "" ? 1 : Number(step),
  };
  const isEmpty = range.step < 1 || (range.stop !== null && range.stop <= range.start);
  if (start === undefined || isEmpty) {
    throw wrongValue(
      flag,
      "START:STOP:STEP, STOP above START and STEP from 1, for example 180:360:4",
      text,
    );
  }
  return range;
}

/** Whether a frame belongs to a range. */
export function isInFrameRange({ start, stop, step }: FrameRange, frame: number): boolean {
  return frame >= start && (stop === null || frame < stop) && (frame - start) % step === 0;
}
