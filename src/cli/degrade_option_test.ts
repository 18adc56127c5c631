import { assertEquals, assertThrows } from "@std/assert";
import { Command } from "commander";
import { FoveaError } from "../core/errors.ts";
import type { Degradation } from "../degrade/degradation.ts";
import { makeDegradeOption } from "./degrade_option.ts";

function parse(...args: string[]): readonly Degradation[] {
  const command = new Command().exitOverride().addOption(makeDegradeOption());
  return command.parse(args, { from: "user" }).opts<{ degrade: Degradation[] }>().degrade;
}

Deno.test("--degrade may be repeated, hold several, and keeps their order", () => {
  assertEquals(parse(), []);
  assertEquals(parse("--degrade", "fog:3@150"), [{ kind: "fog", severity: 3, fromFrame: 150 }]);
  const all = parse("--degrade", "fog:3, dirt:1@2", "--degrade=dark:4");
  assertEquals(all.map(({ kind }) => kind), ["fog", "dirt", "dark"]);
  assertEquals(parse(), [], "a second command line starts anew");
});

Deno.test("--degrade refuses what it does not know as wrong usage", () => {
  for (const text of ["", "fog", "rain:1", "fog:9", "fog:1@-1", "fog:1,", "--json"]) {
    const error = assertThrows(() => parse("--degrade", text), FoveaError);
    assertEquals(error.code, "USAGE");
  }
});
