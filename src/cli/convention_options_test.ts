import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import {
  parseFamilyOption,
  parseLetterbox,
  parseScaling,
  readOverrides,
} from "./convention_options.ts";

function assertUsage(fn: () => unknown, message: string): void {
  assertEquals(assertThrows(fn, FoveaError, message).code, "USAGE");
}

Deno.test("parseScaling() reads names, one pair and a pair per channel", () => {
  assertEquals(parseScaling("0-1"), "0-1");
  assertEquals(parseScaling("0.5:-1"), { scale: 0.5, bias: -1 });
  assertEquals(parseScaling("1,2,3:0"), { scale: [1, 2, 3], bias: 0 });
  for (const text of ["", "1", "1:", ":1", "1,2:0", "1:2:3", "a:b", "1,,3:0", "0-2"]) {
    assertUsage(() => parseScaling(text), "FACTOR:SUMMAND");
  }
});

Deno.test("parseLetterbox() turns one word into the rule", () => {
  assertEquals(parseLetterbox("stretch"), { mode: "stretch" });
  assertEquals(parseLetterbox("topleft"), { mode: "letterbox", anchor: "topleft" });
  assertUsage(() => parseLetterbox("middle"), "one of center, topleft, stretch");
});

Deno.test("parseFamilyOption() collects facts and refuses unknown ones", () => {
  const first = parseFamilyOption("strides=8,16,32");
  assertEquals(parseFamilyOption("boxes = grid", first), { strides: [8, 16, 32], boxes: "grid" });
  assertEquals(parseFamilyOption("regMax=7"), { regMax: 7 });
  assertUsage(() => parseFamilyOption("strides"), "KEY=VALUE");
  assertUsage(() => parseFamilyOption("stride=8"), '"options.stride" is unknown');
  assertUsage(() => parseFamilyOption("regMax=many"), "options.regMax");
});

Deno.test("readOverrides() states only what was given", async () => {
  assertEquals(await readOverrides({}), {});
  assertEquals(
    await readOverrides({
      family: "yolox",
      imgsz: { width: 416, height: 320 },
      channels: "bgr",
      scale: "0-255",
      letterbox: { mode: "letterbox", anchor: "topleft" },
      pad: 0,
      names: "car,bus",
      familyOption: { boxes: "grid" },
    }),
    {
      family: "yolox",
      width: 416,
      height: 320,
      channels: "bgr",
      scaling: "0-255",
      letterbox: { mode: "letterbox", anchor: "topleft", padValue: 0 },
      classNames: ["car", "bus"],
      options: { boxes: "grid" },
    },
  );
  await assertRejects(() => readOverrides({ names: "no/file.txt" }), FoveaError, "--names");
});
