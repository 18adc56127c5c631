// Wrong command lines: refused with code 2 before anything is opened.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { runCli, withTempFolder } from "../support/cli_process.ts";

const MODEL = "models/tiny/yolo_v8.onnx";

/** Runs a command line that must be refused, and checks the words on standard error. */
async function assertRefused(args: readonly string[], ...words: string[]): Promise<void> {
  const { code, stdout, stderr } = await runCli(args);
  assertEquals([code, stdout], [2, ""], `${args.join(" ")}: ${stderr}`);
  assertStringIncludes(stderr, "error USAGE: Cannot ");
  for (const word of words) assertStringIncludes(stderr, word);
}

Deno.test("unknown commands and flags are refused with a suggestion", async () => {
  await assertRefused(["rnu"], 'unknown command "rnu"', "Did you mean run?");
  await assertRefused(["run", "a", "--cnf", "1"], "--cnf", "Did you mean --conf?");
  await assertRefused(["inspect", "a", "--jsn"], "--jsn", "Did you mean --json?");
  await assertRefused(["doctor", "now"], "too many arguments");
});

Deno.test("with --json a wrong command line is one line of JSON on standard error", async () => {
  const { code, stdout, stderr } = await runCli(["run", "a", "-m", MODEL, "--json", "--conf", "2"]);
  assertEquals([code, stdout], [2, ""]);
  assertEquals(stderr.split("\n").length, 2);
  assertEquals(JSON.parse(stderr), {
    error: {
      code: "USAGE",
      message: 'Cannot use --conf: expected a number from 0 to 1, found "2"',
      hint: null,
    },
  });
});

Deno.test("a class that the detector does not have is refused with those it has", () =>
  withTempFolder(async (folder) => {
    const clip = `${folder}/none.mp4`;
    await assertRefused(["run", clip, "-m", MODEL, "--classes", "blu"], '"blu"', "blue");
  }));

Deno.test("a degradation that is not known is refused with those that are", async () => {
  const run = ["run", "none.mp4", "-m", MODEL, "--degrade"];
  await assertRefused([...run, "rain:3"], '"rain:3": unknown kind', "Use one of dark, fog");
  await assertRefused([...run, "fog:1,fog:5"], '"fog:5": unknown severity', "1 (mild) to 4");
  await assertRefused([...run, "fog:3@soon"], "no frame to begin at", "whole number");
  await assertRefused([...run, "fog"], "KIND:SEVERITY", "fog:3@150");
});
