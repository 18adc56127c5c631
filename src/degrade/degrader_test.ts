import { assert, assertEquals, assertGreater, assertThrows } from "@std/assert";
import fc from "fast-check";
import { FoveaError } from "../core/errors.ts";
import {
  type Degradation,
  DEGRADATION_KINDS,
  DEGRADATION_SEVERITIES,
  type DegradationKind,
} from "./degradation.ts";
import { Degrader } from "./degrader.ts";
import { Pcg64 } from "./pcg64.ts";

const kind = fc.constantFrom(...DEGRADATION_KINDS);
const severity = fc.constantFrom(...DEGRADATION_SEVERITIES);
const side = fc.integer({ min: 1, max: 40 });
const seed = fc.nat(1_000_000);

/** A picture of random values. */
function randomPicture(width: number, height: number, seed: number): Uint8Array {
  const random = new Pcg64([seed]);
  return Uint8Array.from({ length: 3 * width * height }, () => 256 * random.nextDouble());
}

/** A picture with light and dark areas and edges, as scenes have them. */
function scene(width: number, height: number): Uint8Array {
  const bgr = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = 3 * (y * width + x);
      const inside = (x % 40 < 20) !== (y % 30 < 15);
      bgr.set([inside ? 230 : 60 + y, inside ? 40 + x : 120, inside ? 90 : 200 - y], at);
    }
  }
  return bgr;
}

function degraded(
  bgr: Uint8Array,
  width: number,
  height: number,
  degradation: Degradation,
): Uint8Array {
  const out = bgr.slice();
  new Degrader([degradation]).apply(out, width, height, 0);
  return out;
}

function meanDistance(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
}

Deno.test("an effect depends on nothing but the picture, whatever went before", () => {
  const fixed = kind.filter((kind) => kind !== "dark" && kind !== "noise");
  fc.assert(
    fc.property(
      fixed,
      severity,
      side,
      side,
      side,
      side,
      seed,
      (kind, severity, w, h, w2, h2, s) => {
        const degrader = new Degrader([{ kind, severity }]);
        const picture = randomPicture(w, h, s);
        const wanted = degraded(picture, w, h, { kind, severity });
        for (const [width, height] of [[w, h], [w, h], [w2, h2], [w, h]] as const) {
          const isFirst = width === w && height === h;
          const bgr = isFirst ? picture.slice() : randomPicture(width, height, s + 1);
          degrader.apply(bgr, width, height, 0);
          if (isFirst) assertEquals(bgr, wanted);
        }
      },
    ),
    { seed: 1, numRuns: 60 },
  );
});

Deno.test("a picture in shared memory is degraded in its place and nothing around it", () => {
  fc.assert(
    fc.property(kind, severity, side, side, seed, (kind, severity, width, height, s) => {
      const bytes = 3 * width * height;
      const memory = new Uint8Array(new SharedArrayBuffer(bytes + 128)).fill(0xaa);
      const bgr = memory.subarray(64, 64 + bytes);
      bgr.set(randomPicture(width, height, s));
      const wanted = degraded(bgr, width, height, { kind, severity });
      new Degrader([{ kind, severity }]).apply(bgr, width, height, 0);
      assertEquals([...bgr], [...wanted]);
      assert(memory.subarray(0, 64).every((byte) => byte === 0xaa));
      assert(memory.subarray(64 + bytes).every((byte) => byte === 0xaa));
    }),
    { seed: 2, numRuns: 60 },
  );
});

Deno.test("each severity is worse than the one before", () => {
  const [width, height] = [160, 120];
  const picture = scene(width, height);
  // A turned picture is another picture, whatever the angle.
  for (const kind of DEGRADATION_KINDS.filter((kind) => kind !== "geom")) {
    let last = 2;
    for (const severity of DEGRADATION_SEVERITIES) {
      const distance = meanDistance(picture, degraded(picture, width, height, { kind, severity }));
      assertGreater(distance, last, `${kind}:${severity}`);
      last = distance;
    }
  }
});

Deno.test("a picture of one colour keeps it under blur, geom and jpeg", () => {
  const kinds: DegradationKind[] = ["blur", "geom", "jpeg"];
  fc.assert(
    fc.property(
      fc.constantFrom(...kinds),
      severity,
      side,
      side,
      fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)),
      (kind, severity, width, height, color) => {
        const bgr = Uint8Array.from({ length: 3 * width * height }, (_, i) => color[i % 3]!);
        const found = degraded(bgr, width, height, { kind, severity });
        if (kind !== "jpeg") return assertEquals(found, bgr);
        // Steps of the first coefficient are up to 200 / 8 wide, and colours are differences.
        assert(found.every((value, i) => value === found[i % 3]));
      },
    ),
    { seed: 3, numRuns: 80 },
  );
});

Deno.test("degradations begin at their frames", () => {
  const degrader = new Degrader([
    { kind: "fog", severity: 4, fromFrame: 3 },
    { kind: "cast", severity: 4, fromFrame: 5 },
  ]);
  const first: number[][] = [];
  for (let index = 0; index < 7; index++) {
    const bgr = new Uint8Array([100, 100, 100]);
    degrader.apply(bgr, 1, 1, index);
    first.push([...bgr]);
    assertEquals(degrader.actsOn(index), index >= 3);
  }
  const [clear, fog, both] = [[100, 100, 100], [193, 193, 193], [135, 23, 9]];
  assertEquals(first, [clear, clear, clear, fog, fog, both, both]);
  assertEquals(new Degrader([]).actsOn(1e9), false);
});

Deno.test("a degrader refuses sizes and seeds that cannot be", () => {
  const degrader = new Degrader([{ kind: "fog", severity: 1 }]);
  for (const [width, height] of [[0, 5], [5, 0], [2.5, 2], [-1, -1], [NaN, 1]] as const) {
    assertThrows(() => degrader.prepare(width, height), RangeError, "sides start at 1");
  }
  assertThrows(() => degrader.apply(new Uint8Array(11), 2, 2, 0), RangeError, "11 bytes");
  for (const seed of [-1, 0.5, NaN, 2 ** 32]) {
    assertEquals(assertThrows(() => new Degrader([], { seed }), FoveaError).code, "USAGE");
  }
});
