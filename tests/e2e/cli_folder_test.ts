// Paths on the command line are those of the folder in which the user stands.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { withTempFolder } from "../support/cli_process.ts";

const ROOT = new URL("../../", import.meta.url);

async function runTask(folder: string, args: readonly string[], env: Record<string, string> = {}) {
  const { INIT_CWD: _outer, ...rest } = Deno.env.toObject();
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--config", new URL("deno.json", ROOT).pathname, "fovea", ...args],
    cwd: folder,
    clearEnv: true,
    env: { ...rest, NO_COLOR: "1", ...env },
  }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

Deno.test("deno task fovea reads and writes in the folder it is started from", () =>
  withTempFolder(async (folder) => {
    const inner = `${folder}/a folder`;
    await Deno.mkdir(inner);
    const models = new URL("models/tiny/", ROOT);
    await Deno.copyFile(new URL("yolo_v8.onnx", models), `${inner}/m.onnx`);
    await Deno.writeTextFile(`${inner}/m.manifest.json`, '{"classes": ["one", "two"]}');
    const inspected = await runTask(inner, ["inspect", "m.onnx", "--json"]);
    assertEquals(inspected.code, 0, inspected.stderr);
    assertEquals(JSON.parse(inspected.stdout).detector.classNames, ["one", "two"]);
    const ran = await runTask(inner, ["run", "none.mp4", "-m", "m.onnx", "--stats", "s.json"]);
    assertEquals(ran.code, 1);
    assertStringIncludes(ran.stderr, "Cannot open none.mp4");
    assertEquals(JSON.parse(await Deno.readTextFile(`${inner}/s.json`)).ended, "failed");
  }));

Deno.test("a folder that is gone is told", async () => {
  const { code, stderr } = await runTask("/", ["doctor"], { INIT_CWD: "/no/such/folder" });
  assertEquals(code, 2);
  assertStringIncludes(stderr, "Cannot work in the folder /no/such/folder");
});
