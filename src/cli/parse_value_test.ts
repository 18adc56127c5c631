import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { FoveaError } from "../core/errors.ts";
import {
  parseChoice,
  parseList,
  parseNumber,
  parseSet,
  parseSize,
  parseText,
} from "./parse_value.ts";

const SHARE = { min: 0, max: 1 };
const COUNT = { min: 1, max: 64, whole: true };

function assertUsage(fn: () => unknown, message: string): void {
  assertEquals(assertThrows(fn, FoveaError, message).code, "USAGE");
}

Deno.test("parseNumber() reads decimals inside the range", () => {
  assertEquals(parseNumber("--conf", "0.25", SHARE), 0.25);
  assertEquals(parseNumber("--conf", "1", SHARE), 1);
  assertEquals(parseNumber("--conf", ".5", SHARE), 0.5);
  assertEquals(parseNumber("--conf", "1e-2", SHARE), 0.01);
  assertEquals(parseNumber("--threads", "2", COUNT), 2);
});

Deno.test("parseNumber() refuses everything else", () => {
  for (const text of ["", " ", "a", "0x1", "1,5", "-0.1", "1.01", "NaN", "Infinity", "1e999"]) {
    assertUsage(() => parseNumber("--conf", text, SHARE), `found "${text}"`);
  }
  for (const text of ["0", "65", "1.5", "two"]) {
    assertUsage(() => parseNumber("--threads", text, COUNT), "a whole number from 1 to 64");
  }
});

Deno.test("parseText() does not take the next flag for a value", () => {
  assertEquals(parseText("--model", "a b.onnx"), "a b.onnx");
  assertUsage(() => parseText("--model", "--json"), `Cannot use --model`);
  assertUsage(() => parseText("--model", ""), "expected a value");
});

Deno.test("parseList() trims items and refuses empty ones", () => {
  assertEquals(parseList("--classes", "car, traffic light"), ["car", "traffic light"]);
  assertUsage(() => parseList("--classes", "car,,bus"), "single commas");
  assertUsage(() => parseList("--classes", "car,"), "single commas");
  assertEquals(parseList("--names", "car,car"), ["car", "car"]);
});

Deno.test("parseSet() refuses what stands twice", () => {
  assertEquals(parseSet("--classes", "car, bus"), ["car", "bus"]);
  assertUsage(() => parseSet("--classes", "car, car"), "every item once");
});

Deno.test("parseChoice() names the choices", () => {
  assertEquals(parseChoice("--channels", "bgr", ["rgb", "bgr"]), "bgr");
  assertUsage(() => parseChoice("--channels", "BGR", ["rgb", "bgr"]), "one of rgb, bgr");
});

Deno.test("parseSize() reads WxH and a square", () => {
  assertEquals(parseSize("--imgsz", "640x480"), { width: 640, height: 480 });
  assertEquals(parseSize("--imgsz", "416"), { width: 416, height: 416 });
  for (const text of ["0x4", "4x", "x4", "1x2x3", "-1x2", "99999x1", "a"]) {
    assertUsage(() => parseSize("--imgsz", text), `found "${text}"`);
  }
});

Deno.test("the parsers answer any text with a value or a USAGE error", () => {
  const parsers = [
    (text: string) => parseNumber("--x", text, SHARE),
    (text: string) => parseNumber("--x", text, COUNT),
    (text: string) => parseList("--x", text),
    (text: string) => parseSize("--x", text),
  ];
  fc.assert(
    fc.property(fc.constantFrom(...parsers), fc.string({ unit: "grapheme" }), (parse, text) => {
      try {
        const value = parse(text);
        return typeof value !== "number" || (value >= 0 && value <= 64);
      } catch (error) {
        return error instanceof FoveaError && error.code === "USAGE";
      }
    }),
    { seed: 12, numRuns: 500 },
  );
});
