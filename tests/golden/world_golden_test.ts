// Goal: the same seed gives the same pixels, on any machine and after any change that is not meant
// to change them. The hashes were written by world_golden.ts.
import { assertEquals } from "@std/assert";
import { hashFrames, listCases } from "./world_golden.ts";
import golden from "./world_golden.json" with { type: "json" };

for (const [name, one] of Object.entries(listCases())) {
  Deno.test(`synthetic:street draws the frames of ${name} bit by bit as before`, async () => {
    assertEquals(await hashFrames(one), (golden as Record<string, string>)[name]!);
  });
}

Deno.test("no hash is kept for a case that is gone", () => {
  assertEquals(Object.keys(golden).sort(), Object.keys(listCases()).sort());
});
