import type { DecodeParams, DetectorSpec } from "../core/detector_spec.ts";
import type { Detections } from "../core/detections.ts";
import type { FoveaErrorJson } from "../core/errors.ts";
import type { Picture } from "../core/frame.ts";
import type { FrameTap, TapRequest } from "../core/tap.ts";
import type { ResolveOptions } from "../detector/resolve_spec.ts";
import type { ImageFacts } from "../monitor/image_look.ts";
import type { MonitorFacts } from "./monitor_tap.ts";
import type { CheckedEngineOptions, EngineOptions } from "../engine/engine_options.ts";
import type { LocatedEngine } from "../engine/locate_engine.ts";
import type { HeadLayout } from "../core/head_layout.ts";
import type { HeadGridLevel } from "../detector/head_grid.ts";
import type { HeadInput } from "../onnx/head_surgery.ts";
import type { StagedHead } from "./head_slots.ts";

/** A model whose head comes in from outside, and the head to begin with. */
export interface ExposedRequest extends StagedHead {
  /** The edited ONNX file, handed over. */
  readonly model: Uint8Array;
  /** Its head. */
  readonly layout: HeadLayout;
  /** What must be fed. */
  readonly inputs: readonly HeadInput[];
}

/** How the rows of a head can be tapped. */
export interface TapReply {
  /** The levels of the head. */
  readonly levels: readonly HeadGridLevel[];
  /** Where in a cell its anchor point lies. */
  readonly pointOffset: number;
}

/** What the perception worker needs to load a detector. */
export interface LoadRequest {
  /** The ONNX file's bytes, handed over. */
  readonly model: Uint8Array;
  /** Which engine is to run it; `null` for the default one. */
  readonly engine: string | null;
  /** The engine's options. */
  readonly engineOptions: EngineOptions;
  /** What is known about the model beside its file: flags and manifest. */
  readonly resolve: ResolveOptions;
  /**
   * How detections are picked; class names are resolved in the worker, and the lowest score comes
   * with each picture.
   */
  readonly decode: Omit<DecodeParams, "classFilter" | "confidence">;
  /** Names of the classes to report; `null` for all. */
  readonly classes: readonly string[] | null;
  /** What runs in place of `model`, which then only tells how it is fed; `null` for `model`. */
  readonly head: ExposedRequest | null;
}

/** What the perception worker needs to find the built engine of a model. */
export interface LocateRequest {
  /** The engine's options. */
  readonly engineOptions: CheckedEngineOptions;
  /** SHA-256 of the model that would be loaded, hexadecimal. */
  readonly modelSha256: string;
}

/** What a loaded worker tells about itself. */
export interface LoadReply {
  /** How the model is fed and decoded. */
  readonly spec: DetectorSpec;
  /** The engine that really runs. */
  readonly engine: string;
  /** The library behind it. */
  readonly library: string;
  /** The provider that really runs. */
  readonly provider: string;
  /** Why each provider that was preferred to it does not run. */
  readonly missedProviders: readonly string[];
  /**
   * Shapes of the outputs as the warm-up run gave them, by name; of those in `openRows` the most
   * rows they may have.
   */
  readonly outputDims: Readonly<Record<string, readonly number[]>>;
  /** Outputs of which each run gives as many rows as it likes. */
  readonly openRows: readonly string[];
  /** Most candidates that one picture can give, or that are kept of them. */
  readonly candidatesMax: number;
  /** What converts pictures and decodes outputs: the GPU's kernels, or the processor's. */
  readonly kernels: "cuda" | "wasm";
  /** Outputs that the kernels read, so that they have a place in the arena. */
  readonly arenaOutputs: readonly string[];
  /** How the head can be tapped, or why it cannot; `null` where none is exposed. */
  readonly tap: TapReply | FoveaErrorJson | null;
  /**
   * How often the input tensor is copied between the kernel and the engine: 0 where the engine
   * reads the arena itself.
   */
  readonly inputCopies: number;
}

/** A worker's own region in a camera's arena. */
export interface AttachRequest {
  /** Names the arena in later requests. */
  readonly arenaId: number;
  /** The arena's memory. */
  readonly memory: WebAssembly.Memory;
  /** Its size when the request was made, in bytes. */
  readonly memoryBytes: number;
  /** Where the region starts, in bytes. */
  readonly byteOffset: number;
  /** Widest picture the region is made for, in pixels. */
  readonly sourceWidthMax: number;
}

/** One picture to run. */
export interface InferRequest {
  /** The arena the picture lies in. */
  readonly arenaId: number;
  /** The arena's size when the request was made, in bytes. */
  readonly memoryBytes: number;
  /** Where and how it lies there. */
  readonly picture: Picture;
  /** Lowest score to send back, 0–1. */
  readonly confidence: number;
  /** Position in its stream. */
  readonly seq: number;
  /** What to tap; `null` for nothing. */
  readonly tap: TapRequest | null;
  /** Whether a monitor wants to know about this picture. */
  readonly monitored: boolean;
}

/** What one picture gave. */
export interface InferReply {
  /** Detections in source pixels. */
  readonly detections: Detections;
  /** Candidates left out because a score or box was NaN or infinite. */
  readonly nonFinite: number;
  /** Version of the head that ran. */
  readonly headVersion: number;
  /** What was tapped; `null` where nothing was asked for. */
  readonly tap: FrameTap | null;
  /** What a monitor wants to know; `null` where none asked. */
  readonly monitor: (MonitorFacts & { readonly image: ImageFacts }) | null;
  /** Time per stage in milliseconds; `total` is the sum with what lies between. */
  readonly timingsMs: {
    readonly preprocess: number;
    readonly infer: number;
    readonly decodeOutputs: number;
    readonly nms: number;
    readonly monitor: number;
    readonly total: number;
  };
}

/** Requests by name, with what is sent and what comes back. */
export interface Requests {
  /** Looks whether TensorRT is there, and for an engine that it has built. */
  locateEngine: { request: LocateRequest; reply: LocatedEngine };
  /** Loads engine, adapter and specification. */
  load: { request: LoadRequest; reply: LoadReply };
  /** Binds the worker to a region of an arena, replacing an earlier one of the same arena. */
  attach: { request: AttachRequest; reply: null };
  /** Lets go of an arena. */
  detach: { request: { readonly arenaId: number }; reply: null };
  /** Runs one picture. */
  infer: { request: InferRequest; reply: InferReply };
  /** Gets the next head ready; the one that is served stays. */
  stageHead: { request: StagedHead; reply: null };
  /** Serves the head that is ready, from the next picture on; replies with milliseconds it took. */
  commitHead: { request: null; reply: number };
  /** Runs the bare model on its last input; replies with milliseconds per run. */
  measure: { request: { readonly runs: number }; reply: readonly number[] };
  /** Frees everything native; nothing may follow. */
  dispose: { request: null; reply: null };
}

/** Main isolate to worker. */
export type ToWorker = {
  [Name in keyof Requests]: {
    readonly id: number;
    readonly name: Name;
    readonly body: Requests[Name]["request"];
  };
}[keyof Requests];

/** Worker to main isolate. `read` says that a picture's pixels are no longer needed. */
export type FromWorker =
  | { readonly id: number; readonly kind: "read" }
  | { readonly id: number; readonly kind: "reply"; readonly body: unknown }
  | { readonly id: number; readonly kind: "error"; readonly error: FoveaErrorJson };
