// deno-lint-ignore-file no-console
// Prints what a detector sees in one picture, and leaves a copy with boxes in seen.png:
// deno run --allow-all examples/single_image.ts photo.jpg detector.onnx seen.png
import { loadDetector, openCamera, openSink, perceive } from "@fovea/fovea";

const [photo = "photo.jpg", model = "detector.onnx", seen = "seen.png"] = Deno.args;

await using camera = await openCamera(photo);
await using detector = await loadDetector(model, { confidence: 0.5 });
await using sink = await openSink(seen);
for await (const { width, height, detections } of perceive(camera, detector, { sinks: [sink] })) {
  console.log(JSON.stringify({ photo, width, height, detections }, null, 2));
}
