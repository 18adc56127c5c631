/**
 * What went wrong, as a stable word a script can switch on.
 *
 * | code | meaning |
 * |---|---|
 * | `USAGE` | an option, flag or argument is unknown or out of range |
 * | `MODEL_NOT_FOUND` | the model file is missing or cannot be read |
 * | `MODEL_INVALID` | not ONNX, truncated, or structurally broken |
 * | `MODEL_UNSUPPORTED` | valid ONNX, but not a detector fovea can feed or decode |
 * | `MANIFEST_INVALID` | the manifest beside a model has an unknown key or a bad value |
 * | `HEAD_UNSUPPORTED` | the model has no classification head that can be exposed, grown or tapped |
 * | `HEAD_INVALID` | not a head file, damaged, or holding numbers that no head can have |
 * | `HEAD_MISMATCH` | the head was made for another model, or has another shape or other classes |
 * | `ENGINE_UNAVAILABLE` | the asked engine or provider is not on this machine |
 * | `ENGINE_OPTION` | an engine option is unknown or would be ignored by the library |
 * | `ENGINE_FAILED` | the engine failed while loading or running |
 * | `ENGINE_REFUSED` | a built engine differs too much from its model and must not serve |
 * | `ENGINE_TIMEOUT` | a run took longer than it may and was ended |
 * | `GPU_UNAVAILABLE` | there is no CUDA driver or no GPU that it can use |
 * | `GPU_MEMORY` | the GPU has not enough free memory |
 * | `GPU_FAILED` | the GPU or its driver failed while it worked |
 * | `WORKER_CRASHED` | the perception worker died |
 * | `OUTPUT_SHAPE` | an output has another shape than the adapter expects |
 * | `OUTPUT_NOT_FINITE` | every score of a frame is NaN or infinite |
 * | `CAMERA_URI` | the camera URI cannot be parsed or has an unknown scheme |
 * | `CAMERA_OPEN` | the source cannot be opened |
 * | `CAMERA_NO_VIDEO` | the source holds no video stream |
 * | `CAMERA_LOST` | the source died and will not come back |
 * | `PIXEL_FORMAT` | the pixel format or the frame's geometry is not supported |
 * | `SINK_OPEN` | an output cannot be created |
 * | `SINK_WRITE` | writing to an output failed (disk full, pipe closed, a sink threw) |
 * | `ANNOTATIONS_INVALID` | an annotation file is missing, not COCO JSON, or contradicts itself or the pictures |
 * | `DETECTIONS_INVALID` | a file of detections is missing, not COCO results, or does not fit the annotations |
 * | `STATE_INVALID` | a saved state is damaged, or is not what it is taken for |
 * | `STATE_FOREIGN` | a saved state, calibration or head belongs to another model or camera |
 * | `STATE_LOCKED` | a saved state is in use by another process |
 * | `TELEMETRY_UNAVAILABLE` | the state of the machine cannot be read |
 * | `TRAINING_FAILED` | a head cannot be trained: features or weights are not finite |
 * | `TENSORFLOW_BUILD` | the native binding of TensorFlow.js cannot be built |
 * | `DISPOSED` | an object was used after it was disposed |
 * | `STALE` | a borrowed view was used after its owner moved on |
 * | `LIMIT` | a stated maximum was exceeded |
 */
export type FoveaErrorCode =
  | "USAGE"
  | "MODEL_NOT_FOUND"
  | "MODEL_INVALID"
  | "MODEL_UNSUPPORTED"
  | "MANIFEST_INVALID"
  | "HEAD_UNSUPPORTED"
  | "HEAD_INVALID"
  | "HEAD_MISMATCH"
  | "ENGINE_UNAVAILABLE"
  | "ENGINE_OPTION"
  | "ENGINE_FAILED"
  | "ENGINE_REFUSED"
  | "ENGINE_TIMEOUT"
  | "GPU_UNAVAILABLE"
  | "GPU_MEMORY"
  | "GPU_FAILED"
  | "WORKER_CRASHED"
  | "OUTPUT_SHAPE"
  | "OUTPUT_NOT_FINITE"
  | "CAMERA_URI"
  | "CAMERA_OPEN"
  | "CAMERA_NO_VIDEO"
  | "CAMERA_LOST"
  | "PIXEL_FORMAT"
  | "SINK_OPEN"
  | "SINK_WRITE"
  | "ANNOTATIONS_INVALID"
  | "DETECTIONS_INVALID"
  | "STATE_INVALID"
  | "STATE_FOREIGN"
  | "STATE_LOCKED"
  | "TELEMETRY_UNAVAILABLE"
  | "TRAINING_FAILED"
  | "TENSORFLOW_BUILD"
  | "DISPOSED"
  | "STALE"
  | "LIMIT";

/** Details of a {@linkcode FoveaError}. */
export interface FoveaErrorOptions extends ErrorOptions {
  /** What the reader can do next, as one imperative sentence without a period. */
  readonly hint?: string;
}

/**
 * The one error type for everything the outside world can do wrong.
 *
 * Wrong arguments from a program are `TypeError` or `RangeError`; bad files, cameras, models,
 * machines and disks are a `FoveaError` with a {@linkcode FoveaErrorCode}.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { FoveaError } from "@fovea/fovea";
 *
 * const error = new FoveaError("MODEL_INVALID", "Cannot read the model: 12 of 4096 bytes", {
 *   hint: "Copy the file again",
 * });
 * assertEquals(error.code, "MODEL_INVALID");
 * assertEquals(FoveaError.fromJSON(error.toJSON()).hint, "Copy the file again");
 * ```
 */
export class FoveaError extends Error {
  /** The name that tells this error from a built-in one. */
  override readonly name = "FoveaError";
  /** What went wrong, for programs. */
  readonly code: FoveaErrorCode;
  /** What to do next, for people; `null` where nothing is known. */
  readonly hint: string | null;

  /** Makes an error; `message` says what could not be done, why, and what was found. */
  constructor(code: FoveaErrorCode, message: string, options: FoveaErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.hint = options.hint ?? null;
  }

  /** A plain copy that survives `postMessage` and JSON. */
  toJSON(): FoveaErrorJson {
    return { code: this.code, message: this.message, hint: this.hint };
  }

  /** Rebuilds an error that crossed an isolate or a file as {@linkcode FoveaErrorJson}. */
  static fromJSON(json: FoveaErrorJson): FoveaError {
    return new FoveaError(json.code, json.message, json.hint === null ? {} : { hint: json.hint });
  }

  /** Keeps a `FoveaError` as it is and wraps anything else under `code`. */
  static from(cause: unknown, code: FoveaErrorCode, what: string): FoveaError {
    if (cause instanceof FoveaError) return cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new FoveaError(code, `${what}: ${reason}`, { cause });
  }
}

/** A {@linkcode FoveaError} as plain data. */
export interface FoveaErrorJson {
  /** What went wrong. */
  readonly code: FoveaErrorCode;
  /** What could not be done, why, and what was found. */
  readonly message: string;
  /** What to do next, or `null`. */
  readonly hint: string | null;
}
