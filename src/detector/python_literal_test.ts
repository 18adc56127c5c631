import { assertEquals } from "@std/assert";
import { type Literal, parsePythonLiteral } from "./python_literal.ts";

Deno.test("parsePythonLiteral() reads what exporters write", () => {
  const names = parsePythonLiteral("{0: 'person', 1: \"dog's\", 2: 'a\\'b\\n'}");
  assertEquals(names, new Map([["0", "person"], ["1", "dog's"], ["2", "a'b\n"]]));
  assertEquals(parsePythonLiteral("[640, 640]"), [640, 640]);
  assertEquals(parsePythonLiteral("(1, 2.5, -3e2,)"), [1, 2.5, -300]);
  assertEquals(parsePythonLiteral(" True "), true);
  assertEquals(parsePythonLiteral("None"), null);
  assertEquals(
    parsePythonLiteral("{'a': {'b': (None, False)}}"),
    new Map([
      ["a", new Map([["b", [null, false]]])],
    ]),
  );
  assertEquals(parsePythonLiteral("'\\x41\\u00df'"), "Aß");
  assertEquals(parsePythonLiteral("{}"), new Map<string, never>());
});

Deno.test("parsePythonLiteral() reads JSON", () => {
  assertEquals(
    parsePythonLiteral('{"0": "car", "1": null, "2": [true, false]}'),
    new Map<string, Literal>([["0", "car"], ["1", null], ["2", [true, false]]]),
  );
});

Deno.test("parsePythonLiteral() gives undefined for anything else", () => {
  for (
    const text of [
      "",
      "person",
      "[1, 2",
      "{0: 'a'",
      "{0 'a'}",
      "{[1]: 2}",
      "'open",
      "1 2",
      "1, 2",
      "__import__('os')",
      "0x10",
      "{1: 2,,}",
      "[".repeat(10_000),
      " ".repeat(1_000_001),
    ]
  ) assertEquals(parsePythonLiteral(text), undefined, text.slice(0, 20));
});
