// A process that is killed while it writes: what it wrote can be played.
import { assertEquals, assertGreater, assertGreaterOrEqual } from "@std/assert";
import { TextLineStream } from "../support/text_lines.ts";
import { decodePictures } from "../support/decode_pictures.ts";

const WRITER = new URL("./sink_writer.ts", import.meta.url).href;
/** Pictures the process has written when it is killed, at 25 a second. */
const WRITTEN = 90;

async function killWhileWriting(path: string): Promise<void> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", WRITER, path, "100000"],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
  for await (const line of lines) {
    if (line === `frame ${WRITTEN - 1}`) break;
  }
  child.kill("SIGKILL");
  assertEquals((await child.status).signal, "SIGKILL");
}

for (const [extension, lost] of [["mp4", 26], ["mjpeg", 0]] as const) {
  Deno.test(`a .${extension} file of a killed process plays, but for the last ${lost} pictures`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "fovea-killed-" });
    try {
      const path = `${folder}/killed.${extension}`;
      await killWhileWriting(path);
      const { pictures } = await decodePictures(path);
      assertGreaterOrEqual(pictures.length, WRITTEN - lost);
      for (const [i, { ptsMs }] of pictures.entries()) {
        if (i > 0) assertGreater(ptsMs, pictures[i - 1]!.ptsMs);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
