import type { DetectorSpec } from "../core/detector_spec.ts";
import type { Arena, Frame } from "../core/frame.ts";
import { checkRange } from "./detector_options.ts";
import { FoveaError } from "../core/errors.ts";
import type { HeadLayout } from "../core/head_layout.ts";
import type { HeadWeights } from "../core/head_weights.ts";
import { HeadGrid } from "../detector/head_grid.ts";
import type { TensorRtEvent } from "./detector_event.ts";
import type { InferWish, Lane } from "./lane.ts";
import { LaneSet } from "./lane_set.ts";
import { checkAdoptable, type PreparedHead } from "./prepare_head.ts";
import type { InferReply, LoadReply } from "./protocol.ts";
import { ProviderUpgrade, type UpgradeJob } from "./provider_upgrade.ts";

/** What changing over to another head took. */
export interface HeadSwap {
  /** Version that is served now. */
  readonly version: number;
  /** Time in which a worker could not infer, in milliseconds, of the slowest one. */
  readonly swapMs: number;
}

/** A loaded detector, ready for {@linkcode perceive}. Dispose it with `await using`. */
export interface Detector extends AsyncDisposable {
  /** How the model is fed and decoded, and how that was found out. */
  readonly spec: DetectorSpec;
  /** The engine that really runs. */
  readonly engine: string;
  /** The library behind it, with its version and where it was found. */
  readonly library: string;
  /**
   * The execution provider that really runs. It changes once where TensorRT builds its engine while
   * another one serves, see `tensorrtBuild`.
   */
  readonly provider: string;
  /** What was told last about the engine that TensorRT builds; `null` where it builds none. */
  readonly tensorrt: TensorRtEvent | null;
  /** Why each provider that was preferred to it does not run; empty without a fallback. */
  readonly missedProviders: readonly string[];
  /**
   * What converts pictures and decodes outputs: `cuda` where the model runs on a GPU and the pictures
   * stay there, else `wasm`.
   */
  readonly kernels: "cuda" | "wasm";
  /** Number of pictures that can be inferred at the same time. */
  readonly workers: number;
  /** Lowest score that is reported, 0–1. */
  readonly confidence: number;
  /** The model file. */
  readonly model: {
    /** Its path, or `(bytes)`. */
    readonly name: string;
    /** SHA-256 of its bytes, lower-case hexadecimal. */
    readonly sha256: string;
    /** Its size in bytes. */
    readonly bytes: number;
  };
  /** What loading took, warm-up included, in milliseconds. */
  readonly loadMs: number;
  /**
   * How often the input tensor is copied between the kernel and the engine: 0 where the engine
   * reads the arena itself, 1 where native code may not be given its address.
   */
  readonly inputCopies: number;
  /** The classification head that is served; `null` unless the detector was loaded with `head`. */
  readonly head: HeadWeights | null;
  /** The head in the model file, version 0; `null` unless it was loaded with `head`. */
  readonly shippedHead: HeadWeights | null;
  /** What the head is; `null` unless it was loaded with `head`. */
  readonly headLayout: HeadLayout | null;
  /** Which row of the model is which cell; `null` where the head is not exposed or not tappable. */
  readonly headGrid: HeadGrid | null;
  /**
   * Serves another head from the next picture on, in all workers at once: pictures that were begun
   * before it run with the old one, all later ones with the new one, and `headVersion` of each
   * result says which it was. Nothing is loaded anew and no picture is lost. If it fails, the old
   * head is still served.
   *
   * @throws {FoveaError} `HEAD_MISMATCH` if the head was made for another model or has other layers
   * or classes, `HEAD_UNSUPPORTED` if the detector was loaded without `head`, `DISPOSED`,
   * `WORKER_CRASHED`.
   * @throws {RangeError} If another head than the file's is to be served as version 0.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { loadDetector } from "@fovea/fovea";
   *
   * const model = "models/tiny/yolo_v8.onnx";
   * await using detector = await loadDetector(model, { head: true });
   * const shipped = detector.shippedHead!;
   * const half = shipped.layers.map((_, i) => {
   *   const { weight, bias } = shipped.layer(i);
   *   return { weight: weight.map((w) => w / 2), bias: bias.map((b) => b / 2) };
   * });
   * const { version } = await detector.adoptHead(shipped.withValues(half, 1));
   * assertEquals([version, detector.head!.version], [1, 1]);
   * ```
   */
  adoptHead(head: HeadWeights): Promise<HeadSwap>;
  /**
   * Times the bare model: every worker runs it `runs` times at once, with nothing around it.
   * Resolves to the median of one run in milliseconds.
   */
  measureModelMs(runs: number): Promise<number>;
}

/** A {@linkcode Detector} as the loop sees it. */
export class LoadedDetector implements Detector {
  readonly spec: DetectorSpec;
  readonly #lanes: LaneSet;
  /** What changes the provider; `null` where nothing does, or not any more. */
  #upgrade: ProviderUpgrade | null = null;
  #tensorrt: TensorRtEvent | null = null;
  readonly shippedHead: HeadWeights | null;
  readonly headLayout: HeadLayout | null;
  readonly headGrid: HeadGrid | null;
  /** Why the head cannot be tapped; `null` where it can, or where none is exposed. */
  readonly tapRefusal: FoveaError | null;
  #head: HeadWeights | null;
  /** Where the next head lies for all workers; made once, when a head is first changed. */
  #staging: Float32Array | null = null;
  /** Heads are changed one after the other. */
  #changing: Promise<unknown> = Promise.resolve();

  /** Takes over the lanes, all loaded with the same request. */
  constructor(
    lanes: readonly Lane[],
    reply: LoadReply,
    readonly model: Detector["model"],
    readonly loadMs: number,
    readonly confidence: number,
    prepared: PreparedHead | null = null,
  ) {
    this.#lanes = new LaneSet(lanes, reply);
    this.spec = reply.spec;
    this.#head = prepared?.served ?? null;
    this.shippedHead = prepared?.shipped ?? null;
    this.headLayout = prepared?.exposed.layout ?? null;
    const { tap } = reply;
    this.headGrid = tap !== null && "levels" in tap
      ? new HeadGrid(tap.levels, tap.pointOffset)
      : null;
    this.tapRefusal = tap !== null && "code" in tap ? FoveaError.fromJSON(tap) : null;
  }

  /** See {@linkcode Detector.engine}. */
  get engine(): string {
    return this.#lanes.reply.engine;
  }

  /** See {@linkcode Detector.library}. */
  get library(): string {
    return this.#lanes.reply.library;
  }

  /** See {@linkcode Detector.provider}. */
  get provider(): string {
    return this.#lanes.reply.provider;
  }

  /** See {@linkcode Detector.missedProviders}. */
  get missedProviders(): readonly string[] {
    return this.#lanes.reply.missedProviders;
  }

  /** See {@linkcode Detector.kernels}. */
  get kernels(): "cuda" | "wasm" {
    return this.#lanes.reply.kernels;
  }

  /** See {@linkcode Detector.inputCopies}. */
  get inputCopies(): number {
    return this.#lanes.reply.inputCopies;
  }

  /** See {@linkcode Detector.tensorrt}. */
  get tensorrt(): TensorRtEvent | null {
    return this.#tensorrt;
  }

  /** See {@linkcode Detector.head}. */
  get head(): HeadWeights | null {
    return this.#head;
  }

  /** See {@linkcode Detector.adoptHead}. */
  async adoptHead(head: HeadWeights): Promise<HeadSwap> {
    checkAdoptable(head, this.shippedHead, this.model.sha256);
    const change = this.#changing.then(() => this.#change(head));
    this.#changing = change.catch(() => {});
    return await change;
  }

  /** Lets a better provider take over as soon as it can; ended with the detector. */
  startUpgrade(job: UpgradeJob): void {
    const tell = (event: TensorRtEvent): void => {
      this.#tensorrt = event;
      job.tell(event);
    };
    const upgrade = new ProviderUpgrade({ ...job, tell }, this.#lanes, {
      head: () => this.#head,
      serve: (lanes, reply, loaded) => this.#serve(lanes, reply, loaded),
    });
    this.#upgrade = upgrade;
    upgrade.done.then(() => this.#upgrade = null);
  }

  /** Runs one picture on the lane with the fewest; the lease is taken over. */
  infer(frame: Frame, wanted: InferWish): Promise<InferReply> {
    return this.#lanes.infer(frame, wanted);
  }

  /** Lets other lanes serve from the next picture on, with the head that is served by then. */
  async #serve(
    lanes: readonly Lane[],
    reply: LoadReply,
    loaded: HeadWeights | null,
  ): Promise<void> {
    const change = this.#changing.then(async () => {
      const head = this.#head;
      if (head !== null && head !== loaded) {
        await this.#stage(lanes, head);
        await Promise.all(lanes.map((lane) => lane.commitHead()));
      }
      this.#lanes.serve(lanes, reply);
    });
    this.#changing = change.catch(() => {});
    await change;
  }

  async #stage(lanes: readonly Lane[], head: HeadWeights): Promise<void> {
    const { version, numbers } = head;
    const packed = this.#staging ??= new Float32Array(new SharedArrayBuffer(4 * numbers));
    // Every worker has taken the last one before its change ended.
    head.packInto(packed);
    const staged = await Promise.allSettled(
      lanes.map((lane) => lane.stageHead({ version, packed })),
    );
    for (const one of staged) if (one.status === "rejected") throw one.reason;
  }

  async #change(head: HeadWeights): Promise<HeadSwap> {
    const { lanes } = this.#lanes;
    await this.#stage(lanes, head);
    // Nothing is awaited between the lanes, so no picture is begun between them either.
    const commits = lanes.map((lane) => lane.commitHead());
    this.#head = head;
    return { version: head.version, swapMs: Math.max(...await Promise.all(commits)) };
  }

  /** Number of lanes. */
  get workers(): number {
    return this.#lanes.lanes.length;
  }

  /** See {@linkcode Detector.measureModelMs}. */
  async measureModelMs(runs: number): Promise<number> {
    checkRange("runs", runs, 1, 100_000, true);
    const { lanes } = this.#lanes;
    const times = (await Promise.all(lanes.map((lane) => lane.measure(runs)))).flat();
    times.sort((a, b) => a - b);
    return times[Math.floor(times.length / 2)]!;
  }

  /** Lets go of a camera's memory. */
  async detach(arena: Arena): Promise<void> {
    await this.#lanes.detach(arena);
  }

  /** Ends what is being built and frees every lane. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#upgrade?.cancel();
    await this.#lanes[Symbol.asyncDispose]();
  }
}
