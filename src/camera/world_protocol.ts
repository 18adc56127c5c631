import type { FoveaErrorJson } from "../core/errors.ts";
import type { FrameTruth } from "../core/frame_truth.ts";
import type { WorldSettings } from "../world/world_options.ts";

/** What a world's worker is asked for, one at a time. */
export type ToWorldWorker =
  | {
    readonly kind: "open";
    /** The world to make. */
    readonly settings: WorldSettings;
    /** Where its frames go: RGBA, without row padding. */
    readonly pixels: SharedArrayBuffer;
  }
  | {
    readonly kind: "draw";
    /** The frame to draw. */
    readonly seq: number;
  };

/** What it answers. */
export type FromWorldWorker =
  | { readonly kind: "open" }
  | {
    readonly kind: "drawn";
    /** What is in the frame. */
    readonly truth: FrameTruth;
    /** What it took to draw it, in milliseconds. */
    readonly drawMs: number;
  }
  | { readonly kind: "failed"; readonly error: FoveaErrorJson };
