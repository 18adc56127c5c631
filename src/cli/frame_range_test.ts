import { assertEquals, assertThrows } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import { isInFrameRange, parseFrameRange } from "./frame_range.ts";

Deno.test("parseFrameRange() takes evenly spaced frames, the stop left out", () => {
  const range = parseFrameRange("--frames", "180:192:4");
  assertEquals(range, { start: 180, stop: 192, step: 4 });
  const taken = Array.from({ length: 300 }, (_, i) => i).filter((i) => isInFrameRange(range, i));
  assertEquals(taken, [180, 184, 188]);
});

Deno.test("parseFrameRange() fills in what is left out", () => {
  assertEquals(parseFrameRange("--frames", "5:9"), { start: 5, stop: 9, step: 1 });
  assertEquals(parseFrameRange("--frames", ":9"), { start: 0, stop: 9, step: 1 });
  assertEquals(parseFrameRange("--frames", "5:"), { start: 5, stop: null, step: 1 });
  assertEquals(parseFrameRange("--frames", "::3"), { start: 0, stop: null, step: 3 });
  assertEquals(isInFrameRange(parseFrameRange("--frames", "5:"), 1e9), true);
});

Deno.test("parseFrameRange() refuses what is no range or holds no frame", () => {
  for (const text of ["", "5", "a:b", "5:5", "9:5", "1:9:0", "-3:9", "1:2:3:4", "1.5:3", "1e3:"]) {
    const error = assertThrows(() => parseFrameRange("--frames", text), FoveaError, "--frames");
    assertEquals(error.code, "USAGE");
  }
});
