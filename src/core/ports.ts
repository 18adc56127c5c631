import type { Detections } from "./detections.ts";
import type { Arena, Frame } from "./frame.ts";
import type { TruthSource } from "./frame_truth.ts";
import type { FrameResult, StreamState } from "./result.ts";
import type { AddressTensor, Tensor, TensorSpec, TensorType } from "./tensor.ts";
import type { PictureMoment, Track } from "./track.ts";

/** What is known about a source after it was opened. */
export interface CameraInfo {
  /** The URI it was opened with, passwords replaced by `***`. */
  readonly uri: string;
  /** A `file` ends and can wait for its reader; a `live` source does neither. */
  readonly kind: "file" | "live";
  /**
   * Whether frames come by the clock, so that a late reader misses some: true for live sources and
   * for files played in real time.
   */
  readonly realtime: boolean;
  /** Width of the first picture in pixels. */
  readonly width: number;
  /** Height of the first picture in pixels. */
  readonly height: number;
  /** Nominal frames per second; `null` where the source does not say. */
  readonly fps: number | null;
  /** How many frames there are; `null` where unknown. */
  readonly frameCount: number | null;
}

/** What a camera hands out: a picture, a change of state without a picture, or the end. */
export type CameraEvent =
  | {
    readonly kind: "frame";
    /** The picture, on lease; the receiver disposes it. */
    readonly frame: Frame;
    /** State of the stream at this picture. */
    readonly state: StreamState;
    /** Why, where the state is not `live`. */
    readonly reason: string | null;
  }
  | {
    readonly kind: "state";
    /** The new state. */
    readonly state: StreamState;
    /** Why. */
    readonly reason: string;
  }
  | { readonly kind: "end" };

/** A source of frames. Pull it: nothing piles up in the reader's program. */
export interface Camera extends AsyncDisposable {
  /** What is known about the source. */
  readonly info: CameraInfo;
  /** The memory its frames lie in. */
  readonly arena: Arena;
  /** Frames lost to load or to the source since it was opened. */
  readonly dropped: number;
  /** How often it was reconnected since it was opened. */
  readonly epoch: number;
  /** What really is in its frames, by their `seq`, where the source knows: a drawn world does. */
  readonly truth?: TruthSource;
  /**
   * The next event according to the source's policy; resolves to `end` again and again once the
   * source has ended, was closed, or `signal` aborted.
   *
   * Where all leases of the pool are out, a file waits for one to come back and a live source
   * drops and counts.
   *
   * @throws {FoveaError} `CAMERA_LOST` if the source died and does not come back.
   */
  next(signal?: AbortSignal): Promise<CameraEvent>;
}

/**
 * Runs one model. Loaded once, run many times, one run at a time.
 */
export interface Engine extends AsyncDisposable {
  /** Name of the implementation, for example `onnxruntime-node`. */
  readonly name: string;
  /** The library behind it, with its version and where it was found. */
  readonly library: string;
  /** The execution provider that really runs the model. */
  readonly provider: string;
  /** Why each provider that was preferred to it does not run the model; empty without a fallback. */
  readonly missedProviders: readonly string[];
  /** Whether tensors on a `SharedArrayBuffer` can be bound. */
  readonly takesSharedMemory: boolean;
  /** Inputs in the model's order. */
  readonly inputs: readonly TensorSpec[];
  /** Outputs in the model's order; dimensions may be dynamic. */
  readonly outputs: readonly TensorSpec[];
  /**
   * Binds `data` to an input until it is bound anew. The engine reads it at every run and never
   * copies it earlier; the caller keeps it alive and does not touch it during a run.
   *
   * @throws {FoveaError} `MODEL_UNSUPPORTED` if there is no such input or type and shape do not fit.
   */
  setInput(name: string, tensor: Tensor): void;
  /**
   * Asks for an output to be written into the tensor's `data`, where the engine can; returns
   * whether it will. Readers use {@linkcode OutputView} in either case. `null` gives the choice of
   * memory back to the engine.
   *
   * @throws {FoveaError} `MODEL_UNSUPPORTED` if there is no such output or type and shape do not fit.
   */
  setOutput(name: string, tensor: Tensor | null): boolean;
  /** Binding by address; absent where the engine cannot. */
  readonly addressing?: TensorAddressing;
  /**
   * Says which outputs the following runs are read for, so that the others need not be fetched;
   * `null`, the default, means all. Reading another one throws `OUTPUT_SHAPE`.
   *
   * @throws {FoveaError} `MODEL_UNSUPPORTED` if there is no such output.
   * @throws {RangeError} If none is named.
   */
  selectOutputs(names: readonly string[] | null): void;
  /**
   * Runs the model. The view is on loan until the next run or the engine's disposal.
   *
   * @throws {FoveaError} `ENGINE_FAILED` with the library's own text, `ENGINE_TIMEOUT` if the run
   * took longer than it may, `OUTPUT_SHAPE` if an output does not fit the memory it was given.
   */
  run(): Promise<OutputView>;
}

/** Lets an engine find tensors by their address, in the memory of the device that runs the model. */
export interface TensorAddressing {
  /** What addresses mean: `cuda` is a GPU's memory, `cpu` ordinary memory. */
  readonly memory: "cuda" | "cpu";
  /**
   * Whether a run only gives its work to the stream that the engine was loaded with: whoever reads
   * outputs, wherever they are, waits for the stream first.
   */
  readonly isAsync: boolean;
  /**
   * Lets an input be read at this address until it is bound anew.
   *
   * @throws {FoveaError} `MODEL_UNSUPPORTED` if there is no such input or type and shape do not fit.
   */
  bindInput(name: string, tensor: AddressTensor): void;
  /**
   * Lets an output be written at this address until it is bound anew; {@linkcode OutputView} does
   * not have it then.
   *
   * @throws {FoveaError} `MODEL_UNSUPPORTED` if there is no such output or type and shape do not fit.
   */
  bindOutput(name: string, tensor: AddressTensor): void;
}

/** The outputs of one run, borrowed from the engine. */
export interface OutputView {
  /**
   * One output's tensor.
   *
   * @throws {FoveaError} `STALE` if the engine ran again or was disposed since; `OUTPUT_SHAPE` if
   * the model has no such output.
   */
  get(name: string): Tensor;
}

/**
 * Follows objects from picture to picture of one stream and gives each an id of its own. Told about
 * every picture in order, on one thread; equal input gives equal output.
 */
export interface Tracker {
  /** Lowest score of use to it, 0–1: weaker detections make no difference and may be left out. */
  readonly scoreMin: number;
  /**
   * Takes the detections of the next picture, in any order, and returns every track it is sure of:
   * those found in it, by id, then those it still looks for. They belong to the caller.
   *
   * Where `epoch`, `width` or `height` differ from the picture before, all tracks are forgotten.
   *
   * @throws {RangeError} If a coordinate or score is not finite or a box is turned around, or the
   * picture does not come after the one before. The tracker stays as it was.
   */
  update(detections: Detections, moment: PictureMoment): readonly Track[];
  /** Forgets all tracks and where the stream stood, for another stream; ids go on. */
  reset(): void;
}

/** Receives results in frame order. A sink that throws stops the run with its error. */
export interface Sink extends AsyncDisposable {
  /** What it is and where it writes, for messages. */
  readonly label: string;
  /** Whether {@linkcode write} needs the pixels. */
  readonly needsFrame: boolean;
  /**
   * Takes one result. The frame is on loan until the promise resolves (retain it to keep it
   * longer) and is `null` for a result of kind `state` or where the sink does not need it.
   *
   * @throws {FoveaError} `SINK_WRITE`.
   */
  write(result: FrameResult, frame: Frame | null): Promise<void>;
}

export type { TensorType };
