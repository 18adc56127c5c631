// GStreamer cameras from the command line: with the task's permissions, with less, and what is
// left when the program ends, however it ends.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { runCli, spawnCli, taskPermissions, withTempFolder } from "../support/cli_process.ts";
import { makeClip } from "../support/clips.ts";
import { testWithGstreamer } from "../support/gstreamer.ts";
import { makeMarker, waitForProcesses } from "../support/processes.ts";

const MODEL = ["--model", "models/tiny/yolo_v8.onnx"];
const SIZE = "video/x-raw,format=NV12,width=128,height=96,framerate=50/1";
const GSTREAMER = taskPermissions("fovea:gstreamer");

function sourceOf(marker: string): string {
  return `gst:videotestsrc is-live=true name=${marker} ! ${SIZE}`;
}

testWithGstreamer("fovea run takes pictures of a pipeline", ["videotestsrc"], async () => {
  const uri = `gst:videotestsrc num-buffers=12 ! ${SIZE}`;
  const { code, stdout, stderr } = await runCli(["run", uri, ...MODEL, "--json"], {
    permissions: GSTREAMER,
  });
  assertEquals([code, stderr], [0, ""]);
  const results = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(results.map(({ seq }) => seq), Array.from({ length: 12 }, (_, i) => i));
  assertEquals([results[0].width, results[0].height, results[0].state], [128, 96, "live"]);
});

testWithGstreamer(
  "libraries named in the environment do not keep a pipeline from starting",
  ["videotestsrc"],
  async () => {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", ...GSTREAMER, "src/cli/main.ts", "run"]
        .concat(`gst:videotestsrc num-buffers=2 ! ${SIZE}`, ...MODEL, "--json"),
      cwd: new URL("../../", import.meta.url),
      env: { LD_LIBRARY_PATH: "/usr/local/cuda/lib64" },
    }).output();
    assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
  },
);

/** The flags that `doctor` names, by what they are for. */
async function flagsOfDoctor(): Promise<Map<string, string[]>> {
  const { stdout } = await runCli(["doctor", "--json"]);
  const { findings } = JSON.parse(stdout) as { findings: { check: string; found: string }[] };
  const { found } = findings.find(({ check }) => check === "flags")!;
  return new Map(
    found.split("; ").map((part) => {
      const at = part.lastIndexOf(": ");
      return [part.slice(0, at), part.slice(at + 2).split(" ")];
    }),
  );
}

testWithGstreamer("the flags that doctor names are enough", ["videotestsrc"], async () => {
  const flags = await flagsOfDoctor();
  const files = flags.get("files")!;
  await withTempFolder(async (folder) => {
    const clip = `${folder}/clip.mp4`;
    await makeClip({ path: clip, width: 128, height: 96, frames: 3, fps: 25 });
    const fromFile = await runCli(["run", clip, ...MODEL, "--json"], { permissions: files });
    assertEquals([fromFile.code, fromFile.stderr], [0, ""]);

    const permissions = [
      ...files,
      ...flags.get("also csi: and gst: cameras")!,
      ...flags.get("also outputs")!,
    ];
    const uri = `gst:videotestsrc num-buffers=3 ! ${SIZE}`;
    const args = ["run", uri, ...MODEL, "--json", "--save", `${folder}/seen.mp4`];
    const fromPipeline = await runCli(args, { permissions });
    assertEquals([fromPipeline.code, fromPipeline.stderr], [0, ""]);
  });
});

Deno.test("fovea run says which permission a pipeline needs", async () => {
  const { code, stderr } = await runCli(["run", "csi:0", ...MODEL]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "error CAMERA_OPEN");
  assertStringIncludes(stderr, "--allow-run=gst-launch-1.0");
});

testWithGstreamer("Ctrl-C stops the pipeline too", ["videotestsrc"], async () => {
  const marker = makeMarker();
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--quiet", ...GSTREAMER, "src/cli/main.ts", "run"]
      .concat(sourceOf(marker), ...MODEL, "--json"),
    cwd: new URL("../../", import.meta.url),
    stdout: "piped",
    stderr: "piped",
    detached: true,
  }).spawn();
  const output = child.output();
  await waitForProcesses(`name=${marker}\0`, 1);
  // A terminal sends it to everybody in front of it.
  Deno.kill(-child.pid, "SIGINT");
  const { code, stdout, stderr } = await output;
  assertEquals([code, new TextDecoder().decode(stderr)], [130, ""]);
  // The pipeline was stopped by fovea, not by the terminal: the camera was never lost.
  assertEquals(new TextDecoder().decode(stdout).includes('"kind":"state"'), false);
  await waitForProcesses(marker, 0);
});

testWithGstreamer("a pipeline ends when fovea is killed", ["videotestsrc"], async () => {
  const marker = makeMarker();
  const child = spawnCli(["run", sourceOf(marker), ...MODEL, "--json"], { permissions: GSTREAMER });
  const output = child.output();
  await waitForProcesses(`name=${marker}\0`, 1);
  child.kill("SIGKILL");
  await output;
  // Nobody takes its pictures any more, and it notices with the next one.
  await waitForProcesses(marker, 0);
});
