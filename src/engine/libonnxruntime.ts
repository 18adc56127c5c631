import { FoveaError } from "../core/errors.ts";
import type { Engine } from "../core/ports.ts";
import { OrtBinding } from "../native/ort_binding.ts";
import { OrtEnvironment } from "../native/ort_environment.ts";
import { OrtLibrary } from "../native/ort_library.ts";
import { makeRunOptions } from "../native/ort_run_options.ts";
import { OrtRunWatchdog } from "../native/ort_run_watchdog.ts";
import { OrtSession } from "../native/ort_session.ts";
import { OrtSessionOptions } from "../native/ort_session_options.ts";
import { ORT_ERROR, OrtFailure } from "../native/ort_status.ts";
import {
  type CheckedEngineOptions,
  checkEngineOptions,
  type EngineOptions,
} from "./engine_options.ts";
import type { EngineParts } from "./engine_parts.ts";
import { LibOnnxRuntimeEngine } from "./libonnxruntime_engine.ts";
import { listOnnxRuntimePlaces, SYSTEM_PLACES } from "./onnxruntime_places.ts";
import { checkProfilePlace } from "./profile_place.ts";
import { appendProviders, PROVIDER_NAMES } from "./session_providers.ts";

/** What ONNX Runtime says about a model that no provider could load. */
const MODEL_FAULTS: readonly number[] = [
  ORT_ERROR.noModel,
  ORT_ERROR.invalidProtobuf,
  ORT_ERROR.invalidGraph,
];

/**
 * Loads a model into ONNX Runtime through its C API.
 *
 * The library reads inputs and writes outputs where they lie, shared memory included, and copies
 * nothing. It runs and loads on the calling thread, so call it in a worker.
 *
 * @param model The ONNX file's bytes; not needed any more afterwards.
 * @param stream Address of the `CUstream` that the providers on a GPU compute on. Runs there return
 * without waiting for the GPU then, so whoever reads outputs waits for the stream first.
 * @throws {FoveaError} `ENGINE_OPTION` for an option that is unknown or cannot be honoured,
 * `ENGINE_UNAVAILABLE` if the library or no asked provider is there, `ENGINE_FAILED` if the model
 * does not load.
 */
export async function loadLibOnnxRuntime(
  model: Uint8Array,
  options: EngineOptions = {},
  stream: bigint | null = null,
): Promise<Engine> {
  const checked = onStream(checkEngineOptions(options), stream);
  if (checked.profilePrefix !== null) await checkProfilePlace(checked.profilePrefix);
  using stack = new DisposableStack();
  const library = OrtLibrary.open(listOnnxRuntimePlaces(checked.libraryPath, SYSTEM_PLACES));
  const environment = stack.use(new OrtEnvironment(library));
  const { session, ...chosen } = await createSession(environment, model, checked);
  stack.use(session);
  const binding = stack.use(new OrtBinding(session));
  const { runTimeoutMs } = checked;
  const isAsync = stream !== null && chosen.provider !== "cpu";
  const watchdog = runTimeoutMs > 0
    ? stack.use(new OrtRunWatchdog(environment, runTimeoutMs, isAsync))
    : null;
  const runOptions = isAsync && watchdog === null
    ? stack.use(makeRunOptions(environment, isAsync))
    : null;
  const profiling = checked.profilePrefix !== null;
  return new LibOnnxRuntimeEngine({
    session,
    binding,
    watchdog,
    runOptions,
    addressMemory: describeMemory(environment, chosen.provider, checked, stack),
    isAsync,
    stack,
    profiling,
    ...chosen,
  });
}

/** Lets the providers that are asked for compute on a stream. */
function onStream(options: CheckedEngineOptions, stream: bigint | null): CheckedEngineOptions {
  if (stream === null) return options;
  return {
    ...options,
    cuda: { ...options.cuda, userStream: stream },
    tensorrt: { ...options.tensorrt, userStream: stream },
  };
}

/** Where tensors lie that are bound by address: in the memory of the device that runs the model. */
function describeMemory(
  environment: OrtEnvironment,
  provider: string,
  options: CheckedEngineOptions,
  stack: DisposableStack,
): EngineParts["addressMemory"] {
  if (provider === "cpu") return { info: environment.cpuMemory, memory: "cpu" };
  const { deviceId = 0 } = provider === "tensorrt" ? options.tensorrt : options.cuda;
  return { info: stack.use(environment.describeCudaMemory(deviceId)), memory: "cuda" };
}

/** Makes a session on the first provider that can be had. */
async function createSession(
  environment: OrtEnvironment,
  model: Uint8Array,
  options: CheckedEngineOptions,
): Promise<{ session: OrtSession; provider: string; missedProviders: readonly string[] }> {
  const missedProviders: string[] = [];
  let first: FoveaError | null = null;
  const wanted = options.fallback ? options.providers : options.providers.slice(0, 1);
  for (const provider of wanted) {
    try {
      using settings = new OrtSessionOptions(environment);
      applyOptions(settings, options);
      await appendProviders(environment, settings, provider, model, options);
      return { session: new OrtSession(environment, model, settings), provider, missedProviders };
    } catch (error) {
      if (!isProviderFault(provider, error)) throw error;
      first ??= error;
      missedProviders.push(`${provider}: ${error.message}`);
    }
  }
  const message = first !== null && wanted.length === 1
    ? first.message
    : `Cannot use any of ${wanted.join(", ")}: ${missedProviders.join("; ")}`;
  const hint = options.fallback
    ? "Add cpu to the providers"
    : `Use one of ${PROVIDER_NAMES.join(", ")} with a library that has it, or allow a ` +
      'fallback: providers [..., "cpu"] with fallback';
  throw new FoveaError("ENGINE_UNAVAILABLE", message, { hint, cause: first });
}

/** Whether another provider might do what this one could not. */
function isProviderFault(provider: string, error: unknown): error is FoveaError {
  if (!(error instanceof FoveaError)) return false;
  if (error.code === "ENGINE_UNAVAILABLE") return true;
  const { cause } = error;
  return error.code === "ENGINE_FAILED" && provider !== "cpu" && cause instanceof OrtFailure &&
    !MODEL_FAULTS.includes(cause.code);
}

function applyOptions(settings: OrtSessionOptions, options: CheckedEngineOptions): void {
  settings.setThreads(options.threads);
  settings.setGraphOptimization(options.graphOptimization);
  const spinning = options.spinning ? "1" : "0";
  settings.setConfig("session.intra_op.allow_spinning", spinning);
  settings.setConfig("session.inter_op.allow_spinning", spinning);
  for (const [key, value] of Object.entries(options.sessionConfig)) settings.setConfig(key, value);
  if (options.profilePrefix !== null) settings.enableProfiling(options.profilePrefix);
}
