import { candidatesView } from "../core/candidates.ts";
import type { DecodeParams } from "../core/detector_spec.ts";
import type { Candidates, Kernels } from "../core/kernels.ts";
import type { Engine } from "../core/ports.ts";
import { elementCount, type Tensor, type TensorData, tensorView } from "../core/tensor.ts";
import type { OutputAdapter } from "../detector/adapter.ts";
import { everyLabel } from "../detector/every_label.ts";
import { dropBelow, finishDetections } from "../detector/finish_detections.ts";
import { lookAt } from "../monitor/image_look.ts";
import { createKernels } from "../native/create_kernels.ts";
import type { HeadTap } from "../detector/head_tap.ts";
import type { CudaSession } from "../native/cuda_session.ts";
import { LetterboxCache } from "../preprocess/letterbox_cache.ts";
import { currentBuffer } from "./arena_buffer.ts";
import { ArenaOutputs } from "./arena_outputs.ts";
import type { HeadSlots, StagedHead } from "./head_slots.ts";
import type { PicturePerceiver } from "./picture_perceiver.ts";
import { MonitorTap } from "./monitor_tap.ts";
import type { AttachRequest, InferReply, InferRequest, LoadReply } from "./protocol.ts";
import { regionLayout } from "./region.ts";
import { shareTensor, type TensorSharing } from "./tensor_sharing.ts";

type InputData = Float32Array | Float16Array | Uint8Array;

/** A head that comes in from outside. */
export interface ServedHead {
  /** The numbers that the model is fed with. */
  readonly slots: HeadSlots;
  /** What taps it; `null` where that is not possible. */
  readonly tap: HeadTap | null;
}

/** Everything that is bound to one arena. */
interface Bench {
  readonly memory: WebAssembly.Memory;
  readonly kernels: Kernels;
  /** The kernels as the adapter sees them: they pick one class of a box, or all. */
  readonly picker: Kernels;
  /** Where the kernel writes, inside the arena. */
  readonly input: InputData;
  /** What the engine reads: the same bytes, or a copy where they cannot be shared. */
  readonly engineInput: InputData;
  readonly outputs: ArenaOutputs;
  readonly bindings: readonly { readonly name: string; readonly tensor: Tensor }[];
  readonly candidates: Candidates;
  readonly keep: Int32Array;
  readonly rowTargets: Int32Array;
}

/**
 * Turns pictures into detections on the thread it lives on: kernel, engine, adapter, suppression.
 * Nothing is allocated per picture but the detections themselves.
 */
export class Perceiver implements PicturePerceiver {
  readonly #engine: Engine;
  readonly #adapter: OutputAdapter;
  readonly #loaded: LoadReply;
  /** Made anew only when another lowest score is asked for. */
  #params: DecodeParams;
  readonly #homeInput: Tensor;
  readonly #sharing: TensorSharing;
  readonly #session: CudaSession | null;
  readonly #fit: LetterboxCache;
  readonly #head: ServedHead | null;
  /** Outputs of a run without a tap, and of one with. */
  readonly #plainOutputs: readonly string[];
  readonly #tapOutputs: readonly string[];
  #selected: readonly string[] | null = null;
  readonly #monitorTap: MonitorTap;
  readonly #benches = new Map<number, Bench>();
  /** The arena the engine is bound to; `null` while it is bound to memory of its own. */
  #bound: Bench | null = null;
  /**
   * Takes over the engine.
   *
   * @param memory `homeInput`: what the picture input is bound to while no arena is. `sharing`: how
   * the engine gets at tensors in an arena. `session`: the GPU whose stream the engine computes on without
   * waiting for it, also taken over; `null` where it waits itself.
   */
  constructor(
    engine: Engine,
    adapter: OutputAdapter,
    loaded: LoadReply,
    params: Omit<DecodeParams, "confidence">,
    memory: {
      readonly homeInput: Tensor;
      readonly sharing: TensorSharing;
      readonly session: CudaSession | null;
    },
    head: ServedHead | null,
  ) {
    this.#engine = engine;
    this.#adapter = adapter;
    this.#loaded = loaded;
    this.#params = { ...params, confidence: 1 };
    this.#homeInput = memory.homeInput;
    this.#sharing = memory.sharing;
    this.#session = memory.session;
    this.#fit = new LetterboxCache(loaded.spec.input);
    this.#head = head;
    this.#plainOutputs = Object.values(loaded.spec.outputs);
    this.#tapOutputs = [...new Set([...this.#plainOutputs, ...head?.tap?.outputs ?? []])];
    this.#monitorTap = new MonitorTap(loaded.spec, adapter);
  }

  /** Lays its buffers out in a region of an arena, in place of an earlier one. */
  async attach(request: AttachRequest): Promise<void> {
    const { memory, byteOffset, sourceWidthMax } = request;
    const buffer = currentBuffer(memory, request.memoryBytes);
    const { input: spec } = this.#loaded.spec;
    const layout = regionLayout(this.#loaded, sourceWidthMax, byteOffset);
    const elements = 3 * spec.width * spec.height;
    const input = tensorView(spec.type, buffer, layout.input, elements) as InputData;
    const shared = shareTensor(this.#sharing, spec.type, buffer, layout.input, elements);
    const engineInput = shared ??
      tensorView(spec.type, new ArrayBuffer(input.byteLength), 0, elements);
    const outputs = new ArenaOutputs();
    const bindings: { name: string; tensor: Tensor }[] = [];
    for (const [name, offset] of layout.outputs) {
      const dims = this.#loaded.outputDims[name]!;
      const count = elementCount(dims);
      const openRows = this.#loaded.openRows.includes(name);
      const data = openRows ? null : this.#shareOutput(name, buffer, offset, count);
      if (data !== null) bindings.push({ name, tensor: { type: "float32", dims, data } });
      const values = new Float32Array(buffer, offset, count);
      outputs.place(name, openRows ? dims.with(1, -1) : dims, values, data !== null);
    }
    this.detach(request.arenaId);
    const kernels = await createKernels(memory, layout.scratch, layout.scratchBytes);
    this.#benches.set(request.arenaId, {
      memory,
      kernels,
      picker: this.#params.labels === "all" ? everyLabel(kernels) : kernels,
      input,
      engineInput: engineInput as InputData,
      outputs,
      bindings,
      candidates: candidatesView(buffer, layout.candidates, layout.candidatesMax),
      keep: new Int32Array(buffer, layout.keep, layout.candidatesMax),
      rowTargets: new Int32Array(buffer, layout.rowTargets, layout.candidatesMax),
    });
  }

  /** Forgets an arena. The engine lets go of its addresses first: the memory may vanish. */
  detach(arenaId: number): void {
    if (this.#benches.get(arenaId) === this.#bound) this.#bindHome();
    this.#benches.delete(arenaId);
  }

  /** Runs one picture, see {@linkcode PicturePerceiver}. */
  async infer(request: InferRequest, onRead: () => void): Promise<InferReply> {
    const { arenaId, picture, memoryBytes, seq, tap: wanted } = request;
    const bench = this.#benches.get(arenaId);
    if (bench === undefined) throw new TypeError(`Cannot infer: arena ${arenaId} is not attached`);
    const { spec } = this.#loaded;
    const startMs = performance.now();
    const letterbox = this.#fit.fit(picture);
    const buffer = currentBuffer(bench.memory, memoryBytes);
    bench.kernels.letterboxInto(picture, buffer, letterbox, spec.input, bench.input);
    if (this.#loaded.inputCopies > 0) {
      bench.engineInput.set(bench.input as Uint8Array);
    }
    const writtenMs = performance.now();
    const image = request.monitored ? lookAt(picture, new Uint8Array(buffer)) : null;
    onRead();
    const readMs = performance.now();
    this.#bind(bench);
    this.#select(wanted === null ? this.#plainOutputs : this.#tapOutputs);
    const view = await this.#engine.run();
    this.#session?.stream.synchronize();
    const ranMs = performance.now();
    const outputs = bench.outputs.show(view);
    this.#adapter.decodeInto(outputs, bench.picker, this.#paramsFor(request), bench.candidates);
    const decodedMs = performance.now();
    const monitor = image === null ? null : {
      ...this.#monitorTap.read(outputs, bench.kernels, bench, letterbox),
      image,
    };
    if (monitor !== null) dropBelow(bench.candidates, request.confidence);
    const tappedMs = performance.now();
    const detections = finishDetections(
      bench.candidates,
      bench.kernels,
      this.#params,
      spec,
      letterbox,
      bench.keep,
    );
    const endMs = performance.now();
    const { nonFinite } = bench.candidates;
    const headVersion = this.#head?.slots.version ?? 0;
    const frame = { seq, headVersion, predictions: outputs, outputs: view, letterbox };
    const tap = wanted === null
      ? null
      : this.#openTap().take(wanted, frame, bench.kernels, bench.candidates);
    return {
      detections,
      nonFinite,
      headVersion,
      tap,
      monitor,
      timingsMs: {
        preprocess: writtenMs - startMs,
        infer: ranMs - readMs,
        decodeOutputs: decodedMs - ranMs,
        nms: endMs - tappedMs,
        monitor: readMs - writtenMs + tappedMs - decodedMs,
        total: endMs - startMs,
      },
    };
  }

  /** Gets the next head ready. @throws {FoveaError} `HEAD_MISMATCH`, `HEAD_UNSUPPORTED`. */
  stageHead(head: StagedHead): void {
    this.#openHead().slots.stage(head);
  }

  /** Serves the head that is ready, and tells the milliseconds that took. */
  commitHead(): number {
    const startMs = performance.now();
    this.#openHead().slots.commit();
    return performance.now() - startMs;
  }

  /** Times the bare model on a grey picture; milliseconds per run. */
  async measure(runs: number): Promise<number[]> {
    this.#bindHome();
    this.#select(this.#plainOutputs);
    const times: number[] = [];
    for (let run = 0; run < runs; run++) {
      const startMs = performance.now();
      await this.#engine.run();
      this.#session?.stream.synchronize();
      times.push(performance.now() - startMs);
    }
    return times;
  }

  /** Frees the engine. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#benches.clear();
    using _ = this.#session;
    await this.#engine[Symbol.asyncDispose]();
  }

  /** Where the engine can write an output as adapters read it; `null` if it must be converted. */
  #shareOutput(
    name: string,
    buffer: SharedArrayBuffer,
    offset: number,
    count: number,
  ): TensorData | null {
    const type = this.#engine.outputs.find((output) => output.name === name)?.type;
    if (type !== "float32") return null;
    return shareTensor(this.#sharing, type, buffer, offset, count);
  }

  #openHead(): ServedHead {
    if (this.#head !== null) return this.#head;
    throw new TypeError("Cannot serve a head: the detector was loaded without");
  }

  #openTap(): HeadTap {
    const { tap } = this.#openHead();
    if (tap === null) throw new TypeError("Cannot tap this head");
    return tap;
  }

  /** Fetches no more outputs than a run is read for. */
  #select(outputs: readonly string[]): void {
    if (outputs === this.#selected) return;
    this.#engine.selectOutputs(outputs);
    this.#selected = outputs;
  }

  /** How candidates are picked: a monitor wants weaker ones than are reported. */
  #paramsFor({ confidence, monitored }: InferRequest): DecodeParams {
    const lowest = monitored ? Math.min(confidence, this.#monitorTap.confidence) : confidence;
    if (this.#params.confidence !== lowest) this.#params = { ...this.#params, confidence: lowest };
    return this.#params;
  }

  #bind(bench: Bench): void {
    if (bench === this.#bound) return;
    const { input } = this.#loaded.spec;
    this.#engine.setInput(input.name, { ...this.#homeInput, data: bench.engineInput });
    for (const { name, tensor } of bench.bindings) this.#engine.setOutput(name, tensor);
    this.#bound = bench;
  }

  #bindHome(): void {
    if (this.#bound === null) return;
    this.#engine.setInput(this.#loaded.spec.input.name, this.#homeInput);
    for (const { name } of this.#bound.bindings) this.#engine.setOutput(name, null);
    this.#bound = null;
  }
}
