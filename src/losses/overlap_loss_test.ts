// Laws that every loss of masks keeps.
import { assert, assertAlmostEquals, assertEquals, assertGreater, assertThrows } from "@std/assert";
import fc from "fast-check";
import { assertGradient } from "../../tests/support/central_difference.ts";
import { dice, diceInto } from "./dice.ts";
import { focalTverskyInto } from "./focal_tversky.ts";
import type { LossOut } from "./loss_arrays.ts";
import type { OverlapSettings } from "./overlap_loss.ts";
import { tverskyInto } from "./tversky.ts";

type LossInto = (
  input: ArrayLike<number>,
  targets: ArrayLike<number>,
  settings: OverlapSettings,
  out: LossOut,
) => number;

const LOSSES: Readonly<Record<string, LossInto>> = {
  "Dice": diceInto,
  "Tversky": tverskyInto,
  "focal Tversky": focalTverskyInto,
  "focal Tversky, gamma 2": (p, y, settings, out) =>
    focalTverskyInto(p, y, { ...settings, alpha: 0.6, beta: 0.4, gamma: 2 }, out),
};

const COLUMNS = 5;
const TARGETS = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
  minLength: COLUMNS,
  maxLength: COLUMNS,
});
const LOGITS = fc.array(fc.double({ min: -6, max: 6, noNaN: true }), {
  minLength: COLUMNS,
  maxLength: COLUMNS,
});
const INSIDE = fc.array(fc.double({ min: 0.01, max: 0.99, noNaN: true }), {
  minLength: COLUMNS,
  maxLength: COLUMNS,
});

for (const [name, lossInto] of Object.entries(LOSSES)) {
  Deno.test(`${name}: the gradient is the central difference`, () => {
    for (const smooth of [0, 1]) {
      const settings = { smooth, epsilon: 1e-3 };
      fc.assert(
        fc.property(LOGITS, INSIDE, TARGETS, (logits, probabilities, targets) => {
          const gradient = new Float64Array(COLUMNS);
          lossInto(logits, targets, settings, { gradient });
          assertGradient((z) => lossInto(z, targets, settings, {}), logits, gradient);
          const direct = { ...settings, input: "probabilities" } as const;
          lossInto(probabilities, targets, direct, { gradient });
          assertGradient((p) => lossInto(p, targets, direct, {}), probabilities, gradient);
        }),
        { seed: 1 },
      );
    }
  });

  Deno.test(`${name}: within 0 and 1, finite everywhere, 0 for a perfect mask`, () => {
    const targets = [1, 1, 0, 0, 0];
    for (const scale of [0, 1, 100, 1e4]) {
      for (const sign of [1, -1]) {
        const logits = targets.map((y) => sign * scale * (y === 1 ? 1 : -1));
        const out = { loss: new Float64Array(1), gradient: new Float64Array(5) };
        const value = lossInto(logits, targets, {}, out);
        assert(value >= 0 && value <= 1);
        assert(out.gradient.every(Number.isFinite), `${out.gradient}`);
        if (sign * scale >= 100) assertAlmostEquals(value, 0, 1e-12);
      }
    }
  });

  Deno.test(`${name}: a large background without false alarms costs nothing`, () => {
    const small = lossInto([2, -1], [1, 1], {}, {});
    const large = lossInto(
      [2, -1, ...Array(1000).fill(-800)],
      [1, 1, ...Array(1000).fill(0)],
      {},
      {},
    );
    assertAlmostEquals(large, small, 1e-12);
  });

  Deno.test(`${name}: an empty mask is no mistake where nothing was to be found`, () => {
    const empty = { input: "probabilities", columns: 3 } as const;
    assertEquals(lossInto([0, 0, 0], [0, 0, 0], empty, {}), 0);
    assertGreater(lossInto([1, 1, 1], [0, 0, 0], empty, {}), 0.2);
  });

  Deno.test(`${name}: rows do not know each other`, () => {
    const input = [3, -2, 1, -0.5, 0, 0.1];
    const targets = [1, 0, 1, 0, 0, 1];
    const out = { loss: new Float64Array(3), gradient: new Float64Array(6) };
    const sum = lossInto(input, targets, { columns: 2 }, out);
    let alone = 0;
    for (let row = 0; row < 3; row++) {
      const one = { loss: new Float64Array(1), gradient: new Float64Array(2) };
      const part = [2 * row, 2 * row + 2] as const;
      alone += lossInto(input.slice(...part), targets.slice(...part), {}, one);
      assertEquals(one.loss[0]!, out.loss[row]!);
      assertEquals(one.gradient, out.gradient.slice(...part));
    }
    assertEquals(sum, alone);
  });

  Deno.test(`${name}: bad input is refused, and nothing is written`, () => {
    const out = { loss: Float64Array.of(7), gradient: Float64Array.of(7, 7) };
    const bad: (() => unknown)[] = [
      () => lossInto([1, NaN], [0, 1], {}, out),
      () => lossInto([1, 2], [0, 2], {}, out),
      () => lossInto([1, 2], [0], {}, out),
      () => lossInto([0.5, 1.5], [0, 1], { input: "probabilities" }, out),
      () => lossInto([1, 2], [0, 1], { columns: 3 }, out),
      () => lossInto([1, 2], [0, 1], { smooth: 0 }, out),
      () => lossInto([1, 2], [0, 1], { smooth: -1 }, out),
      () => lossInto([1, 2], [0, 1], { epsilon: NaN }, out),
      () => lossInto([1, 2], [0, 1], { columns: 1 }, out),
    ];
    for (const run of bad) assertThrows(run, RangeError, "Cannot compute the loss");
    assertEquals([...out.loss, ...out.gradient], [7, 7, 7]);
  });
}

Deno.test("Dice is Tversky with halves and half the smoothing", () => {
  fc.assert(
    fc.property(LOGITS, TARGETS, (logits, targets) => {
      const halves = { alpha: 0.5, beta: 0.5, smooth: 0.5 };
      const expected = tverskyInto(logits, targets, halves, {});
      assertAlmostEquals(diceInto(logits, targets, {}, {}), expected, 1e-14);
    }),
    { seed: 2 },
  );
});

Deno.test("Tversky with ones is the Jaccard distance of hard masks", () => {
  const settings = {
    input: "probabilities",
    alpha: 1,
    beta: 1,
    smooth: 0,
    epsilon: 1e-12,
  } as const;
  const value = tverskyInto([1, 1, 1, 0, 0], [0, 1, 1, 1, 0], settings, {});
  assertAlmostEquals(value, 1 - 2 / 4, 1e-9);
});

Deno.test("settings out of range are refused", () => {
  assertThrows(() => tverskyInto([1], [1], { alpha: -1 }, {}), RangeError, "false positives");
  assertThrows(() => tverskyInto([1], [1], { beta: NaN }, {}), RangeError, "false negatives");
  assertThrows(() => focalTverskyInto([1], [1], { gamma: 0 }, {}), RangeError, "gamma");
});

Deno.test("the reduced form averages over rows", () => {
  const { value, loss } = dice([3, -2, 1, -0.5], [1, 0, 0, 1], { columns: 2 });
  assertAlmostEquals(value, (loss[0]! + loss[1]!) / 2, 1e-15);
  const summed = dice([3, -2, 1, -0.5], [1, 0, 0, 1], { columns: 2, reduction: "sum" });
  assertAlmostEquals(summed.value, loss[0]! + loss[1]!, 1e-15);
  assertEquals(dice([], []).value, 0);
});
