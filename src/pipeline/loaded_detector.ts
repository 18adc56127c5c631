import type { DetectorSpec } from "../core/detector_spec.ts";
import type { Arena } from "../core/frame.ts";
import { checkRange } from "./detector_options.ts";
import { FoveaError } from "../core/errors.ts";
import type { HeadLayout } from "../core/head_layout.ts";
import type { HeadWeights } from "../core/head_weights.ts";
import { HeadGrid } from "../detector/head_grid.ts";
import { checkLayers } from "../onnx/bake_head.ts";
import type { Lane } from "./lane.ts";
import { checkModel, checkVersion, type PreparedHead } from "./prepare_head.ts";
import type { LoadReply } from "./protocol.ts";

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
  /** The execution provider that really runs. */
  readonly provider: string;
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

/** The workers of a detector, for the loop. Not part of the public interface. */
export const lanesOf: unique symbol = Symbol("lanes");

/** A {@linkcode Detector} as the loop sees it. */
export class LoadedDetector implements Detector {
  readonly spec: DetectorSpec;
  readonly engine: string;
  readonly library: string;
  readonly provider: string;
  readonly missedProviders: readonly string[];
  readonly kernels: "cuda" | "wasm";
  readonly inputCopies: number;
  readonly [lanesOf]: readonly Lane[];
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
    this[lanesOf] = lanes;
    this.spec = reply.spec;
    this.engine = reply.engine;
    this.library = reply.library;
    this.provider = reply.provider;
    this.missedProviders = reply.missedProviders;
    this.kernels = reply.kernels;
    this.inputCopies = reply.inputCopies;
    this.#head = prepared?.served ?? null;
    this.shippedHead = prepared?.shipped ?? null;
    this.headLayout = prepared?.exposed.layout ?? null;
    const { tap } = reply;
    this.headGrid = tap !== null && "levels" in tap
      ? new HeadGrid(tap.levels, tap.pointOffset)
      : null;
    this.tapRefusal = tap !== null && "code" in tap ? FoveaError.fromJSON(tap) : null;
  }

  /** See {@linkcode Detector.head}. */
  get head(): HeadWeights | null {
    return this.#head;
  }

  /** See {@linkcode Detector.adoptHead}. */
  async adoptHead(head: HeadWeights): Promise<HeadSwap> {
    this.#checkHead(head);
    const change = this.#changing.then(() => this.#change(head));
    this.#changing = change.catch(() => {});
    return await change;
  }

  async #change(head: HeadWeights): Promise<HeadSwap> {
    const { version, numbers } = head;
    const lanes = this[lanesOf];
    const packed = this.#staging ??= new Float32Array(new SharedArrayBuffer(4 * numbers));
    // Every worker has taken the last one before its change ended.
    head.packInto(packed);
    const staged = await Promise.allSettled(
      lanes.map((lane) => lane.stageHead({ version, packed })),
    );
    for (const one of staged) if (one.status === "rejected") throw one.reason;
    // Nothing is awaited between the lanes, so no picture is begun between them either.
    const commits = lanes.map((lane) => lane.commitHead());
    this.#head = head;
    return { version, swapMs: Math.max(...await Promise.all(commits)) };
  }

  #checkHead(head: HeadWeights): void {
    const { shippedHead } = this;
    if (shippedHead === null) {
      throw new FoveaError("HEAD_UNSUPPORTED", "Cannot change the head: it is not exposed", {
        hint: "Load the detector with { head: true }",
      });
    }
    checkModel(head, this.model.sha256);
    const { classNames, layers } = shippedHead;
    if (head.classNames.length === classNames.length) checkLayers(layers, head.layers);
    const differs = classNames.findIndex((name, i) => name !== head.classNames[i]);
    if (differs !== -1 || head.classNames.length !== classNames.length) {
      const [own, other] = [classNames[differs], head.classNames[differs]];
      throw new FoveaError(
        "HEAD_MISMATCH",
        head.classNames.length === classNames.length
          ? `Cannot change the head: class ${differs} is "${other}" in it, the detector has "${own}"`
          : `Cannot change the head: it has ${head.classNames.length} classes, the detector has ` +
            `${classNames.length}`,
        { hint: "Load the detector anew with { head: { weights } }" },
      );
    }
    checkVersion(head, shippedHead);
  }

  /** Number of lanes. */
  get workers(): number {
    return this[lanesOf].length;
  }

  /** See {@linkcode Detector.measureModelMs}. */
  async measureModelMs(runs: number): Promise<number> {
    checkRange("runs", runs, 1, 100_000, true);
    const times = (await Promise.all(this[lanesOf].map((lane) => lane.measure(runs)))).flat();
    times.sort((a, b) => a - b);
    return times[Math.floor(times.length / 2)]!;
  }

  /** Lets go of a camera's memory. */
  async detach(arena: Arena): Promise<void> {
    await Promise.all(this[lanesOf].map((lane) => lane.detach(arena)));
  }

  /** Frees every lane. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this[lanesOf].map((lane) => lane[Symbol.asyncDispose]()));
  }
}
