import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { degradeBoxes } from "./degrade_boxes.ts";
import { type Degradation, DEGRADATION_KINDS, DEGRADATION_SEVERITIES } from "./degradation.ts";
import { Degrader } from "./degrader.ts";

const severity = fc.constantFrom(...DEGRADATION_SEVERITIES);
const size = fc.integer({ min: 20, max: 400 });
const share = fc.double({ min: 0, max: 1, noNaN: true });

/** Corners inside a picture from four shares of its sides. */
function boxOf(shares: readonly number[], width: number, height: number): number[] {
  const [x1, x2] = [shares[0]! * width, shares[1]! * width].sort((a, b) => a - b);
  const [y1, y2] = [shares[2]! * height, shares[3]! * height].sort((a, b) => a - b);
  return [x1!, y1!, x2!, y2!];
}

Deno.test("degradeBoxes() gives boxes inside the picture and leaves its input alone", () => {
  const shares = fc.array(fc.array(share, { minLength: 4, maxLength: 4 }), { maxLength: 6 });
  fc.assert(
    fc.property(severity, size, size, shares, (severity, width, height, all) => {
      const boxes = Float32Array.from(all.flatMap((shares) => boxOf(shares, width, height)));
      const before = boxes.slice();
      const moved = degradeBoxes([{ kind: "geom", severity }], boxes, width, height);
      assertEquals([boxes, moved.length], [before, boxes.length]);
      for (let at = 0; at < moved.length; at += 4) {
        const [x1, y1, x2, y2] = moved.slice(at, at + 4) as unknown as readonly number[];
        assert(0 <= x1! && x1! <= x2! && x2! <= width);
        assert(0 <= y1! && y1! <= y2! && y2! <= height);
      }
    }),
    { seed: 1 },
  );
});

Deno.test("every other kind leaves boxes where they are", () => {
  const boxes = [1, 2, 30.5, 40.25, 7, 7, 7, 7];
  for (const kind of DEGRADATION_KINDS.filter((kind) => kind !== "geom")) {
    for (const severity of DEGRADATION_SEVERITIES) {
      assertEquals([...degradeBoxes([{ kind, severity }], boxes, 100, 80)], boxes);
    }
  }
});

Deno.test("a box grown about its middle stays around the smaller one", () => {
  const shares = fc.array(share, { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(severity, size, size, shares, share, (severity, width, height, shares, grow) => {
      const inner = boxOf(shares, width, height);
      const [x1, y1, x2, y2] = inner as [number, number, number, number];
      const [moreX, moreY] = [(x2 - x1) * grow, (y2 - y1) * grow];
      const outer = [x1 - moreX, y1 - moreY, x2 + moreX, y2 + moreY];
      const all = degradeBoxes([{ kind: "geom", severity }], [...inner, ...outer], width, height);
      const margin = 1e-3;
      assert(all[4]! <= all[0]! + margin && all[5]! <= all[1]! + margin);
      assert(all[6]! >= all[2]! - margin && all[7]! >= all[3]! - margin);
    }),
    { seed: 2 },
  );
});

/** Bounds of what is bright in a picture, in pixel edges. */
function brightBounds(bgr: Uint8Array, width: number, height: number): number[] {
  let [x1, y1, x2, y2] = [width, height, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (bgr[3 * (y * width + x)]! < 128) continue;
      [x1, y1, x2, y2] = [
        Math.min(x1, x),
        Math.min(y1, y),
        Math.max(x2, x + 1),
        Math.max(y2, y + 1),
      ];
    }
  }
  return [x1, y1, x2, y2];
}

Deno.test("boxes go where geom moves the pixels", () => {
  const [width, height] = [320, 200];
  const box = [120, 70, 200, 120];
  const bgr = new Uint8Array(3 * width * height);
  const power = 4;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      // The superellipse inside the box.
      const [u, v] = [(x - 160) / 40, (y - 95) / 25];
      const inside = Math.abs(u) ** power + Math.abs(v) ** power <= 1;
      bgr.fill(inside ? 255 : 0, 3 * (y * width + x), 3 * (y * width + x) + 3);
    }
  }
  const turns: Degradation[][] = [
    ...DEGRADATION_SEVERITIES.map((severity): Degradation[] => [{ kind: "geom", severity }]),
    [{ kind: "geom", severity: 1 }, { kind: "fog", severity: 1 }],
  ];
  for (const degradations of turns) {
    const picture = bgr.slice();
    new Degrader(degradations).apply(picture, width, height, 0);
    const seen = brightBounds(picture, width, height);
    const moved = degradeBoxes(degradations, box, width, height);
    seen.forEach((edge, i) => assertAlmostEquals(moved[i]!, edge, 2.5));
  }
});

Deno.test("an object that leaves the picture has a box without area", () => {
  const moved = degradeBoxes([{ kind: "geom", severity: 4 }], [0, 90, 10, 110], 400, 200);
  assertEquals((moved[2]! - moved[0]!) * (moved[3]! - moved[1]!), 0);
});

Deno.test("what has not begun moves nothing", () => {
  const geom: Degradation[] = [{ kind: "geom", severity: 2, fromFrame: 10 }];
  const box = [10, 10, 30, 30];
  assertEquals([...degradeBoxes(geom, box, 100, 80, 9)], box);
  assertEquals(degradeBoxes(geom, box, 100, 80, 10), degradeBoxes(geom, box, 100, 80));
});

Deno.test("degradeBoxes() refuses a corner without its box", () => {
  assertThrows(() => degradeBoxes([], [1, 2, 3], 10, 10), RangeError, "four make one");
});
