// deno-lint-ignore-file no-console
// Counts how many different objects of each class were seen for at least half a second:
// deno run --allow-all examples/count_objects.ts clip.mp4 detector.onnx
import { loadDetector, openCamera, perceive, type TrackedObject } from "@fovea/fovea";

const [uri = "rtsp://camera.local/stream", model = "detector.onnx"] = Deno.args;

await using camera = await openCamera(uri);
await using detector = await loadDetector(model);
const seen = new Map<number, TrackedObject>();
for await (const { tracks } of perceive(camera, detector, { track: true })) {
  for (const track of tracks) if (track.ageMs >= 500) seen.set(track.trackId, track);
}
const classes = Map.groupBy(seen.values(), ({ className }) => className);
for (const [className, tracks] of classes) console.log(`${tracks.length} x ${className}`);
