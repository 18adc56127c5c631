import { assert, assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import { cellNoise3, cloudNoise, noise2 } from "./noise.ts";
import { Dice, hash1, hash2, hash3, unit } from "./random.ts";

Deno.test("hashes depend on every argument and its place", () => {
  assertEquals([hash1(0), hash1(1)], [0, 1_753_845_952]);
  assertNotEquals(hash2(1, 2), hash2(2, 1));
  assertNotEquals(hash3(1, 2, 3), hash3(1, 3, 2));
  assertEquals(hash2(-1, 5), hash2(4_294_967_295, 5));
});

Deno.test("hashes of neighbours are spread evenly", () => {
  const bins = new Array<number>(16).fill(0);
  for (let i = 0; i < 16_000; i++) bins[Math.floor(16 * unit(hash2(i, 99)))]!++;
  assert(bins.every((count) => count > 880 && count < 1120), String(bins));
});

Deno.test("Dice gives the same sequence for the same seed, and keeps to its ranges", () => {
  const [a, b] = [new Dice(5), new Dice(5)];
  for (let i = 0; i < 100; i++) assertEquals(a.bits(), b.bits());
  const dice = new Dice(6);
  const seen = new Set<number>();
  for (let i = 0; i < 500; i++) {
    const value = dice.between(2, 3);
    assert(value >= 2 && value < 3);
    seen.add(dice.whole(-1, 2));
  }
  assertEquals([...seen].sort((x, y) => x - y), [-1, 0, 1, 2]);
  assert([dice.pick(["x"]), dice.chance(1), !dice.chance(0)].every(Boolean));
});

Deno.test("noise is smooth, within 0 and 1, and about one half on average", () => {
  let sum = 0;
  for (let i = 0; i < 4000; i++) {
    const [x, y] = [i * 0.37, i * -0.11];
    const value = noise2(x, y, 3);
    assert(value >= 0 && value <= 1);
    assertAlmostEquals(noise2(x + 1e-6, y, 3), value, 1e-5);
    const cloud = cloudNoise(x, y, 3, 4);
    assert(cloud >= 0 && cloud <= 1);
    assert(cellNoise3(x, y, x, 3) < 1);
    sum += value;
  }
  assertAlmostEquals(sum / 4000, 0.5, 0.03);
});
