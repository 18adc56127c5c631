import { FoveaError } from "../core/errors.ts";
import type { HeadLayout } from "../core/head_layout.ts";
import { unpack } from "../core/head_file.ts";
import { countNumbers } from "../core/head_weights.ts";
import { bytesToFloats, floatsToBytes, openSealed, sealBytes } from "../core/sealed_bytes.ts";
import type { ExposedHead } from "../onnx/expose_head.ts";
import type { HeadInput } from "../onnx/head_surgery.ts";
import { writeAside } from "./write_aside.ts";

/** First bytes of a kept model. */
const MAGIC = new TextEncoder().encode("FOVEA\0XH");
/** Counts up whenever exposing gives other bytes or the file has another form. */
export const EXPOSURE_FORMAT = 1;
/** Most bytes of exposed models that a process keeps. */
const MEMORY_BYTES_MAX = 64 * 2 ** 20;

/** What a kept file says before the numbers and the model. */
interface Header {
  readonly layout: HeadLayout;
  readonly inputs: readonly HeadInput[];
}

/** Exposed models by key, the one used longest ago first. */
const memory = new Map<string, ExposedHead>();

/**
 * An exposed model by key, from this process, else from `folder`, else made anew and kept in both.
 * A kept file that is damaged, or that another version wrote, is made anew.
 *
 * @param key Lower-case hexadecimal; says everything the result depends on.
 * @param folder Where files are kept; `null` for nowhere.
 * @throws {FoveaError} `SINK_WRITE` if the folder cannot be written; and what `make` throws.
 */
export async function keepExposed(
  key: string,
  folder: string | null,
  make: () => ExposedHead,
): Promise<ExposedHead> {
  const path = folder === null ? null : `${folder}/${key}.exposed`;
  const known = memory.get(key) ?? (path === null ? null : await readKept(path));
  const exposed = known ?? make();
  remember(key, exposed);
  if (path !== null && (known === null || !(await exists(path)))) await writeKept(path, exposed);
  return exposed;
}

function remember(key: string, exposed: ExposedHead): void {
  memory.delete(key);
  memory.set(key, exposed);
  let bytes = memory.values().reduce((sum, one) => sum + one.bytes.length, 0);
  for (const [oldest, one] of memory) {
    if (bytes <= MEMORY_BYTES_MAX) return;
    memory.delete(oldest);
    bytes -= one.bytes.length;
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(({ isFile }) => isFile, () => false);
}

async function readKept(path: string): Promise<ExposedHead | null> {
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw new FoveaError("SINK_WRITE", `Cannot read the kept model ${path}: ${text(error)}`, {
      cause: error,
      hint: "Give a folder for kept models that this program may read and write",
    });
  }
  try {
    return parseKept(bytes);
  } catch {
    // Whatever is wrong with it, the model itself is at hand.
    return null;
  }
}

function parseKept(bytes: Uint8Array): ExposedHead {
  const { header, payload } = openSealed(
    bytes,
    MAGIC,
    EXPOSURE_FORMAT,
    (found) => new Error(found),
  );
  // The checksum holds, so these are the bytes that serialise() wrote.
  const { layout, inputs } = header as Header;
  const numbers = countNumbers(layout.layers);
  return {
    bytes: payload.slice(4 * numbers),
    layout,
    inputs,
    values: unpack(layout.layers, bytesToFloats(payload, numbers)),
  };
}

async function writeKept(path: string, exposed: ExposedHead): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true }).catch(() => {});
  await writeAside(path, serialise(exposed));
}

function serialise({ bytes, layout, inputs, values }: ExposedHead): Uint8Array<ArrayBuffer> {
  const numbers = values.flatMap(({ weight, bias }) => [weight, bias]);
  const parts = [...numbers.map(floatsToBytes), bytes];
  const payload = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    payload.set(part, at);
    at += part.length;
  }
  const header: Header = { layout, inputs };
  return sealBytes(MAGIC, EXPOSURE_FORMAT, header, payload);
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
