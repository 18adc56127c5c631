// Outputs that cannot be written: told with a code, nothing half-written left behind.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { runCli, taskPermissions, withTempFolder } from "../support/cli_process.ts";
import { makeClip } from "../support/clips.ts";

const ROOT = new URL("../../", import.meta.url);
const MODEL = "models/tiny/yolo_v8.onnx";

function withClip(fn: (clip: string, folder: string) => Promise<void>): Promise<void> {
  return withTempFolder(async (folder) => {
    const clip = `${folder}/clip.mp4`;
    await makeClip({ path: clip, width: 64, height: 48, frames: 20, fps: 25 });
    await fn(clip, folder);
  });
}

function codeOf(stderr: string): string {
  return (JSON.parse(stderr) as { error: { code: string } }).error.code;
}

Deno.test("--save and --stats below a file are refused with SINK_OPEN", () =>
  withClip(async (clip, folder) => {
    for (const flags of [["--save", `${clip}/a.mp4`], ["--stats", `${clip}/a.json`]]) {
      const { code, stdout, stderr } = await runCli(["run", clip, "-m", MODEL, "--json", ...flags]);
      assertEquals([code, stdout, codeOf(stderr)], [1, "", "SINK_OPEN"], flags[0]);
    }
    assertEquals([...Deno.readDirSync(folder)].length, 1);
  }));

Deno.test("a run that fails leaves statistics that say so", () =>
  withClip(async (clip, folder) => {
    const stats = `${folder}/stats.json`;
    const model = "models/tiny/yolo_v8_nan.onnx";
    const { code } = await runCli(["run", clip, "-m", model, "--json", "--stats", stats]);
    assertEquals(code, 1);
    assertEquals(JSON.parse(await Deno.readTextFile(stats)).ended, "failed");
  }));

Deno.test("a full disk behind standard output ends any command with SINK_WRITE", {
  ignore: Deno.build.os !== "linux", // there is no /dev/full elsewhere
}, () =>
  withClip(async (clip) => {
    const words = ["run", "--no-prompt", ...taskPermissions(), "src/cli/main.ts"];
    for (const args of [["run", clip, "-m", MODEL, "--json"], ["doctor", "--json"], ["--help"]]) {
      const { code, stderr } = await new Deno.Command("sh", {
        args: ["-c", '"$@" > /dev/full', "sh", Deno.execPath(), ...words, ...args],
        cwd: ROOT,
        stdout: "null",
        stderr: "piped",
      }).output();
      assertEquals(code, 1, args[0]);
      assertStringIncludes(new TextDecoder().decode(stderr), "SINK_WRITE");
    }
  }));

Deno.test("every kind of output can be written in one run", () =>
  withClip(async (clip, folder) => {
    const names = ["a.mp4", "b.mjpeg", "c.png", "d.ndjson", "frames/%03d.jpg"];
    const saves = names.flatMap((name) => ["--save", `${folder}/out/${name}`]);
    const { code, stderr } = await runCli([
      "run",
      clip,
      "-m",
      MODEL,
      "--max-frames",
      "4",
      ...saves,
    ]);
    assertEquals(code, 0, stderr);
    for (const name of names) assertStringIncludes(stderr, `wrote ${folder}/out/${name}`);
    for (const name of ["a.mp4", "b.mjpeg", "c.png", "frames/003.jpg"]) {
      assert((await Deno.stat(`${folder}/out/${name}`)).size > 0, name);
    }
    const lines = (await Deno.readTextFile(`${folder}/out/d.ndjson`)).trimEnd().split("\n");
    assertEquals(lines.map((line) => JSON.parse(line).seq), [0, 1, 2, 3]);
  }));
