import type { DetectorSpec } from "../core/detector_spec.ts";
import type { Arena } from "../core/frame.ts";
import { checkRange } from "./detector_options.ts";
import type { Lane } from "./lane.ts";
import type { LoadReply } from "./protocol.ts";

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

  /** Takes over the lanes, all loaded with the same request. */
  constructor(
    lanes: readonly Lane[],
    reply: LoadReply,
    readonly model: Detector["model"],
    readonly loadMs: number,
    readonly confidence: number,
  ) {
    this[lanesOf] = lanes;
    this.spec = reply.spec;
    this.engine = reply.engine;
    this.library = reply.library;
    this.provider = reply.provider;
    this.missedProviders = reply.missedProviders;
    this.kernels = reply.kernels;
    this.inputCopies = reply.inputCopies;
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
