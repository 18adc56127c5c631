import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import { coco91Names, COCO_80 } from "./coco_names.ts";
import { nameClasses } from "./class_names.ts";

Deno.test("COCO's lists agree with each other", () => {
  assertEquals([COCO_80.length, new Set(COCO_80).size], [80, 80]);
  assertEquals([COCO_80[0], COCO_80[56], COCO_80[79]], ["person", "chair", "toothbrush"]);
  const numbered = coco91Names();
  assertEquals([numbered[1], numbered[13], numbered[90]], ["person", "stop sign", "toothbrush"]);
  assertEquals(numbered.filter((name) => !name.startsWith("unused")), [...COCO_80]);
});

Deno.test("nameClasses() takes stated names that fit", () => {
  const stated = { names: ["a", "b"], source: "manifest" } as const;
  for (const count of [2, null]) {
    const { names, finding } = nameClasses(count, stated);
    assertEquals([names, finding.source], [["a", "b"], "manifest"]);
  }
});

Deno.test("nameClasses() assumes COCO for 80 and 91 classes and numbers the others", () => {
  for (
    const [count, first, length] of [[80, "person", 80], [91, "unused 0", 91], [3, "class 0", 3], [
      null,
      "person",
      80,
    ]] as const
  ) {
    const { names, finding } = nameClasses(count, null);
    assertEquals([names[0], names.length, finding.source], [first, length, "assumed"]);
  }
});

Deno.test("nameClasses() refuses no classes and names that do not fit", () => {
  for (const count of [0, -3]) {
    const error = assertThrows(() => nameClasses(count, null), FoveaError, "no room for any class");
    assertEquals(error.code, "MODEL_UNSUPPORTED");
  }
  const stated = { names: ["a"], source: "metadata" } as const;
  const error = assertThrows(() => nameClasses(2, stated), FoveaError);
  assertStringIncludes(error.message, "holds 2 classes, the metadata names 1");
});
