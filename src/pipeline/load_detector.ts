import type { CheckedEngineOptions } from "../engine/engine_options.ts";
import { checkDetectorOptions, type DetectorOptions } from "./detector_options.ts";
import { type Detector, LoadedDetector } from "./loaded_detector.ts";
import { readModelFile } from "./model_file.ts";
import { WorkerLane } from "./worker_lane.ts";

/**
 * Loads an ONNX detector into perception workers of its own and warms it up.
 *
 * Family, input size, colour order, scaling and letterbox convention are read from the file, from
 * `<model>.manifest.json` or `manifest.json` beside it, or from `options.overrides`;
 * `detector.spec.findings` tells which came from where.
 *
 * @param model Path or `file:` URL of the model, or its bytes.
 * @throws {FoveaError} `USAGE` or `ENGINE_OPTION` for a bad option, `MODEL_NOT_FOUND`,
 * `MODEL_INVALID`, `MODEL_UNSUPPORTED`, `MANIFEST_INVALID`, `ENGINE_UNAVAILABLE`, `ENGINE_FAILED`,
 * `WORKER_CRASHED`.
 * @throws The reason of `options.signal` if that aborts while loading; the workers are ended then,
 * whatever they do.
 */
export async function loadDetector(
  model: string | URL | Uint8Array,
  options: DetectorOptions = {},
): Promise<Detector> {
  const startedMs = performance.now();
  const { signal } = options;
  const { engine, engineOptions, workers, confidence, decode, classes, overrides } =
    checkDetectorOptions(options);
  signal?.throwIfAborted();
  const { name, bytes, sha256, manifest } = await readModelFile(model);
  signal?.throwIfAborted();
  const request = { engine, engineOptions, decode, classes, resolve: { overrides, manifest } };
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
        })
      ),
    );
    signal?.throwIfAborted();
    const loadMs = performance.now() - startedMs;
    return new LoadedDetector(lanes, replies[0]!, identity, loadMs, confidence);
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
