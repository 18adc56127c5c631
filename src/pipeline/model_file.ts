import { FoveaError } from "../core/errors.ts";
import { type Manifest, parseManifest } from "../detector/manifest.ts";

/** Most bytes a model file may have: what one ONNX protobuf can hold. */
const MODEL_BYTES_MAX = 2 ** 31 - 1;

/** A model with what stands beside it. */
export interface ModelFile {
  /** Its path, or `(bytes)`. */
  readonly name: string;
  /** The ONNX file. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** SHA-256 of the bytes, lower-case hexadecimal. */
  readonly sha256: string;
  /** What the manifest beside it states; `null` where there is none. */
  readonly manifest: Manifest | null;
}

/**
 * Reads a model and the manifest beside it, `<model>.manifest.json` or else `manifest.json`.
 *
 * @param model Path or `file:` URL, or the bytes themselves (then there is no manifest).
 * @throws {FoveaError} `MODEL_NOT_FOUND`, `MODEL_INVALID` if the SHA-256 is not the one the
 * manifest states, `MANIFEST_INVALID`.
 */
export async function readModelFile(model: string | URL | Uint8Array): Promise<ModelFile> {
  if (model instanceof Uint8Array) {
    const bytes = new Uint8Array(model);
    return { name: "(bytes)", bytes, sha256: await sha256(bytes), manifest: null };
  }
  const path = typeof model === "string" && model.startsWith("file:") ? new URL(model) : model;
  const bytes = await readBytes(path);
  const manifest = await readManifest(path);
  const file = { name: String(model), bytes, sha256: await sha256(bytes), manifest };
  checkDigest(file);
  return file;
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function readBytes(path: string | URL): Promise<Uint8Array<ArrayBuffer>> {
  let size: number;
  try {
    const info = await Deno.stat(path);
    if (!info.isFile) throw new Error("it is not a file");
    size = info.size;
  } catch (cause) {
    throw modelNotFound(path, cause);
  }
  if (size > MODEL_BYTES_MAX) {
    throw new FoveaError("MODEL_INVALID", `Cannot read model ${path}: ${size} bytes are too many`);
  }
  try {
    return await Deno.readFile(path);
  } catch (cause) {
    throw modelNotFound(path, cause);
  }
}

function modelNotFound(path: string | URL, cause: unknown): FoveaError {
  const reason = cause instanceof Deno.errors.NotFound
    ? "there is no such file"
    : cause instanceof Error
    ? cause.message
    : String(cause);
  return new FoveaError("MODEL_NOT_FOUND", `Cannot read model ${path}: ${reason}`, {
    cause,
    hint: "Give the path of an .onnx file that this program may read",
  });
}

/** Where the manifest of a model may stand, the first that exists counts. */
export function manifestPaths(model: string | URL): readonly (string | URL)[] {
  return model instanceof URL
    ? [
      new URL(`${model.href.replace(/\.onnx$/, "")}.manifest.json`),
      new URL("manifest.json", model),
    ]
    : [`${model.replace(/\.onnx$/, "")}.manifest.json`, beside(model)];
}

async function readManifest(model: string | URL): Promise<Manifest | null> {
  for (const path of manifestPaths(model)) {
    const text = await readTextIfThere(path);
    if (text !== null) return parseManifest(text, String(path));
  }
  return null;
}

function beside(model: string): string {
  const slash = Math.max(model.lastIndexOf("/"), model.lastIndexOf("\\"));
  return `${model.slice(0, slash + 1)}manifest.json`;
}

async function readTextIfThere(path: string | URL): Promise<string | null> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw FoveaError.from(error, "MANIFEST_INVALID", `Cannot read manifest ${path}`);
  }
}

function checkDigest(file: ModelFile): void {
  const stated = file.manifest?.sha256;
  if (stated === undefined || stated.toLowerCase() === file.sha256) return;
  throw new FoveaError(
    "MODEL_INVALID",
    `Cannot trust model ${file.name}: its SHA-256 is ${file.sha256}, the manifest states ${stated}`,
    { hint: "Copy the model again, or correct the manifest" },
  );
}
