import { assert, assertAlmostEquals, assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import { letterboxInto as oracle } from "../../kernels/reference/letterbox.ts";
import type { Picture } from "../../src/core/frame.ts";
import type { InputSpec, LetterboxRule } from "../../src/core/input_spec.ts";
import { PIXEL_FORMATS, type PixelFormat } from "../../src/core/pixel_format.ts";
import { fitLetterbox } from "../../src/preprocess/letterbox.ts";
import {
  CENTER,
  guardHolds,
  type InputChoice,
  type InputTensor,
  type KernelBench,
  makeInput,
  makeTensor,
  placeFlat,
  placeNoise,
  placeOutput,
  placePicture,
  STRETCH,
  TOP_LEFT,
} from "./kernel_bench.ts";

/** How far pixels may be from the oracle: 1e-3 of full scale. */
const TOLERANCE = 0.255;

/** Pixel-by-pixel cases for `Kernels.letterboxInto`, as named functions. */
export const LETTERBOX_CASES: readonly (readonly [string, (bench: KernelBench) => void])[] = [
  ["letterboxInto() agrees with the oracle on noise of any shape", agreesWithOracle],
  ["letterboxInto() copies a picture that fits as it is", copiesWhatFits],
  ["letterboxInto() turns textbook colours into RGB in every format", convertsColours],
  ["letterboxInto() interpolates between pixel centres", interpolates],
  ["letterboxInto() takes chroma from the middle of its pixels", placesChroma],
  ["letterboxInto() pads by the letterbox rule, before scaling", pads],
  ["letterboxInto() scales, shifts and orders the channels", ordersChannels],
  ["letterboxInto() rounds and clamps to uint8", roundsToByte],
  ["letterboxInto() rounds to float16 as Float16Array does", roundsToHalf],
  ["letterboxInto() does not read the gaps between rows", ignoresGaps],
  ["letterboxInto() spreads a picture of one pixel", spreadsOnePixel],
  ["letterboxInto() takes an 8K picture", takesEightK],
  ["letterboxInto() serves one picture after the other", switchesPictures],
];

/** Runs the kernel under test into fresh memory. */
function run(bench: KernelBench, picture: Picture, input: InputSpec): InputTensor {
  const out = placeOutput(bench, input);
  bench.kernels.letterboxInto(picture, bench.buffer, geometry(picture, input), input, out);
  assert(guardHolds(out), "bytes behind the output were changed");
  return out;
}

function runOracle(bench: KernelBench, picture: Picture, input: InputSpec): InputTensor {
  const elements = 3 * input.width * input.height;
  const out = makeTensor(input.type, new ArrayBuffer(4 * elements), 0, elements);
  oracle(picture, bench.buffer, geometry(picture, input), input, out);
  return out;
}

function geometry(picture: Picture, input: InputSpec) {
  return fitLetterbox(picture.width, picture.height, input.width, input.height, input.letterbox);
}

/** Compares with the oracle; rounding to the type may add half a step on each side. */
function assertLikeOracle(bench: KernelBench, picture: Picture, input: InputSpec): void {
  const actual = run(bench, picture, input);
  const expected = runOracle(bench, picture, input);
  const scale = Math.max(...input.scale.map(Math.abs));
  for (let i = 0; i < actual.length; i++) {
    const step = input.type === "uint8"
      ? 1
      : input.type === "float16"
      ? Math.abs(expected[i]!) * 2 ** -10
      : 0;
    const off = Math.abs(actual[i]! - expected[i]!);
    assertLessOrEqual(off, TOLERANCE * scale + step, `element ${i}: ${actual[i]} ${expected[i]}`);
  }
}

function agreesWithOracle(bench: KernelBench): void {
  const side = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 10, max: 90 }));
  const rule = fc.record({
    mode: fc.constantFrom("letterbox", "stretch"),
    anchor: fc.constantFrom("center", "topleft"),
    padValue: fc.integer({ min: 0, max: 255 }),
  });
  const factor = fc.constantFrom(1, 1 / 255, -2, 0.017);
  const shift = fc.constantFrom(0, -1.8, 12);
  const choice = fc.record({
    type: fc.constantFrom("float32", "float16", "uint8"),
    layout: fc.constantFrom("nchw", "nhwc"),
    channels: fc.constantFrom("rgb", "bgr"),
    scale: fc.tuple(factor, factor, factor),
    bias: fc.tuple(shift, shift, shift),
  });
  const spec = fc.record({
    format: fc.constantFrom(...PIXEL_FORMATS),
    width: side,
    height: side,
    colorRange: fc.constantFrom("limited", "full"),
    colorMatrix: fc.constantFrom("bt601", "bt709"),
    rowGap: fc.nat(70),
  });
  fc.assert(
    fc.property(
      spec,
      side,
      side,
      rule,
      choice,
      fc.nat(),
      (shape, width, height, fit, look, seed) => {
        bench.reset();
        const picture = placeNoise(bench, shape, seed);
        assertLikeOracle(bench, picture, makeInput(width, height, fit, look as InputChoice));
      },
    ),
    { numRuns: 400, seed: 1 },
  );
}

function copiesWhatFits(bench: KernelBench): void {
  const picture = placeNoise(bench, { format: "rgb24", width: 37, height: 11, rowGap: 5 }, 1);
  const out = run(bench, picture, makeInput(37, 11, CENTER, { layout: "nhwc" }));
  const { byteOffset, strideBytes } = picture.planes[0]!;
  const rows = Array.from({ length: 11 }, (_, y) => {
    return [...new Uint8Array(bench.buffer, byteOffset + y * strideBytes, 3 * 37)];
  });
  assertEquals([...out], rows.flat());
}

/** Colours as ITU-R BT.601 and BT.709 give them, to the nearest 1/10. */
function convertsColours(bench: KernelBench): void {
  const yuv = (format: PixelFormat, y: number, u: number, v: number): number[][] =>
    format === "nv12" ? [[y], [u, v]] : format === "i420" ? [[y], [u], [v]] : [[y, u, y, v]];
  const textbook = [
    ["limited", "bt601", [81, 90, 240], [254.4, 0, 0]],
    ["limited", "bt709", [81, 90, 240], [255, 24.1, 0]],
    ["limited", "bt709", [173, 42, 26], [0, 255, 1.1]],
    ["full", "bt601", [76, 85, 255], [254.1, 0.1, 0]],
    ["full", "bt709", [100, 150, 120], [87.4, 99.6, 140.8]],
    ["limited", "bt601", [16, 128, 128], [0, 0, 0]],
    ["limited", "bt601", [235, 128, 128], [255, 255, 255]],
    ["full", "bt709", [255, 128, 128], [255, 255, 255]],
  ] as const;
  for (const format of ["nv12", "i420", "yuyv"] as const) {
    for (const [colorRange, colorMatrix, [y, u, v], rgb] of textbook) {
      const spec = { format, width: 7, height: 5, colorRange, colorMatrix };
      assertFlat(bench, placeFlat(bench, spec, yuv(format, y, u, v)), rgb);
    }
  }
  const packed = {
    rgb24: [10, 20, 30],
    bgr24: [30, 20, 10],
    rgba: [10, 20, 30, 99],
    bgrx: [30, 20, 10, 99],
  };
  for (const [format, bytes] of Object.entries(packed)) {
    const spec = { format: format as PixelFormat, width: 7, height: 5 };
    assertFlat(bench, placeFlat(bench, spec, [bytes]), [10, 20, 30]);
  }
  const gray = { format: "gray8", width: 7, height: 5, colorRange: "limited" } as const;
  assertFlat(bench, placeFlat(bench, gray, [[77]]), [77, 77, 77]);
}

function assertFlat(bench: KernelBench, picture: Picture, rgb: readonly number[]): void {
  const out = run(bench, picture, makeInput(9, 9, STRETCH));
  for (let i = 0; i < out.length; i++) assertAlmostEquals(out[i]!, rgb[Math.floor(i / 81)]!, 0.06);
}

function interpolates(bench: KernelBench): void {
  const gray = { format: "gray8", width: 2, height: 1 } as const;
  const line = placePicture(bench, gray, (row) => row.set([0, 200]));
  const wide = run(bench, line, makeInput(4, 1, STRETCH));
  [0, 50, 150, 200].forEach((value, x) => assertAlmostEquals(wide[x]!, value, 0.02));
  const column = placePicture(bench, { ...gray, width: 1, height: 2 }, (row, _, y) => {
    row[0] = 200 * y;
  });
  const tall = run(bench, column, makeInput(1, 4, STRETCH));
  [0, 50, 150, 200].forEach((value, y) => assertAlmostEquals(tall[y]!, value, 0.02));
  // A third of the size takes the middle one of three pixels.
  const ramp = placePicture(bench, { ...gray, width: 9, height: 3 }, (row, _, y) => {
    row.forEach((_, x) => row[x] = 10 * x + 100 * y);
  });
  assertEquals([...run(bench, ramp, makeInput(3, 1, STRETCH)).subarray(0, 3)], [110, 140, 170]);
}

/** Two chroma samples for three columns: the second one belongs to columns 2 and 3. */
function placesChroma(bench: KernelBench): void {
  const spec = { format: "i420", width: 3, height: 1, colorRange: "full" } as const;
  const picture = placePicture(bench, spec, (row, plane) => {
    row.set(plane === 0 ? [100, 100, 100] : plane === 1 ? [128, 128] : [128, 168]);
  });
  const out = run(bench, picture, makeInput(3, 1, STRETCH));
  // V lies at columns 0.5 and 2.5; red is luma + 1.402 (V - 128).
  const red = [0, 10, 30].map((v) => 100 + 1.402 * v);
  red.forEach((value, x) => assertAlmostEquals(out[x]!, value, 0.05));
}

function pads(bench: KernelBench): void {
  const white = { format: "gray8", width: 4, height: 2 } as const;
  const rows = (rule: LetterboxRule): number[] => {
    const picture = placeFlat(bench, white, [[255]]);
    const input = makeInput(4, 5, rule, { scale: [1 / 255, 1, 1], bias: [0, 0, 0] });
    return Array.from(run(bench, picture, input).subarray(0, 20)).filter((_, i) => i % 4 === 0);
  };
  const pad = Math.fround(114 / 255);
  assertEquals(rows(CENTER), [pad, 1, 1, pad, pad]);
  assertEquals(rows(TOP_LEFT), [1, 1, 0, 0, 0]);
  assertEquals(rows(STRETCH), [1, 1, 1, 1, 1]);
}

function ordersChannels(bench: KernelBench): void {
  const picture = placeFlat(bench, { format: "bgrx", width: 1, height: 1 }, [[3, 2, 1, 9]]);
  const look = { scale: [10, 100, 1000], bias: [1, 2, 3] } as const;
  const rgb = { ...look, channels: "rgb" } as const;
  const bgr = { ...look, channels: "bgr" } as const;
  assertEquals([...run(bench, picture, makeInput(1, 1, CENTER, rgb))], [11, 202, 3003]);
  assertEquals([...run(bench, picture, makeInput(1, 1, CENTER, bgr))], [31, 202, 1003]);
  const wide = run(bench, picture, makeInput(5, 1, STRETCH, { ...bgr, layout: "nhwc" }));
  assertEquals([...wide], Array(5).fill([31, 202, 1003]).flat());
}

function roundsToByte(bench: KernelBench): void {
  const picture = placeFlat(bench, { format: "rgb24", width: 5, height: 1 }, [[1, 100, 200]]);
  const look = { type: "uint8", scale: [0.5, -1, 2], bias: [0, 50, 0] } as const;
  const out = run(bench, picture, makeInput(5, 1, CENTER, look));
  assertEquals([...out], [1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255]);
}

/** Scales that give every kind of float16: normal, subnormal, zero and infinite ones. */
function roundsToHalf(bench: KernelBench): void {
  const picture = placePicture(bench, { format: "gray8", width: 256, height: 1 }, (row) => {
    row.forEach((_, x) => row[x] = x);
  });
  for (const scale of [1, 1 / 255, 1.2345e-3, 1e-6, 3.1e-8, 1e-12, 257, 1000, -0.37]) {
    const look = { type: "float16", scale: [scale, scale, scale] } as const;
    const out = run(bench, picture, makeInput(256, 1, CENTER, look));
    // The scaled pixel may be rounded to float32 before it is rounded to float16, or not.
    const direct = Float16Array.from({ length: 256 }, (_, x) => x * scale);
    const twice = Float16Array.from({ length: 256 }, (_, x) => Math.fround(x * Math.fround(scale)));
    for (let x = 0; x < 256; x++) {
      const same = out[x] === direct[x] || out[x] === twice[x];
      assert(same, `${x} * ${scale}: ${out[x]} is neither ${direct[x]} nor ${twice[x]}`);
    }
  }
}

function ignoresGaps(bench: KernelBench): void {
  for (const format of PIXEL_FORMATS) {
    const spec = { format, width: 13, height: 7 };
    const input = makeInput(16, 16, CENTER);
    const dense = run(bench, placeNoise(bench, spec, 5), input);
    const sparse = run(bench, placeNoise(bench, { ...spec, rowGap: 1000 }, 5), input);
    assertEquals([...sparse], [...dense], format);
  }
}

function spreadsOnePixel(bench: KernelBench): void {
  for (const format of PIXEL_FORMATS) {
    const picture = placeNoise(bench, { format, width: 1, height: 1 }, 3);
    assertLikeOracle(bench, picture, makeInput(17, 5, STRETCH));
    assertLikeOracle(bench, picture, makeInput(1, 1, CENTER));
  }
}

function takesEightK(bench: KernelBench): void {
  const picture = placeNoise(bench, { format: "nv12", width: 7680, height: 4320 }, 8);
  assertLikeOracle(bench, picture, makeInput(64, 64, CENTER));
}

/** Whatever an implementation remembers of the last picture must not leak into the next. */
function switchesPictures(bench: KernelBench): void {
  const shapes = [[64, 48], [63, 48], [64, 47], [8, 96]] as const;
  for (let round = 0; round < 3; round++) {
    for (const format of PIXEL_FORMATS) {
      const [width, height] = shapes[(round + format.length) % shapes.length]!;
      const picture = placeNoise(bench, { format, width, height }, round);
      for (const net of [32, 40]) assertLikeOracle(bench, picture, makeInput(net, net, CENTER));
      assertLikeOracle(bench, picture, makeInput(32, 20, TOP_LEFT));
    }
    bench.reset();
  }
}
