import { FoveaError } from "../core/errors.ts";
import {
  cudaEntries,
  type CudaOptions,
  tensorRtEntries,
  type TensorRtOptions,
  WrongProviderOption,
} from "./provider_options.ts";

/** How far the engine may rewrite the graph before it runs. */
export type GraphOptimization = "disabled" | "basic" | "extended" | "layout" | "all";

/** What an engine may be told. Anything else is refused, never ignored. */
export interface EngineOptions {
  /** Threads inside one run, 1–64; 1 by default. */
  readonly threads?: number;
  /**
   * Execution providers in the order of preference; `["cpu"]` by default. Only the first is tried,
   * unless `fallback` is set.
   */
  readonly providers?: readonly string[];
  /** Whether the next provider may serve when one is not available; false by default. */
  readonly fallback?: boolean;
  /**
   * Whether idle threads burn their core while they wait for work; false by default, because it
   * collapses on a machine that does anything else.
   */
  readonly spinning?: boolean;
  /** Graph optimisation; `all` by default. */
  readonly graphOptimization?: GraphOptimization;
  /** Session configuration entries, by ONNX Runtime's own keys; only keys fovea knows to work. */
  readonly sessionConfig?: Readonly<Record<string, string>>;
  /** Path of ONNX Runtime's shared library; `null`, the default, looks in the usual places. */
  readonly libraryPath?: string | null;
  /** Time for one run in milliseconds, after which it is ended; 0, the default, for any time. */
  readonly runTimeoutMs?: number;
  /**
   * Writes a profile to `<prefix>_<date>.json` when the engine goes; `null`, the default, for none.
   */
  readonly profilePrefix?: string | null;
  /** Options of the provider `cuda`. */
  readonly cuda?: CudaOptions;
  /** Options of the provider `tensorrt`. */
  readonly tensorrt?: TensorRtOptions;
}

/** {@linkcode EngineOptions} with every default filled in. */
export type CheckedEngineOptions = Required<EngineOptions>;

/** A day; a run that may take longer needs no limit. */
const RUN_TIMEOUT_MS_MAX = 86_400_000;

const GRAPH_OPTIMIZATIONS: readonly GraphOptimization[] = [
  "disabled",
  "basic",
  "extended",
  "layout",
  "all",
];

/** Says what is wrong with a value of a session configuration entry; `null` where nothing is. */
type ValueCheck = (value: string, threads: number) => string | null;

/**
 * Keys of ONNX Runtime's `onnxruntime_session_options_config_keys.h` that are passed through. It
 * takes a value that it cannot use for the default without a word, so values are checked too.
 */
const SESSION_CONFIG: Readonly<Record<string, ValueCheck>> = {
  "session.set_denormal_as_zero": checkSwitch,
  "session.dynamic_block_base": (value) =>
    /^\d{1,9}$/.test(value) ? null : "a whole number from 0 is needed",
  "session.intra_op_thread_affinities": checkAffinities,
  "session.disable_prepacking": checkSwitch,
  "session.disable_quant_qdq": checkSwitch,
  "session.enable_quant_qdq_cleanup": checkSwitch,
  "mlas.enable_gemm_fastmath_arm64_bfloat16": (value) =>
    Deno.build.arch === "aarch64" ? checkSwitch(value) : "it does nothing but on arm64",
};

function checkSwitch(value: string): string | null {
  return value === "0" || value === "1" ? null : '"0" or "1" is needed';
}

/** `1,2;3-4`: processors by number from 1, one group for each thread but the calling one. */
function checkAffinities(value: string, threads: number): string | null {
  if (threads === 1) return "it binds the threads besides the calling one, and `threads` is 1";
  const groups = value.split(";");
  const wellFormed = groups.every((group) => /^[1-9]\d*(-[1-9]\d*|(,[1-9]\d*)*)$/.test(group));
  if (wellFormed && groups.length === threads - 1) return null;
  return `${threads - 1} groups like "1,2" or "3-4" between semicolons are needed`;
}

/** What the library takes without a word and does not do. */
const IGNORED_BY_LIBRARY: Readonly<Record<string, string>> = {
  freeDimensionOverrides: "give the input size instead; dynamic dimensions are bound per run",
  enableGraphCapture: "it works on WebGPU only",
  enableProfiling: "the option is called `profilePrefix` here",
  interOpNumThreads: "runs are sequential, so only `threads` has an effect",
  intraOpNumThreads: "the option is called `threads` here",
  executionProviders: "the option is called `providers` here",
  graphOptimizationLevel: "the option is called `graphOptimization` here",
  extra: "the option is called `sessionConfig` here",
};

const KNOWN_KEYS: readonly (keyof EngineOptions)[] = [
  "threads",
  "providers",
  "fallback",
  "spinning",
  "graphOptimization",
  "sessionConfig",
  "libraryPath",
  "runTimeoutMs",
  "profilePrefix",
  "cuda",
  "tensorrt",
];

/**
 * Checks engine options and fills in the defaults.
 *
 * @throws {FoveaError} `ENGINE_OPTION` naming the option that is unknown, out of range, or known to
 * be ignored by the library.
 */
export function checkEngineOptions(options: EngineOptions = {}): CheckedEngineOptions {
  for (const key of Object.keys(options)) {
    if ((KNOWN_KEYS as readonly string[]).includes(key)) continue;
    const why = IGNORED_BY_LIBRARY[key];
    throw refuse(
      why === undefined
        ? `Cannot use engine option "${key}": it is unknown`
        : `Cannot use engine option "${key}": ${why}`,
      `Use one of ${KNOWN_KEYS.join(", ")}`,
    );
  }
  const checked: CheckedEngineOptions = {
    threads: options.threads ?? 1,
    providers: options.providers ?? ["cpu"],
    fallback: options.fallback ?? false,
    spinning: options.spinning ?? false,
    graphOptimization: options.graphOptimization ?? "all",
    sessionConfig: options.sessionConfig ?? {},
    libraryPath: options.libraryPath ?? null,
    runTimeoutMs: options.runTimeoutMs ?? 0,
    profilePrefix: options.profilePrefix ?? null,
    cuda: options.cuda ?? {},
    tensorrt: options.tensorrt ?? {},
  };
  checkValues(checked);
  checkProviderOptions(checked);
  return checked;
}

/** Options that only the C API can honour, with the value that asks for nothing. */
const C_API_ONLY: readonly (keyof EngineOptions)[] = [
  "libraryPath",
  "runTimeoutMs",
  "profilePrefix",
  "cuda",
  "tensorrt",
];

/**
 * Refuses what only `libonnxruntime` can do.
 *
 * @param engine The engine that cannot.
 * @throws {FoveaError} `ENGINE_OPTION` naming the option.
 */
export function refuseCApiOptions(engine: string, options: CheckedEngineOptions): void {
  const defaults = checkEngineOptions();
  for (const key of C_API_ONLY) {
    if (JSON.stringify(options[key], showBigint) === JSON.stringify(defaults[key])) continue;
    throw refuse(
      `Cannot use engine option "${key}": ${engine} would ignore it`,
      'Use engine "libonnxruntime", with --allow-ffi without a path',
    );
  }
}

function showBigint(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

function checkProviderOptions(options: CheckedEngineOptions): void {
  const { providers, cuda, tensorrt } = options;
  try {
    cudaEntries(cuda);
    tensorRtEntries(tensorrt);
  } catch (cause) {
    if (!(cause instanceof WrongProviderOption)) throw cause;
    throw refuse(`Cannot use provider options: ${cause.message}`);
  }
  const asked = (...names: string[]): boolean => names.some((name) => providers.includes(name));
  if (Object.keys(tensorrt).length > 0 && !asked("tensorrt")) {
    throw refuse('Cannot use option "tensorrt": the provider is not asked for');
  }
  if (Object.keys(cuda).length > 0 && !asked("cuda", "tensorrt")) {
    throw refuse('Cannot use option "cuda": the provider is not asked for');
  }
}

function checkValues(options: CheckedEngineOptions): void {
  const { threads, providers, fallback, spinning, runTimeoutMs } = options;
  const { graphOptimization, sessionConfig } = options;
  if (!Number.isInteger(threads) || threads < 1 || threads > 64) {
    throw refuse(`Cannot use ${threads} threads: a whole number from 1 to 64 is needed`);
  }
  if (!(runTimeoutMs >= 0 && runTimeoutMs <= RUN_TIMEOUT_MS_MAX)) {
    throw refuse(
      `Cannot end a run after ${runTimeoutMs} ms: 0 to ${RUN_TIMEOUT_MS_MAX} is possible`,
    );
  }
  if (!Array.isArray(providers) || !providers.every((name) => typeof name === "string")) {
    throw refuse("Cannot use providers: a list of names is needed", 'Use ["cpu"]');
  }
  if (providers.length === 0) {
    throw refuse("Cannot load without a provider: the list is empty", 'Use ["cpu"]');
  }
  if (new Set(providers).size !== providers.length) {
    throw refuse(`Cannot use providers ${providers.join(", ")}: one is named twice`);
  }
  for (const [name, value] of Object.entries({ fallback, spinning })) {
    if (typeof value !== "boolean") throw refuse(`Cannot use ${name} ${value}: it is no boolean`);
  }
  if (!GRAPH_OPTIMIZATIONS.includes(graphOptimization)) {
    throw refuse(
      `Cannot use graph optimisation "${graphOptimization}"`,
      `Use one of ${GRAPH_OPTIMIZATIONS.join(", ")}`,
    );
  }
  checkSessionConfig(sessionConfig, threads);
}

function checkSessionConfig(config: Readonly<Record<string, string>>, threads: number): void {
  for (const [key, value] of Object.entries(config)) {
    const check = SESSION_CONFIG[key];
    if (check === undefined) {
      const why = key.endsWith("allow_spinning")
        ? "the option is called `spinning` here"
        : "ONNX Runtime would ignore a key it does not know, so only known ones are passed on";
      throw refuse(
        `Cannot use session configuration "${key}": ${why}`,
        `Use one of ${Object.keys(SESSION_CONFIG).join(", ")}`,
      );
    }
    const reason = typeof value === "string" ? check(value, threads) : "a text is needed";
    if (reason !== null) {
      throw refuse(`Cannot use session configuration "${key}" ${JSON.stringify(value)}: ${reason}`);
    }
  }
}

function refuse(message: string, hint?: string): FoveaError {
  return new FoveaError("ENGINE_OPTION", message, hint === undefined ? {} : { hint });
}
