import { createHash } from "node:crypto";

/** Magic, format and length of the header. */
const PREFIX_BYTES = 16;
const CHECKSUM_BYTES = 32;
/** The payload begins at a multiple of this. */
const ALIGNMENT = 8;
const HEADER_BYTES_MAX = 2 ** 24;

/** Says why bytes are not what they should be: what was found, and what to do. */
export type RefuseBytes = (found: string, hint?: string, cause?: unknown) => Error;

/**
 * Seals a JSON header and a payload: eight bytes of magic, the format and the header's length as
 * little-endian uint32, the header as UTF-8, zeros up to a multiple of eight bytes, the payload, and
 * the SHA-256 of all that. The same parts give the same bytes.
 *
 * @param magic Eight bytes that tell the kind of file.
 * @param format Number of the kind's format.
 */
export function sealBytes(
  magic: Uint8Array,
  format: number,
  header: unknown,
  payload: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const payloadAt = align(PREFIX_BYTES + text.length);
  const end = payloadAt + payload.length;
  const bytes = new Uint8Array(end + CHECKSUM_BYTES);
  bytes.set(magic);
  const view = new DataView(bytes.buffer);
  view.setUint32(8, format, true);
  view.setUint32(12, text.length, true);
  bytes.set(text, PREFIX_BYTES);
  bytes.set(payload, payloadAt);
  bytes.set(checksumOf(bytes.subarray(0, end)), end);
  return bytes;
}

/**
 * Opens what {@linkcode sealBytes} sealed and checks all of it.
 *
 * @param refuse Makes the error that is thrown if anything is wrong.
 * @returns The header as JSON, not checked further, and the payload as a view.
 */
export function openSealed(
  bytes: Uint8Array,
  magic: Uint8Array,
  format: number,
  refuse: RefuseBytes,
): { readonly header: unknown; readonly payload: Uint8Array } {
  if (bytes.length < PREFIX_BYTES || magic.some((byte, i) => bytes[i] !== byte)) {
    throw refuse("it does not begin as such a file does", "Give a file that fovea wrote");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = view.getUint32(8, true);
  if (found !== format) {
    throw refuse(`its format is ${found}, this version reads ${format}`, "Use a newer fovea");
  }
  const headerBytes = view.getUint32(12, true);
  const payloadAt = align(PREFIX_BYTES + headerBytes);
  const end = bytes.length - CHECKSUM_BYTES;
  if (headerBytes > HEADER_BYTES_MAX || payloadAt > end) {
    throw refuse(`it ends too early, after ${bytes.length} bytes`);
  }
  const stored = bytes.subarray(end);
  if (checksumOf(bytes.subarray(0, end)).some((byte, i) => stored[i] !== byte)) {
    throw refuse("its checksum does not fit its bytes");
  }
  const text = bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + headerBytes);
  try {
    const header: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(text));
    return { header, payload: bytes.subarray(payloadAt, end) };
  } catch (cause) {
    throw refuse("its header is no JSON", undefined, cause);
  }
}

/** Float32 numbers as little-endian bytes. */
export function floatsToBytes(numbers: Float32Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4 * numbers.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < numbers.length; i++) view.setFloat32(4 * i, numbers[i]!, true);
  return bytes;
}

/** What {@linkcode floatsToBytes} wrote, the first `count` numbers. */
export function bytesToFloats(bytes: Uint8Array, count: number): Float32Array<ArrayBuffer> {
  const numbers = new Float32Array(count);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0; i < count; i++) numbers[i] = view.getFloat32(4 * i, true);
  return numbers;
}

function checksumOf(bytes: Uint8Array): Uint8Array {
  return createHash("sha256").update(bytes).digest();
}

function align(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}
