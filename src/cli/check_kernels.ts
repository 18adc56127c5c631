import { candidatesBytes, candidatesView } from "../core/candidates.ts";
import type { Picture } from "../core/frame.ts";
import type { InputSpec } from "../core/input_spec.ts";
import type { Kernels } from "../core/kernels.ts";
import { SharedArena } from "../native/arena.ts";
import { createKernels } from "../native/create_kernels.ts";
import { ReferenceKernels } from "../native/reference_kernels.ts";
import { kernelScratchBytes } from "../native/wasm_kernels.ts";
import { fitLetterbox } from "../preprocess/letterbox.ts";
import { type MachineFinding, neededFinding, reasonOf, todoFor } from "./doctor_finding.ts";

const SOURCE = { width: 37, height: 21 };
const NET = { width: 32, height: 32 };
const BOXES = 64;
/** Largest difference allowed between the kernels, on pixels of 0–255. */
const PIXEL_TOLERANCE = 0.255;

const INPUT: InputSpec = {
  name: "images",
  type: "float32",
  layout: "nchw",
  ...NET,
  channels: "rgb",
  scale: [1, 1, 1],
  bias: [0, 0, 0],
  letterbox: { mode: "letterbox", anchor: "center", padValue: 114 },
};

/** Looks whether the WebAssembly kernels run here and agree with their TypeScript references. */
export async function checkKernels(): Promise<MachineFinding> {
  try {
    const arena = new SharedArena({ bytesMax: 2 ** 24 });
    const bytes = kernelScratchBytes({
      sourceWidth: SOURCE.width,
      netWidth: NET.width,
      candidates: BOXES,
    });
    const wasm = await createKernels(arena.memory, arena.allocate(bytes), bytes);
    const reference = new ReferenceKernels();
    const difference = largestDifference(fit(wasm, arena), fit(reference, arena));
    const kept = suppress(wasm, arena);
    if (difference > PIXEL_TOLERANCE || kept.join() !== suppress(reference, arena).join()) {
      return neededFinding(
        "kernels",
        "missing",
        "the WebAssembly kernels compute something else than their references",
        'Run "deno task build", and report it if it stays',
      );
    }
    return neededFinding("kernels", "ok", "WebAssembly SIMD, equal to the references");
  } catch (error) {
    return neededFinding(
      "kernels",
      "missing",
      reasonOf(error),
      todoFor(error, "Use a processor with 128-bit SIMD and a whole copy of fovea"),
    );
  }
}

/** Letterboxes a gradient; the pixels are the same at every call. */
function fit(kernels: Kernels, arena: SharedArena): Float32Array {
  const { width, height } = SOURCE;
  const sourceOffset = arena.allocate(3 * width * height);
  const elements = 3 * NET.width * NET.height;
  const outOffset = arena.allocate(4 * elements);
  const source = new Uint8Array(arena.buffer, sourceOffset, 3 * width * height);
  for (let i = 0; i < source.length; i++) source[i] = (i * 37) % 256;
  const out = new Float32Array(arena.buffer, outOffset, elements);
  const picture: Picture = {
    format: "rgb24",
    width,
    height,
    colorRange: "full",
    colorMatrix: "bt601",
    planes: [{ byteOffset: source.byteOffset, strideBytes: 3 * width }],
  };
  const letterbox = fitLetterbox(width, height, NET.width, NET.height, INPUT.letterbox);
  kernels.letterboxInto(picture, arena.buffer, letterbox, INPUT, out);
  return out;
}

/** Suppresses a row of boxes of which neighbours overlap; returns the rows kept. */
function suppress(kernels: Kernels, arena: SharedArena): number[] {
  const candidatesOffset = arena.allocate(candidatesBytes(BOXES));
  const keepOffset = arena.allocate(4 * BOXES);
  const candidates = candidatesView(arena.buffer, candidatesOffset, BOXES);
  for (let i = 0; i < BOXES; i++) {
    candidates.xyxyNet.set([4 * i, 0, 4 * i + 10, 10], 4 * i);
    candidates.score[i] = ((i * 29) % BOXES) / BOXES;
    candidates.classIndex[i] = i % 2;
    candidates.anchorIndex[i] = i;
  }
  candidates.count = BOXES;
  const keep = new Int32Array(arena.buffer, keepOffset, BOXES);
  const options = { iouThreshold: 0.1, agnostic: false, maxDetections: BOXES };
  return [...keep.subarray(0, kernels.nms(candidates, options, keep))];
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((largest, value, i) => {
    const difference = Math.abs(value - b[i]!);
    return Number.isNaN(difference) ? Infinity : Math.max(largest, difference);
  }, 0);
}
