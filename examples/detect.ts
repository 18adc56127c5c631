// deno-lint-ignore-file no-console
// Prints what a detector sees: deno run --allow-all examples/detect.ts clip.mp4 detector.onnx
import { loadDetector, openCamera, perceive } from "@fovea/fovea";

const [uri = "rtsp://camera.local/stream", model = "detector.onnx"] = Deno.args;

await using camera = await openCamera(uri);
await using detector = await loadDetector(model, { confidence: 0.4 });
for await (const result of perceive(camera, detector)) {
  for (const { className, score, xyxyPx } of result.detections) {
    console.log(result.seq, className, score.toFixed(2), xyxyPx);
  }
  if (result.state !== "live") console.warn(result.state, result.stateReason);
}
