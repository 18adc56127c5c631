import type { Candidates } from "./kernels.ts";

/** Bytes of one row: four corners, a score, a class and an anchor, 4 bytes each. */
const ROW_BYTES = 28;

/**
 * Bytes that {@linkcode candidatesView} needs for `capacity` rows.
 *
 * @throws {RangeError} If `capacity` is not a whole number from 1.
 */
export function candidatesBytes(capacity: number): number {
  if (!Number.isInteger(capacity) || capacity < 1) {
    throw new RangeError(`Cannot lay out ${capacity} candidates: a whole number from 1 is needed`);
  }
  return ROW_BYTES * capacity;
}

/**
 * Lays empty {@linkcode Candidates} out in `buffer`, column after column.
 *
 * @param buffer Memory to use, for example an arena's; its bytes are not touched.
 * @param byteOffset Where to start, a multiple of 4; {@linkcode candidatesBytes} bytes are used.
 * @param capacity Most rows, at least 1.
 * @throws {RangeError} If the columns do not fit or the offset is not a multiple of 4.
 */
export function candidatesView(
  buffer: ArrayBufferLike,
  byteOffset: number,
  capacity: number,
): Candidates {
  candidatesBytes(capacity);
  const scores = byteOffset + 16 * capacity;
  return {
    count: 0,
    capacity,
    overflow: 0,
    nonFinite: 0,
    xyxyNet: new Float32Array(buffer, byteOffset, 4 * capacity),
    score: new Float32Array(buffer, scores, capacity),
    classIndex: new Int32Array(buffer, scores + 4 * capacity, capacity),
    anchorIndex: new Int32Array(buffer, scores + 8 * capacity, capacity),
  };
}
