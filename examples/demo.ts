// deno-lint-ignore-file no-console
/*
 * The main job without a camera and without a detector of your own: makes a clip of a red and a
 * blue square on their way, runs a tiny model on it that sees such squares, and leaves the clip with
 * boxes in out/demo.mp4.
 *
 *   deno task demo
 */
import { loadDetector, openCamera, openSink, perceive, RunStats } from "@fovea/fovea";

const FOLDER = new URL("../out/", import.meta.url);
const MODEL = new URL("../models/tiny/yolo_v8.onnx", import.meta.url);

/** Two squares moving over gray for four seconds, as an FFmpeg filter graph. */
const SCENE = [
  "color=c=0x404040:s=640x480:r=25:d=4[background]",
  "color=c=red:s=80x80:r=25[red]",
  "color=c=blue:s=80x80:r=25[blue]",
  "[background][red]overlay=x='40+110*t':y='80+40*sin(3*t)':shortest=1[first]",
  "[first][blue]overlay=x='520-100*t':y=300:shortest=1,format=yuv420p[out0]",
].join(";");

async function makeClip(path: string): Promise<void> {
  const { Decoder, Demuxer, Encoder, Log, Muxer } = await import("node-av");
  const { AV_LOG_ERROR, FF_ENCODER_LIBX264 } = await import("node-av/constants");
  Log.setLevel(AV_LOG_ERROR);
  await using input = await Demuxer.open(SCENE, { format: "lavfi" });
  const stream = input.video()!;
  using decoder = await Decoder.create(stream);
  using encoder = await Encoder.create(FF_ENCODER_LIBX264, {
    decoder,
    options: { preset: "veryfast" },
  });
  await using output = await Muxer.open(path, { input });
  const index = output.addStream(encoder, { inputStream: stream });
  for await (using packet of encoder.packets(decoder.frames(input.packets(stream.index)))) {
    await output.writePacket(packet, index);
  }
}

async function main(): Promise<void> {
  await Deno.mkdir(FOLDER, { recursive: true });
  const clip = new URL("demo_clip.mp4", FOLDER).pathname;
  const seen = new URL("demo.mp4", FOLDER).pathname;
  await makeClip(clip);

  await using camera = await openCamera(clip);
  await using detector = await loadDetector(MODEL);
  await using sink = await openSink(seen, { fps: camera.info.fps });
  const stats = new RunStats();
  const startedMs = performance.now();
  for await (const result of perceive(camera, detector, { sinks: [sink] })) stats.add(result);
  const { frames, fps, detections } = stats.summary(performance.now() - startedMs);
  console.log(`${frames} frames, ${detections} detections, ${fps.toFixed(0)} frames per second`);
  console.log(`Look at ${seen}`);
}

if (import.meta.main) await main();
