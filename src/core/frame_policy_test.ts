import { assertEquals, assertThrows } from "@std/assert";
import { FoveaError } from "./errors.ts";
import { formatPolicy, parsePolicy } from "./frame_policy.ts";

Deno.test("parsePolicy() reads what formatPolicy() writes", () => {
  for (const text of ["next", "latest", "adaptive", "every:1", "every:37", "every:10000"]) {
    assertEquals(formatPolicy(parsePolicy(text)), text);
  }
});

Deno.test("parsePolicy() refuses everything else and says what to use", () => {
  for (
    const text of [
      "",
      "Next",
      "every",
      "every:",
      "every:0",
      "every:-1",
      "every:1.5",
      "every:10001",
      "every:01",
      "latest ",
    ]
  ) {
    const error = assertThrows(() => parsePolicy(text), FoveaError);
    assertEquals([error.code, error.hint?.includes("every:N")], ["USAGE", true]);
  }
});
