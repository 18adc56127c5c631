import { assertEquals, assertStringIncludes } from "@std/assert";
import { MemoryTerminal } from "../../tests/support/memory_terminal.ts";
import { runCli } from "./run_cli.ts";
import { VERSION } from "./version.ts";

/** Runs a command line that must be refused and returns what was said. */
async function refusal(...args: string[]): Promise<string> {
  const terminal = new MemoryTerminal();
  assertEquals(await runCli(args, terminal), 2, args.join(" "));
  assertEquals(terminal.out, "");
  return terminal.err;
}

Deno.test("VERSION is the version in deno.json", async () => {
  const config = JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url)));
  assertEquals(VERSION, config.version);
});

Deno.test("runCli() prints help and version to standard output", async () => {
  for (const [args, words] of [[["run", "-h"], "--model <file>"], [["-V"], VERSION]] as const) {
    const terminal = new MemoryTerminal();
    assertEquals(await runCli(args, terminal), 0);
    assertStringIncludes(terminal.out, words);
    assertEquals(terminal.err, "");
  }
});

Deno.test("runCli() refuses values out of range and says what is allowed", async () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ["--conf", "1.5", "a number from 0 to 1"],
    ["--iou", "x", "a number from 0 to 1"],
    ["--threads", "0", "a whole number from 1 to 64"],
    ["--workers", "17", "a whole number from 1 to 16"],
    ["--max-frames", "2.5", "a whole number from 1"],
    ["--max-detections", "0", "a whole number from 1 to 30000"],
    ["--duration", "-1", "a number from 0.001"],
    ["--policy", "every:0", "every:N"],
    ["--engine", "tensorflow", "onnxruntime-node"],
    ["--providers", "cpu,cpu", "every item once"],
    ["--graph-optimization", "max", "one of disabled, basic, extended, layout, all"],
    ["--imgsz", "640*480", "WIDTHxHEIGHT"],
    ["--channels", "grey", "one of rgb, bgr"],
    ["--scale", "255", "FACTOR:SUMMAND"],
    ["--letterbox", "left", "one of center, topleft, stretch"],
    ["--pad", "256", "a number from 0 to 255"],
    ["--family", "yolo", "one of yolo-end2end"],
    ["--family-option", "stride=8", "options.stride"],
    ["--names", "no/such.txt", "a file that exists"],
    ["--classes", "car,,bus", "single commas"],
    ["--save", "out.xyz", ".mp4"],
    ["--stats", "--spinning", "a value"],
  ];
  for (const [flag, value, words] of cases) {
    const said = await refusal("run", "a.mp4", "-m", "b.onnx", flag, value);
    assertStringIncludes(said, "error USAGE: Cannot ");
    assertStringIncludes(said, words);
  }
});

Deno.test("runCli() refuses outputs that would destroy something", async () => {
  const run = ["run", "file:a.mp4", "-m", "b.onnx"];
  assertStringIncludes(await refusal(...run, "--save", "./a.mp4"), "what this run reads");
  assertStringIncludes(await refusal(...run, "--stats", "b.onnx"), "what this run reads");
  const twice = ["--save", "c.mp4", "--save", "./c.mp4"];
  assertStringIncludes(await refusal(...run, ...twice), "another output");
});

Deno.test("runCli() refuses missing and unknown words with a suggestion", async () => {
  assertStringIncludes(await refusal("rnu"), "Did you mean run?");
  assertStringIncludes(await refusal("run", "a", "--cnf", "1"), "Did you mean --conf?");
  assertStringIncludes(await refusal("run"), "uri");
  assertStringIncludes(await refusal("run", "a.mp4"), "--model is not given");
  assertStringIncludes(await refusal("inspect"), "model");
});

Deno.test("runCli() prints one line of JSON about an error where JSON was asked for", async () => {
  const said = await refusal("inspect", "a.onnx", "--json", "--pad", "x");
  assertEquals(said.trimEnd().includes("\n"), false);
  assertEquals(JSON.parse(said).error.code, "USAGE");
});
