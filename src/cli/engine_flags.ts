import { type Command, Option } from "commander";
import { FoveaError } from "../core/errors.ts";
import { ENGINE_NAMES, type EngineName } from "../engine/engine_names.ts";
import type { GraphOptimization } from "../engine/engine_options.ts";
import {
  cudaEntries,
  type CudaOptions,
  tensorRtEntries,
  type TensorRtOptions,
  WrongProviderOption,
} from "../engine/provider_options.ts";
import type { DetectorOptions } from "../pipeline/detector_options.ts";
import { TENSORRT_BUILDS, type TensorRtBuild } from "../pipeline/start_plan.ts";
import { choice, list, number, text } from "./option_parsers.ts";
import { type NumberRange, wrongValue } from "./parse_value.ts";

/** The flags about what runs the model, as the parser leaves them. */
export interface EngineFlags {
  readonly engine?: EngineName;
  readonly library?: string;
  readonly providers: readonly string[];
  readonly providerOption?: ProviderOptions;
  readonly fallback?: true;
  readonly tensorrtBuild?: TensorRtBuild;
  readonly threads: number;
  readonly workers: number;
  readonly spinning?: true;
  readonly graphOptimization: GraphOptimization;
  readonly runTimeout?: number;
  readonly profile?: string;
}

/** Options of providers, by provider. */
export interface ProviderOptions {
  readonly cuda?: CudaOptions;
  readonly tensorrt?: TensorRtOptions;
}

const GRAPH_OPTIMIZATIONS = ["disabled", "basic", "extended", "layout", "all"] as const;
const THREADS: NumberRange = { min: 1, max: 64, whole: true };
const WORKERS: NumberRange = { min: 1, max: 16, whole: true };
/** A millisecond to a day. */
const SECONDS: NumberRange = { min: 0.001, max: 86_400 };

/** Adds the flags to a command. */
export function addEngineOptions(command: Command): void {
  for (const option of [...makeEngineOptions(), ...makeSessionOptions()]) {
    command.addOption(option.helpGroup("Engine:"));
  }
}

function makeEngineOptions(): Option[] {
  return [
    new Option("--engine <name>", `what runs the model: ${ENGINE_NAMES.join(" or ")}`)
      .argParser(choice("--engine", ENGINE_NAMES)),
    new Option("--library <file>", "ONNX Runtime's shared library, for libonnxruntime")
      .argParser(text("--library")),
    new Option("--providers <names>", "execution providers in order of preference")
      .argParser(list("--providers")).default(["cpu"], "cpu"),
    new Option(
      "--provider-option <provider.key=value>",
      "an option of cuda or tensorrt, for example tensorrt.fp16=true; may be repeated",
    ).argParser(parseProviderOption),
    new Option("--fallback", "take the next provider where one is not available"),
    new Option(
      "--tensorrt-build <when>",
      "wait for TensorRT's engine, or build it in the background while the next provider serves",
    ).argParser(choice("--tensorrt-build", TENSORRT_BUILDS)),
  ];
}

function makeSessionOptions(): Option[] {
  return [
    new Option("--threads <n>", "threads inside one inference, 1 to 64")
      .argParser(number("--threads", THREADS)).default(1),
    new Option("--workers <n>", "frames inferred at the same time, 1 to 16")
      .argParser(number("--workers", WORKERS)).default(1),
    new Option("--spinning", "let idle inference threads burn their core"),
    new Option("--graph-optimization <level>", GRAPH_OPTIMIZATIONS.join(", "))
      .argParser(choice("--graph-optimization", GRAPH_OPTIMIZATIONS))
      .default("all"),
    new Option("--run-timeout <seconds>", "end an inference that takes longer")
      .argParser(number("--run-timeout", SECONDS)),
    new Option("--profile <prefix>", "write ONNX Runtime's profile to <prefix>_<date>.json")
      .argParser(text("--profile")),
  ];
}

/**
 * Adds one `provider.key=value` to the options of providers. Values are JSON; what is none is a
 * text.
 *
 * @throws {FoveaError} `USAGE` if there is no such form, or the provider is not known.
 */
export function parseProviderOption(text: string, before: ProviderOptions = {}): ProviderOptions {
  const [, provider, key, value] = /^\s*(cuda|tensorrt)\.(\w+)\s*=\s*(.+?)\s*$/.exec(text) ?? [];
  if (provider === undefined || key === undefined || value === undefined) {
    throw wrongValue(
      "--provider-option",
      "PROVIDER.KEY=VALUE, for example tensorrt.fp16=true",
      text,
    );
  }
  const known = before[provider as keyof ProviderOptions] ?? {};
  return { ...before, [provider]: { ...known, [key]: readValue(value) } };
}

function readValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * Puts the flags together.
 *
 * @throws {FoveaError} `USAGE` if an option of a provider is unknown or out of range.
 */
export function readEngineFlags(flags: EngineFlags): DetectorOptions {
  const { engine, library, runTimeout, profile, providerOption, tensorrtBuild } = flags;
  checkProviderOptions(providerOption ?? {});
  return {
    ...(engine === undefined ? {} : { engine }),
    ...(library === undefined ? {} : { libraryPath: library }),
    ...(runTimeout === undefined ? {} : { runTimeoutMs: 1000 * runTimeout }),
    ...(profile === undefined ? {} : { profilePrefix: profile }),
    ...(tensorrtBuild === undefined ? {} : { tensorrtBuild }),
    ...providerOption,
    providers: flags.providers,
    fallback: flags.fallback === true,
    threads: flags.threads,
    workers: flags.workers,
    spinning: flags.spinning === true,
    graphOptimization: flags.graphOptimization,
  };
}

function checkProviderOptions({ cuda, tensorrt }: ProviderOptions): void {
  try {
    cudaEntries(cuda ?? {});
    tensorRtEntries(tensorrt ?? {});
  } catch (cause) {
    if (!(cause instanceof WrongProviderOption)) throw cause;
    throw new FoveaError("USAGE", `Cannot use --provider-option: ${cause.message}`, { cause });
  }
}
