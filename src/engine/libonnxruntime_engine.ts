import { FoveaError } from "../core/errors.ts";
import type { Engine, OutputView, TensorAddressing } from "../core/ports.ts";
import {
  type AddressTensor,
  elementBytes,
  elementCount,
  type Tensor,
  type TensorSpec,
  tensorView,
} from "../core/tensor.ts";
import type { LibraryTensor } from "../native/ort_binding.ts";
import type { OrtValueInfo } from "../native/ort_session.ts";
import type { EngineParts } from "./engine_parts.ts";
import { describeFailure } from "./run_failure.ts";
import { checkAddressFit, checkFit, checkMemory, checkSelection, findSpec } from "./tensor_fit.ts";

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
  /** Whether it lies where only its address tells. */
  byAddress: boolean;
}

/** See {@linkcode loadLibOnnxRuntime}. */
export class LibOnnxRuntimeEngine implements Engine {
  readonly name = "libonnxruntime";
  readonly library: string;
  readonly provider: string;
  readonly missedProviders: readonly string[];
  readonly takesSharedMemory = true;
  readonly addressing: TensorAddressing;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly #parts: Omit<EngineParts, "stack">;
  readonly #stack: DisposableStack;
  readonly #slots: readonly OutputSlot[];
  #bound: readonly BoundMemory[] = [];
  /** How many outputs the library allocates at every run. */
  #byLibrary = 0;
  #taken: LibraryTensor[] = [];
  /** Outputs that may be read; `null` for all. */
  #selected: ReadonlySet<string> | null = null;
  #prepared = false;
  #disposed = false;
  #runs = 0;

  /** Takes the parts over. */
  constructor(parts: EngineParts) {
    const { session, binding } = parts;
    const { version, path } = session.environment.library;
    this.library = `ONNX Runtime ${version}, ${path}`;
    this.provider = parts.provider;
    this.missedProviders = parts.missedProviders;
    this.#parts = parts;
    this.inputs = session.inputs.map((info) => tensorSpec(info, "input"));
    this.outputs = session.outputs.map((info) => tensorSpec(info, "output"));
    this.#slots = this.outputs.map((spec) => {
      // Bound at once, so that the library numbers outputs as the model does.
      binding.bindOutputToLibrary(spec.name);
      const fixed = spec.dims.every((dim) => dim > 0);
      return { spec, fixed, tensor: null, byLibrary: !fixed, byAddress: false };
    });
    this.addressing = {
      memory: parts.addressMemory.memory,
      isAsync: parts.isAsync,
      bindInput: (name, tensor) => this.#bindInputAt(name, tensor),
      bindOutput: (name, tensor) => this.#bindOutputAt(name, tensor),
    };
    this.#stack = parts.stack.move();
  }

  setInput(name: string, tensor: Tensor): void {
    this.#checkOpen("bind an input");
    checkFit(findSpec(this.inputs, name, "input"), tensor);
    checkMemory(name, tensor);
    this.#parts.binding.bindInput(name, tensor);
    this.#hold(`input "${name}"`, tensor);
  }

  setOutput(name: string, tensor: Tensor | null): boolean {
    this.#checkOpen("bind an output");
    const slot = this.#findSlot(name);
    if (tensor === null) {
      this.#parts.binding.bindOutputToLibrary(name);
      this.#hold(`output "${name}"`, null);
      slot.tensor = null;
      slot.byLibrary = !slot.fixed;
      slot.byAddress = false;
      this.#prepared = false;
      return false;
    }
    checkFit(slot.spec, tensor);
    checkMemory(name, tensor);
    this.#bindOutput(slot, tensor);
    return true;
  }

  selectOutputs(names: readonly string[] | null): void {
    checkSelection(this.outputs, names);
    // The others are written where they are bound, which costs nothing, and not fetched.
    this.#selected = names === null ? null : new Set(names);
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
      if (spec.name === name && tensor !== null && this.#isRead(spec)) return tensor;
    }
    const readable = this.#slots
      .filter(({ spec, byAddress }) => !byAddress && this.#isRead(spec))
      .map(({ spec }) => spec.name);
    const found = `the model gave ${readable.join(", ") || "nothing to memory of ours"}`;
    throw new FoveaError("OUTPUT_SHAPE", `Cannot read output "${name}": ${found}`);
  }

  // deno-lint-ignore require-await -- the interface is asynchronous, the library is not
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#freeTaken();
    this.#bound = [];
    using _ = this.#stack;
    if (this.#parts.profiling) this.#parts.session.endProfiling();
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

  #bindInputAt(name: string, tensor: AddressTensor): void {
    this.#checkOpen("bind an input");
    checkAddressFit(findSpec(this.inputs, name, "input"), tensor);
    this.#parts.binding.bindInputAt(name, tensor, this.#parts.addressMemory.info);
    this.#hold(`input "${name}"`, null);
  }

  #bindOutputAt(name: string, tensor: AddressTensor): void {
    this.#checkOpen("bind an output");
    const slot = this.#findSlot(name);
    checkAddressFit(slot.spec, tensor);
    this.#parts.binding.bindOutputAt(name, tensor, this.#parts.addressMemory.info);
    this.#hold(`output "${name}"`, null);
    slot.tensor = null;
    slot.byLibrary = false;
    slot.byAddress = true;
    this.#prepared = false;
  }

  #findSlot(name: string): OutputSlot {
    const spec = findSpec(this.outputs, name, "output");
    return this.#slots.find((candidate) => candidate.spec === spec)!;
  }

  #runInTime(): FoveaError | null {
    const { watchdog, binding, runOptions } = this.#parts;
    if (watchdog === null) return describeFailure(binding.run(runOptions && runOptions.pointer));
    watchdog.start();
    const failure = binding.run(watchdog.runOptions);
    const late = watchdog.stop(failure !== null && /terminate flag/.test(failure.message));
    if (!late || failure === null) return describeFailure(failure);
    return new FoveaError(
      "ENGINE_TIMEOUT",
      `Cannot run the model within ${watchdog.timeoutMs} ms: the run was ended`,
      { cause: failure, hint: "Raise runTimeoutMs, or look what keeps this machine busy" },
    );
  }

  /** Makes memory for outputs that nobody gave memory for. */
  #prepareOutputs(): void {
    for (const slot of this.#slots) {
      if (!slot.fixed || slot.tensor !== null || slot.byAddress) continue;
      const { type, dims } = slot.spec;
      const count = elementCount(dims);
      const data = tensorView(type, new ArrayBuffer(count * elementBytes(type)), 0, count);
      this.#bindOutput(slot, { type, dims, data });
    }
    this.#byLibrary = this.#slots.filter(({ byLibrary }) => byLibrary).length;
    this.#prepared = true;
  }

  #bindOutput(slot: OutputSlot, tensor: Tensor): void {
    this.#parts.binding.bindOutput(slot.spec.name, tensor);
    this.#hold(`output "${slot.spec.name}"`, tensor);
    slot.tensor = tensor;
    slot.byLibrary = false;
    slot.byAddress = false;
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
      if (byLibrary) this.#parts.binding.bindOutputToLibrary(spec.name);
    }
  }

  #takeLibraryOutputs(): void {
    const taken = this.#parts.binding.takeOutputs((index) => {
      const { byLibrary, spec } = this.#slots[index]!;
      return byLibrary && this.#isRead(spec);
    });
    for (const [index, value] of taken) this.#slots[index]!.tensor = value.tensor;
    this.#taken = [...taken.values()];
  }

  #isRead({ name }: TensorSpec): boolean {
    return this.#selected?.has(name) ?? true;
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
