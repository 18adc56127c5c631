import type { ColorMatrix, ColorRange, PixelFormat } from "./pixel_format.ts";

/**
 * Memory that several isolates see at once and that the wasm kernels run in. One arena belongs to
 * one camera; workers get regions of it for their tensors.
 */
export interface Arena {
  /** The shared memory itself; typed views over it stay valid when it grows. */
  readonly memory: WebAssembly.Memory;
  /** The bytes as they are now; ask again after {@linkcode allocate}, which may grow them. */
  readonly buffer: SharedArrayBuffer;
  /**
   * Reserves `bytes` zero or reused bytes aligned to 64 and returns their offset.
   *
   * Only the isolate that made the arena may call it.
   *
   * @throws {FoveaError} `LIMIT` when the arena's stated maximum is reached.
   */
  allocate(bytes: number): number;
  /** Gives a region back for reuse; `byteOffset` must come from {@linkcode allocate}. */
  free(byteOffset: number): void;
}

/** One plane of a picture inside an arena. */
export interface Plane {
  /** Where the plane starts in the arena, in bytes. */
  readonly byteOffset: number;
  /** Distance between two rows in bytes; at least the row's own bytes. */
  readonly strideBytes: number;
}

/** Where a picture lies in an arena and how to read it: plain data that may cross isolates. */
export interface Picture {
  /** How pixels lie in the planes. */
  readonly format: PixelFormat;
  /** Width in pixels, at least 1. */
  readonly width: number;
  /** Height in pixels, at least 1. */
  readonly height: number;
  /** Value range of luma and chroma. */
  readonly colorRange: ColorRange;
  /** Luma coefficients of YUV formats. */
  readonly colorMatrix: ColorMatrix;
  /** The planes in the order of the format. */
  readonly planes: readonly Plane[];
}

/**
 * One captured picture on lease from a camera's pool.
 *
 * The pixels are valid until the last lease is disposed; disposing twice does nothing. Use it with
 * `using`. What was captured when is told by `seq`, `capturedMs`, `ptsMs` and `epoch`.
 */
export interface Frame extends Disposable {
  /** Position in the stream from 0, counted at the source; gaps are frames not delivered. */
  readonly seq: number;
  /** How often the source was reconnected before this frame. */
  readonly epoch: number;
  /** Monotonic time of capture on the camera's clock, in milliseconds. */
  readonly capturedMs: number;
  /** Presentation time from the stream, in milliseconds from its start. */
  readonly ptsMs: number;
  /** What it took to decode this frame, in milliseconds; 0 where the source does not say. */
  readonly decodeMs: number;
  /** Where the pixels lie. @throws {FoveaError} `DISPOSED` after the lease ended. */
  readonly picture: Picture;
  /** The memory the picture lies in. */
  readonly arena: Arena;
  /** Whether the lease has ended. */
  readonly disposed: boolean;
  /** Takes one more lease on the same pixels; dispose it too. */
  retain(): Frame;
  /** Copies one plane's bytes, `[rows, strideBytes]`, out of the arena. */
  planeBytes(index: number): Uint8Array;
}
