import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import { classIndices } from "./class_indices.ts";
import { COCO_80 } from "./coco_names.ts";

Deno.test("classIndices() finds names whatever their case and spaces, and indices", () => {
  assertEquals(classIndices(COCO_80, ["Car", "person", "traffic_light", "7"]), [0, 2, 7, 9]);
  assertEquals(classIndices(COCO_80, ["car", "CAR", "2"]), [2]);
  assertEquals(classIndices(["a", "b", "a"], ["a"]), [0, 2]);
  assertEquals(classIndices(["1", "0"], ["0"]), [1], "a name goes before an index");
});

Deno.test("classIndices() names near classes for an unknown one", () => {
  const cases = [["persn", "person"], ["motorbike", "motorcycle"], ["phone", "cell phone"]];
  for (const [wanted, near] of cases) {
    const error = assertThrows(() => classIndices(COCO_80, [wanted!]), FoveaError);
    assertEquals(error.code, "USAGE");
    assertStringIncludes(error.message, `"${wanted}"`);
    assertStringIncludes(error.hint!, near!);
  }
});

Deno.test("classIndices() lists some names where none is near", () => {
  const error = assertThrows(() => classIndices(COCO_80, ["xyzzyplugh"]), FoveaError);
  assertStringIncludes(error.hint!, "person, bicycle, car");
  for (const wanted of ["80", "-1", "1.5", ""]) {
    assertThrows(() => classIndices(COCO_80, [wanted]), FoveaError);
  }
});
