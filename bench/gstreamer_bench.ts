/*
 * What it costs to take 1080p NV12 pictures (3.1 MB each) from a GStreamer pipeline: through the
 * camera, on a channel of its own, and as a plain script does, from standard output. The pipeline
 * repeats one picture as fast as it is read, so that it costs next to nothing itself. Where there
 * is no GStreamer, nothing is measured and a line says so.
 */
import { openCamera } from "../src/camera/mod.ts";
import { whyNoGstreamer } from "../tests/support/gstreamer.ts";
import { benchSize } from "./bench_size.ts";

const [WIDTH, HEIGHT] = [1920, 1080];
const BYTES = WIDTH * HEIGHT * 3 / 2;
/** Pictures read in one round. */
const PICTURES = benchSize().small ? 5 : 200;
/** One picture, frozen, again and again. */
const PIPELINE = `videotestsrc pattern=black ! video/x-raw,format=NV12,width=${WIDTH},` +
  `height=${HEIGHT},framerate=30/1 ! imagefreeze`;

async function readWithCamera(): Promise<number> {
  await using camera = await openCamera(`gst:${PIPELINE}`);
  const startedMs = performance.now();
  for (let i = 0; i < PICTURES; i++) {
    const event = await camera.next();
    if (event.kind !== "frame") throw new Error("Cannot time the camera: it ended");
    event.frame[Symbol.dispose]();
  }
  return performance.now() - startedMs;
}

/** What is written in an afternoon: standard output, put together to pictures. */
async function readPlainly(): Promise<number> {
  const child = new Deno.Command("gst-launch-1.0", {
    args: ["-q", ...PIPELINE.split(" "), "!", "fdsink", "fd=1"],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const picture = new Uint8Array(BYTES);
  let filled = 0;
  let pictures = 0;
  let startedMs: number | null = null;
  for await (const chunk of child.stdout) {
    startedMs ??= performance.now();
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + BYTES - filled);
      picture.set(part, filled);
      at += part.length;
      filled = (filled + part.length) % BYTES;
      if (filled === 0) pictures++;
    }
    if (pictures >= PICTURES) break;
  }
  const tookMs = performance.now() - startedMs!;
  await child.status;
  return tookMs;
}

const why = whyNoGstreamer(["videotestsrc", "imagefreeze"]);
if (why === "") {
  const group = `${PICTURES} pictures of 1080p`;
  const options = { group, n: benchSize().small ? 1 : 10, warmup: 1 };
  Deno.bench({ name: "camera, channel of its own", baseline: true, ...options }, async (b) => {
    b.start();
    await readWithCamera();
    b.end();
  });
  Deno.bench({ name: "plain script, standard output", ...options }, async (b) => {
    b.start();
    await readPlainly();
    b.end();
  });
} else {
  // deno-lint-ignore no-console -- a bench prints
  console.log(`bench of GStreamer${why}`);
}
