import { assertEquals, assertInstanceOf, assertMatch, assertThrows } from "@std/assert";
import fc from "fast-check";
import { FoveaError } from "../core/errors.ts";
import {
  checkDegradation,
  type Degradation,
  DEGRADATION_KINDS,
  DEGRADATION_SEVERITIES,
  formatDegradation,
  FROM_FRAME_MAX,
  parseDegradation,
  parseDegradations,
} from "./degradation.ts";

const degradation: fc.Arbitrary<Degradation> = fc.record({
  kind: fc.constantFrom(...DEGRADATION_KINDS),
  severity: fc.constantFrom(...DEGRADATION_SEVERITIES),
  fromFrame: fc.nat(FROM_FRAME_MAX),
});

Deno.test("parseDegradations() reads what formatDegradation() writes", () => {
  fc.assert(
    fc.property(fc.array(degradation, { minLength: 1, maxLength: 5 }), (all) => {
      assertEquals(parseDegradations(all.map(formatDegradation).join(",")), all);
      assertEquals(parseDegradations(all.map(formatDegradation).join(" , ")), all);
    }),
    { seed: 1 },
  );
});

const WRONG: readonly [text: string, message: RegExp, hint: RegExp][] = [
  ["", /no KIND:SEVERITY/, /KIND:SEVERITY@FRAME/],
  ["fog", /no KIND:SEVERITY/, /KIND:SEVERITY@FRAME/],
  ["fog@3", /no KIND:SEVERITY/, /KIND:SEVERITY@FRAME/],
  ["fog:3:4", /no KIND:SEVERITY/, /KIND:SEVERITY@FRAME/],
  ["fog:3@1@2", /no KIND:SEVERITY/, /KIND:SEVERITY@FRAME/],
  ["rain:3", /unknown kind/, /dark, fog, noise/],
  ["Fog:3", /unknown kind/, /dark, fog, noise/],
  [":3", /unknown kind/, /dark, fog, noise/],
  ["toString:3", /unknown kind/, /dark, fog, noise/],
  ["fog:0", /unknown severity/, /1 \(mild\) to 4/],
  ["fog:5", /unknown severity/, /1 \(mild\) to 4/],
  ["fog:", /unknown severity/, /1 \(mild\) to 4/],
  ["fog:2.5", /unknown severity/, /1 \(mild\) to 4/],
  ["fog:+2", /unknown severity/, /1 \(mild\) to 4/],
  ["fog:3@", /no frame to begin at/, /whole number/],
  ["fog:3@-1", /no frame to begin at/, /whole number/],
  ["fog:3@1e3", /no frame to begin at/, /whole number/],
  ["fog:3@1000000001", /no frame to begin at/, /whole number/],
  ["fog:3@99999999999999999999", /no frame to begin at/, /whole number/],
];

for (const [text, message, hint] of WRONG) {
  Deno.test(`parseDegradation() refuses ${JSON.stringify(text)}`, () => {
    const error = assertThrows(() => parseDegradation(text), FoveaError);
    assertEquals(error.code, "USAGE");
    assertMatch(error.message, message);
    assertMatch(error.message, /^Cannot degrade as "/);
    assertMatch(error.hint!, hint);
  });
}

Deno.test("parseDegradations() refuses an empty item", () => {
  for (const text of ["", "fog:1,", ",fog:1", "fog:1,,dirt:2"]) {
    assertEquals(assertThrows(() => parseDegradations(text), FoveaError).code, "USAGE");
  }
});

Deno.test("anything else is refused with the same error", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), (text) => {
      try {
        checkDegradation(parseDegradation(text));
      } catch (error) {
        assertInstanceOf(error, FoveaError);
        assertEquals(error.code, "USAGE");
      }
    }),
    { seed: 2, numRuns: 500 },
  );
});
