import { FoveaError } from "../core/errors.ts";
import type { CheckedEngineOptions } from "../engine/engine_options.ts";
import type { LocatedEngine } from "../engine/locate_engine.ts";
import { EngineFolder, type EngineRecord } from "./engine_folder.ts";

/** What happens to an engine that TensorRT has not built yet. */
export type TensorRtBuild = "wait" | "background";

/** Every {@linkcode TensorRtBuild}. */
export const TENSORRT_BUILDS: readonly TensorRtBuild[] = ["wait", "background"];

/** How a detector begins. */
export interface StartPlan {
  /** The engine's options to begin with. */
  readonly engineOptions: CheckedEngineOptions;
  /** Why TensorRT does not serve from the beginning; `null` where it does, or was not asked for. */
  readonly missed: string | null;
  /** What is done about TensorRT's engine: nothing, built before loading, or beside the stream. */
  readonly work: "none" | "build-first" | "upgrade";
  /** Where the engine is kept; `null` where it is not, or was not asked for. */
  readonly folder: EngineFolder | null;
  /** Whether it must be built. */
  readonly isBuilt: boolean;
}

/** The plan of a detector that has nothing to do with TensorRT's builds. */
export function plainStart(engineOptions: CheckedEngineOptions): StartPlan {
  return { engineOptions, missed: null, work: "none", folder: null, isBuilt: false };
}

/**
 * Plans how a detector begins whose first provider is TensorRT.
 *
 * An engine that was accepted before serves at once, one that was refused does not serve at all. Any
 * other one is waited for, or built and judged beside the stream while the next provider serves.
 *
 * @param build `null` for `background` where another provider is named, else `wait`.
 * @throws {FoveaError} `ENGINE_REFUSED` if the engine was refused and no other provider may serve,
 * `ENGINE_OPTION` if it is to be built in the background and no other provider is named.
 */
export async function planTensorRt(
  options: CheckedEngineOptions,
  build: TensorRtBuild | null,
  located: LocatedEngine,
): Promise<StartPlan> {
  const { cacheFolder } = options.tensorrt;
  const folder = cacheFolder === undefined || located.name === null
    ? null
    : new EngineFolder(cacheFolder, located.name);
  const { isBuilt } = located;
  const record = isBuilt && folder !== null ? await folder.readRecord() : null;
  const others = options.providers.slice(1);
  const mode = build ?? (others.length > 0 ? "background" : "wait");
  checkOthers(mode, others);
  const known = { folder, isBuilt };
  const asAsked = { engineOptions: options, missed: null, ...known };
  if (record?.verdict?.accepted === true) return { ...asAsked, work: "none" };
  if (record?.verdict?.accepted === false) {
    const refusal = refuse(folder!.path, record.verdict);
    const mayServe = others.length > 0 && (mode === "background" || options.fallback);
    if (!mayServe) throw refusal;
    const engineOptions = withoutTensorRt(options);
    return { engineOptions, missed: `tensorrt: ${refusal.message}`, work: "none", ...known };
  }
  if (mode === "wait") {
    return { ...asAsked, work: isBuilt || folder === null ? "none" : "build-first" };
  }
  const what = isBuilt ? "compared with the model" : "built";
  return {
    engineOptions: withoutTensorRt(options),
    missed: `tensorrt: its engine is being ${what} in the background`,
    work: "upgrade",
    ...known,
  };
}

/** The options of a worker that runs on TensorRT and nothing else. */
export function tensorRtAlone(
  options: CheckedEngineOptions,
  cacheFolder: string | null,
): CheckedEngineOptions {
  const tensorrt = cacheFolder === null ? options.tensorrt : { ...options.tensorrt, cacheFolder };
  return { ...options, providers: ["tensorrt"], tensorrt };
}

/** The options for the providers that are named after TensorRT, on the same GPU. */
function withoutTensorRt(options: CheckedEngineOptions): CheckedEngineOptions {
  const providers = options.providers.slice(1);
  const { deviceId } = options.tensorrt;
  const cuda = { ...(deviceId === undefined ? {} : { deviceId }), ...options.cuda };
  return { ...options, providers, tensorrt: {}, cuda: providers.includes("cuda") ? cuda : {} };
}

function checkOthers(mode: TensorRtBuild, others: readonly string[]): void {
  if (mode === "wait" || others.length > 0) return;
  throw new FoveaError(
    "ENGINE_OPTION",
    "Cannot build TensorRT's engine in the background: no other provider may serve meanwhile",
    { hint: 'Name one behind it, such as providers ["tensorrt", "cuda"], or wait for the engine' },
  );
}

function refuse(folder: string, { reason }: NonNullable<EngineRecord["verdict"]>): FoveaError {
  return new FoveaError("ENGINE_REFUSED", `Cannot use TensorRT's engine in ${folder}: ${reason}`, {
    hint:
      `Build another one with other options, such as fp16 off, or remove ${folder} to try again`,
  });
}
