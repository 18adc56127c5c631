import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { FourierTransform } from "./fourier.ts";
import { gaussianBlur, gaussianKernel } from "./gaussian_blur.ts";
import { quantile } from "./quantile.ts";
import { reflectInner, reflectOuter } from "./reflect.ts";

/** The convolution as it is written down. */
function blurSlowly(plane: Float32Array, width: number, height: number, sigma: number): number[] {
  const half = gaussianKernel(sigma);
  const margin = half.length - 1;
  const rows = Array.from(plane, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    let sum = 0;
    for (let d = -margin; d <= margin; d++) {
      sum += half[Math.abs(d)]! * plane[y * width + reflectInner(x + d, width)]!;
    }
    return sum;
  });
  return rows.map((_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    let sum = 0;
    for (let d = -margin; d <= margin; d++) {
      sum += half[Math.abs(d)]! * rows[reflectInner(y + d, height) * width + x]!;
    }
    return sum;
  });
}

Deno.test("gaussianBlur() is the convolution, also with kernels wider than the plane", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 15 }),
      fc.integer({ min: 1, max: 15 }),
      fc.double({ min: 0.05, max: 9, noNaN: true }),
      fc.infiniteStream(fc.double({ min: -4, max: 4, noNaN: true })),
      (width, height, sigma, values) => {
        const plane = Float32Array.from([...values.take(width * height)]);
        const before = plane.slice();
        const found = gaussianBlur(plane, width, height, sigma);
        assertEquals(plane, before);
        blurSlowly(plane, width, height, sigma)
          .forEach((wanted, i) => assertAlmostEquals(found[i]!, wanted, 2e-6));
      },
    ),
    { seed: 1, numRuns: 60 },
  );
});

Deno.test("gaussianKernel() has OpenCV's size and sums up to 1", () => {
  for (const [sigma, side] of [[0.05, 1], [0.0625, 3], [1, 9], [7.68, 63], [48, 385]] as const) {
    const half = gaussianKernel(sigma);
    assertEquals(2 * half.length - 1, side, `sigma ${sigma}`);
    assertAlmostEquals(half.reduce((sum, weight) => sum + 2 * weight, -half[0]!), 1, 1e-6);
  }
});

Deno.test("a transform there and back is the same times its length", () => {
  for (const length of [2, 4, 64, 1024]) {
    const samples = Float64Array.from({ length }, (_, i) => Math.sin(i * i) + i % 3);
    const real = samples.slice();
    const imaginary = new Float64Array(length);
    const transform = new FourierTransform(length);
    transform.forward(real, imaginary);
    assertAlmostEquals(real[0]!, samples.reduce((sum, value) => sum + value, 0), 1e-9);
    transform.forward(imaginary, real);
    samples.forEach((value, i) => assertAlmostEquals(real[i]! / length, value, 1e-12));
  }
});

Deno.test("reflections repeat the picture for ever", () => {
  const index = fc.integer({ min: -1000, max: 1000 });
  fc.assert(
    fc.property(index, fc.integer({ min: 1, max: 30 }), (index, length) => {
      for (const reflect of [reflectInner, reflectOuter]) {
        const at = reflect(index, length);
        assert(at >= 0 && at < length);
        if (index >= 0 && index < length) assertEquals(at, index);
      }
      // About the end sample, and about the edge behind it.
      assertEquals(reflectInner(-index, length), reflectInner(index, length));
      assertEquals(reflectOuter(-1 - index, length), reflectOuter(index, length));
    }),
    { seed: 2 },
  );
  assertEquals([-3, -2, -1, 0, 1, 2, 3, 4].map((i) => reflectInner(i, 3)), [
    1,
    2,
    1,
    0,
    1,
    2,
    1,
    0,
  ]);
  assertEquals([-3, -2, -1, 0, 1, 2, 3, 4].map((i) => reflectOuter(i, 3)), [
    2,
    1,
    0,
    0,
    1,
    2,
    2,
    1,
  ]);
});

Deno.test("quantile() is linear between the sorted values", () => {
  const values = Float32Array.of(4, 1, 3, 2);
  const shares = [0, 0.25, 0.5, 0.75, 1];
  assertEquals(shares.map((share) => quantile(values, share)), [1, 1.75, 2.5, 3.25, 4]);
  assertEquals([...values], [4, 1, 3, 2]);
  assertEquals(quantile(Float32Array.of(7), 0.3), 7);
});
