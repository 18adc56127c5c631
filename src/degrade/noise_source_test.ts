import { assertAlmostEquals, assertEquals, assertLess, assertNotEquals } from "@std/assert";
import { NoiseSource } from "./noise_source.ts";

const WIDTH = 3 * 768;
const LENGTH = WIDTH * 432;
const DEVIATION = 20;

/** Noise on gray, with what cutting down takes away put back, one picture after the other. */
function drawPictures(count: number, seed: number): Float64Array[] {
  const source = new NoiseSource([seed], () => 128, DEVIATION);
  return Array.from({ length: count }, () => {
    const values = new Uint8Array(LENGTH);
    source.addTo(values);
    return Float64Array.from(values, (value) => (value + 0.5 - 128) / DEVIATION);
  });
}

function meanOf(values: Float64Array, map: (value: number, i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += map(values[i]!, i);
  return sum / values.length;
}

Deno.test("noise has mean 0, variance 1 and the tails of a normal distribution", () => {
  for (const picture of drawPictures(3, 1)) {
    assertAlmostEquals(meanOf(picture, (v) => v), 0, 0.004);
    assertAlmostEquals(meanOf(picture, (v) => v * v), 1, 0.01);
    assertAlmostEquals(meanOf(picture, (v) => v ** 3), 0, 0.02);
    assertAlmostEquals(meanOf(picture, (v) => v ** 4), 3, 0.08);
    // Shares beyond one, two and three deviations.
    for (const [limit, share] of [[1, 0.31731], [2, 0.0455], [3, 0.0027]] as const) {
      assertAlmostEquals(
        meanOf(picture, (v) => Math.abs(v) > limit ? 1 : 0),
        share,
        0.02 * share + 4e-4,
      );
    }
  }
});

Deno.test("noise of neighbours, channels, rows and pictures is independent", () => {
  const pictures = drawPictures(3, 2);
  for (const [n, picture] of pictures.entries()) {
    for (const lag of [1, 2, 3, 6, WIDTH - 3, WIDTH, WIDTH + 3, 2 * WIDTH, 4096]) {
      const correlation = meanOf(
        picture.subarray(0, LENGTH - lag),
        (value, i) => value * picture[i + lag]!,
      );
      assertLess(Math.abs(correlation), 0.01, `${lag} values apart`);
    }
    const next = pictures[(n + 1) % pictures.length]!;
    for (const lag of [0, 1, 3, WIDTH]) {
      const correlation = meanOf(next.subarray(0, LENGTH - lag), (v, i) => v * picture[i + lag]!);
      assertLess(Math.abs(correlation), 0.01, `in the next picture, ${lag} values apart`);
    }
  }
});

Deno.test("the same seed gives the same noise", () => {
  assertEquals(drawPictures(1, 3), drawPictures(1, 3));
  assertNotEquals(drawPictures(1, 3), drawPictures(1, 4));
});

Deno.test("values are clamped and cut down", () => {
  const source = new NoiseSource([0], (value) => value, 110);
  const values = new Uint8Array(100_000).fill(250);
  source.addTo(values);
  // 48.2 % of normal numbers are above 5 / 110.
  const white = values.filter((value) => value === 255).length / values.length;
  assertAlmostEquals(white, 0.482, 0.01);
  const still = new NoiseSource([0], (value) => value / 2, 0);
  const exact = Uint8Array.from({ length: 256 }, (_, value) => value);
  still.addTo(exact);
  assertEquals([...exact], Array.from({ length: 256 }, (_, value) => value >> 1));
});
