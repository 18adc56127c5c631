import { assertEquals, assertLessOrEqual } from "@std/assert";
import { type ColorMatrix, type ColorRange, PIXEL_FORMATS } from "../core/pixel_format.ts";
import { SharedArena } from "../native/arena.ts";
import { makeFrame, type Rgb, toYuv } from "../../tests/support/fake_frame.ts";
import { loadAvLibrary } from "./av_library.ts";
import type { AvPicture, AvPictureShape } from "./av_picture.ts";
import { PictureConverter } from "./picture_converter.ts";

const av = await loadAvLibrary();
const { AV_PIX_FMT_RGB24, AV_PIX_FMT_YUV420P } = av.constants;
/** Rounding on the way: 8-bit chroma and the scaler's 14-bit sums. */
const TOLERANCE = 3;

function rgbShape(width: number, height: number): AvPictureShape {
  return { format: AV_PIX_FMT_RGB24, width, height, colorRange: "full", colorMatrix: null };
}

function yuvShape(
  width: number,
  height: number,
  colorRange: ColorRange = "limited",
  colorMatrix: ColorMatrix = "bt601",
): AvPictureShape {
  return { format: AV_PIX_FMT_YUV420P, width, height, colorRange, colorMatrix };
}

/** Blocks of 8 × 8 pixels: their centres keep their colour in all subsamplings. */
function paintBlocks(x: number, y: number): Rgb {
  const [column, row] = [Math.floor(x / 8), Math.floor(y / 8)];
  return [40 + 60 * (column % 4), 30 + 50 * (row % 4), 200 - 40 * ((column + row) % 4)];
}

function grayOf(color: Rgb): Rgb {
  const [luma] = toYuv(color, "full", "bt601");
  return [luma, luma, luma];
}

function pixelAt({ planes }: AvPicture, x: number, y: number): number[] {
  if (planes.length === 1) {
    const at = y * planes[0]!.strideBytes + 3 * x;
    return [...planes[0]!.bytes.subarray(at, at + 3)];
  }
  return planes.map(({ bytes, strideBytes }, i) => {
    return i === 0 ? bytes[y * strideBytes + x]! : bytes[(y >> 1) * strideBytes + (x >> 1)]!;
  });
}

function assertNear(actual: readonly number[], expected: readonly number[], what: string): void {
  for (const [i, value] of actual.entries()) {
    assertLessOrEqual(
      Math.abs(value - expected[i]!),
      TOLERANCE,
      `${what}: ${actual}, not ${expected}`,
    );
  }
}

/** Compares block centres, where no scaler mixes neighbours. */
function assertBlocks(
  picture: AvPicture,
  size: { readonly width: number; readonly height: number },
  expect: (color: Rgb) => Rgb,
  what: string,
): void {
  const [middleX, middleY] = [Math.min(4, size.width - 1), Math.min(4, size.height - 1)];
  for (let y = middleY; y < size.height; y += 8) {
    for (let x = middleX; x < size.width; x += 8) {
      assertNear(pixelAt(picture, x, y), expect(paintBlocks(x, y)), `${what} at ${x},${y}`);
    }
  }
}

for (const format of PIXEL_FORMATS) {
  const shown = (color: Rgb) => format === "gray8" ? grayOf(color) : color;

  Deno.test(`PictureConverter brings ${format} of any range and matrix to RGB`, async () => {
    for (const [width, height] of [[32, 24], [31, 23], [1, 1]] as const) {
      using converter = new PictureConverter(av, rgbShape(width, height));
      for (const colorRange of ["limited", "full"] as const) {
        for (const colorMatrix of ["bt601", "bt709"] as const) {
          using frame = makeFrame({
            format,
            width,
            height,
            colorRange,
            colorMatrix,
            paint: paintBlocks,
            paddingBytes: 7,
          });
          await converter.convert(frame.picture, frame.arena);
          const what = `${width}×${height} ${colorRange} ${colorMatrix}`;
          assertBlocks(converter.canvas, { width, height }, shown, what);
        }
      }
    }
  });

  Deno.test(`PictureConverter brings ${format} to video and to JPEG colours`, async () => {
    for (const [width, height] of [[32, 24], [31, 23], [1, 1]] as const) {
      for (const [range, matrix] of [["limited", "bt601"], ["full", "bt601"]] as const) {
        using converter = new PictureConverter(av, yuvShape(width, height, range, matrix));
        for (const colorRange of ["limited", "full"] as const) {
          using frame = makeFrame({
            format,
            width,
            height,
            colorRange,
            colorMatrix: format === "nv12" ? "bt709" : "bt601",
            paint: paintBlocks,
          });
          await converter.convert(frame.picture, frame.arena);
          const expect = (color: Rgb) => toYuv(shown(color), range, matrix);
          const what = `${width}×${height} ${colorRange} to ${range}`;
          assertBlocks(converter.canvas, { width, height }, expect, what);
        }
      }
    }
  });
}

Deno.test("PictureConverter keeps the matrix of video, so nothing is lost on the way", async () => {
  using converter = new PictureConverter(av, yuvShape(32, 24, "limited", "bt709"));
  using frame = makeFrame({
    format: "i420",
    width: 32,
    height: 24,
    colorMatrix: "bt709",
    paint: (x, y) => [8 * x, 10 * y, 255 - 8 * x],
  });
  await converter.convert(frame.picture, frame.arena);
  for (let row = 0; row < 24; row++) {
    const { bytes, strideBytes } = converter.canvas.planes[0]!;
    const copied = bytes.subarray(row * strideBytes, row * strideBytes + 32);
    assertEquals([...copied], [...frame.planeBytes(0).subarray(32 * row, 32 * row + 32)]);
  }
});

Deno.test("PictureConverter makes odd pictures even by repeating their edges", async () => {
  for (const format of ["i420", "rgb24", "yuyv"] as const) {
    using converter = new PictureConverter(av, yuvShape(32, 24));
    using frame = makeFrame({ format, width: 31, height: 23, paint: paintBlocks });
    const viewport = await converter.convert(frame.picture, frame.arena);
    assertEquals(viewport, { scale: 1, offsetX: 0, offsetY: 0, width: 31, height: 23 });
    const { canvas } = converter;
    assertBlocks(canvas, { width: 32, height: 24 }, (c) => toYuv(c, "limited", "bt601"), format);
    assertEquals(pixelAt(canvas, 31, 5)[0], pixelAt(canvas, 30, 5)[0]);
    assertEquals(pixelAt(canvas, 31, 23)[0], pixelAt(canvas, 30, 22)[0]);
  }
});

Deno.test("PictureConverter fits pictures of another size between black borders", async () => {
  const red: Rgb = [250, 20, 20];
  for (const format of ["rgb24", "nv12"] as const) {
    using converter = new PictureConverter(av, yuvShape(64, 48));
    using first = makeFrame({ format, width: 64, height: 48, paint: () => [250, 250, 250] });
    await converter.convert(first.picture, first.arena);
    // Coefficients differ from those of the canvas, which takes the longest way.
    using tall = makeFrame({
      format,
      width: 24,
      height: 96,
      colorMatrix: "bt709",
      paint: () => red,
    });
    const viewport = await converter.convert(tall.picture, tall.arena);
    assertEquals(viewport, { scale: 0.5, offsetX: 26, offsetY: 0, width: 12, height: 48 });
    const { canvas } = converter;
    for (const x of [26, 31, 37]) {
      assertNear(pixelAt(canvas, x, 20), toYuv(red, "limited", "bt601"), `${format} at ${x}`);
    }
    for (const x of [0, 25, 38, 63]) assertEquals(pixelAt(canvas, x, 20), [16, 128, 128]);
    const again = await converter.convert(first.picture, first.arena);
    assertEquals(again.width, 64);
    assertNear(pixelAt(canvas, 0, 20), [233, 128, 128], "the first size again");
  }
});

Deno.test("PictureConverter leaves the camera's picture as it is", async () => {
  using converter = new PictureConverter(av, rgbShape(16, 16));
  using frame = makeFrame({ format: "nv12", width: 16, height: 16, paint: paintBlocks });
  const before = frame.planeBytes(0);
  await converter.convert(frame.picture, frame.arena);
  converter.canvas.planes[0]!.bytes.fill(0);
  assertEquals(frame.planeBytes(0), before);
});

Deno.test("PictureConverter writes beside a picture that an encoder still holds", async () => {
  using converter = new PictureConverter(av, yuvShape(16, 16));
  using light = makeFrame({ format: "i420", width: 16, height: 16, paint: () => [255, 255, 255] });
  using dark = makeFrame({ format: "i420", width: 16, height: 16 });
  await converter.convert(light.picture, light.arena);
  using held = new av.lib.Frame();
  held.alloc();
  assertEquals(held.ref(converter.canvas.frame) >= 0, true);
  await converter.convert(dark.picture, dark.arena);
  assertEquals(held.data![0]![0], 235);
  assertEquals(pixelAt(converter.canvas, 0, 0), [16, 128, 128]);
});

Deno.test("PictureConverter reads pictures in memory that grew since", async () => {
  const arena = new SharedArena();
  using converter = new PictureConverter(av, rgbShape(16, 16));
  using frame = makeFrame({ format: "rgb24", width: 16, height: 16, paint: paintBlocks, arena });
  await converter.convert(frame.picture, arena);
  arena.allocate(3_000_000);
  await converter.convert(frame.picture, arena);
  assertBlocks(converter.canvas, { width: 16, height: 16 }, (color) => color, "after growing");
});
