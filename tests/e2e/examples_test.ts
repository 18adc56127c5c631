// Runs every example as a user would, on a made clip and a tiny model.
import { assertEquals, assertGreater, assertMatch, assertStringIncludes } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);
const MODEL = "models/tiny/yolo_v8.onnx";

async function runExample(name: string, args: readonly string[] = []): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-prompt", `examples/${name}`, ...args],
    cwd: ROOT,
    stdout: "piped",
    stderr: "piped",
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

Deno.test("the examples run on the clip that the demo makes", async () => {
  const demo = await runExample("demo.ts");
  assertMatch(demo, /^100 frames, [1-9]\d* detections/);
  assertGreater((await Deno.stat(new URL("out/demo.mp4", ROOT))).size, 10_000);

  const clip = "out/demo_clip.mp4";
  const detections = (await runExample("detect.ts", [clip, MODEL])).trim().split("\n");
  assertGreater(detections.length, 100);
  assertMatch(detections[0]!, /^\d+ (red|blue) [01]\.\d\d \[/);

  const changes = await runExample("changes.ts", [clip, MODEL]);
  assertStringIncludes(changes, "frame 0, 0.00 s: ");
  assertMatch(changes, /100 frames, [\d.]+ a second/);
});

Deno.test("every example is run by this test", () => {
  const examples = [...Deno.readDirSync(new URL("examples", ROOT))].map(({ name }) => name);
  assertEquals(examples.sort(), ["changes.ts", "demo.ts", "detect.ts"]);
});
