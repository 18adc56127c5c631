import { FoveaError } from "../core/errors.ts";
import type { Engine, OutputView } from "../core/ports.ts";
import type { Tensor, TensorSpec } from "../core/tensor.ts";
import { elementBytes, elementCount, tensorView } from "../core/tensor.ts";
import { type LibraryTensor, OrtBinding } from "../native/ort_binding.ts";
import { OrtEnvironment } from "../native/ort_environment.ts";
import { OrtLibrary } from "../native/ort_library.ts";
import { OrtRunWatchdog } from "../native/ort_run_watchdog.ts";
import { OrtSession, type OrtValueInfo } from "../native/ort_session.ts";
import { OrtSessionOptions } from "../native/ort_session_options.ts";
import type { OrtFailure } from "../native/ort_status.ts";
import {
  type CheckedEngineOptions,
  checkEngineOptions,
  type EngineOptions,
} from "./engine_options.ts";
import { listOnnxRuntimePlaces, SYSTEM_PLACES } from "./onnxruntime_places.ts";
import { checkFit, findSpec } from "./tensor_fit.ts";

/**
 * Loads a model into ONNX Runtime through its C API.
 *
 * The library reads inputs and writes outputs where they lie, shared memory included, and copies
 * nothing. It runs and loads on the calling thread, so call it in a worker.
 *
 * @param model The ONNX file's bytes; not needed any more afterwards.
 * @throws {FoveaError} `ENGINE_OPTION` for an option that is unknown or cannot be honoured,
 * `ENGINE_UNAVAILABLE` if the library or no asked provider is there, `ENGINE_FAILED` if the model
 * does not load.
 */
export async function loadLibOnnxRuntime(
  model: Uint8Array,
  options: EngineOptions = {},
): Promise<Engine> {
  const checked = checkEngineOptions(options);
  const wanted = checked.fallback ? checked.providers : checked.providers.slice(0, 1);
  if (!wanted.includes("cpu")) {
    throw new FoveaError("ENGINE_UNAVAILABLE", `Cannot use provider ${wanted.join(", ")}`);
  }
  await Promise.resolve();
  using stack = new DisposableStack();
  const library = OrtLibrary.open(listOnnxRuntimePlaces(checked.libraryPath, SYSTEM_PLACES));
  const environment = stack.use(new OrtEnvironment(library));
  using settings = new OrtSessionOptions(environment);
  applyOptions(settings, checked);
  const session = stack.use(new OrtSession(environment, model, settings));
  const binding = stack.use(new OrtBinding(session));
  const watchdog = checked.runTimeoutMs > 0
    ? stack.use(new OrtRunWatchdog(environment, checked.runTimeoutMs))
    : null;
  return new LibOnnxRuntimeEngine(session, binding, watchdog, stack.move(), checked);
}

function applyOptions(settings: OrtSessionOptions, options: CheckedEngineOptions): void {
  settings.setThreads(options.threads);
  settings.setGraphOptimization(options.graphOptimization);
  const spinning = options.spinning ? "1" : "0";
  settings.setConfig("session.intra_op.allow_spinning", spinning);
  settings.setConfig("session.inter_op.allow_spinning", spinning);
  for (const [key, value] of Object.entries(options.sessionConfig)) settings.setConfig(key, value);
}

/** Memory whose address the library has. Held here, so that it stays. */
interface BoundMemory {
  /** What it is bound to, for messages. */
  readonly what: string;
  readonly data: Tensor["data"];
  /** Elements it had when it was bound; an array whose buffer was transferred has none. */
  readonly length: number;
}

/** One output and where it goes. */
interface OutputSlot {
  readonly spec: TensorSpec;
  /** Whether all dimensions are known, so that memory for it can be made once. */
  readonly fixed: boolean;
  /** What is read after a run; `null` while nothing is bound or the library has not run yet. */
  tensor: Tensor | null;
  /** Whether the library allocates it anew at every run. */
  byLibrary: boolean;
}

class LibOnnxRuntimeEngine implements Engine {
  readonly name = "libonnxruntime";
  readonly library: string;
  readonly provider = "cpu";
  readonly missedProviders: readonly string[] = [];
  readonly takesSharedMemory = true;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly #binding: OrtBinding;
  readonly #watchdog: OrtRunWatchdog | null;
  readonly #stack: DisposableStack;
  readonly #timeoutMs: number;
  readonly #slots: readonly OutputSlot[];
  #bound: readonly BoundMemory[] = [];
  /** How many outputs the library allocates at every run. */
  #byLibrary = 0;
  #taken: LibraryTensor[] = [];
  #prepared = false;
  #disposed = false;
  #runs = 0;

  constructor(
    session: OrtSession,
    binding: OrtBinding,
    watchdog: OrtRunWatchdog | null,
    stack: DisposableStack,
    options: CheckedEngineOptions,
  ) {
    const { version, path } = session.environment.library;
    this.library = `ONNX Runtime ${version}, ${path}`;
    this.#stack = stack;
    this.#binding = binding;
    this.#watchdog = watchdog;
    this.#timeoutMs = options.runTimeoutMs;
    this.inputs = session.inputs.map((info) => tensorSpec(info, "input"));
    this.outputs = session.outputs.map((info) => tensorSpec(info, "output"));
    this.#slots = this.outputs.map((spec) => {
      // Bound at once, so that the library numbers outputs as the model does.
      binding.bindOutputToLibrary(spec.name);
      const fixed = spec.dims.every((dim) => dim > 0);
      return { spec, fixed, tensor: null, byLibrary: !fixed };
    });
  }

  setInput(name: string, tensor: Tensor): void {
    this.#checkOpen("bind an input");
    checkFit(findSpec(this.inputs, name, "input"), tensor);
    checkMemory(name, tensor);
    this.#binding.bindInput(name, tensor);
    this.#hold(`input "${name}"`, tensor);
  }

  setOutput(name: string, tensor: Tensor | null): boolean {
    this.#checkOpen("bind an output");
    const spec = findSpec(this.outputs, name, "output");
    const slot = this.#slots.find((candidate) => candidate.spec === spec)!;
    if (tensor === null) {
      this.#binding.bindOutputToLibrary(name);
      this.#hold(`output "${name}"`, null);
      slot.tensor = null;
      slot.byLibrary = !slot.fixed;
      this.#prepared = false;
      return false;
    }
    checkFit(spec, tensor);
    checkMemory(name, tensor);
    this.#bindOutput(slot, tensor);
    return true;
  }

  run(): Promise<OutputView> {
    // Not an async function: nothing is awaited, and a promise that is already settled is smaller.
    try {
      this.#checkOpen("run the model");
      this.#runs++;
      this.#runOnce();
      return Promise.resolve(new RunView(this, this.#runs));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** One output of run number `run`, for {@linkcode RunView}. */
  read(run: number, name: string): Tensor {
    if (run !== this.#runs || this.#disposed) {
      throw new FoveaError("STALE", `Cannot read output "${name}" of run ${run}: it is over`);
    }
    for (const { spec, tensor } of this.#slots) {
      if (spec.name === name && tensor !== null) return tensor;
    }
    const names = this.outputs.map((spec) => spec.name).join(", ");
    throw new FoveaError("OUTPUT_SHAPE", `Cannot read output "${name}": the model gave ${names}`);
  }

  // deno-lint-ignore require-await -- the interface is asynchronous, the library is not
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#freeTaken();
    this.#bound = [];
    this.#stack.dispose();
  }

  #runOnce(): void {
    if (!this.#prepared) this.#prepareOutputs();
    for (let i = 0; i < this.#bound.length; i++) {
      const { what, length, data } = this.#bound[i]!;
      if (data.length === length) continue;
      throw new TypeError(`Cannot run the model: the memory of ${what} was given away`);
    }
    if (this.#byLibrary > 0) this.#rebindLibraryOutputs();
    const failure = this.#runInTime();
    if (failure !== null) throw failure;
    if (this.#byLibrary > 0) this.#takeLibraryOutputs();
  }

  #runInTime(): FoveaError | null {
    const watchdog = this.#watchdog;
    if (watchdog === null) return describeFailure(this.#binding.run(null));
    watchdog.start();
    const failure = this.#binding.run(watchdog.runOptions);
    const late = watchdog.stop(failure !== null && /terminate flag/.test(failure.message));
    if (!late || failure === null) return describeFailure(failure);
    return new FoveaError(
      "ENGINE_TIMEOUT",
      `Cannot run the model within ${this.#timeoutMs} ms: the run was ended`,
      { cause: failure, hint: "Raise runTimeoutMs, or look what keeps this machine busy" },
    );
  }

  /** Makes memory for outputs that nobody gave memory for. */
  #prepareOutputs(): void {
    for (const slot of this.#slots) {
      if (!slot.fixed || slot.tensor !== null) continue;
      const { type, dims } = slot.spec;
      const count = elementCount(dims);
      const data = tensorView(type, new ArrayBuffer(count * elementBytes(type)), 0, count);
      this.#bindOutput(slot, { type, dims, data });
    }
    this.#byLibrary = this.#slots.filter(({ byLibrary }) => byLibrary).length;
    this.#prepared = true;
  }

  #bindOutput(slot: OutputSlot, tensor: Tensor): void {
    this.#binding.bindOutput(slot.spec.name, tensor);
    this.#hold(`output "${slot.spec.name}"`, tensor);
    slot.tensor = tensor;
    slot.byLibrary = false;
    this.#prepared = false;
  }

  #hold(what: string, tensor: Tensor | null): void {
    const others = this.#bound.filter((memory) => memory.what !== what);
    const memory = tensor && { what, data: tensor.data, length: tensor.data.length };
    this.#bound = memory === null ? others : [...others, memory];
  }

  /** The library keeps what it allocated and would want the same shape again. */
  #rebindLibraryOutputs(): void {
    this.#freeTaken();
    for (const { spec, byLibrary } of this.#slots) {
      if (byLibrary) this.#binding.bindOutputToLibrary(spec.name);
    }
  }

  #takeLibraryOutputs(): void {
    const taken = this.#binding.takeOutputs((index) => this.#slots[index]!.byLibrary);
    for (const [index, value] of taken) this.#slots[index]!.tensor = value.tensor;
    this.#taken = [...taken.values()];
  }

  #freeTaken(): void {
    for (const value of this.#taken) value[Symbol.dispose]();
    this.#taken.length = 0;
  }

  #checkOpen(what: string): void {
    if (!this.#disposed) return;
    throw new FoveaError("DISPOSED", `Cannot ${what}: the engine is disposed`);
  }
}

/** The outputs of one run. */
class RunView implements OutputView {
  readonly #engine: LibOnnxRuntimeEngine;
  readonly #run: number;

  constructor(engine: LibOnnxRuntimeEngine, run: number) {
    this.#engine = engine;
    this.#run = run;
  }

  get(name: string): Tensor {
    return this.#engine.read(this.#run, name);
  }
}

function describeFailure(failure: OrtFailure | null): FoveaError | null {
  if (failure === null) return null;
  const message = `Cannot run the model: ${failure.message}`;
  return new FoveaError("ENGINE_FAILED", message, { cause: failure });
}

/** Refuses memory that could move or shrink while the library has its address. */
function checkMemory(name: string, { data }: Tensor): void {
  if (data.buffer instanceof ArrayBuffer && data.buffer.resizable) {
    throw new TypeError(`Cannot bind "${name}": its memory can be resized`);
  }
}

function tensorSpec(info: OrtValueInfo, kind: string): TensorSpec {
  const { name, type, dims, elementType } = info;
  if (type !== null) return { name, type, dims };
  throw new FoveaError(
    "MODEL_UNSUPPORTED",
    `Cannot use ${kind} "${name}": ${
      elementType === null ? "it is not a tensor" : `its element type is ${elementType}`
    }`,
  );
}
