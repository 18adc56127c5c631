import { assertEquals, assertLess } from "@std/assert";
import { listStale, RECIPES } from "./build.ts";

Deno.test("the committed models are what their recipes say", async () => {
  assertEquals(await listStale(), []);
});

Deno.test("the same recipe gives the same bytes, and few of them", () => {
  for (const make of Object.values(RECIPES)) {
    const bytes = make();
    assertEquals(make(), bytes);
    assertLess(bytes.length, 20_000);
  }
});
