import { assertAlmostEquals, assertEquals } from "@std/assert";
import { candidatesBytes, candidatesView } from "../../src/core/candidates.ts";
import type { Picture } from "../../src/core/frame.ts";
import type { Kernels } from "../../src/core/kernels.ts";
import { type PixelFormat, planeSizes } from "../../src/core/pixel_format.ts";
import { SharedArena } from "../../src/native/arena.ts";
import { createKernels } from "../../src/native/create_kernels.ts";
import { kernelScratchBytes } from "../../src/native/wasm_kernels.ts";
import { fitLetterbox } from "../../src/preprocess/letterbox.ts";
import { makeInput, STRETCH } from "../conformance/kernel_bench.ts";

// Goal: numbers from programs that share no code with fovea. kernels_golden.py made them.

interface PictureCase {
  readonly format: PixelFormat;
  readonly width: number;
  readonly height: number;
  readonly colorRange: Picture["colorRange"];
  readonly colorMatrix: Picture["colorMatrix"];
  readonly planes: readonly string[];
  readonly netWidth: number;
  readonly netHeight: number;
  readonly rgb: string;
}

interface Golden {
  readonly pictures: readonly PictureCase[];
  readonly cvtColor: Pick<PictureCase, "planes" | "width" | "height" | "rgb">;
  readonly suppression: {
    readonly boxes: string;
    readonly scores: string;
    readonly classes: string;
    readonly kept: readonly {
      readonly iouThreshold: number;
      readonly agnostic: boolean;
      readonly rows: string;
    }[];
  };
}

const golden = JSON.parse(
  await Deno.readTextFile(new URL("./kernels_golden.json", import.meta.url)),
) as Golden;

/** Numbers from a string, as they stand in the file. */
function numbers(text: string): number[] {
  return text.split(" ").map(Number);
}

async function makeKernels(
  backend: Kernels["backend"],
): Promise<{ arena: SharedArena; kernels: Kernels }> {
  const arena = new SharedArena();
  const bytes = kernelScratchBytes({ sourceWidth: 64, netWidth: 64, candidates: 200 });
  const scratch = arena.allocate(bytes);
  return { arena, kernels: await createKernels(arena.memory, scratch, bytes, backend) };
}

/** Planar RGB of a golden picture, stretched to its network size. */
async function convert(backend: Kernels["backend"], example: PictureCase): Promise<Float32Array> {
  const { arena, kernels } = await makeKernels(backend);
  const { format, width, height, colorRange, colorMatrix, netWidth, netHeight } = example;
  const planes = planeSizes(format, width, height).map(({ rowBytes }, i) => {
    const bytes = numbers(example.planes[i]!);
    const byteOffset = arena.allocate(bytes.length);
    new Uint8Array(arena.buffer).set(bytes, byteOffset);
    return { byteOffset, strideBytes: rowBytes };
  });
  const elements = 3 * netWidth * netHeight;
  const at = arena.allocate(4 * elements);
  const out = new Float32Array(arena.buffer, at, elements);
  const picture = { format, width, height, colorRange, colorMatrix, planes };
  const letterbox = fitLetterbox(width, height, netWidth, netHeight, STRETCH);
  const input = makeInput(netWidth, netHeight, STRETCH);
  kernels.letterboxInto(picture, arena.buffer, letterbox, input, out);
  return out;
}

for (const backend of ["typescript", "wasm"] as const) {
  for (const example of golden.pictures) {
    const { format, colorRange, colorMatrix, netWidth, netHeight } = example;
    const what = `${format} ${colorRange} ${colorMatrix} to ${netWidth}x${netHeight}`;
    Deno.test(`${backend}: letterboxInto() resizes like OpenCV: ${what}`, async () => {
      const out = await convert(backend, example);
      // 0.005 for the two decimals of the file, the rest for 14-bit weights.
      const expected = numbers(example.rgb);
      assertEquals(out.length, expected.length);
      out.forEach((value, i) => assertAlmostEquals(value, expected[i]!, 0.06));
    });
  }

  Deno.test(`${backend}: letterboxInto() converts NV12 like OpenCV`, async () => {
    const { planes, width, height, rgb } = golden.cvtColor;
    const color = { colorRange: "limited", colorMatrix: "bt601" } as const;
    const net = { netWidth: width, netHeight: height };
    const out = await convert(backend, {
      format: "nv12",
      planes,
      width,
      height,
      ...net,
      ...color,
      rgb,
    });
    const pixels = width * height;
    // OpenCV rounds to whole numbers, after coefficients of its own with 20 bits.
    numbers(rgb).forEach((value, i) => {
      assertAlmostEquals(out[(i % 3) * pixels + Math.floor(i / 3)]!, value, 0.6);
    });
  });

  Deno.test(`${backend}: nms() keeps what NumPy keeps`, async () => {
    const { arena, kernels } = await makeKernels(backend);
    const { kept } = golden.suppression;
    const scores = numbers(golden.suppression.scores);
    const rowsAt = arena.allocate(candidatesBytes(scores.length));
    const keepAt = arena.allocate(4 * scores.length);
    const candidates = candidatesView(arena.buffer, rowsAt, scores.length);
    candidates.xyxyNet.set(numbers(golden.suppression.boxes));
    candidates.score.set(scores);
    candidates.classIndex.set(numbers(golden.suppression.classes));
    candidates.count = scores.length;
    const keep = new Int32Array(arena.buffer, keepAt, scores.length);
    for (const { iouThreshold, agnostic, rows } of kept) {
      const count = kernels.nms(candidates, { iouThreshold, agnostic, maxDetections: 300 }, keep);
      assertEquals([...keep.subarray(0, count)], numbers(rows));
    }
  });
}
