/** Options of the provider `cuda`; without one, ONNX Runtime's own default holds. */
export interface CudaOptions {
  /** Which GPU, from 0. */
  readonly deviceId?: number;
  /** Most bytes of device memory that the provider's arena may take. */
  readonly memoryLimitBytes?: number;
  /** How the arena grows: by doubling, or by what is asked for. */
  readonly arenaGrowth?: "power-of-two" | "as-requested";
  /** How cuDNN picks algorithms for convolutions. */
  readonly convolutionSearch?: "exhaustive" | "heuristic" | "default";
  /** Whether float32 may be multiplied with the precision of TF32. */
  readonly tf32?: boolean;
  /** Whether channels-last layouts are preferred. */
  readonly nhwc?: boolean;
  /** Whether runs are captured into a CUDA graph; every operation must then run on CUDA. */
  readonly cudaGraph?: boolean;
  /** Address of the `CUstream` to compute on. */
  readonly userStream?: bigint;
}

/** Smallest, usual and largest shape of one input, for engines of inputs with open dimensions. */
export interface ShapeProfile {
  /** Smallest shape. */
  readonly min: readonly number[];
  /** Shape to optimise for. */
  readonly opt: readonly number[];
  /** Largest shape. */
  readonly max: readonly number[];
}

/** Options of the provider `tensorrt`; without one, ONNX Runtime's own default holds. */
export interface TensorRtOptions {
  /** Which GPU, from 0. */
  readonly deviceId?: number;
  /** Whether float16 may be used. */
  readonly fp16?: boolean;
  /** Whether int8 may be used: by the scales in a quantised model, or by `int8Calibration`. */
  readonly int8?: boolean;
  /** File of calibration ranges for `int8`, inside `cacheFolder`. */
  readonly int8Calibration?: string;
  /**
   * Folder for built engines and timings. Each device, TensorRT, ONNX Runtime, precision and model
   * has a folder of its own in it, because none of them can use another's engine.
   */
  readonly cacheFolder?: string;
  /** Most bytes of device memory that a layer may take while an engine is built and run. */
  readonly workspaceBytes?: number;
  /** How hard an engine is optimised, 0 (quick to build) to 5. */
  readonly builderLevel?: number;
  /** Which deep-learning accelerator to use, from 0; it needs `fp16` or `int8`. */
  readonly dlaCore?: number;
  /** Whether runs are captured into a CUDA graph. */
  readonly cudaGraph?: boolean;
  /** Streams besides the main one; 0 takes the least memory. */
  readonly auxiliaryStreams?: number;
  /** Fewest operations that are worth an engine. */
  readonly subgraphMin?: number;
  /** Whether engines of one model share their working memory. */
  readonly sharedContextMemory?: boolean;
  /** Kinds of operations that are left to `rest`, for example `NonMaxSuppression`. */
  readonly excludedOperations?: readonly string[];
  /** Shapes of inputs with open dimensions, by name. */
  readonly profiles?: Readonly<Record<string, ShapeProfile>>;
  /** Address of the `CUstream` to compute on, also for `rest`. */
  readonly userStream?: bigint;
  /** What runs the operations that TensorRT does not; `cuda` by default. */
  readonly rest?: "cuda" | "cpu";
}

/** How one option is checked and what ONNX Runtime reads. */
type Rule<Value> = {
  /** What is allowed, in words. */
  readonly allowed: string;
  /** Entries by ONNX Runtime's keys; `null` if the value is not allowed. */
  readonly entries: (value: Value) => Readonly<Record<string, string>> | null;
};

type Rules<Options> = {
  readonly [Key in keyof Options]-?: Rule<NonNullable<Options[Key]>>;
};

/** Keys of ONNX Runtime's CUDA execution provider. */
const CUDA_RULES: Rules<CudaOptions> = {
  deviceId: whole("device_id", 0, 255),
  memoryLimitBytes: whole("gpu_mem_limit", 1, Number.MAX_SAFE_INTEGER),
  arenaGrowth: word("arena_extend_strategy", {
    "power-of-two": "kNextPowerOfTwo",
    "as-requested": "kSameAsRequested",
  }),
  convolutionSearch: word("cudnn_conv_algo_search", {
    exhaustive: "EXHAUSTIVE",
    heuristic: "HEURISTIC",
    default: "DEFAULT",
  }),
  tf32: flag("use_tf32"),
  nhwc: flag("prefer_nhwc"),
  cudaGraph: flag("enable_cuda_graph"),
  userStream: address(),
};

/** Keys of ONNX Runtime's TensorRT execution provider. */
const TENSORRT_RULES: Rules<TensorRtOptions> = {
  deviceId: whole("device_id", 0, 255),
  fp16: flag("trt_fp16_enable"),
  int8: flag("trt_int8_enable"),
  int8Calibration: text("trt_int8_calibration_table_name"),
  cacheFolder: { allowed: "a path", entries: (path) => path?.length > 0 ? {} : null },
  workspaceBytes: whole("trt_max_workspace_size", 1, Number.MAX_SAFE_INTEGER),
  builderLevel: whole("trt_builder_optimization_level", 0, 5),
  dlaCore: {
    allowed: "a whole number from 0 to 15",
    entries: (core) =>
      isWhole(core, 0, 15) ? { trt_dla_enable: "1", trt_dla_core: String(core) } : null,
  },
  cudaGraph: flag("trt_cuda_graph_enable"),
  auxiliaryStreams: whole("trt_auxiliary_streams", 0, 64),
  subgraphMin: whole("trt_min_subgraph_size", 1, 100_000),
  sharedContextMemory: flag("trt_context_memory_sharing_enable"),
  excludedOperations: {
    allowed: "names of operations",
    entries: (names) =>
      Array.isArray(names) && names.every((name) => /^\w+$/.test(name))
        ? { trt_op_types_to_exclude: names.join(",") }
        : null,
  },
  profiles: { allowed: "shapes min, opt and max of equal length by input", entries: profiles },
  userStream: address(),
  rest: { allowed: "cuda or cpu", entries: (rest) => ["cuda", "cpu"].includes(rest) ? {} : null },
};

/** Thrown for an option that is unknown or has a value it cannot have. */
export class WrongProviderOption extends Error {}

/**
 * What ONNX Runtime is told about CUDA.
 *
 * @throws {WrongProviderOption} Naming the option and what is allowed.
 */
export function cudaEntries(options: CudaOptions): Record<string, string> {
  return translate("cuda", CUDA_RULES, options);
}

/**
 * What ONNX Runtime is told about TensorRT, the caches aside.
 *
 * @throws {WrongProviderOption} Naming the option and what is allowed.
 */
export function tensorRtEntries(options: TensorRtOptions): Record<string, string> {
  if (options.dlaCore !== undefined && options.fp16 !== true && options.int8 !== true) {
    throw new WrongProviderOption("tensorrt.dlaCore needs fp16 or int8");
  }
  if (options.int8Calibration !== undefined && options.int8 !== true) {
    throw new WrongProviderOption("tensorrt.int8Calibration needs int8");
  }
  return translate("tensorrt", TENSORRT_RULES, options);
}

function translate<Options extends object>(
  provider: string,
  rules: Rules<Options>,
  options: Options,
): Record<string, string> {
  const entries: Record<string, string> = {};
  for (const [key, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(rules, key)) {
      const known = Object.keys(rules).join(", ");
      throw new WrongProviderOption(`${provider}.${key} is unknown; there are ${known}`);
    }
    const rule = rules[key as keyof Options] as Rule<unknown>;
    const made = rule.entries(value);
    if (made === null) {
      throw new WrongProviderOption(`${provider}.${key} is ${show(value)}, not ${rule.allowed}`);
    }
    Object.assign(entries, made);
  }
  return entries;
}

function whole(key: string, min: number, max: number): Rule<number> {
  return {
    allowed: `a whole number from ${min} to ${max}`,
    entries: (value) => isWhole(value, min, max) ? { [key]: String(value) } : null,
  };
}

function flag(key: string): Rule<boolean> {
  return {
    allowed: "true or false",
    entries: (value) => typeof value === "boolean" ? { [key]: value ? "1" : "0" } : null,
  };
}

function text(key: string): Rule<string> {
  return {
    allowed: "a text",
    entries: (value) =>
      typeof value === "string" && value.length > 0 && !value.includes("\0")
        ? { [key]: value }
        : null,
  };
}

function word<Word extends string>(
  key: string,
  words: Readonly<Record<Word, string>>,
): Rule<Word> {
  return {
    allowed: `one of ${Object.keys(words).join(", ")}`,
    entries: (value) => Object.hasOwn(words, value) ? { [key]: words[value] } : null,
  };
}

/** Streams are handed over as addresses, not as text. */
function address(): Rule<bigint> {
  return {
    allowed: "an address, a bigint above 0",
    entries: (value) => typeof value === "bigint" && value > 0n ? {} : null,
  };
}

function profiles(
  byInput: Readonly<Record<string, ShapeProfile>>,
): Record<string, string> | null {
  const entries: Record<string, string> = {};
  for (const kind of ["min", "opt", "max"] as const) {
    const parts: string[] = [];
    for (const [name, profile] of Object.entries(byInput)) {
      const shape = profile?.[kind];
      const fits = Array.isArray(shape) && shape.length === profile.min?.length &&
        shape.every((dim) => isWhole(dim, 1, 2 ** 31 - 1));
      if (!fits) return null;
      parts.push(`${name}:${shape.join("x")}`);
    }
    entries[`trt_profile_${kind}_shapes`] = parts.join(",");
  }
  return entries;
}

function isWhole(value: unknown, min: number, max: number): boolean {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
}

function show(value: unknown): string {
  return typeof value === "bigint" || typeof value === "string"
    ? String(value)
    : JSON.stringify(value);
}
