import { assertEquals, assertThrows } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import { findCategoryIds, pairClasses } from "./class_partners.ts";

const CATEGORIES = [
  { id: 1, name: "person" },
  { id: 3, name: "Traffic Light" },
  { id: 7, name: "forklift" },
];

Deno.test("pairClasses() pairs by name and lists what is left over on both sides", () => {
  const { categoryIds, classesWithout, categoriesWithout } = pairClasses(
    ["traffic_light", "dog", "person"],
    CATEGORIES,
  );
  assertEquals(categoryIds, [3, null, 1]);
  assertEquals([classesWithout, categoriesWithout], [["dog"], ["forklift"]]);
});

Deno.test("pairClasses() prefers the name to the letter", () => {
  const categories = [{ id: 1, name: "CAR" }, { id: 2, name: "car" }];
  assertEquals(pairClasses(["car"], categories).categoryIds, [2]);
  assertEquals(pairClasses(["Car"], categories).categoryIds, [1]);
});

Deno.test("pairClasses() refuses sides that have nothing in common", () => {
  const error = assertThrows(() => pairClasses(["dog", "cat"], CATEGORIES), FoveaError);
  assertEquals(error.code, "ANNOTATIONS_INVALID");
});

Deno.test("findCategoryIds() finds names and suggests others", () => {
  assertEquals(findCategoryIds(CATEGORIES, ["PERSON", "fork-lift"]), new Set([1, 7]));
  const error = assertThrows(() => findCategoryIds(CATEGORIES, ["persom"]), FoveaError);
  assertEquals([error.code, error.hint], ["USAGE", "Did you mean person"]);
});
