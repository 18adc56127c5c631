import type { DecodePlan } from "../core/decode_plan.ts";
import type { DecodeParams } from "../core/detector_spec.ts";
import type { Engine, TensorAddressing } from "../core/ports.ts";
import { checkSomeFinite } from "../detector/candidate_rows.ts";
import { pickThreshold } from "../detector/decode_plan.ts";
import { finishKept } from "../detector/finish_detections.ts";
import type { CudaEvent } from "../native/cuda_event.ts";
import { CudaFramePath } from "../native/cuda_frame_path.ts";
import type { CudaSession } from "../native/cuda_session.ts";
import { LetterboxCache } from "../preprocess/letterbox_cache.ts";
import { lookAt } from "../monitor/image_look.ts";
import { currentBuffer } from "./arena_buffer.ts";
import { DeviceWatch } from "./device_watch.ts";
import type { PicturePerceiver } from "./picture_perceiver.ts";
import type { AttachRequest, InferReply, InferRequest, LoadReply } from "./protocol.ts";

/** An engine that finds tensors by their address. */
export type AddressableEngine = Engine & { readonly addressing: TensorAddressing };

/** Marks between the stages of one picture on the GPU. */
interface StageMarks {
  readonly start: CudaEvent;
  readonly converted: CudaEvent;
  readonly ran: CudaEvent;
  readonly decoded: CudaEvent;
}

/**
 * Turns pictures into detections on a GPU: what is computed stays there from the picture to the
 * boxes that remain, all on one stream. The thread copies the picture in, copies what remains out,
 * and waits once.
 */
export class DevicePerceiver implements PicturePerceiver {
  readonly #engine: Engine;
  readonly #addressing: TensorAddressing;
  readonly #session: CudaSession;
  readonly #path: CudaFramePath;
  readonly #plan: DecodePlan;
  readonly #marks: StageMarks;
  readonly #fit: LetterboxCache;
  readonly #stack: DisposableStack;
  /** Lowest score that the kernels are told. */
  #confidence = 1;
  readonly #makeWatch: () => Promise<DeviceWatch>;
  /** Made for the first picture that a monitor wants to know about. */
  #watch: DeviceWatch | null = null;
  readonly #arenas = new Map<number, WebAssembly.Memory>();

  /**
   * Takes over the engine and the session once it is made.
   *
   * @param engine Its extra inputs are bound already.
   * @throws {FoveaError} `GPU_MEMORY`; `MODEL_UNSUPPORTED` if an output has a type that kernels do
   * not read.
   */
  constructor(
    engine: AddressableEngine,
    session: CudaSession,
    loaded: Pick<LoadReply, "spec">,
    plan: DecodePlan,
    params: Omit<DecodeParams, "confidence">,
  ) {
    using stack = new DisposableStack();
    const { spec } = loaded;
    this.#path = stack.use(
      new CudaFramePath(session.kernels, session.stream, {
        input: spec.input,
        plan,
        settings: {
          threshold: pickThreshold(plan, { confidence: this.#confidence }),
          suppress: spec.needsNms,
          iouThreshold: params.iouThreshold,
          agnostic: params.agnosticNms,
          maxDetections: Math.min(params.maxDetections, plan.rows),
          classFilter: params.classFilter,
        },
        outputTypes: Object.fromEntries(engine.outputs.map(({ name, type }) => [name, type])),
      }),
    );
    const mark = () => stack.use(session.context.createEvent({ timed: true }));
    this.#marks = { start: mark(), converted: mark(), ran: mark(), decoded: mark() };
    engine.addressing.bindInput(spec.input.name, this.#path.input);
    for (const [name, tensor] of this.#path.outputs) engine.addressing.bindOutput(name, tensor);
    this.#engine = engine;
    this.#addressing = engine.addressing;
    this.#session = session;
    this.#plan = plan;
    this.#fit = new LetterboxCache(spec.input);
    this.#makeWatch = () => DeviceWatch.create(loaded, plan.outputs, params);
    this.#stack = stack.move();
  }

  /** How pictures get to the GPU. */
  get transfer(): CudaFramePath["transfer"] {
    return this.#path.transfer;
  }

  attach({ arenaId, memory }: AttachRequest): Promise<void> {
    this.#arenas.set(arenaId, memory);
    return Promise.resolve();
  }

  detach(arenaId: number): void {
    this.#arenas.delete(arenaId);
  }

  async infer(request: InferRequest, onRead: () => void): Promise<InferReply> {
    const { arenaId, picture, memoryBytes } = request;
    const memory = this.#arenas.get(arenaId);
    if (memory === undefined) throw new TypeError(`Cannot infer: arena ${arenaId} is not attached`);
    if (request.monitored) this.#watch ??= await this.#makeWatch();
    const startMs = performance.now();
    const { stream } = this.#session;
    const marks = this.#marks;
    const letterbox = this.#fit.fit(picture);
    marks.start.record(stream);
    const buffer = currentBuffer(memory, memoryBytes);
    this.#path.begin(picture, buffer, letterbox);
    marks.converted.record(stream);
    const begunMs = performance.now();
    if (!request.monitored) onRead();
    await this.#run();
    // The processor looks while the GPU runs the model.
    const image = request.monitored ? lookAt(picture, new Uint8Array(buffer)) : null;
    if (request.monitored) onRead();
    marks.ran.record(stream);
    if (this.#confidence !== request.confidence) {
      this.#confidence = request.confidence;
      this.#path.setThreshold(pickThreshold(this.#plan, request));
    }
    const fetched = image === null ? null : this.#path.fetchOutputs();
    const { kept, brokenRows } = this.#path.finish(marks.decoded);
    checkSomeFinite({ ...kept, nonFinite: brokenRows }, this.#plan.rows);
    const decodedMs = performance.now();
    const detections = finishKept(kept, letterbox);
    const finishedMs = performance.now();
    const monitor = image === null || fetched === null
      ? null
      : { ...this.#watch!.read(fetched, letterbox), image };
    const endMs = performance.now();
    const convertMs = marks.converted.measureSinceMs(marks.start);
    const decodeMs = marks.decoded.measureSinceMs(marks.ran);
    return {
      detections,
      nonFinite: kept.nonFinite,
      headVersion: 0,
      tap: null,
      monitor,
      timingsMs: {
        // The host's copy and the GPU's work follow each other; what is left of the wait is the run.
        preprocess: begunMs - startMs + convertMs,
        infer: Math.max(0, decodedMs - begunMs - convertMs - decodeMs),
        decodeOutputs: decodeMs,
        nms: finishedMs - decodedMs,
        monitor: endMs - finishedMs,
        total: endMs - startMs,
      },
    };
  }

  stageHead(): never {
    throw new TypeError("Cannot change the head: none is exposed on the GPU's own path");
  }

  commitHead(): never {
    return this.stageHead();
  }

  async measure(runs: number): Promise<number[]> {
    this.#path.clearInput();
    this.#session.stream.synchronize();
    const times: number[] = [];
    for (let run = 0; run < runs; run++) {
      const startMs = performance.now();
      await this.#run();
      this.#session.stream.synchronize();
      times.push(performance.now() - startMs);
    }
    return times;
  }

  /** Frees the engine, then what it was bound to. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#arenas.clear();
    using _session = this.#session;
    using _path = this.#stack;
    await this.#engine[Symbol.asyncDispose]();
  }

  /** Gives the model's run to the stream, or waits for its input where it runs elsewhere. */
  async #run(): Promise<void> {
    if (!this.#addressing.isAsync) this.#session.stream.synchronize();
    await this.#engine.run();
    // The provider may have made another context current on this thread.
    this.#session.context.makeCurrent();
  }
}
