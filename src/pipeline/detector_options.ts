import type { DecodeParams } from "../core/detector_spec.ts";
import { FoveaError } from "../core/errors.ts";
import type { SpecOverrides } from "../detector/overrides.ts";
import {
  type CheckedEngineOptions,
  checkEngineOptions,
  type EngineOptions,
  type GraphOptimization,
} from "../engine/engine_options.ts";
import type { CudaOptions, TensorRtOptions } from "../engine/provider_options.ts";
import { ENGINE_NAMES, type EngineName } from "../engine/engine_names.ts";
import type { DetectorEvent } from "./detector_event.ts";
import { checkHeadOptions, type HeadOptions } from "./head_options.ts";
import { TENSORRT_BUILDS, type TensorRtBuild } from "./start_plan.ts";

/** How a detector is loaded and run. Unknown keys are refused. */
export interface DetectorOptions {
  /**
   * Which engine runs the model. Without it, `libonnxruntime` on Linux where `--allow-ffi` is
   * granted without a path, else `onnxruntime-node`.
   */
  readonly engine?: EngineName;
  /** Execution providers in the order of preference; `["cpu"]` by default. */
  readonly providers?: readonly string[];
  /** Whether the next provider may serve when one is not available; false by default. */
  readonly fallback?: boolean;
  /** Threads inside one inference, 1–64; 1 by default. */
  readonly threads?: number;
  /** Pictures inferred at the same time, each by a worker and session of its own, 1–16; 1. */
  readonly workers?: number;
  /** Whether idle inference threads burn their core; false by default. */
  readonly spinning?: boolean;
  /** Graph optimisation; `all` by default. */
  readonly graphOptimization?: GraphOptimization;
  /** Session configuration entries that fovea knows to work, by ONNX Runtime's keys. */
  readonly sessionConfig?: Readonly<Record<string, string>>;
  /**
   * Path of ONNX Runtime's shared library, for `libonnxruntime`; without it, the usual places are
   * looked at, see {@linkcode EngineName}.
   */
  readonly libraryPath?: string | null;
  /**
   * Milliseconds after which an inference is ended with `ENGINE_TIMEOUT`; 0, the default, for any
   * time. It holds for the warm-up run, too. Only `libonnxruntime` on Linux can. The detector stays
   * usable: a worker that gives no answer even a second later, because an operation or the GPU hangs,
   * is replaced by another one.
   */
  readonly runTimeoutMs?: number;
  /**
   * Writes ONNX Runtime's profile of each worker to `<prefix>_<date>.json` when the detector is
   * disposed. Only `libonnxruntime` does.
   */
  readonly profilePrefix?: string | null;
  /** Options of the provider `cuda`. */
  readonly cuda?: CudaOptions;
  /** Options of the provider `tensorrt`. */
  readonly tensorrt?: TensorRtOptions;
  /**
   * What happens where `tensorrt` is the first provider and its engine is not built yet, or was not
   * compared with its model yet. `background`, the default where another provider is named: the ones
   * behind it serve meanwhile, the engine is built in a worker of its own and compared with them on
   * pictures of the stream, and it takes over between two pictures, or is refused. `wait`, else the
   * default: loading waits, and the engine serves as it is.
   */
  readonly tensorrtBuild?: TensorRtBuild;
  /** Is told what happens to the detector while it is loaded. */
  readonly onEvent?: (event: DetectorEvent) => void;
  /** Lowest score to report, 0–1; by default what the model's manifest states, else 0.25. */
  readonly confidence?: number;
  /** IoU above which the weaker of two boxes is dropped, 0–1; 0.45 by default. */
  readonly iouThreshold?: number;
  /** Whether boxes of different classes suppress each other; false by default. */
  readonly agnosticNms?: boolean;
  /** Most detections per picture, 1–30000; 300 by default. */
  readonly maxDetections?: number;
  /**
   * Whether a box is reported for its `best` class only (the default), or once for `all` classes
   * whose score reaches `confidence`, as many benchmarks count. Models that pick the classes
   * themselves are not concerned.
   */
  readonly labels?: "best" | "all";
  /** Names of the classes to report; all by default. */
  readonly classes?: readonly string[];
  /** Corrections of what fovea finds out about the model. */
  readonly overrides?: SpecOverrides;
  /**
   * Whether the classification head is exposed, so that it can be tapped and exchanged while the
   * detector runs, and how; false by default.
   */
  readonly head?: boolean | HeadOptions;
  /**
   * Ends loading with an error; of no meaning once the detector is loaded. What native code was
   * doing then goes on in the background until it is done.
   */
  readonly signal?: AbortSignal;
}

const ENGINE_KEYS: readonly (keyof DetectorOptions & keyof EngineOptions)[] = [
  "providers",
  "fallback",
  "threads",
  "spinning",
  "graphOptimization",
  "sessionConfig",
  "libraryPath",
  "runTimeoutMs",
  "profilePrefix",
  "cuda",
  "tensorrt",
];

const OPTION_KEYS: readonly (keyof DetectorOptions)[] = [
  "engine",
  ...ENGINE_KEYS,
  "tensorrtBuild",
  "onEvent",
  "workers",
  "confidence",
  "iouThreshold",
  "agnosticNms",
  "maxDetections",
  "labels",
  "classes",
  "overrides",
  "head",
  "signal",
];

/** {@linkcode DetectorOptions} with every default filled in. */
export interface CheckedDetectorOptions {
  /** Which engine runs the model; `null` for the default one. */
  readonly engine: EngineName | null;
  /** Number of workers. */
  readonly workers: number;
  /** Options of the engine. */
  readonly engineOptions: CheckedEngineOptions;
  /** What happens to an engine that is not built yet; `null` for what suits the providers. */
  readonly tensorrtBuild: TensorRtBuild | null;
  /** Is told what happens. */
  readonly onEvent: (event: DetectorEvent) => void;
  /** Lowest score to report; `null` for what the manifest states. */
  readonly confidence: number | null;
  /** How else detections are picked. */
  readonly decode: Omit<DecodeParams, "classFilter" | "confidence">;
  /** Names of the classes to report; `null` for all. */
  readonly classes: readonly string[] | null;
  /** Corrections of what is found out about the model. */
  readonly overrides: SpecOverrides | null;
  /** How the head is exposed; `null` where it is not. */
  readonly head: HeadOptions | null;
}

/**
 * Checks detector options and fills in the defaults.
 *
 * @throws {FoveaError} `USAGE` or `ENGINE_OPTION` naming the option and what is allowed.
 */
export function checkDetectorOptions(options: DetectorOptions): CheckedDetectorOptions {
  const unknown = Object.keys(options).find((key) =>
    !(OPTION_KEYS as readonly string[]).includes(key)
  );
  if (unknown !== undefined) {
    throw refuse(`Cannot use detector option "${unknown}": it is unknown`, OPTION_KEYS);
  }
  const engine = options.engine ?? null;
  if (engine !== null && !ENGINE_NAMES.includes(engine)) {
    throw refuse(`Cannot use engine "${engine}": it is unknown`, ENGINE_NAMES);
  }
  const engineOptions = Object.fromEntries(
    ENGINE_KEYS.filter((key) => options[key] !== undefined).map((key) => [key, options[key]]),
  ) as EngineOptions;
  return {
    engine,
    workers: checkRange("workers", options.workers ?? 1, 1, 16, true),
    engineOptions: checkEngineOptions(engineOptions),
    tensorrtBuild: checkBuild(options.tensorrtBuild ?? null),
    onEvent: options.onEvent ?? ignore,
    confidence: options.confidence === undefined
      ? null
      : checkRange("confidence", options.confidence, 0, 1, false),
    decode: {
      iouThreshold: checkRange("iouThreshold", options.iouThreshold ?? 0.45, 0, 1, false),
      agnosticNms: checkBoolean("agnosticNms", options.agnosticNms ?? false),
      maxDetections: checkRange("maxDetections", options.maxDetections ?? 300, 1, 30_000, true),
      labels: checkLabels(options.labels ?? "best"),
    },
    classes: checkClasses(options.classes ?? null),
    overrides: options.overrides ?? null,
    head: checkHeadOptions(options.head ?? false),
  };
}

function checkBuild(build: TensorRtBuild | null): TensorRtBuild | null {
  if (build === null || TENSORRT_BUILDS.includes(build)) return build;
  throw refuse(`Cannot use tensorrtBuild "${build}": it is unknown`, TENSORRT_BUILDS);
}

function ignore(): void {}

function checkLabels(labels: string): "best" | "all" {
  if (labels === "best" || labels === "all") return labels;
  throw refuse(`Cannot use labels "${labels}": it is unknown`, ["best", "all"]);
}

/** Returns `value`, or says by `USAGE` in which range it must lie. */
export function checkRange(
  name: string,
  value: number,
  min: number,
  max: number,
  whole: boolean,
): number {
  const fits = typeof value === "number" && value >= min && value <= max;
  if (fits && (!whole || Number.isInteger(value))) return value;
  const kind = whole ? "a whole number" : "a number";
  throw new FoveaError(
    "USAGE",
    `Cannot use ${name} ${value}: ${kind} from ${min} to ${max} is needed`,
  );
}

function checkBoolean(name: string, value: boolean): boolean {
  if (typeof value === "boolean") return value;
  throw new FoveaError("USAGE", `Cannot use ${name} ${value}: it is no boolean`);
}

function checkClasses(classes: readonly string[] | null): readonly string[] | null {
  const fits = classes === null ||
    (Array.isArray(classes) && classes.length > 0 &&
      classes.every((name) => typeof name === "string"));
  if (fits) return classes;
  throw new FoveaError("USAGE", "Cannot use classes: a list of at least one name is needed", {
    hint: "Leave classes out to report all of them",
  });
}

function refuse(message: string, known: readonly string[]): FoveaError {
  return new FoveaError("USAGE", message, { hint: `Use one of ${known.join(", ")}` });
}
