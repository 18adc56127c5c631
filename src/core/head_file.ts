import { createHash } from "node:crypto";
import * as v from "valibot";
import { FoveaError } from "./errors.ts";
import type { HeadLayer } from "./head_layout.ts";
import { countNumbers, HEAD_LAYERS_MAX, HEAD_NUMBERS_MAX, HeadWeights } from "./head_weights.ts";
import type { LayerValues } from "./head_weights.ts";

/** First bytes of a head file. */
const MAGIC = new TextEncoder().encode("FOVEA\0HD");
const FORMAT = 1;
/** Magic, format and length of the header. */
const PREFIX_BYTES = 16;
const CHECKSUM_BYTES = 32;
/** The numbers begin at a multiple of this. */
const ALIGNMENT = 8;
const HEADER_BYTES_MAX = 2 ** 22;

const SIDE_MAX = 2 ** 20;
const name = v.pipe(v.string(), v.maxLength(1024));
const row = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(SIDE_MAX));
const side = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(SIDE_MAX));
const rows = v.pipe(v.array(row), v.maxLength(HEAD_LAYERS_MAX));

const headerSchema = v.strictObject({
  version: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  model: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  classNames: v.pipe(v.array(name), v.minLength(1), v.maxLength(65_536)),
  layers: v.pipe(
    v.array(
      v.strictObject({ name, rows: side, channels: side, classRows: rows, objectnessRows: rows }),
    ),
    v.minLength(1),
    v.maxLength(HEAD_LAYERS_MAX),
  ),
});

/**
 * Writes a head as bytes: magic, format, a JSON header, the numbers as little-endian float32, and
 * the SHA-256 of all that. The same head gives the same bytes.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { HeadWeights, readHead, writeHead } from "@fovea/fovea";
 *
 * const head = new HeadWeights({
 *   model: "0".repeat(64),
 *   version: 7,
 *   classNames: ["car"],
 *   layers: [{ name: "head.cls.0", rows: 1, channels: 2, classRows: [0], objectnessRows: [] }],
 *   values: [{ weight: new Float32Array([1, 2]), bias: new Float32Array([3]) }],
 * });
 * const bytes = writeHead(head);
 * const again = readHead(bytes);
 * assertEquals([again.version, again.hash, again.layer(0).bias[0]], [7, head.hash, 3]);
 * bytes[40] = 0;
 * assertThrows(() => readHead(bytes), Error, "Cannot read the head");
 * ```
 */
export function writeHead(head: HeadWeights): Uint8Array<ArrayBuffer> {
  const { version, model, classNames, layers } = head;
  const header = new TextEncoder().encode(JSON.stringify({ version, model, classNames, layers }));
  const numbersAt = align(PREFIX_BYTES + header.length);
  const end = numbersAt + 4 * head.numbers;
  const bytes = new Uint8Array(end + CHECKSUM_BYTES);
  bytes.set(MAGIC);
  const view = new DataView(bytes.buffer);
  view.setUint32(8, FORMAT, true);
  view.setUint32(12, header.length, true);
  bytes.set(header, PREFIX_BYTES);
  for (const [i, value] of head.packed().entries()) view.setFloat32(numbersAt + 4 * i, value, true);
  bytes.set(checksumOf(bytes.subarray(0, end)), end);
  return bytes;
}

/**
 * Reads what {@linkcode writeHead} wrote.
 *
 * @throws {FoveaError} `HEAD_INVALID` if the bytes are no head, are damaged, come from a newer
 * format, or hold numbers that are NaN or infinite.
 */
export function readHead(bytes: Uint8Array): HeadWeights {
  if (bytes.length < PREFIX_BYTES || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw invalid(
      "it does not begin as a head file does",
      "Give a file that fovea wrote as a head",
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const format = view.getUint32(8, true);
  if (format !== FORMAT) {
    throw invalid(`its format is ${format}, this version reads ${FORMAT}`, "Use a newer fovea");
  }
  const headerBytes = view.getUint32(12, true);
  const end = bytes.length - CHECKSUM_BYTES;
  if (headerBytes > HEADER_BYTES_MAX || PREFIX_BYTES + headerBytes > end) {
    throw invalid(`it ends too early, after ${bytes.length} bytes`);
  }
  const stored = bytes.subarray(end);
  if (checksumOf(bytes.subarray(0, end)).some((byte, i) => stored[i] !== byte)) {
    throw invalid("its checksum does not fit its bytes");
  }
  const header = readHeader(bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + headerBytes));
  const numbersAt = align(PREFIX_BYTES + headerBytes);
  const numbers = countNumbers(header.layers);
  if (!(numbers <= HEAD_NUMBERS_MAX) || numbersAt + 4 * numbers !== end) {
    throw invalid(`it holds ${(end - numbersAt) / 4} of ${numbers} numbers`);
  }
  const packed = Float32Array.from(
    { length: numbers },
    (_, i) => view.getFloat32(numbersAt + 4 * i, true),
  );
  try {
    return new HeadWeights({ ...header, values: unpack(header.layers, packed) });
  } catch (cause) {
    throw invalid(cause instanceof Error ? cause.message : String(cause), undefined, cause);
  }
}

/** Cuts packed numbers into layers; the views share the memory. */
export function unpack(layers: readonly HeadLayer[], packed: Float32Array): LayerValues[] {
  let at = 0;
  return layers.map(({ rows, channels }) => {
    const weight = packed.subarray(at, at + rows * channels);
    const bias = packed.subarray(at + weight.length, at + weight.length + rows);
    at += weight.length + rows;
    return { weight, bias };
  });
}

function readHeader(bytes: Uint8Array): v.InferOutput<typeof headerSchema> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw invalid("its header is no JSON", undefined, cause);
  }
  const result = v.safeParse(headerSchema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw invalid(`its header: ${v.getDotPath(issue) ?? ""} ${issue.message}`);
}

function checksumOf(bytes: Uint8Array): Uint8Array {
  return createHash("sha256").update(bytes).digest();
}

function align(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

function invalid(
  found: string,
  hint = "Copy or write the file again",
  cause?: unknown,
): FoveaError {
  const options = { hint, ...(cause === undefined ? {} : { cause }) };
  return new FoveaError("HEAD_INVALID", `Cannot read the head: ${found}`, options);
}
