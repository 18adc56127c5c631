import { crc32 } from "node:zlib";
import type { TrainingRows } from "./training_rows.ts";
import { emptyRows } from "./training_rows.ts";

/** What a frame is an example of: how things looked when all was well, or after they changed. */
export const STRATA = ["clean", "drifted"] as const;

/** What a frame is an example of. */
export type Stratum = typeof STRATA[number];

/** What is known about a frame, as JSON. */
export type ReplayMeta = Readonly<Record<string, string | number | boolean | null>>;

/** One frame of a replay buffer. */
export interface ReplayFrame {
  /** What it is an example of. */
  readonly stratum: Stratum;
  /** How many frames were appended before it. */
  readonly index: number;
  /** What is known about it. */
  readonly meta: ReplayMeta;
  /** Its rows. */
  readonly rows: TrainingRows;
}

/** Where a record lies, and whose it is. */
export interface RecordPlace {
  /** First byte. */
  readonly start: number;
  /** The byte after the last one. */
  readonly end: number;
  /** Which model and layout it was written for. */
  readonly owner: number;
}

/** `FRAM`: what a record begins with. */
const MAGIC = new TextEncoder().encode("FRAM");
/** Magic, length of the payload, checksum, owner. */
const PREFIX_BYTES = 16;
/** Stratum, objectness, length of the meta, index, count, channels of both kinds. */
const FIELDS_BYTES = 20;
/** Most bytes of what is known about a frame. */
const META_BYTES_MAX = 4_096;
/** Bytes of a row without its features: level, anchor, target, weight. */
const ROW_BYTES = 10;
/** The largest float16. */
const HALF_MAX = 65_504;

/** How many bytes a frame takes. */
export function recordBytes(rows: TrainingRows, meta: ReplayMeta): number {
  const { count, channels, objectnessChannels } = rows;
  const perRow = ROW_BYTES + 2 * (channels + objectnessChannels);
  return PREFIX_BYTES + FIELDS_BYTES + encodeMeta(meta).length + count * perRow;
}

/**
 * Writes a frame as bytes: magic, length, CRC-32 of all the rest, owner, and the rows column by
 * column, features as float16. What float16 cannot hold becomes the largest that it can.
 *
 * @throws {RangeError} If what is known about the frame is too long.
 */
export function encodeRecord(frame: ReplayFrame, owner: number): Uint8Array<ArrayBuffer> {
  const { stratum, index, meta, rows } = frame;
  const { count, channels, objectnessChannels, objectnessFeatures } = rows;
  const text = encodeMeta(meta);
  const bytes = new Uint8Array(recordBytes(rows, meta));
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint32(4, bytes.length - PREFIX_BYTES, true);
  view.setUint32(12, owner, true);
  view.setUint8(16, STRATA.indexOf(stratum));
  view.setUint8(17, objectnessFeatures === null ? 0 : 1);
  view.setUint16(18, text.length, true);
  view.setUint32(20, index, true);
  view.setUint32(24, count, true);
  view.setUint32(28, channels, true);
  view.setUint32(32, objectnessChannels, true);
  let at = PREFIX_BYTES + FIELDS_BYTES;
  bytes.set(text, at);
  at += text.length;
  bytes.set(rows.level, at);
  bytes.set(rows.anchor, at + count);
  at += 2 * count;
  for (let row = 0; row < count; row++) {
    view.setInt32(at + 4 * row, rows.target[row]!, true);
    view.setFloat32(at + 4 * (count + row), rows.weight[row]!, true);
  }
  at = putHalves(view, at + 8 * count, rows.features);
  if (objectnessFeatures !== null) putHalves(view, at, objectnessFeatures);
  view.setUint32(8, checksumOf(bytes), true);
  return bytes;
}

/**
 * Reads what {@linkcode encodeRecord} wrote.
 *
 * @returns The frame; `null` if the fields contradict each other.
 */
export function decodeRecord(bytes: Uint8Array): ReplayFrame | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stratum = STRATA[view.getUint8(16)];
  const metaBytes = view.getUint16(18, true);
  const [count, channels] = [view.getUint32(24, true), view.getUint32(28, true)];
  const objectness = view.getUint8(17) === 0 ? null : view.getUint32(32, true);
  const perRow = ROW_BYTES + 2 * (channels + (objectness ?? 0));
  let at = PREFIX_BYTES + FIELDS_BYTES + metaBytes;
  if (stratum === undefined || at + count * perRow !== bytes.length) return null;
  const meta = decodeMeta(bytes.subarray(at - metaBytes, at));
  if (meta === null) return null;
  const rows = emptyRows(count, channels, objectness);
  rows.level.set(bytes.subarray(at, at + count));
  rows.anchor.set(bytes.subarray(at + count, at + 2 * count));
  at += 2 * count;
  for (let row = 0; row < count; row++) {
    rows.target[row] = view.getInt32(at + 4 * row, true);
    rows.weight[row] = view.getFloat32(at + 4 * (count + row), true);
  }
  at = takeHalves(view, at + 8 * count, rows.features);
  if (rows.objectnessFeatures !== null) takeHalves(view, at, rows.objectnessFeatures);
  return { stratum, index: view.getUint32(20, true), meta, rows };
}

/**
 * Finds every whole record, whatever lies between them.
 *
 * @param start Where to begin.
 */
export function findRecords(bytes: Uint8Array, start: number): RecordPlace[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const places: RecordPlace[] = [];
  for (let at = start; at + PREFIX_BYTES + FIELDS_BYTES <= bytes.length;) {
    at = bytes.indexOf(MAGIC[0]!, at);
    if (at === -1) break;
    const end = endOfRecord(bytes, view, at);
    if (end === null) {
      at++;
      continue;
    }
    places.push({ start: at, end, owner: view.getUint32(at + 12, true) });
    at = end;
  }
  return places;
}

function endOfRecord(bytes: Uint8Array, view: DataView, at: number): number | null {
  if (at + PREFIX_BYTES + FIELDS_BYTES > bytes.length) return null;
  if (MAGIC.some((byte, i) => bytes[at + i] !== byte)) return null;
  const end = at + PREFIX_BYTES + view.getUint32(at + 4, true);
  if (end > bytes.length || end < at + PREFIX_BYTES + FIELDS_BYTES) return null;
  const stored = view.getUint32(at + 8, true);
  return checksumOf(bytes.subarray(at, end)) === stored ? end : null;
}

/** Over everything but the magic and the checksum itself. */
function checksumOf(record: Uint8Array): number {
  return crc32(record.subarray(12), crc32(record.subarray(4, 8)));
}

function encodeMeta(meta: ReplayMeta): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(meta));
  if (text.length <= META_BYTES_MAX) return text;
  throw new RangeError(
    `Cannot keep ${text.length} bytes about a frame: at most ${META_BYTES_MAX}`,
  );
}

function decodeMeta(bytes: Uint8Array): ReplayMeta | null {
  try {
    const meta: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return typeof meta === "object" && meta !== null ? meta as ReplayMeta : null;
  } catch {
    return null;
  }
}

function putHalves(view: DataView, start: number, numbers: Float32Array): number {
  for (let i = 0; i < numbers.length; i++) {
    const half = Math.max(-HALF_MAX, Math.min(HALF_MAX, numbers[i]!));
    view.setFloat16(start + 2 * i, half, true);
  }
  return start + 2 * numbers.length;
}

function takeHalves(view: DataView, start: number, numbers: Float32Array): number {
  for (let i = 0; i < numbers.length; i++) numbers[i] = view.getFloat16(start + 2 * i, true);
  return start + 2 * numbers.length;
}
