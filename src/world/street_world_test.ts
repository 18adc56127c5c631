import { assert, assertEquals, assertGreater, assertNotEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { FrameTruth } from "../core/frame_truth.ts";
import { StreetWorld } from "./street_world.ts";
import { WEATHER_KINDS, type WeatherChange } from "./weather/weather.ts";
import type { WorldOptions } from "./world_options.ts";

const SIZE = { width: 160, height: 96 };

/** Draws a frame into memory of its own. */
function draw(world: StreetWorld, seq: number): { rgb: Uint8Array; truth: FrameTruth } {
  const { width, height } = world.settings;
  const rgb = new Uint8Array(3 * width * height);
  return { truth: world.renderRgb(seq, rgb), rgb };
}

function worldOf(options: WorldOptions = {}): StreetWorld {
  return new StreetWorld({ ...SIZE, ...options });
}

/** Mean difference of two pictures, in codes. */
function difference(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i]! - b[i]!);
  return sum / a.length;
}

Deno.test("boxes lie in the picture and hold something; shares are shares; ids are unique", () => {
  const options = fc.record({
    seed: fc.integer({ min: 0, max: 1e9 }),
    seq: fc.integer({ min: 0, max: 100_000 }),
    width: fc.integer({ min: 64, max: 220 }),
    height: fc.integer({ min: 48, max: 150 }),
    fps: fc.integer({ min: 1, max: 60 }),
    density: fc.constantFrom(0.5, 1, 2),
    moved: fc.constantFrom(null, 1, 3, 4) as fc.Arbitrary<null | 1 | 3 | 4>,
  });
  let objectsSeen = 0;
  fc.assert(
    fc.property(options, ({ seq, moved, ...rest }) => {
      const weather: WeatherChange[] = moved === null
        ? []
        : [{ kind: "moved", severity: moved, fromFrame: 0 }];
      const world = new StreetWorld({ ...rest, weather });
      const { objects } = world.at(seq);
      const ids = new Set(objects.map(({ trackId }) => trackId));
      assertEquals(ids.size, objects.length);
      for (
        const { xyxyPx: [x1, y1, x2, y2], visible, truncated, classIndex, className } of objects
      ) {
        assert(x1 >= 0 && y1 >= 0 && x2 <= rest.width && y2 <= rest.height && x1 < x2 && y1 < y2);
        assert(visible >= 0 && visible <= 1 && truncated >= 0 && truncated <= 1);
        assertEquals(world.classNames[classIndex], className);
      }
      objectsSeen += objects.length;
    }),
    { seed: 11, numRuns: 25 },
  );
  assertGreater(objectsSeen, 100);
});

Deno.test("a frame and its truth are the same, whatever was drawn before", () => {
  const weather: WeatherChange[] = [
    { kind: "rain", severity: 2, fromFrame: 30 },
    { kind: "night", severity: 2, fromFrame: 60 },
    { kind: "moved", severity: 1, fromFrame: 90 },
  ];
  const world = worldOf({ seed: 5, weather });
  const seqs = [0, 29, 30, 59, 61, 95];
  const drawn = seqs.map((seq) => draw(world, seq));
  const other = worldOf({ seed: 5, weather });
  for (const i of [5, 1, 4, 0, 3, 2]) {
    assertEquals(other.at(seqs[i]!), drawn[i]!.truth);
    assertEquals(draw(other, seqs[i]!), drawn[i]!);
  }
});

Deno.test("RGBA words hold what RGB bytes hold, and gaps between rows stay untouched", () => {
  const world = worldOf({ seed: 8 });
  const { width, height } = SIZE;
  const { rgb } = draw(world, 3);
  const words = new Uint32Array((width + 5) * height).fill(7);
  world.renderRgba(3, words, width + 5);
  const bytes = new Uint8Array((3 * width + 4) * height).fill(9);
  world.renderRgb(3, bytes, 3 * width + 4);
  for (let row = 0; row < height; row++) {
    assertEquals(words[row * (width + 5) + width], 7);
    assertEquals(bytes[row * (3 * width + 4) + 3 * width], 9);
    for (let column = 0; column < width; column++) {
      const word = words[row * (width + 5) + column]!;
      const at = 3 * (row * width + column);
      assertEquals([word & 255, word >>> 8 & 255, word >>> 16 & 255, word >>> 24], [
        ...rgb.subarray(at, at + 3),
        255,
      ]);
      assertEquals(bytes[row * (3 * width + 4) + 3 * column], rgb[at]);
    }
  }
});

Deno.test("seeds give different streets", () => {
  const pictures = [1, 2, 3, 4].map((seed) => draw(worldOf({ seed }), 0).rgb);
  for (let i = 0; i < pictures.length; i++) {
    for (let k = 0; k < i; k++) assertGreater(difference(pictures[i]!, pictures[k]!), 15);
  }
});

for (const kind of WEATHER_KINDS) {
  Deno.test(`${kind} changes pictures from its frame on and none before, more with severity`, () => {
    const plain = worldOf({ seed: 5 });
    const [before, from] = [draw(plain, 11).rgb, draw(plain, 12).rgb];
    const changes = ([1, 2, 3, 4] as const).map((severity) => {
      const world = worldOf({ seed: 5, weather: [{ kind, severity, fromFrame: 12 }] });
      assertEquals(draw(world, 11).rgb, before);
      return difference(draw(world, 12).rgb, from);
    });
    for (let i = 0; i < 4; i++) {
      assertGreater(changes[i]!, 0.5);
      // A camera that hangs askew sees something else; how far else is no matter of degree.
      if (i > 0 && kind !== "moved") assertGreater(changes[i]!, changes[i - 1]!);
    }
  });
}

Deno.test("a moved camera moves the boxes; other weather leaves them where they are", () => {
  const plain = worldOf({ seed: 5 }).at(40);
  for (const kind of WEATHER_KINDS.filter((name) => name !== "rain")) {
    const world = worldOf({ seed: 5, weather: [{ kind, severity: 2, fromFrame: 0 }] });
    if (kind === "moved") assertNotEquals(world.at(40), plain);
    else assertEquals(world.at(40), plain);
  }
});

Deno.test("a new class is named only where it is asked for", () => {
  assertEquals(worldOf().classNames, ["car", "van", "bicycle", "pedestrian"]);
  const newClasses = [{ className: "tractor", fromFrame: 100 } as const];
  const world = worldOf({ seed: 6, newClasses });
  assertEquals(world.classNames.at(-1), "tractor");
  assertEquals(StreetWorld.classNamesOf({ newClasses }), world.classNames);
  const plain = worldOf({ seed: 6 });
  assertEquals(draw(world, 99).rgb, draw(plain, 99).rgb);
  const seen = Array.from({ length: 20 }, (_, i) => world.at(400 + 60 * i).objects)
    .flat().filter(({ className }) => className === "tractor");
  assertGreater(seen.length, 0);
});

Deno.test("an empty street has no objects, and can be as small and as big as the limits say", () => {
  assertEquals(worldOf({ density: 0 }).at(10).objects, []);
  assertEquals(draw(new StreetWorld({ width: 64, height: 48 }), 0).rgb.length, 64 * 48 * 3);
  assertEquals(draw(new StreetWorld({ width: 65, height: 201 }), 0).rgb.length, 65 * 201 * 3);
});

Deno.test("frames that do not exist, and targets too small, are refused", () => {
  const world = worldOf({ frames: 10 });
  for (const seq of [-1, 0.5, 10, NaN]) {
    assertThrows(() => world.at(seq), RangeError, "a whole number from 0 to 9");
  }
  const { width, height } = SIZE;
  assertThrows(() => world.renderRgb(0, new Uint8Array(3 * width * height - 1)), RangeError);
  assertThrows(() => world.renderRgba(0, new Uint32Array(width * height), width - 1), RangeError);
});
