import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { clamp, cos, exp, log, mix, pow, sin, smoothstep, tan } from "./exact_math.ts";

const SEED = { seed: 7 };

Deno.test("sin(), cos() and tan() agree with the platform's", () => {
  fc.assert(
    fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), (angle) => {
      assertAlmostEquals(sin(angle), Math.sin(angle), 1e-9);
      assertAlmostEquals(cos(angle), Math.cos(angle), 1e-9);
    }),
    SEED,
  );
  for (const angle of [-1.5, -0.3, 0, 0.7, 1.5]) {
    assertAlmostEquals(tan(angle), Math.tan(angle), 1e-9 * Math.tan(1.5) ** 2);
  }
});

Deno.test("exp(), log() and pow() agree with the platform's", () => {
  fc.assert(
    fc.property(fc.double({ min: -600, max: 600, noNaN: true }), (x) => {
      assertAlmostEquals(exp(x) / Math.exp(x), 1, 1e-12);
    }),
    SEED,
  );
  fc.assert(
    fc.property(fc.double({ min: 1e-12, max: 1e12, noNaN: true }), (x) => {
      assertAlmostEquals(log(x), Math.log(x), 1e-11);
      assertAlmostEquals(pow(x, 0.37) / Math.pow(x, 0.37), 1, 1e-11);
    }),
    SEED,
  );
  assertEquals([exp(-701), pow(0, 2), pow(-1, 2)], [0, 0, 0]);
  assert(Number.isFinite(exp(1e9)));
});

Deno.test("the functions give known bits: they must not differ between machines", () => {
  const values = [sin(1), cos(12_345.678), exp(-3.2), log(7.7), pow(0.5, 2.4)];
  assertEquals(values.map((value) => hexOf(value)), [
    "3feaed548f090d16",
    "3fe6b94c3bbe1ef4",
    "3fa4dec899fffb46",
    "4000546b52e30f62",
    "3fc8406003b2ae5b",
  ]);
});

Deno.test("clamp(), smoothstep() and mix() stay between their ends", () => {
  assertEquals([clamp(-1, 0, 2), clamp(1, 0, 2), clamp(3, 0, 2)], [0, 1, 2]);
  assertEquals([smoothstep(1, 3, 0), smoothstep(1, 3, 2), smoothstep(1, 3, 9)], [0, 0.5, 1]);
  assertEquals([mix(2, 6, 0), mix(2, 6, 0.5), mix(2, 6, 1)], [2, 4, 6]);
});

function hexOf(value: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16).padStart(16, "0");
}
