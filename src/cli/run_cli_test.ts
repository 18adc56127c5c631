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
    ["--camera-backend", "vlc", "one of ffmpeg, gstreamer"],
    ["--engine", "tensorflow", "onnxruntime-node"],
    ["--providers", "cpu,cpu", "every item once"],
    ["--provider-option", "rocm.fp16=true", "PROVIDER.KEY=VALUE"],
    ["--provider-option", "cuda.fp16=true", "cuda.fp16 is unknown"],
    ["--provider-option", "tensorrt.builderLevel=6", "from 0 to 5"],
    ["--run-timeout", "0", "a number from 0.001 to 86400"],
    ["--library", "--fallback", "a value"],
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
  assertStringIncludes(await refusal("run", "a.mp4", "--live", "--json"), "--live and --json");
});

Deno.test("runCli() prints one line of JSON about an error where JSON was asked for", async () => {
  const said = await refusal("inspect", "a.onnx", "--json", "--pad", "x");
  assertEquals(said.trimEnd().includes("\n"), false);
  assertEquals(JSON.parse(said).error.code, "USAGE");
});

const EXAMPLE = ["loss", "--logits", "0.8,-1.5,0.1", "--targets", "1,0,1"];

/** What `fovea loss` prints for the example with these flags. */
async function printedLoss(...flags: string[]): Promise<string> {
  const terminal = new MemoryTerminal();
  assertEquals(await runCli([...EXAMPLE, ...flags], terminal), 0, terminal.err);
  assertEquals(terminal.err, "");
  return terminal.out;
}

Deno.test("fovea loss prints the example of the glossary", async () => {
  assertEquals(await printedLoss("--gamma", "1.5"), "0.080528\n");
  assertEquals(await printedLoss(), "0.080528\n");
  assertEquals(JSON.parse(await printedLoss("--json")), { value: 0.08052775724608184 });
  const plain = ["--gamma", "0", "--alpha", "none"];
  assertEquals(await printedLoss(...plain), "1.216911\n");
  assertEquals(await printedLoss(...plain, "--reduction", "sum"), "1.216911\n");
  assertEquals(await printedLoss(...plain, "--reduction", "mean"), "0.405637\n");
  assertEquals(await printedLoss("--reduction", "none"), "0.016015\n0.011770\n0.052743\n");
  const { value } = JSON.parse(await printedLoss("--reduction", "none", "--json"));
  assertEquals(value.length, 3);
});

Deno.test("fovea loss follows conventions", async () => {
  assertEquals(await printedLoss("--alpha", "0"), "0.290724\n");
  assertEquals(await printedLoss("--alpha", "-1"), "0.290724\n");
  assertEquals(await printedLoss("--alpha", "none", "--gamma", "1.5"), "0.290724\n");
  assertEquals(await printedLoss("--convention", "mmdet"), "0.016765\n");
  assertEquals(await printedLoss("--convention", "mmdet", "--reduction", "sum"), "0.050295\n");
  const torchvision = await printedLoss("--convention", "torchvision");
  assertEquals(torchvision, "0.008917\n0.005027\n0.036351\n");
  const negativesOnly = await printedLoss("--convention", "torchvision", "--alpha", "0");
  assertEquals(negativesOnly, "0.000000\n0.006703\n0.000000\n");
});

Deno.test("fovea loss takes a negative first logit, and prints tiny and huge losses", async () => {
  const terminal = new MemoryTerminal();
  const args = ["loss", "--logits", "-1.5,1e4,-30", "--targets", "1,0,0", "--reduction", "none"];
  assertEquals(await runCli([...args, "--gamma", "0", "--alpha", "none"], terminal), 0);
  assertEquals(terminal.out, "1.701413\n10000.000000\n9.357623e-14\n");
});

Deno.test("fovea loss refuses input that has no loss", async () => {
  const cases: readonly (readonly [readonly string[], string])[] = [
    [["--logits", "NaN,1", "--targets", "1,0"], 'found "NaN"'],
    [["--logits", "Infinity", "--targets", "1"], 'found "Infinity"'],
    [["--logits", "1e31", "--targets", "1"], "a number from -1e+30 to 1e+30"],
    [["--logits", "1,,2", "--targets", "1,0,1"], "single commas"],
    [["--logits", "", "--targets", "1"], "expected a value"],
    [["--logits", "1,2,3", "--targets", "1,0"], "3 logits, but 2 targets"],
    [["--logits", "1", "--targets", "1.01"], "a number from 0 to 1"],
    [["--logits", "1", "--targets", "-0.5"], "a number from 0 to 1"],
    [["--targets", "1"], "--logits is not given"],
    [["--logits", "1"], "--targets is not given"],
    [[...EXAMPLE.slice(1), "--gamma", "-1"], "a number from 0 to 1000"],
    [[...EXAMPLE.slice(1), "--alpha", "1.5"], "a number up to 1, or none"],
    [[...EXAMPLE.slice(1), "--alpha", "off"], "a number up to 1, or none"],
    [[...EXAMPLE.slice(1), "--alpha", "-1", "--convention", "mmdet"], "convention mmdet"],
    [[...EXAMPLE.slice(1), "--convention", "keras"], "one of ultralytics"],
    [[...EXAMPLE.slice(1), "--reduction", "max"], "one of sum, mean, none"],
    [[...EXAMPLE.slice(1), "extra"], "too many arguments"],
  ];
  for (const [args, words] of cases) {
    const said = await refusal("loss", ...args);
    assertStringIncludes(said, "error USAGE: Cannot ");
    assertStringIncludes(said, words);
  }
  const said = await refusal("loss", "--logits", "1", "--targets", "2", "--json");
  assertEquals(JSON.parse(said).error.code, "USAGE");
});
