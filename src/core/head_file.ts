import * as v from "valibot";
import { FoveaError } from "./errors.ts";
import type { HeadLayer } from "./head_layout.ts";
import { countNumbers, HEAD_LAYERS_MAX, HEAD_NUMBERS_MAX, HeadWeights } from "./head_weights.ts";
import type { LayerValues } from "./head_weights.ts";
import { bytesToFloats, floatsToBytes, openSealed, sealBytes } from "./sealed_bytes.ts";

/** First bytes of a head file. */
const MAGIC = new TextEncoder().encode("FOVEA\0HD");
const FORMAT = 1;

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
  const header = { version, model, classNames, layers };
  return sealBytes(MAGIC, FORMAT, header, floatsToBytes(head.packed()));
}

/**
 * Reads what {@linkcode writeHead} wrote.
 *
 * @throws {FoveaError} `HEAD_INVALID` if the bytes are no head, are damaged, come from a newer
 * format, or hold numbers that are NaN or infinite.
 */
export function readHead(bytes: Uint8Array): HeadWeights {
  const sealed = openSealed(bytes, MAGIC, FORMAT, invalid);
  const header = readHeader(sealed.header);
  const numbers = countNumbers(header.layers);
  if (!(numbers <= HEAD_NUMBERS_MAX) || 4 * numbers !== sealed.payload.length) {
    throw invalid(`it holds ${sealed.payload.length / 4} of ${numbers} numbers`);
  }
  const packed = bytesToFloats(sealed.payload, numbers);
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

function readHeader(header: unknown): v.InferOutput<typeof headerSchema> {
  const result = v.safeParse(headerSchema, header, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw invalid(`its header: ${v.getDotPath(issue) ?? ""} ${issue.message}`);
}

function invalid(
  found: string,
  hint = "Copy or write the file again",
  cause?: unknown,
): FoveaError {
  const options = { hint, ...(cause === undefined ? {} : { cause }) };
  return new FoveaError("HEAD_INVALID", `Cannot read the head: ${found}`, options);
}
