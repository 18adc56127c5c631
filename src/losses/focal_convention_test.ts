import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { FOCAL_CONVENTION_NAMES, resolveAlpha } from "./focal_convention.ts";
import { sigmoidFocal, sigmoidFocalInto } from "./sigmoid_focal.ts";

const LOGITS = [0.8, -1.5, 0.1, 2];
const TARGETS = [1, 0, 1, 0];

Deno.test("alpha 0 switches weighting off in Ultralytics and positives off elsewhere", () => {
  const unweighted = sigmoidFocalInto(LOGITS, TARGETS, { gamma: 2, alpha: null }, {});
  const negativesOnly = sigmoidFocalInto([-1.5, 2], [0, 0], { gamma: 2, alpha: null }, {});
  for (const convention of FOCAL_CONVENTION_NAMES) {
    const options = { convention, gamma: 2, alpha: 0, reduction: "sum" } as const;
    const expected = convention === "ultralytics" ? unweighted : negativesOnly;
    assertAlmostEquals(sigmoidFocal(LOGITS, TARGETS, options).value, expected, 1e-15);
  }
});

Deno.test("a negative alpha switches weighting off where the library allows it", () => {
  assertEquals(resolveAlpha("ultralytics", -1), null);
  assertEquals(resolveAlpha("torchvision", -1), null);
  assertThrows(() => resolveAlpha("mmdet", -1), RangeError, "alpha is -1");
});

Deno.test("alpha null switches weighting off everywhere", () => {
  for (const convention of FOCAL_CONVENTION_NAMES) {
    assertEquals(resolveAlpha(convention, null), null);
    const off = sigmoidFocal(LOGITS, TARGETS, { convention, gamma: 0, alpha: null });
    const expected = sigmoidFocalInto(LOGITS, TARGETS, { gamma: 0, alpha: null }, {});
    assertAlmostEquals(off.loss.reduce((sum, value) => sum + value), expected, 1e-15);
  }
});

Deno.test("every convention takes a weight within 0 and 1, and refuses one above or NaN", () => {
  for (const convention of FOCAL_CONVENTION_NAMES) {
    for (const alpha of [0.01, 0.25, 1]) assertEquals(resolveAlpha(convention, alpha), alpha);
    for (const alpha of [1.01, NaN, Infinity, -Infinity]) {
      assertThrows(() => resolveAlpha(convention, alpha), RangeError, "alpha is");
    }
  }
});

Deno.test("defaults are those of the libraries", () => {
  const values = FOCAL_CONVENTION_NAMES.map((convention) =>
    sigmoidFocal(LOGITS, TARGETS, { convention, columns: 2 }).value
  );
  const sums = [1.5, 2, 2].map((gamma) =>
    sigmoidFocalInto(LOGITS, TARGETS, { gamma, alpha: 0.25 }, {})
  );
  assertAlmostEquals(values[0]!, sums[0]! / 2, 1e-15);
  assertAlmostEquals(values[1]!, sums[1]!, 1e-15);
  assertAlmostEquals(values[2]!, sums[2]! / 4, 1e-15);
});

Deno.test("an unknown convention is refused with those there are", () => {
  const convention = "detectron" as never;
  assertThrows(() => sigmoidFocal(LOGITS, TARGETS, { convention }), RangeError, "torchvision");
  assertThrows(() => resolveAlpha(convention, null), RangeError, "mmdet");
  assertThrows(() => resolveAlpha("toString" as never, 0.25), RangeError, "Cannot follow");
});
