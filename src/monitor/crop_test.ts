import { assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { makeFrame, type Rgb } from "../../tests/support/fake_frame.ts";
import { PIXEL_FORMATS } from "../core/pixel_format.ts";
import { cropAround } from "./crop.ts";

const RED: Rgb = [200, 40, 40];
const BLUE: Rgb = [40, 60, 200];

for (const format of PIXEL_FORMATS) {
  Deno.test(`cropAround() shows the object of a ${format} picture in its colours`, () => {
    using frame = makeFrame({
      format,
      width: 64,
      height: 48,
      paddingBytes: 5,
      paint: (x) => x >= 32 ? RED : BLUE,
    });
    const memory = new Uint8Array(frame.arena.buffer);
    const { width, height, rgb, xyxyPx } = cropAround(frame.picture, memory, [40, 12, 56, 28]);
    assertEquals([width, height, xyxyPx], [24, 24, [36, 8, 60, 32]]);
    const middle = 3 * (12 * width + 12);
    const [red, green, blue] = rgb.subarray(middle, middle + 3);
    if (format === "gray8") return assertEquals([red, red], [green, blue]);
    for (const [found, wanted] of [[red, RED[0]], [green, RED[1]], [blue, RED[2]]]) {
      assertAlmostEquals(found!, wanted!, 4);
    }
  });
}

Deno.test("cropAround() is at most 96 pixels long and inside the picture, whatever the box", () => {
  using frame = makeFrame({ format: "i420", width: 151, height: 97 });
  const memory = new Uint8Array(frame.arena.buffer);
  const at = fc.double({ min: -50, max: 250, noNaN: true });
  fc.assert(fc.property(at, at, at, at, (x1, y1, x2, y2) => {
    const box = [Math.min(x1, x2), Math.min(y1, y2), Math.max(x1, x2), Math.max(y1, y2)] as const;
    const { width, height, rgb, xyxyPx } = cropAround(frame.picture, memory, box);
    assertEquals(rgb.length, 3 * width * height);
    assertEquals(width >= 1 && width <= 96 && height >= 1 && height <= 96, true);
    const [left, top, right, bottom] = xyxyPx;
    assertEquals(left >= 0 && top >= 0 && right <= 151 && bottom <= 97, true);
    assertEquals(left < right && top < bottom, true);
  }));
});
