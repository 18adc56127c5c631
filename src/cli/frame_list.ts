import { type FrameRange, isInFrameRange, parseFrameRange } from "./frame_range.ts";
import { wrongValue } from "./parse_value.ts";

/** Some frames of a video: a range of them, or each by its number. */
export type FrameList = FrameRange | ReadonlySet<number>;

const LIST = /^\s*\d{1,9}(\s*,\s*\d{1,9})*\s*$/;

/**
 * Reads frames given to `flag`: numbers separated by commas, or `START:STOP:STEP`.
 *
 * @throws {FoveaError} `USAGE` if it is neither.
 */
export function parseFrameList(flag: string, text: string): FrameList {
  if (text.includes(":")) return parseFrameRange(flag, text);
  if (LIST.test(text)) return new Set(text.split(",").map(Number));
  throw wrongValue(flag, "frame numbers such as 62,68,74, or START:STOP:STEP", text);
}

/** Whether a frame is one of them. */
export function isInFrameList(list: FrameList, frame: number): boolean {
  return "start" in list ? isInFrameRange(list, frame) : list.has(frame);
}
