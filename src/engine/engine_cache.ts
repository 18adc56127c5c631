import { FoveaError } from "../core/errors.ts";
import { type GpuIdentity, identifyGpu, readTensorRtVersion } from "../native/gpu_identity.ts";
import type { TensorRtOptions } from "./provider_options.ts";

/** Hexadecimal digits of the model's SHA-256 in a folder's name. */
const HASH_DIGITS = 16;
/** Hexadecimal digits of the digest of what the builder was told. */
const BUILD_DIGITS = 8;

/** What is asked about the machine; a test gives its own answers. */
export interface EngineMachine {
  /** What a GPU is. */
  gpu(deviceId: number): GpuIdentity;
  /** The version of TensorRT. */
  tensorRt(): string;
}

const THIS_MACHINE: EngineMachine = { gpu: identifyGpu, tensorRt: readTensorRtVersion };

/**
 * Makes the folder for engines of one model on this machine and returns what TensorRT is told
 * about it; nothing where no `cacheFolder` is given.
 *
 * An engine works only on the device and with the TensorRT and ONNX Runtime it was built with, and
 * belongs to one model at one precision, so all of them are in the folder's name.
 *
 * The provider looks for the file of calibration ranges in the folder of the engine, so it is copied
 * there.
 *
 * @throws {FoveaError} `ENGINE_UNAVAILABLE` if the device or TensorRT cannot be asked,
 * `ENGINE_OPTION` if the folder cannot be made or there is no such file.
 */
export async function prepareEngineCache(
  options: TensorRtOptions,
  ortVersion: string,
  model: Uint8Array,
  machine: EngineMachine = THIS_MACHINE,
): Promise<Record<string, string>> {
  const { cacheFolder, int8Calibration } = options;
  if (cacheFolder === undefined) return {};
  const ranges = await readRanges(options);
  const name = await nameEngine(options, ortVersion, await sha256(model), machine);
  const folder = `${cacheFolder.replace(/\/+$/, "")}/${name}`;
  try {
    await Deno.mkdir(folder, { recursive: true });
    if (ranges !== null) await Deno.writeFile(`${folder}/${int8Calibration}`, ranges);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FoveaError("ENGINE_OPTION", `Cannot keep engines in ${folder}: ${reason}`, {
      cause,
      hint: "Give tensorrt.cacheFolder a folder that this process may write to",
    });
  }
  return {
    trt_engine_cache_enable: "1",
    trt_engine_cache_path: folder,
    trt_timing_cache_enable: "1",
    trt_timing_cache_path: folder,
  };
}

/**
 * The name of the folder in `cacheFolder` for the engines of one model on this machine.
 *
 * @param modelSha256 SHA-256 of the model, hexadecimal.
 * @throws {FoveaError} `ENGINE_UNAVAILABLE` if the device or TensorRT cannot be asked,
 * `ENGINE_OPTION` if there is no file of calibration ranges where one is named.
 */
export async function nameEngine(
  options: TensorRtOptions,
  ortVersion: string,
  modelSha256: string,
  machine: EngineMachine = THIS_MACHINE,
): Promise<string> {
  const gpu = machine.gpu(options.deviceId ?? 0);
  return engineFolderName({
    device: `${gpu.name}-sm${gpu.computeCapability}`,
    tensorRt: machine.tensorRt(),
    ort: ortVersion,
    precision: precisionOf(options),
    modelSha256,
    build: await digestBuild(options),
  });
}

/** What an engine depends on. */
export interface EngineIdentity {
  /** Name and compute capability of the device. */
  readonly device: string;
  /** Version of TensorRT. */
  readonly tensorRt: string;
  /** Version of ONNX Runtime. */
  readonly ort: string;
  /** Numbers it may compute with. */
  readonly precision: string;
  /** SHA-256 of the model, hexadecimal. */
  readonly modelSha256: string;
  /** A digest of what the builder was told; empty where it was told nothing. */
  readonly build: string;
}

/** The name of the folder for one kind of engine; it holds nothing that a file system dislikes. */
export function engineFolderName(identity: EngineIdentity): string {
  const { device, tensorRt, ort, precision, modelSha256, build } = identity;
  return [
    device,
    `trt${tensorRt}`,
    `ort${ort}`,
    precision,
    modelSha256.slice(0, HASH_DIGITS),
    build,
  ]
    .filter((part) => part !== "")
    .map((part) => part.toLowerCase().replace(/[^a-z0-9.]+/g, "-"))
    .join("_");
}

function precisionOf({ fp16, int8, int8Calibration }: TensorRtOptions): string {
  const used = ["fp32", ...(fp16 === true ? ["fp16"] : []), ...(int8 === true ? ["int8"] : [])];
  return [...used, ...(int8Calibration === undefined ? [] : [int8Calibration])].join("-");
}

/** Options that make another engine of the same model. */
const BUILD_OPTIONS: readonly (keyof TensorRtOptions)[] = [
  "auxiliaryStreams",
  "builderLevel",
  "dlaCore",
  "excludedOperations",
  "profiles",
  "sharedContextMemory",
  "subgraphMin",
  "workspaceBytes",
];

async function digestBuild(options: TensorRtOptions): Promise<string> {
  const told = BUILD_OPTIONS.filter((key) => options[key] !== undefined)
    .map((key) => [key, options[key]] as unknown[]);
  const ranges = await readRanges(options);
  if (ranges !== null) told.push(["int8Calibration", await sha256(ranges)]);
  if (told.length === 0) return "";
  const digest = await sha256(new TextEncoder().encode(JSON.stringify(told)));
  return digest.slice(0, BUILD_DIGITS);
}

/** The file of calibration ranges in the cache; `null` where none is named, or nothing is kept. */
async function readRanges(
  { cacheFolder, int8Calibration }: TensorRtOptions,
): Promise<Uint8Array<ArrayBuffer> | null> {
  if (int8Calibration === undefined || cacheFolder === undefined) return null;
  const path = `${cacheFolder}/${int8Calibration}`;
  try {
    return await Deno.readFile(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FoveaError("ENGINE_OPTION", `Cannot read calibration ranges ${path}: ${reason}`, {
      cause,
      hint: "Put the file that tensorrt.int8Calibration names into tensorrt.cacheFolder",
    });
  }
}

async function sha256(model: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", model as BufferSource);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
