import { assert, assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import fc from "fast-check";
import { AreaShrink } from "./area_shrink.ts";
import { forwardDct, inverseDct } from "./dct.ts";
import { JpegCoder } from "./jpeg_coder.ts";
import { quantisationSteps } from "./jpeg_quality.ts";
import { LinearStretch } from "./linear_stretch.ts";
import { Pcg64 } from "./pcg64.ts";

/** The transform as ITU-T T.81 writes it down (A.3.3), times 8. */
function dctSlowly(samples: Int32Array): number[] {
  const factor = (k: number) => k === 0 ? Math.SQRT1_2 : 1;
  return Array.from({ length: 64 }, (_, i) => {
    const [u, v] = [i % 8, i >> 3];
    let sum = 0;
    for (let y = 0; y < 8; y++) {
      for (let x = 0; x < 8; x++) {
        sum += samples[8 * y + x]! * Math.cos((2 * x + 1) * u * Math.PI / 16) *
          Math.cos((2 * y + 1) * v * Math.PI / 16);
      }
    }
    return 8 * sum * factor(u) * factor(v) / 4;
  });
}

Deno.test("the integer transform is the cosine transform, and its inverse takes it back", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -128, max: 127 }), { minLength: 64, maxLength: 64 }),
      (samples) => {
        const block = Int32Array.from(samples);
        const wanted = dctSlowly(block);
        forwardDct(block);
        block.forEach((value, i) => assertAlmostEquals(value, wanted[i]!, 3));
        for (let i = 0; i < 64; i++) block[i] = Math.round(block[i]! / 8);
        inverseDct(block);
        block.forEach((value, i) => assertLess(Math.abs(value - samples[i]!), 3));
      },
    ),
    { seed: 1, numRuns: 50 },
  );
});

Deno.test("quantisationSteps() scales the standard's tables", () => {
  // Annex K itself is quality 50.
  assertEquals([...quantisationSteps("luma", 50).slice(0, 4)], [16, 11, 10, 16]);
  assertEquals([...quantisationSteps("chroma", 50).slice(0, 5)], [17, 18, 24, 47, 99]);
  assertEquals(quantisationSteps("chroma", 50)[63], 99);
  assertEquals([...quantisationSteps("luma", 25).slice(0, 4)], [32, 22, 20, 32]);
  assertEquals([...new Set(quantisationSteps("luma", 100))], [1]);
  assertEquals(Math.max(...quantisationSteps("luma", 4)), 255);
});

Deno.test("JpegCoder loses little at quality 100 where colour does not change fast", () => {
  const [width, height] = [37, 29];
  const bgr = Uint8Array.from({ length: 3 * width * height }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    return 60 + 2 * x + 3 * y + 10 * (i % 3);
  });
  const found = bgr.slice();
  new JpegCoder(width, height, 100).roundTrip(found);
  found.forEach((value, i) => assertLess(Math.abs(value - bgr[i]!), 5));
});

Deno.test("JpegCoder changes a picture less the better the quality", () => {
  const [width, height] = [64, 48];
  const random = new Pcg64([1]);
  const bgr = Uint8Array.from({ length: 3 * width * height }, () => 256 * random.nextDouble());
  let last = Infinity;
  for (const quality of [4, 10, 25, 50, 75, 95]) {
    const found = bgr.slice();
    new JpegCoder(width, height, quality).roundTrip(found);
    const distance = found.reduce((sum, value, i) => sum + (value - bgr[i]!) ** 2, 0);
    assertLess(distance, last);
    last = distance;
  }
});

Deno.test("AreaShrink keeps the mean and LinearStretch the range", () => {
  const side = fc.integer({ min: 1, max: 50 });
  const factor = fc.constantFrom(0.8, 0.5, 0.33, 0.16);
  fc.assert(
    fc.property(side, side, factor, fc.nat(1000), (width, height, factor, seed) => {
      const random = new Pcg64([seed]);
      const bgr = Uint8Array.from({ length: 3 * width * height }, () => 256 * random.nextDouble());
      const shrink = new AreaShrink(width, height, factor);
      const small = new Uint8Array(3 * shrink.width * shrink.height);
      shrink.shrink(bgr, small);
      const low = bgr.reduce((least, value) => Math.min(least, value), 255);
      const high = bgr.reduce((most, value) => Math.max(most, value), 0);
      assert(small.every((value) => value >= low && value <= high));
      const out = new Uint8Array(bgr.length);
      new LinearStretch(shrink.width, shrink.height, width, height).stretch(small, out);
      // Cuts on the way may make it darker by one.
      assert(out.every((value) => value >= low - 1 && value <= high));
    }),
    { seed: 2, numRuns: 80 },
  );
  // A whole number of areas covers everything once.
  const random = new Pcg64([3]);
  const bgr = Uint8Array.from({ length: 3 * 40 * 30 }, () => 256 * random.nextDouble());
  const shrink = new AreaShrink(40, 30, 0.5);
  const small = new Uint8Array(3 * 20 * 15);
  shrink.shrink(bgr, small);
  const mean = (values: Uint8Array) => values.reduce((sum, v) => sum + v, 0) / values.length;
  assertAlmostEquals(mean(small), mean(bgr), 0.2);
});
