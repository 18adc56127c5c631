import type { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { FoveaError } from "../core/errors.ts";
import type { Engine, OutputView } from "../core/ports.ts";
import type { Tensor, TensorSpec, TensorType } from "../core/tensor.ts";
import {
  type CheckedEngineOptions,
  checkEngineOptions,
  type EngineOptions,
  refuseCApiOptions,
} from "./engine_options.ts";
import { checkFit, checkSelection, findSpec } from "./tensor_fit.ts";

type Ort = typeof import("onnxruntime-node");

const TENSOR_TYPES: readonly TensorType[] = [
  "float32",
  "float16",
  "float64",
  "uint8",
  "int8",
  "int32",
  "int64",
  "bool",
];

/**
 * Loads a model into ONNX Runtime through its Node package.
 *
 * The library runs and loads on the calling thread, so call it in a worker. It copies outputs and
 * reads inputs in place; it refuses a `SharedArrayBuffer`.
 *
 * @param model The ONNX file's bytes.
 * @throws {FoveaError} `ENGINE_OPTION` for an option that is unknown or would be ignored,
 * `ENGINE_UNAVAILABLE` if no asked provider is there, `ENGINE_FAILED` if the model does not load.
 */
export async function loadOnnxRuntimeNode(
  model: Uint8Array,
  options: EngineOptions = {},
): Promise<Engine> {
  const checked = checkEngineOptions(options);
  refuseCApiOptions("onnxruntime-node", checked);
  const ort = await importLibrary();
  const { session, ...chosen } = await createSession(ort, model, checked);
  try {
    return new OnnxRuntimeNodeEngine(ort, session, chosen);
  } catch (error) {
    await session.release();
    throw error;
  }
}

async function importLibrary(): Promise<Ort> {
  try {
    const ort = await import("onnxruntime-node");
    ort.env.logLevel = "fatal";
    return ort;
  } catch (cause) {
    throw new FoveaError("ENGINE_UNAVAILABLE", `Cannot load onnxruntime-node: ${text(cause)}`, {
      cause,
      hint: "Check that --allow-ffi is granted and that the package supports this machine",
    });
  }
}

type ChosenProvider = Pick<Engine, "provider" | "missedProviders">;

async function createSession(
  ort: Ort,
  model: Uint8Array,
  options: CheckedEngineOptions,
): Promise<{ session: InferenceSession } & ChosenProvider> {
  const failures: string[] = [];
  const wanted = options.fallback ? options.providers : options.providers.slice(0, 1);
  for (const provider of wanted) {
    const backend = ort.listSupportedBackends().find((known) => known.name === provider);
    if (backend === undefined) {
      failures.push(`${provider}: this build of onnxruntime-node does not know it`);
      continue;
    }
    try {
      const session = await ort.InferenceSession.create(model, sessionOptions(provider, options));
      return { session, provider, missedProviders: failures };
    } catch (cause) {
      if (provider === "cpu") {
        throw new FoveaError("ENGINE_FAILED", `Cannot load the model: ${text(cause)}`, { cause });
      }
      const missing = backend.bundled ? "" : " (its libraries are not part of the npm package)";
      failures.push(`${provider}: ${text(cause)}${missing}`);
    }
  }
  throw new FoveaError(
    "ENGINE_UNAVAILABLE",
    `Cannot use provider ${wanted.join(", ")}: ${failures.join("; ")}`,
    {
      hint: options.fallback
        ? "Add cpu to the providers"
        : 'Install the provider, or allow a fallback by name: providers [..., "cpu"] with fallback',
    },
  );
}

function sessionOptions(
  provider: string,
  options: CheckedEngineOptions,
): InferenceSession.SessionOptions {
  const spinning = options.spinning ? "1" : "0";
  return {
    executionProviders: [provider],
    intraOpNumThreads: options.threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: options.graphOptimization,
    logSeverityLevel: 4,
    extra: {
      "session.intra_op.allow_spinning": spinning,
      "session.inter_op.allow_spinning": spinning,
      ...options.sessionConfig,
    },
  };
}

class OnnxRuntimeNodeEngine implements Engine {
  readonly name = "onnxruntime-node";
  readonly library: string;
  readonly provider: string;
  readonly missedProviders: readonly string[];
  readonly takesSharedMemory = false;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly #ort: Ort;
  readonly #feeds: Record<string, OrtTensor> = {};
  /** Where each output goes; `null` where the library makes room. */
  readonly #targets: Record<string, OrtTensor | null> = {};
  /** The targets of the outputs that are read. */
  #fetches: Record<string, OrtTensor | null> = {};
  #selected: readonly string[] | null = null;
  readonly #written = new Map<string, Tensor>();
  #session: InferenceSession | null;
  #results: InferenceSession.OnnxValueMapType = {};
  #runs = 0;

  constructor(ort: Ort, session: InferenceSession, chosen: ChosenProvider) {
    this.#ort = ort;
    this.#session = session;
    const { node, common } = ort.env.versions;
    this.library = `onnxruntime-node ${node ?? common}`;
    this.provider = chosen.provider;
    this.missedProviders = chosen.missedProviders;
    this.inputs = session.inputMetadata.map((meta) => tensorSpec(meta, "input"));
    this.outputs = session.outputMetadata.map((meta) => tensorSpec(meta, "output"));
    for (const { name } of this.outputs) this.#targets[name] = null;
    this.#fetches = this.#targets;
  }

  setInput(name: string, tensor: Tensor): void {
    this.#feeds[name] = this.#wrap(findSpec(this.inputs, name, "input"), tensor);
  }

  setOutput(name: string, tensor: Tensor | null): boolean {
    const spec = findSpec(this.outputs, name, "output");
    // Native code under Deno cannot take a Float16Array, see #wrap.
    const direct = tensor !== null && tensor.type !== "float16";
    this.#targets[name] = direct ? this.#wrap(spec, tensor) : null;
    if (direct) this.#written.set(name, tensor);
    else this.#written.delete(name);
    this.#fetches = this.#chooseFetches();
    return direct;
  }

  selectOutputs(names: readonly string[] | null): void {
    checkSelection(this.outputs, names);
    this.#selected = names;
    this.#fetches = this.#chooseFetches();
  }

  #chooseFetches(): Record<string, OrtTensor | null> {
    if (this.#selected === null) return this.#targets;
    return Object.fromEntries(this.#selected.map((name) => [name, this.#targets[name] ?? null]));
  }

  async run(): Promise<OutputView> {
    const session = this.#openSession();
    const run = ++this.#runs;
    let results: InferenceSession.OnnxValueMapType;
    releaseBuffers(this.#results);
    try {
      results = this.#results = await session.run(this.#feeds, this.#fetches);
    } catch (cause) {
      this.#results = {};
      throw new FoveaError("ENGINE_FAILED", `Cannot run the model: ${text(cause)}`, { cause });
    }
    return {
      get: (name) => {
        if (run !== this.#runs || this.#session === null) {
          throw new FoveaError("STALE", `Cannot read output "${name}" of run ${run}: it is over`);
        }
        const written = name in results ? this.#written.get(name) : undefined;
        return written ?? readOutput(results, name);
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const session = this.#session;
    this.#session = null;
    await session?.release();
  }

  #openSession(): InferenceSession {
    if (this.#session === null) {
      throw new FoveaError("DISPOSED", "Cannot run the model: the engine is disposed");
    }
    return this.#session;
  }

  #wrap(spec: TensorSpec, tensor: Tensor): OrtTensor {
    checkFit(spec, tensor);
    if (tensor.data instanceof Float16Array) return wrapHalf(tensor.data, tensor.dims);
    // The library's typings pair each type with its own array; ours is checked just above.
    return new this.#ort.Tensor(tensor.type as "float32", tensor.data as Float32Array, [
      ...tensor.dims,
    ]);
  }
}

/**
 * A half-precision input as the library's native side reads it. Its own `Tensor` would hold a
 * `Float16Array`, at which Deno's native interface aborts the process, so the same bits go in as
 * 16-bit integers.
 */
function wrapHalf(data: Float16Array, dims: readonly number[]): OrtTensor {
  const bits = new Uint16Array(data.buffer, data.byteOffset, data.length);
  const tensor = {
    type: "float16",
    dims: [...dims],
    size: data.length,
    location: "cpu",
    data: bits,
  };
  return tensor as unknown as OrtTensor;
}

function tensorSpec(meta: InferenceSession.ValueMetadata, kind: string): TensorSpec {
  if (!meta.isTensor || !(TENSOR_TYPES as readonly string[]).includes(meta.type)) {
    throw new FoveaError(
      "MODEL_UNSUPPORTED",
      `Cannot use ${kind} "${meta.name}": ${meta.isTensor ? meta.type : "it is not a tensor"}`,
    );
  }
  return {
    name: meta.name,
    type: meta.type as TensorType,
    dims: meta.shape.map((dim) => typeof dim === "number" && dim >= 0 ? dim : -1),
  };
}

/**
 * Frees the copies of the outputs that the library makes at every run. Left to the collector they
 * would pile up to tens of megabytes, since it sees only the small objects around them.
 */
function releaseBuffers(results: InferenceSession.OnnxValueMapType): void {
  for (const value of Object.values(results)) {
    const { buffer } = (value as OrtTensor).data as Float32Array<ArrayBuffer>;
    if (!buffer.detached) buffer.transfer(0);
  }
}

function readOutput(results: InferenceSession.OnnxValueMapType, name: string): Tensor {
  const value = results[name];
  if (value === undefined) {
    throw new FoveaError(
      "OUTPUT_SHAPE",
      `Cannot read output "${name}": the model gave ${Object.keys(results).join(", ")}`,
    );
  }
  const tensor = value as OrtTensor;
  return {
    type: tensor.type as TensorType,
    dims: tensor.dims,
    data: tensor.data as Tensor["data"],
  };
}

function text(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).trim().replace(/\.$/, "");
}
