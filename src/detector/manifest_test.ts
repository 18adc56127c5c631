import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import { parseManifest } from "./manifest.ts";
import { checkOverrides } from "./overrides.ts";

const WHOLE = {
  name: "street",
  version: "1.2",
  description: "eight classes",
  source: "https://example.org",
  licence: "MIT",
  sha256: "0123456789abcdef".repeat(4),
  family: "yolo-v8",
  input: {
    width: 640,
    height: 384,
    channels: "bgr",
    scaling: { scale: [1, 0.5, 0.25], bias: 0 },
    letterbox: { mode: "letterbox", anchor: "topleft", padValue: 0 },
  },
  classes: ["car", "bus"],
  options: { strides: [8, 16], scores: "logit" },
  confidence: 0.4,
} as const;

Deno.test("parseManifest() reads every key", () => {
  assertEquals(
    parseManifest(JSON.stringify(WHOLE)),
    { ...WHOLE } as ReturnType<typeof parseManifest>,
  );
  assertEquals(parseManifest("{}"), {});
  assertEquals(parseManifest('\uFEFF{"license": "MIT"}'), { licence: "MIT" });
});

Deno.test("parseManifest() names the key that is unknown", () => {
  const cases = [
    [{ colour: "rgb" }, '"colour" is unknown'],
    [{ input: { size: 640 } }, '"input.size" is unknown'],
    [{ input: { letterbox: { mod: "stretch" } } }, '"input.letterbox.mod" is unknown'],
    [{ license: "MIT", licence: "MIT" }, '"license" is unknown'],
  ] as const;
  for (const [value, words] of cases) {
    const error = assertThrows(() => parseManifest(JSON.stringify(value), "m.json"), FoveaError);
    assertEquals(error.code, "MANIFEST_INVALID");
    assertStringIncludes(error.message, "m.json");
    assertStringIncludes(error.message, words);
  }
});

Deno.test("parseManifest() names the key with a bad value", () => {
  const cases = [
    [{ sha256: "abc" }, "sha256: Expected 64 hexadecimal digits"],
    [{ input: { width: 0 } }, "input.width"],
    [{ input: { scaling: "0-2" } }, "input.scaling"],
    [{ classes: [] }, "classes"],
    [{ confidence: 40 }, "confidence"],
    [{ confidence: "0.4" }, "confidence"],
    [{ classes: ["a", ""] }, "classes.1"],
    [{ family: "yolo" }, "family"],
    [{ options: { strides: [8, -1] } }, "options.strides.1"],
    [[], "Expected an object"],
    [{ input: [] }, "input: Expected an object"],
  ] as const;
  for (const [value, words] of cases) {
    const error = assertThrows(() => parseManifest(JSON.stringify(value)), FoveaError);
    assertStringIncludes(error.message, words);
  }
});

Deno.test("parseManifest() refuses what is not JSON or too long", () => {
  assertThrows(() => parseManifest("{name: 1}"), FoveaError, "it is not JSON");
  assertThrows(() => parseManifest(" ".repeat(4_000_001)), FoveaError, "too many");
});

Deno.test("checkOverrides() accepts every key and names a wrong one", () => {
  const overrides = {
    family: "detr",
    width: 320,
    height: 320,
    channels: "rgb",
    scaling: "imagenet",
    letterbox: { mode: "stretch" },
    classNames: ["a"],
    options: { activation: "softmax" },
  } as const;
  assertEquals(checkOverrides(overrides), overrides);
  const error = assertThrows(() => checkOverrides({ size: 1 }), FoveaError, '"size" is unknown');
  assertEquals(error.code, "USAGE");
  assertThrows(() => checkOverrides({ width: 1.5 }), FoveaError, "width");
  assertThrows(() => checkOverrides({ scaling: { scale: [1, 2], bias: 0 } }), FoveaError);
  assertThrows(() => checkOverrides({ scaling: { scale: NaN, bias: 0 } }), FoveaError);
});
