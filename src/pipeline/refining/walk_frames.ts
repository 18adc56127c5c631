import { createHash, type Hash } from "node:crypto";
import { setImmediate } from "node:timers";
import { FoveaError } from "../../core/errors.ts";
import type { HeadLayout } from "../../core/head_layout.ts";
import type { HeadWeights } from "../../core/head_weights.ts";
import type { FrameTap } from "../../core/tap.ts";
import type { HeadGrid } from "../../detector/head_grid.ts";
import type { FrameTargets } from "../../monitor/target_box.ts";
import type { EvidenceRecord } from "../../refine/ledger_event.ts";
import type { Detector } from "../loaded_detector.ts";
import { perceive } from "../perceive.ts";
import type { FrameSet } from "./frame_set.ts";

/** A detector whose head can be refined. */
export interface RefinableDetector {
  /** The detector. */
  readonly detector: Detector;
  /** Its head's layout. */
  readonly layout: HeadLayout;
  /** Where the head's rows lie. */
  readonly grid: HeadGrid;
  /** The head that is served. */
  readonly served: HeadWeights;
}

/**
 * Checks that a detector's head can be refined.
 *
 * @throws {FoveaError} `HEAD_UNSUPPORTED` if it is not exposed, cannot be tapped, or its scores come
 * from a softmax.
 */
export function checkRefinable(detector: Detector): RefinableDetector {
  const { headLayout: layout, headGrid: grid, head: served } = detector;
  if (layout === null || grid === null || served === null) {
    throw new FoveaError(
      "HEAD_UNSUPPORTED",
      "Cannot refine the detector: its head is not at hand",
      {
        hint: "Load it with { head: true }; fovea inspect tells whether its head can be tapped",
      },
    );
  }
  if (layout.activation === "softmax") {
    throw new FoveaError(
      "HEAD_UNSUPPORTED",
      "Cannot refine the detector: its scores come from a softmax over all classes",
      { hint: "Refine a detector whose classes are independent" },
    );
  }
  return { detector, layout, grid, served };
}

/** Taps all rows of all frames of a set and keeps them. */
export async function tapFrames(target: RefinableDetector, set: FrameSet): Promise<FrameTap[]> {
  const taps: FrameTap[] = [];
  await walkFrames(target, set, undefined, (tap) => taps.push(tap));
  return taps;
}

/**
 * Taps every row of every frame of a set, one after the other.
 *
 * @param onFrame Gets each frame; its tap is not kept.
 * @throws The signal's reason if that aborts.
 */
export async function walkFrames(
  { detector, grid }: RefinableDetector,
  set: FrameSet,
  signal: AbortSignal | undefined,
  onFrame: (tap: FrameTap) => void,
): Promise<void> {
  if (typeof set.open !== "function") {
    for (const tap of set.open) {
      signal?.throwIfAborted();
      onFrame(tap);
      // Whoever else waits on this thread, a live stream for one, has its turn between two frames.
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    return;
  }
  const rows = Int32Array.from({ length: grid.rows }, (_, row) => row);
  await using camera = await set.open();
  const options = {
    tap: { select: { rows }, onTap: onFrame },
    ...(signal === undefined ? {} : { signal }),
  };
  for await (const _result of perceive(camera, detector, options)) signal?.throwIfAborted();
  signal?.throwIfAborted();
}

/** Text that is the same for the same picture seen by the same model. */
export function fingerprint({ features, xyxyNet }: FrameTap): string {
  return createHash("sha256").update(bytesOf(features)).update(bytesOf(xyxyNet)).digest("hex");
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Sums up what a set of frames was, for the ledger. */
export class EvidenceTally {
  readonly #role: EvidenceRecord["role"];
  readonly #set: FrameSet;
  readonly #hash: Hash = createHash("sha256");
  #frames = 0;
  #targets = 0;
  #rows = 0;

  /** Begins with nothing. */
  constructor(role: EvidenceRecord["role"], set: FrameSet) {
    this.#role = role;
    this.#set = set;
  }

  /** Frames so far. */
  get frames(): number {
    return this.#frames;
  }

  /** Labelled objects so far. */
  get targets(): number {
    return this.#targets;
  }

  /** Adds a frame by its fingerprint. */
  add(frame: string, targets: FrameTargets, rows: number): void {
    this.#hash.update(frame).update(JSON.stringify([targets.targets, targets.ignored]));
    this.#frames++;
    this.#targets += targets.targets.length;
    this.#rows += rows;
  }

  /** What it comes to. */
  record(): EvidenceRecord {
    return {
      role: this.#role,
      source: this.#set.source,
      labels: this.#set.labelledBy,
      frames: this.#frames,
      targets: this.#targets,
      rows: this.#rows,
      sha256: this.#hash.copy().digest("hex"),
    };
  }
}
