// Goal: pictures and numbers from programs that share no code with fovea. degrade_golden.py made
// them with OpenCV and NumPy, and says what each degradation is in their calls.
import { assert, assertAlmostEquals, assertEquals, assertLessOrEqual } from "@std/assert";
import { type DegradationSeverity, degradeBoxes, parseDegradation } from "../../src/degrade/mod.ts";
import { DarkEffect } from "../../src/degrade/dark.ts";
import { Degrader } from "../../src/degrade/degrader.ts";
import { Pcg64 } from "../../src/degrade/pcg64.ts";
import { StandardNormal } from "../../src/degrade/standard_normal.ts";
import golden from "./degrade_golden.json" with { type: "json" };

/**
 * Most that a value may be off, and most of the values that may be off at all. What is computed in
 * whole numbers is exact. OpenCV computes the other two in float32, in an order that depends on the
 * processor's vector instructions, and differs from itself by as much.
 */
const TOLERANCE: Readonly<Record<string, { readonly off: number; readonly share: number }>> = {
  fog: { off: 0, share: 0 },
  blur: { off: 0, share: 0 },
  cast: { off: 0, share: 0 },
  jpeg: { off: 0, share: 0 },
  geom: { off: 1, share: 0.001 },
  dirt: { off: 1, share: 0.01 },
};

/** The stored pictures, one after the other. */
class Blobs {
  readonly #bytes: Uint8Array;
  #at = 0;

  private constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  static async open(): Promise<Blobs> {
    const packed = Deno.readFileSync(new URL("degrade_golden.bin.gz", import.meta.url));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Blobs(await new Response(stream).bytes());
  }

  next(bytes: number): Uint8Array {
    assert(this.#at + bytes <= this.#bytes.length);
    return this.#bytes.slice(this.#at, this.#at += bytes);
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }
}

function numbers(text: string): number[] {
  return text.split(" ").map(Number);
}

function assertPicture(name: string, found: Uint8Array, wanted: Uint8Array): void {
  const { off, share } = TOLERANCE[name.split(":")[0]!]!;
  assertEquals(found.length, wanted.length, name);
  let worst = 0;
  let count = 0;
  for (let i = 0; i < found.length; i++) {
    const distance = Math.abs(found[i]! - wanted[i]!);
    worst = Math.max(worst, distance);
    if (distance > 0) count++;
  }
  assertLessOrEqual(worst, off, `${name}: a value is off by ${worst}`);
  assertLessOrEqual(count, share * found.length, `${name}: ${count} of ${found.length} are off`);
}

/** The big picture: `formula` of degrade_golden.py. */
function formula(width: number, height: number): Uint8Array {
  const bgr = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = 3 * (y * width + x);
      bgr[at] = Math.floor(x * x / 64) + 3 * y;
      bgr[at + 1] = Math.floor(x * y / 32) ^ Math.floor(x / 4);
      bgr[at + 2] = 255 - Math.floor((x + 2 * y) / 5) + 64 * (Math.floor(x / 50) % 2);
    }
  }
  return bgr;
}

/** Every `step`-th pixel of every `step`-th row. */
function thinOut(bgr: Uint8Array, width: number, height: number, step: number): Uint8Array {
  const kept: number[] = [];
  for (let y = 0; y < height; y += step) {
    for (let x = 0; x < width; x += step) {
      const at = 3 * (y * width + x);
      kept.push(bgr[at]!, bgr[at + 1]!, bgr[at + 2]!);
    }
  }
  return Uint8Array.from(kept);
}

Deno.test("degraded pictures are those of OpenCV and NumPy", async () => {
  const blobs = await Blobs.open();
  let names: string[] = [];
  for (const { width, height, results } of golden.pictures) {
    const picture = blobs.next(3 * width * height);
    names = results.split(" ");
    for (const name of names) {
      const found = picture.slice();
      new Degrader([parseDegradation(name)]).apply(found, width, height, 0);
      assertPicture(name, found, blobs.next(found.length));
    }
  }
  const { width, height, step } = golden.big;
  const picture = formula(width, height);
  for (const name of names) {
    const degraded = picture.slice();
    new Degrader([parseDegradation(name)]).apply(degraded, width, height, 0);
    const found = thinOut(degraded, width, height, step);
    assertPicture(name, found, blobs.next(found.length));
  }
  assertEquals([names.length, blobs.left], [24, 0]);
});

Deno.test("degradeBoxes() moves boxes as NumPy does", () => {
  const { width, height, xyxyPx, moved } = golden.boxes;
  for (const [i, text] of moved.entries()) {
    const severity = i + 1 as DegradationSeverity;
    const found = degradeBoxes([{ kind: "geom", severity }], numbers(xyxyPx), width, height);
    const wanted = numbers(text);
    assertEquals(found.length, wanted.length);
    found.forEach((value, at) => assertAlmostEquals(value, wanted[at]!, 1e-3));
  }
});

Deno.test("night is the tone curve of NumPy, seen through the noise", () => {
  const pixels = 30_000;
  for (const [i, text] of golden.darkBase.entries()) {
    const effect = new DarkEffect(i + 1 as DegradationSeverity, [0]);
    const base = numbers(text);
    for (const value of [120, 180, 230, 255]) {
      const deviation = [2, 4, 6, 5][i]!;
      // Closer to black, clamping moves the mean.
      if (base[value]! < 4 * deviation) continue;
      const bgr = new Uint8Array(3 * pixels).fill(value);
      effect.apply(bgr);
      const mean = bgr.reduce((sum, v) => sum + v, 0) / bgr.length;
      // Cutting down takes half away.
      assertAlmostEquals(mean, base[value]! - 0.5, 5 * deviation / Math.sqrt(3 * pixels));
    }
  }
});

Deno.test("Pcg64 and StandardNormal draw what NumPy draws", () => {
  for (const { seed, raw, at, normals } of golden.draws) {
    const random = new Pcg64(seed);
    for (const bits of raw) {
      random.next();
      assertEquals((BigInt(random.high) << 32n | BigInt(random.low)).toString(), bits);
    }
    const normal = new StandardNormal(new Pcg64(seed));
    const drawn = Float64Array.from({ length: 200_000 }, () => normal.next());
    for (const [i, wanted] of numbers(normals).entries()) {
      assertAlmostEquals(drawn[numbers(at)[i]!]!, wanted, 1e-13 * Math.abs(wanted));
    }
  }
});
