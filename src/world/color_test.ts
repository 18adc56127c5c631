import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { fromHex, mixed, scaled, ToneCurve } from "./color.ts";

Deno.test("fromHex() undoes the encoding of sRGB", () => {
  // Values of IEC 61966-2-1: code 128 is 21.586 % of white, 10 lies on the straight part.
  const { r, g, b } = fromHex(0xff800a);
  assertAlmostEquals(r, 1, 1e-9);
  assertAlmostEquals(g, 0.2158605, 1e-6);
  assertAlmostEquals(b, 10 / 255 / 12.92, 1e-9);
});

Deno.test("colours are scaled and mixed channel by channel", () => {
  const color = { r: 1, g: 0.5, b: 0 };
  assertEquals(scaled(color, 2), { r: 2, g: 1, b: 0 });
  assertEquals(mixed(color, { r: 0, g: 0.5, b: 1 }, 0.25), { r: 0.75, g: 0.5, b: 0.25 });
});

Deno.test("the tone curve rises from black to white and never falls", () => {
  const tone = new ToneCurve();
  assertEquals([tone.encode(-1), tone.encode(0)], [0, 0]);
  assertEquals(tone.encode(1e9), 255);
  let last = 0;
  for (let light = 0; light < 20; light += 0.003) {
    const code = tone.encode(light);
    assert(code >= last, `${light}`);
    last = code;
  }
});

Deno.test("grays stay gray, and colours lose a little of their strength", () => {
  const tone = new ToneCurve();
  const gray = tone.encodeRgb(0.3, 0.3, 0.3);
  assertEquals([gray & 255, gray >>> 8 & 255], [gray >>> 16 & 255, gray & 255]);
  const red = tone.encodeRgb(0.3, 0, 0);
  assert((red >>> 8 & 255) > 0 && (red & 255) > 100);
});
