import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { findJsonFault } from "./json_fault.ts";

/** Place and reason in one line. */
function tell(text: string): string {
  const fault = findJsonFault(text);
  return fault === null ? "fine" : `${fault.place} ${fault.line}:${fault.column} ${fault.reason}`;
}

Deno.test("findJsonFault() names the value that is wrong", () => {
  assertEquals(tell(`[1, {"score": NaN}]`), `[1].score 1:15 "NaN" cannot stand there`);
  assertEquals(tell(`{"a": [\n  1,\n  -Infinity]}`), `a[1] 3:3 "-Infinity" cannot stand there`);
  assertEquals(tell(`{"a": {"b": [[], {"c": tru}]}}`), `a.b[1].c 1:24 "tru" cannot stand there`);
  assertEquals(tell(`[1, 2,]`), `[2] 1:7 "]" cannot stand there`);
  assertEquals(tell(`[01]`), `[0] 1:3 "1" cannot stand there`);
  assertEquals(tell(`{"a" 1}`), `a 1:6 "1" cannot stand there`);
  assertEquals(tell(`{'a': 1}`), ` 1:2 "'" cannot stand there`);
  assertEquals(tell(`["a\nb"]`), `[0] 1:4 "\\n" cannot stand there`);
  assertEquals(tell(`["\\x"]`), `[0] 1:3 "\\\\" cannot stand there`);
  assertEquals(tell(`{} {}`), ` 1:4 text goes on after the end`);
});

Deno.test("findJsonFault() tells a text that ends too early", () => {
  assertEquals(tell(`{"images": [{"id": 1}, {"id": `), "images[1].id 1:31 the text ends too early");
  assertEquals(tell(`[{"name": "half`), "[0].name 1:16 the text ends too early");
  assertEquals(tell(""), " 1:1 the text ends too early");
});

Deno.test("findJsonFault() finds a fault where and only where JSON.parse does", () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), fc.constantFrom("", "]", '"', "\\", ",", "x", "\n"), (
      json,
      where,
      inserted,
    ) => {
      const at = where % (json.length + 1);
      const text = json.slice(0, at) + inserted + json.slice(at + (where % 3));
      let isJson = true;
      try {
        JSON.parse(text);
      } catch {
        isJson = false;
      }
      assertEquals(findJsonFault(text) === null, isJson, text);
    }),
    { seed: 1, numRuns: 2_000 },
  );
});

Deno.test("findJsonFault() bears deep nesting and long strings", () => {
  const deep = findJsonFault("[".repeat(100_000))!;
  assertEquals(deep.place, `…${"[0]".repeat(8)}`);
  assert(deep.reason.includes("ends too early"));
  assert(findJsonFault(`["${"a".repeat(1_000_000)}`)!.reason.includes("ends too early"));
});
