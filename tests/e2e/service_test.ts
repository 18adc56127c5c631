// The service for a Jetson runs with the permissions it names, from a folder it may only read.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { withTempFolder } from "../support/cli_process.ts";
import { testWithGstreamer } from "../support/gstreamer.ts";

const ROOT = new URL("../../", import.meta.url).pathname.replace(/\/$/, "");

/** What the unit starts, word by word, with places of this machine. */
async function readCommand(camera: string, model: string): Promise<string[]> {
  const unit = await Deno.readTextFile(`${ROOT}/examples/jetson/fovea.service`);
  const [, command] = /^ExecStart=((?:.*\\\n)*.*)$/m.exec(unit)!;
  return command!.replaceAll("\\\n", " ").trim().split(/\s+/).map((word) =>
    word.replace("/usr/local/bin/deno", Deno.execPath())
      .replace("/opt/fovea", ROOT)
      .replace("${CAMERA}", camera)
      .replace("${MODEL}", model)
  );
}

testWithGstreamer(
  "the service's permissions are enough for its camera",
  ["videotestsrc"],
  () =>
    withTempFolder(async (folder) => {
      const camera = "gst:videotestsrc is-live=true ! video/x-raw,format=NV12,width=64,height=48";
      const [program, ...words] = await readCommand(camera, "models/tiny/yolo_v8.onnx");
      const { code, stdout, stderr } = await new Deno.Command(program!, {
        args: [...words, "--max-frames", "3"],
        cwd: ROOT,
        env: { DENO_DIR: folder, HOME: folder, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
      }).output();
      assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
      assertEquals(new TextDecoder().decode(stdout).trim().split("\n").length, 3);
    }),
);

Deno.test("the service asks for no more than it needs", async () => {
  const flags = (await readCommand("c", "m")).filter((word) => word.startsWith("--allow"));
  assertEquals(flags.map((flag) => flag.split("=")[0]), [
    "--allow-read",
    "--allow-env",
    "--allow-ffi",
    "--allow-run",
  ]);
  const unit = await Deno.readTextFile(`${ROOT}/examples/jetson/fovea.service`);
  for (
    const line of ["User=fovea", "NoNewPrivileges=yes", "ProtectSystem=strict", "Restart=always"]
  ) {
    assertStringIncludes(unit, line);
  }
});
