import { CONFIDENCE_DEFAULT } from "../core/detector_spec.ts";
import type { CheckedEngineOptions } from "../engine/engine_options.ts";
import type { SpecOverrides } from "../detector/overrides.ts";
import { checkDetectorOptions, type DetectorOptions } from "./detector_options.ts";
import type { HeadOptions } from "./head_options.ts";
import { type Detector, LoadedDetector } from "./loaded_detector.ts";
import { readModelFile } from "./model_file.ts";
import { type PreparedHead, prepareHead } from "./prepare_head.ts";
import type { ExposedRequest } from "./protocol.ts";
import { SHIPPED_DETECTOR } from "./shipped_detector.ts";
import { WorkerLane } from "./worker_lane.ts";

/**
 * Loads an ONNX detector into perception workers of its own and warms it up.
 *
 * Family, input size, colour order, scaling and letterbox convention are read from the file, from
 * `<model>.manifest.json` or `manifest.json` beside it, or from `options.overrides`;
 * `detector.spec.findings` tells which came from where.
 *
 * @param model Path or `file:` URL of the model, or its bytes; without it, {@linkcode
 * SHIPPED_DETECTOR}, which knows `synthetic:street` and nothing else.
 * @throws {FoveaError} `USAGE` or `ENGINE_OPTION` for a bad option, `MODEL_NOT_FOUND`,
 * `MODEL_INVALID`, `MODEL_UNSUPPORTED`, `MANIFEST_INVALID`, `ENGINE_UNAVAILABLE`, `ENGINE_FAILED`,
 * `WORKER_CRASHED`; with `head` also `HEAD_UNSUPPORTED` and `HEAD_MISMATCH`.
 * @throws The reason of `options.signal` if that aborts while loading; the workers are ended then,
 * whatever they do.
 */
export async function loadDetector(
  model: string | URL | Uint8Array = SHIPPED_DETECTOR,
  options: DetectorOptions = {},
): Promise<Detector> {
  const startedMs = performance.now();
  const { signal } = options;
  const checked = checkDetectorOptions(options);
  const { engine, engineOptions, workers, decode, classes, overrides, head } = checked;
  signal?.throwIfAborted();
  const file = await readModelFile(model);
  const { name, bytes, sha256, manifest } = file;
  const confidence = checked.confidence ?? manifest?.confidence ?? CONFIDENCE_DEFAULT;
  const prepared = head === null ? null : await prepareHead(file, { overrides, manifest }, head);
  signal?.throwIfAborted();
  const resolve = { overrides: nameClasses(overrides, head), manifest };
  const request = { engine, engineOptions, decode, classes, resolve };
  const identity = { name, sha256, bytes: bytes.byteLength };
  const lanes = Array.from({ length: workers }, () => new WorkerLane());
  function abandon(): void {
    for (const lane of lanes) lane.abandon();
  }
  signal?.addEventListener("abort", abandon, { once: true });
  try {
    const replies = await Promise.all(
      lanes.map((lane, i) =>
        lane.load({
          ...request,
          engineOptions: ownProfile(engineOptions, lanes.length, i),
          model: bytes.slice(),
          head: prepared && exposedRequest(prepared),
        })
      ),
    );
    signal?.throwIfAborted();
    const loadMs = performance.now() - startedMs;
    return new LoadedDetector(lanes, replies[0]!, identity, loadMs, confidence, prepared);
  } catch (error) {
    await Promise.allSettled(lanes.map((lane) => lane[Symbol.asyncDispose]()));
    throw signal?.aborted ? signal.reason : error;
  } finally {
    signal?.removeEventListener("abort", abandon);
  }
}

/** Several workers that start in one second would write one file. */
function ownProfile(
  options: CheckedEngineOptions,
  workers: number,
  worker: number,
): CheckedEngineOptions {
  const { profilePrefix } = options;
  if (profilePrefix === null || workers === 1) return options;
  return { ...options, profilePrefix: `${profilePrefix}_worker${worker}` };
}

/** A head to begin with says what its classes are called. */
function nameClasses(
  overrides: SpecOverrides | null,
  head: HeadOptions | null,
): SpecOverrides | null {
  const classNames = head?.weights?.classNames;
  return classNames === undefined ? overrides : { ...overrides, classNames };
}

/** One worker's own copy. */
function exposedRequest({ exposed, served }: PreparedHead): ExposedRequest {
  const { bytes, layout, inputs } = exposed;
  return {
    model: bytes.slice(),
    layout,
    inputs,
    version: served.version,
    packed: served.packed(),
  };
}
