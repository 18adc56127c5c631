import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { BlurEffect } from "./blur.ts";
import { DEGRADATION_SEVERITIES, type DegradationSeverity } from "./degradation.ts";
import { motionLine } from "./motion_line.ts";
import { reflectInner } from "./reflect.ts";

const SIDES = [9, 17, 31, 61];

/** The mean along the line, added up anew for every value. */
function blurSlowly(
  bgr: Uint8Array,
  width: number,
  height: number,
  severity: DegradationSeverity,
): Uint8Array {
  const side = SIDES[severity - 1]!;
  const taps = motionLine(side);
  const middle = (side - 1) / 2;
  return bgr.map((_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    const sum = taps.reduce((sum, tap) => {
      const row = reflectInner(y + tap.y - middle, height);
      const column = reflectInner(x + tap.x - middle, width);
      return sum + bgr[3 * (row * width + column) + i % 3]!;
    }, 0);
    return Math.round(sum / side);
  });
}

Deno.test("sliding sums along the line are the sums along the line", () => {
  const side = fc.oneof(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 30 }));
  fc.assert(
    fc.property(
      fc.constantFrom(...DEGRADATION_SEVERITIES),
      side,
      side,
      fc.infiniteStream(fc.nat(255)),
      (severity, width, height, values) => {
        const bgr = Uint8Array.from([...values.take(3 * width * height)]);
        const found = bgr.slice();
        new BlurEffect(severity, width, height).apply(found);
        assertEquals([...found], [...blurSlowly(bgr, width, height, severity)]);
      },
    ),
    { seed: 1, numRuns: 40 },
  );
});

Deno.test("the line has one pixel a column and is the same from both ends", () => {
  for (const side of SIDES) {
    const taps = motionLine(side);
    assertEquals(taps.map(({ x }) => x), Array.from({ length: side }, (_, x) => x));
    const first = Math.floor(side / 4);
    assertEquals([taps[0]!.y, taps.at(-1)!.y], [first, side - 1 - first]);
    for (let x = 1; x < side; x++) {
      const step = taps[x]!.y - taps[x - 1]!.y;
      assertEquals(step === 0 || step === 1, true);
    }
  }
});
