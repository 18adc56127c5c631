import { assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import type { Frame } from "../core/frame.ts";
import { PIXEL_FORMATS } from "../core/pixel_format.ts";
import { type FakeFrameOptions, makeFrame, type Rgb } from "../../tests/support/fake_frame.ts";
import { type ImageFacts, lookAt } from "./image_look.ts";

/** A street of sorts: stripes, a slope of light, a bright half. */
function scene(x: number, y: number): Rgb {
  const value = 60 + (x >> 3 & 1) * 50 + y / 2 + (x > 96 ? 40 : 0);
  return [value, value, value];
}

function look(options: Partial<FakeFrameOptions>): ImageFacts {
  using frame: Frame = makeFrame({
    format: "rgb24",
    width: 192,
    height: 144,
    paint: scene,
    ...options,
  });
  return lookAt(frame.picture, new Uint8Array(frame.arena.buffer));
}

Deno.test("lookAt() sees about the same in every pixel format of a grey picture", () => {
  const wanted = look({ format: "gray8" });
  for (const format of PIXEL_FORMATS) {
    const found = look({ format, colorRange: "full", paddingBytes: 3 });
    assertAlmostEquals(found.luma, wanted.luma, 1.5, format);
    assertAlmostEquals(found.contrast, wanted.contrast, 1.5, format);
    assertAlmostEquals(found.sharpness, wanted.sharpness, 2, format);
    assertAlmostEquals(found.cb, 0, 1, format);
    assertAlmostEquals(found.cr, 0, 1, format);
  }
});

Deno.test("lookAt() tells colours apart in every format that has them", () => {
  for (const format of PIXEL_FORMATS.filter((name) => name !== "gray8")) {
    const { cb, cr } = look({ format, colorRange: "full", paint: () => [60, 90, 200] });
    assertGreater(cb, 30, format);
    assertLess(cr, -5, format);
  }
});

Deno.test("lookAt() measures noise of a flat picture", () => {
  // Twelve uniform numbers make a normal one; deviation 8.
  let state = 7;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  const normal = () => Array.from({ length: 12 }, random).reduce((sum, x) => sum + x, -6);
  const paint = (): Rgb => {
    const value = 128 + 8 * normal();
    return [value, value, value];
  };
  assertAlmostEquals(look({ format: "gray8", paint }).noise, 8, 0.6);
  assertEquals(look({ format: "gray8", paint: () => [128, 128, 128] }).noise, 0);
});

Deno.test("lookAt() takes pictures of one pixel and of odd sizes", () => {
  for (const [width, height] of [[1, 1], [2, 1], [1, 7], [3, 3], [97, 73]]) {
    for (const format of PIXEL_FORMATS) {
      const facts = look({ format, width: width!, height: height! });
      assertEquals(facts.blockSharpness.length, 48);
      assertEquals(facts.thumbnail.length, 48 * 36);
      const numbers = [...facts.blockSharpness, ...facts.thumbnail, facts.luma, facts.noise];
      assertEquals(numbers.every(Number.isFinite), true);
    }
  }
});
