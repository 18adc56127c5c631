import { assertAlmostEquals, assertEquals, assertLessOrEqual } from "@std/assert";
import type { Canvas } from "./canvas.ts";
import { blendByte, clipRect } from "./canvas.ts";
import { splitColor, toYuv } from "./color.ts";
import { I420Canvas } from "./i420_canvas.ts";
import { RgbCanvas } from "./rgb_canvas.ts";

const [WIDTH, HEIGHT] = [24, 16];
const COLORS = { colorRange: "limited", colorMatrix: "bt601" } as const;
const GRAY = 0x808080;
const ORANGE = 0xff7d1f;

interface Drawing {
  readonly name: string;
  readonly canvas: Canvas;
  /** Value of each channel of the canvas at a pixel. */
  readonly read: (x: number, y: number) => number[];
  /** The channels of a colour. */
  readonly channelsOf: (color: number) => number[];
}

/** Both canvases, gray, with bytes after each row that nobody may touch. */
function makeDrawings(width = WIDTH, height = HEIGHT): Drawing[] {
  const rgb = new Uint8Array((3 * width + 5) * height).fill(0x80);
  const [halfWidth, halfHeight] = [(width + 1) >> 1, (height + 1) >> 1];
  const planes = [[width, height], [halfWidth, halfHeight], [halfWidth, halfHeight]].map(
    ([columns, rows], i) => ({
      bytes: new Uint8Array((columns! + 3) * rows!).fill(i === 0 ? 126 : 128),
      strideBytes: columns! + 3,
    }),
  );
  const at = (i: number, x: number, y: number) => planes[i]!.bytes[y * planes[i]!.strideBytes + x]!;
  return [{
    name: "RgbCanvas",
    canvas: new RgbCanvas(rgb, 3 * width + 5, width, height),
    read: (x, y) => [...rgb.subarray((3 * width + 5) * y + 3 * x).subarray(0, 3)],
    channelsOf: splitColor,
  }, {
    name: "I420Canvas",
    canvas: new I420Canvas(planes, width, height, COLORS),
    read: (x, y) => [at(0, x, y), at(1, x >> 1, y >> 1), at(2, x >> 1, y >> 1)],
    channelsOf: (color) => toYuv(color, "limited", "bt601"),
  }];
}

/** Pixels that are not gray any more. */
function touched({ canvas, read, channelsOf }: Drawing): string[] {
  const gray = String(channelsOf(GRAY));
  const list: string[] = [];
  for (let y = 0; y < canvas.height; y++) {
    for (let x = 0; x < canvas.width; x++) if (String(read(x, y)) !== gray) list.push(`${x},${y}`);
  }
  return list;
}

for (const { name } of makeDrawings()) {
  const make = (width?: number, height?: number) =>
    makeDrawings(width, height).find((drawing) => drawing.name === name)!;

  Deno.test(`${name} fills a rectangle and nothing else`, () => {
    const drawing = make();
    drawing.canvas.fillRect({ x1: 4, y1: 2, x2: 8, y2: 6 }, ORANGE);
    assertEquals(touched(drawing).length, 16);
    assertEquals(drawing.read(4, 2), drawing.channelsOf(ORANGE));
    assertEquals(drawing.read(7, 5), drawing.channelsOf(ORANGE));
  });

  Deno.test(`${name} cuts off what lies outside`, () => {
    const drawing = make(23, 15);
    drawing.canvas.fillRect({ x1: -40, y1: -40, x2: 400, y2: 400 }, ORANGE);
    assertEquals(touched(drawing).length, 23 * 15);
    const outside = make();
    outside.canvas.fillRect({ x1: 24, y1: 0, x2: 30, y2: 16 }, ORANGE);
    outside.canvas.fillRect({ x1: 8, y1: 8, x2: 8, y2: 12 }, ORANGE);
    outside.canvas.shadeRect({ x1: -9, y1: 0, x2: 0, y2: 16 }, 1);
    const mask = { width: 2, height: 2, alpha: new Uint8Array(4).fill(255) };
    outside.canvas.blendMask(24, 0, mask, ORANGE);
    assertEquals(touched(outside), []);
  });

  Deno.test(`${name} shades from nothing to black`, () => {
    const drawing = make();
    drawing.canvas.fillRect({ x1: 0, y1: 0, x2: WIDTH, y2: HEIGHT }, ORANGE);
    drawing.canvas.shadeRect({ x1: 0, y1: 0, x2: 4, y2: 4 }, 0);
    drawing.canvas.shadeRect({ x1: 4, y1: 0, x2: 8, y2: 4 }, 1);
    drawing.canvas.shadeRect({ x1: 8, y1: 0, x2: 12, y2: 4 }, 0.5);
    const [full, black] = [drawing.channelsOf(ORANGE), drawing.channelsOf(0x000000)];
    assertEquals(drawing.read(1, 1), full);
    assertEquals(drawing.read(5, 1), black);
    for (const [i, value] of drawing.read(9, 1).entries()) {
      assertAlmostEquals(value, (full[i]! + black[i]!) / 2, 1);
    }
  });

  Deno.test(`${name} draws through a mask, cut at the edge`, () => {
    const drawing = make();
    const alpha = new Uint8Array(16 * 4).fill(255);
    for (let i = 0; i < 64; i++) if (i % 16 >= 8) alpha[i] = 128;
    drawing.canvas.blendMask(12, 14, { width: 16, height: 4, alpha }, ORANGE);
    assertEquals(touched(drawing).length, 24);
    assertEquals(drawing.read(12, 14), drawing.channelsOf(ORANGE));
    const [from, to] = [drawing.channelsOf(GRAY), drawing.channelsOf(ORANGE)];
    for (const [i, value] of drawing.read(22, 15).entries()) {
      assertAlmostEquals(value, from[i]! + (to[i]! - from[i]!) * 128 / 255, 1);
    }
  });
}

Deno.test("blendByte() rounds right for every opacity", () => {
  for (const [from, to] of [[0, 255], [255, 0], [16, 235], [200, 17], [90, 90]] as const) {
    for (let alpha = 0; alpha <= 255; alpha++) {
      const exact = from + (to - from) * alpha / 255;
      assertLessOrEqual(Math.abs(blendByte(from, to, alpha) - exact), 0.51);
    }
    assertEquals([blendByte(from, to, 0), blendByte(from, to, 255)], [from, to]);
  }
});

Deno.test("clipRect() is null where nothing is left", () => {
  assertEquals(clipRect({ x1: -1, y1: 2, x2: 5, y2: 9 }, 4, 4), { x1: 0, y1: 2, x2: 4, y2: 4 });
  assertEquals(clipRect({ x1: 3, y1: 0, x2: 3, y2: 4 }, 4, 4), null);
});
