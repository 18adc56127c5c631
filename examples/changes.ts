// deno-lint-ignore-file no-console
// Prints a line whenever the number of objects changes, and the rates of the run at its end:
// deno run --allow-all examples/changes.ts clip.mp4 detector.onnx
import { callbackSink, loadDetector, openCamera, perceive, RunStats } from "@fovea/fovea";

const [uri = "rtsp://camera.local/stream", model = "detector.onnx"] = Deno.args;

let before = -1;
const changes = callbackSink(({ seq, ptsMs, detections }) => {
  if (detections.length === before) return;
  before = detections.length;
  console.log(`frame ${seq}, ${(ptsMs / 1000).toFixed(2)} s: ${before} objects`);
});

await using camera = await openCamera(uri);
await using detector = await loadDetector(model, { workers: 2 });
const stats = new RunStats();
const startedMs = performance.now();
for await (const result of perceive(camera, detector, { sinks: [changes] })) stats.add(result);
const { frames, fps, stagesMs } = stats.summary(performance.now() - startedMs);
console.log(`${frames} frames, ${fps.toFixed(1)} a second, p99 ${stagesMs.total.p99} ms`);
