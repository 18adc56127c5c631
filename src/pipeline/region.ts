import { candidatesBytes } from "../core/candidates.ts";
import type { DecodeParams, DetectorSpec } from "../core/detector_spec.ts";
import { elementBytes, elementCount } from "../core/tensor.ts";
import { kernelScratchBytes } from "../native/wasm_kernels.ts";
import type { LoadReply } from "./protocol.ts";

/** Where a worker's buffers lie in its region of an arena, as byte offsets from the arena's start. */
export interface RegionLayout {
  /** The input tensor. */
  readonly input: number;
  /** The outputs as float32, by name. */
  readonly outputs: ReadonlyMap<string, number>;
  /** Candidates before suppression. */
  readonly candidates: number;
  /** Most candidates. */
  readonly candidatesMax: number;
  /** Rows kept by suppression, int32. */
  readonly keep: number;
  /** Class that a monitor gives each row of the model's output, int32. */
  readonly rowTargets: number;
  /** The kernels' working memory. */
  readonly scratch: number;
  /** Size of the working memory in bytes. */
  readonly scratchBytes: number;
  /** End of the region. */
  readonly end: number;
}

const ALIGNMENT = 64;
/** More candidates than detectors have rows: YOLOv5-P6 has 102,000 at 1,280 pixels a side. */
export const CANDIDATES_MAX = 250_000;

/**
 * Lays a worker's buffers out, each aligned to 64 bytes.
 *
 * @param loaded What the worker told when it loaded the model.
 * @param sourceWidthMax Widest picture it shall take, in pixels.
 * @param byteOffset Where the region starts.
 */
export function regionLayout(
  loaded: Pick<LoadReply, "spec" | "outputDims" | "arenaOutputs" | "candidatesMax">,
  sourceWidthMax: number,
  byteOffset: number,
): RegionLayout {
  const { width, height, type } = loaded.spec.input;
  const { candidatesMax } = loaded;
  const scratchBytes = kernelScratchBytes({
    sourceWidth: sourceWidthMax,
    netWidth: width,
    netHeight: height,
    candidates: candidatesMax,
  });
  let end = byteOffset;
  function take(bytes: number): number {
    const start = end;
    end += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    return start;
  }
  return {
    input: take(3 * width * height * elementBytes(type)),
    outputs: new Map(
      loaded.arenaOutputs.map((name) => {
        return [name, take(4 * elementCount(loaded.outputDims[name] ?? []))];
      }),
    ),
    candidates: take(candidatesBytes(candidatesMax)),
    candidatesMax,
    keep: take(4 * candidatesMax),
    rowTargets: take(4 * candidatesMax),
    scratch: take(scratchBytes),
    scratchBytes,
    end,
  };
}

/** Bytes of the region that {@linkcode regionLayout} lays out. */
export function regionBytes(
  loaded: Pick<LoadReply, "spec" | "outputDims" | "arenaOutputs" | "candidatesMax" | "kernels">,
  sourceWidthMax: number,
): number {
  // On a GPU everything but the pictures is in its own memory.
  if (loaded.kernels === "cuda") return 0;
  return regionLayout(loaded, sourceWidthMax, 0).end;
}

/**
 * Room for the candidates of one picture: no output has more rows than its longest dimension, and a
 * row gives one candidate or one for every class.
 *
 * @param dims Shapes of the outputs that candidates come from.
 */
export function mostCandidates(
  dims: readonly (readonly number[])[],
  spec: DetectorSpec,
  labels: DecodeParams["labels"],
): number {
  const longest = Math.max(1, ...dims.flat());
  return Math.min(labels === "all" ? longest * spec.classNames.length : longest, CANDIDATES_MAX);
}
