// deno-lint-ignore-file no-console
// Watches a live camera: always the newest picture, its age, what was dropped, and lost streams.
// Ctrl-C ends it.
// deno run --allow-all examples/rtsp_latest.ts rtsp://user:password@host/stream detector.onnx
import { loadDetector, openCamera, perceive } from "@fovea/fovea";

const [uri = "rtsp://camera.local/stream", model = "detector.onnx"] = Deno.args;

const stop = new AbortController();
function end(): void {
  stop.abort();
}
Deno.addSignalListener("SIGINT", end);

await using detector = await loadDetector(model);
await using camera = await openCamera(uri, {
  policy: "latest",
  rtspTransport: "tcp",
  reconnect: { initialDelayMs: 250, maxDelayMs: 3_000 },
  signal: stop.signal,
});
for await (const result of perceive(camera, detector, { signal: stop.signal })) {
  if (result.kind === "state") {
    console.log(`${result.state}: ${result.stateReason}`);
    continue;
  }
  const names = result.detections.map(({ className }) => className).join(", ") || "nothing";
  const age = `${result.ageMs.toFixed(0)} ms old, ${result.dropped} dropped`;
  console.log(`frame ${result.seq}, ${age}: ${names}`);
}
Deno.removeSignalListener("SIGINT", end);
