import { loadDetector, openCamera, perceive } from "@fovea/fovea";
import { Monitor } from "@fovea/fovea/monitor";
import { type Figure, figureOf } from "../../../bench/figure.ts";
import { frameAt, STREET, wobble } from "../../support/monitor_frames.ts";
import type { Target } from "./target.ts";

const FRAMES = 60;
const ROUNDS = 3;

/** What the monitor costs a frame, in the worker and in the main isolate. */
export const stageCost: Target<readonly [string, string, string]> = {
  name: "cost",
  needs: [
    "media/car-detection.mp4",
    "models/yolox_nano_416x416.onnx",
    "models/yolov8n.onnx",
  ],
  async measure([clip, small, large]): Promise<readonly Figure[]> {
    const what = (cells: string) => `monitor in the worker, ${cells}, best of ${FRAMES} frames`;
    return [
      figureOf("cost.small", what("3549 × 80"), "ms", await leastMs(clip, small), {
        kind: "at most",
        bound: 3,
      }),
      figureOf("cost.large", what("8400 × 80"), "ms", await leastMs(clip, large), {
        kind: "at most",
        bound: 5,
      }),
      figureOf(
        "cost.main",
        "monitor in the main isolate, 60 detections, mean of 500 frames",
        "ms",
        Array.from({ length: ROUNDS }, observeMs),
      ),
    ];
  },
};

/** The least time of the worker's stage, once a round. */
async function leastMs(clip: string, model: string): Promise<number[]> {
  await using detector = await loadDetector(model, { workers: 1, threads: 1 });
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await using camera = await openCamera(clip);
    const times: number[] = [];
    const options = { monitor: true, maxFrames: FRAMES } as const;
    for await (const { timingsMs } of perceive(camera, detector, options)) {
      times.push(timingsMs.monitor);
    }
    rounds.push(Math.min(...times));
  }
  return rounds;
}

/** Time of {@linkcode Monitor.observe} with as many detections as there can be. */
function observeMs(): number {
  const monitor = new Monitor(STREET, { warmUpFrames: 50 });
  const crowd = (seq: number) =>
    Array.from({ length: 60 }, (_, i) => {
      const [x, y] = [60 * (i % 10) + seq % 50, 60 * Math.floor(i / 10)];
      const score = 0.3 + 0.6 * wobble(seq * 60 + i);
      return { classIndex: i % 2, score, xyxyPx: [x, y, x + 40, y + 50] as const };
    });
  const frames = Array.from(
    { length: 600 },
    (_, seq) => frameAt(seq, { detections: crowd(seq) }),
  );
  for (const frame of frames.slice(0, 100)) monitor.observe(frame);
  const startedMs = performance.now();
  for (const frame of frames.slice(100)) monitor.observe(frame);
  return (performance.now() - startedMs) / 500;
}
