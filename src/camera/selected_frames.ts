import type { Arena } from "../core/frame.ts";
import type { TruthSource } from "../core/frame_truth.ts";
import type { Camera, CameraEvent, CameraInfo } from "../core/ports.ts";

/**
 * A camera that hands out some frames of another one and ends after the last of them. Frames keep
 * their numbers. The others are decoded, since later ones build on them, and given back at once:
 * nobody infers or converts them, and they do not count as dropped.
 *
 * The returned camera owns `camera` and disposes it.
 *
 * @param seqs Numbers of the frames to hand out, from 0; those that never come are passed over.
 *
 * @example Every tenth frame of the third second
 * ```ts ignore
 * import { openCamera, selectFrames } from "@fovea/fovea/camera";
 *
 * await using camera = selectFrames(await openCamera("clip.mp4"), new Set([50, 60, 70]));
 * ```
 */
export function selectFrames(camera: Camera, seqs: ReadonlySet<number>): Camera {
  return new SelectedFrames(camera, seqs);
}

class SelectedFrames implements Camera {
  readonly info: CameraInfo;
  readonly arena: Arena;
  readonly truth?: TruthSource;
  readonly #camera: Camera;
  readonly #seqs: ReadonlySet<number>;
  readonly #last: number;
  #ended = false;

  constructor(camera: Camera, seqs: ReadonlySet<number>) {
    this.#camera = camera;
    this.#seqs = seqs;
    let last = -1;
    for (const seq of seqs) last = Math.max(last, seq);
    this.#last = last;
    this.#ended = last < 0;
    this.arena = camera.arena;
    if (camera.truth !== undefined) this.truth = camera.truth;
    this.info = { ...camera.info, frameCount: seqs.size };
  }

  get dropped(): number {
    return this.#camera.dropped;
  }

  get epoch(): number {
    return this.#camera.epoch;
  }

  async next(signal?: AbortSignal): Promise<CameraEvent> {
    while (!this.#ended) {
      const event = await this.#camera.next(signal);
      if (event.kind !== "frame") return event;
      const { seq } = event.frame;
      if (seq >= this.#last) this.#ended = true;
      if (this.#seqs.has(seq)) return event;
      event.frame[Symbol.dispose]();
    }
    return { kind: "end" };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#camera[Symbol.asyncDispose]();
  }
}
