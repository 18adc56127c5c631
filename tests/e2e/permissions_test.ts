// The least permissions that README names are enough, and less is told, not asked for.
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { defaultEngine } from "../../src/engine/load_engine.ts";
import { makeClip } from "../support/clips.ts";

const ROOT = new URL("../../", import.meta.url);
const MODEL = "models/tiny/yolo_v8.onnx";

/** The permission flags of the command in README's chapter on permissions. */
function readLeastFlags(): string[] {
  const readme = Deno.readTextFileSync(new URL("README.md", ROOT));
  const command = /```sh\n(deno run --allow-read=\.[^`]+)```/.exec(readme)![1]!;
  return command.split(/\s+/).filter((word) => word.startsWith("--allow-"));
}

/** Every engine that results name. */
function enginesOf(ndjson: string): string[] {
  return [...new Set(ndjson.trim().split("\n").map((line) => JSON.parse(line).engine as string))];
}

async function runCli(flags: readonly string[], clip: string, more: readonly string[] = []) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", ...flags, "src/cli/main.ts", "run", clip]
      .concat("--model", MODEL, "--json", ...more),
    cwd: ROOT,
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = new TextDecoder();
  return { code, out: text.decode(stdout), error: text.decode(stderr) };
}

Deno.test("the least permissions in README run a clip, and less is refused with a hint", async () => {
  // Inside the repository, because the least permissions read nothing else.
  const out = new URL("out/", ROOT).pathname;
  await Deno.mkdir(out, { recursive: true });
  const folder = await Deno.makeTempDir({ dir: out });
  try {
    const path = `${folder}/clip.mp4`;
    await makeClip({ path, width: 128, height: 96, frames: 5, fps: 25 });
    const flags = readLeastFlags();
    const enough = await runCli(flags, path);
    assertEquals([enough.code, enough.error], [0, ""]);
    assertEquals(enough.out.trim().split("\n").length, 5);
    assertEquals(enginesOf(enough.out), ["onnxruntime-node"]);

    const unscoped = flags.map((flag) => flag.startsWith("--allow-ffi") ? "--allow-ffi" : flag);
    const direct = await runCli(unscoped, path);
    assertEquals([direct.code, direct.error], [0, ""]);
    assertEquals(enginesOf(direct.out), [await defaultEngine()]);
    const asked = await runCli(unscoped, path, ["--engine", "onnxruntime-node"]);
    assertEquals(enginesOf(asked.out), ["onnxruntime-node"]);
    const refused = await runCli(flags, path, ["--engine", "libonnxruntime"]);
    assertEquals([refused.code, refused.out], [1, ""]);
    assertMatch(refused.error, /ENGINE_UNAVAILABLE.*--allow-ffi without a path/s);

    const blind = await runCli(flags.filter((flag) => !flag.startsWith("--allow-ffi")), path);
    assertEquals([blind.code, blind.out], [1, ""]);
    assertStringIncludes(blind.error, "--allow-ffi");

    const offline = await runCli(flags, "rtsp://127.0.0.1:9/none");
    assertEquals(offline.code, 1);
    assertMatch(offline.error, /CAMERA_OPEN.*--allow-net=127\.0\.0\.1:9/s);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
