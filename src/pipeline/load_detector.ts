import { FoveaError } from "../core/errors.ts";
import type { CheckedEngineOptions } from "../engine/engine_options.ts";
import { defaultEngine } from "../engine/load_engine.ts";
import { buildEngine } from "./build_engine.ts";
import { checkDetectorOptions, type DetectorOptions } from "./detector_options.ts";
import { type DetectorHost, DetectorSetup, THIS_HOST } from "./detector_setup.ts";
import type { AsideCache } from "./engine_folder.ts";
import { type Detector, LoadedDetector } from "./loaded_detector.ts";
import type { LoadReply } from "./protocol.ts";
import type { UpgradeJob } from "./provider_upgrade.ts";
import { SHIPPED_DETECTOR } from "./shipped_detector.ts";
import { plainStart, planTensorRt, type StartPlan, tensorRtAlone } from "./start_plan.ts";
import type { WorkerLane } from "./worker_lane.ts";

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
 * `MODEL_INVALID`, `MODEL_UNSUPPORTED`, `MANIFEST_INVALID`, `ENGINE_UNAVAILABLE`, `ENGINE_REFUSED`,
 * `ENGINE_FAILED`, `WORKER_CRASHED`; with `head` also `HEAD_UNSUPPORTED` and `HEAD_MISMATCH`.
 * @throws The reason of `options.signal` if that aborts while loading; the workers are ended then,
 * whatever they do.
 */
export async function loadDetector(
  model: string | URL | Uint8Array = SHIPPED_DETECTOR,
  options: DetectorOptions = {},
): Promise<Detector> {
  return await loadDetectorOn(THIS_HOST, model, options);
}

/** Loads a detector on a host; see {@linkcode loadDetector}. */
export async function loadDetectorOn(
  host: DetectorHost,
  model: string | URL | Uint8Array,
  options: DetectorOptions,
): Promise<LoadedDetector> {
  const startedMs = performance.now();
  const { signal = new AbortController().signal } = options;
  const checked = checkDetectorOptions(options);
  signal.throwIfAborted();
  const setup = await DetectorSetup.read(host, model, checked);
  signal.throwIfAborted();
  let { engineOptions } = checked;
  let aside: AsideCache | null = null;
  const lanes = Array.from(
    { length: checked.workers },
    (_, i) => setup.makeLane(() => setup.makeRequest(engineOptions, i)),
  );
  function abandon(): void {
    for (const lane of lanes) lane.abandon();
  }
  signal.addEventListener("abort", abandon, { once: true });
  try {
    const plan = await planStart(setup, lanes[0]!);
    if (plan.work !== "none" && !plan.isBuilt) {
      const { int8Calibration = null } = checked.engineOptions.tensorrt;
      aside = await plan.folder?.openAside(int8Calibration) ?? null;
    }
    if (plan.work === "build-first" && aside !== null) {
      await buildFirst(setup, plan, aside, signal);
    }
    engineOptions = plan.engineOptions;
    const replies = await Promise.all(
      lanes.map((lane, i) => lane.load(setup.makeRequest(engineOptions, i))),
    );
    signal.throwIfAborted();
    const reply = tellMissed(replies[0]!, plan);
    const detector = makeDetector(setup, lanes, reply, performance.now() - startedMs);
    if (plan.work === "upgrade") {
      detector.startUpgrade(await describeUpgrade(setup, plan, aside));
    }
    return detector;
  } catch (error) {
    await Promise.allSettled([...lanes, aside].map((part) => part?.[Symbol.asyncDispose]()));
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener("abort", abandon);
  }
}

function makeDetector(
  setup: DetectorSetup,
  lanes: readonly WorkerLane[],
  reply: LoadReply,
  loadMs: number,
): LoadedDetector {
  const { file: { name, sha256, bytes }, prepared } = setup;
  const identity = { name, sha256, bytes: bytes.byteLength };
  const { confidence } = setup;
  const detector = new LoadedDetector(lanes, reply, identity, loadMs, confidence, prepared);
  setup.head = () => detector.head;
  return detector;
}

/** Looks for a built engine where TensorRT is asked for first. */
async function planStart(setup: DetectorSetup, lane: WorkerLane): Promise<StartPlan> {
  const { engine, engineOptions, tensorrtBuild } = setup.options;
  const plain = plainStart(engineOptions);
  if (engineOptions.providers[0] !== "tensorrt") {
    if (tensorrtBuild === null) return plain;
    throw new FoveaError(
      "ENGINE_OPTION",
      "Cannot build an engine: tensorrt is not asked for first",
      {
        hint: "Put tensorrt at the beginning of the providers, or leave tensorrtBuild out",
      },
    );
  }
  const wanted = engine ?? await defaultEngine();
  if (wanted !== "libonnxruntime") {
    if (tensorrtBuild !== "background") return plain;
    throw new FoveaError("ENGINE_OPTION", `Cannot build in the background: ${wanted} cannot`, {
      hint: 'Use engine "libonnxruntime", with --allow-ffi without a path',
    });
  }
  const digest = await crypto.subtle.digest("SHA-256", setup.bytes);
  const modelSha256 = new Uint8Array(digest).toHex();
  try {
    const located = await lane.locateEngine({ engineOptions, modelSha256 });
    return await planTensorRt(engineOptions, tensorrtBuild, located);
  } catch (error) {
    // Loading says so too, and knows what may serve in its place.
    if (error instanceof FoveaError && error.code === "ENGINE_UNAVAILABLE") return plain;
    throw error;
  }
}

async function buildFirst(
  setup: DetectorSetup,
  { folder }: StartPlan,
  aside: AsideCache,
  signal: AbortSignal,
): Promise<void> {
  const modelBytes = setup.bytes.length;
  const makeRequest = (cacheFolder: string) => requestTensorRt(setup, 0, cacheFolder);
  const estimateMs = await folder?.estimateBuildMs(modelBytes) ?? null;
  await buildEngine({
    aside,
    makeLane: () => setup.makeLane(() => makeRequest(aside.cacheFolder)),
    makeRequest,
    modelBytes,
    estimateMs,
    clock: setup.host.clock,
    tell: (event) => setup.tell(event),
  }, signal);
}

async function describeUpgrade(
  setup: DetectorSetup,
  { folder }: StartPlan,
  aside: AsideCache | null,
): Promise<UpgradeJob> {
  const { options: { workers, engineOptions }, confidence, host } = setup;
  const modelBytes = setup.bytes.length;
  return {
    workers,
    makeLane: (worker) => setup.makeLane(() => requestTensorRt(setup, worker, null)),
    makeRequest: (worker, cacheFolder) => requestTensorRt(setup, worker, cacheFolder),
    tensorrt: engineOptions.tensorrt,
    folder,
    aside,
    modelBytes,
    estimateMs: await folder?.estimateBuildMs(modelBytes) ?? null,
    confidence,
    calibration: host.calibration,
    clock: host.clock,
    tell: (event) => setup.tell(event),
  };
}

function requestTensorRt(setup: DetectorSetup, worker: number, cacheFolder: string | null) {
  const options: CheckedEngineOptions = tensorRtAlone(setup.options.engineOptions, cacheFolder);
  return setup.makeRequest(options, worker);
}

function tellMissed(reply: LoadReply, { missed }: StartPlan): LoadReply {
  if (missed === null) return reply;
  return { ...reply, missedProviders: [missed, ...reply.missedProviders] };
}
