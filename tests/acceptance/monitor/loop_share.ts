import { loadDetector } from "@fovea/fovea";
import { type Figure, figureOf } from "../../../bench/figure.ts";
import { runLoop } from "../../../bench/loop_run.ts";
import { ModelAlone } from "../../../bench/model_alone.ts";
import type { Target } from "./target.ts";

const FRAMES = 377;
const ROUNDS = 5;

/** Throughput of the loop with a monitor beside that of the bare model, in turns. */
export const loopShare: Target<readonly [string, string]> = {
  name: "loop",
  needs: ["media/car-detection.mp4", "models/yolox_nano_416x416.onnx"],
  async measure([clip, model]): Promise<readonly Figure[]> {
    using alone = await ModelAlone.load(model, 1);
    await using detector = await loadDetector(model, { workers: 1 });
    await runLoop(clip, detector, 20, { monitor: true });
    const ratios: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const before = round % 2 === 0 ? null : await runLoop(clip, detector, FRAMES, MONITORED);
      const bare = await alone.run(FRAMES);
      const loop = before ?? await runLoop(clip, detector, FRAMES, MONITORED);
      ratios.push(loop.fps / bare.fps);
    }
    const what = "loop with the monitor ÷ model alone, throughput, 1 worker";
    return [figureOf("loop.ratio", what, "ratio", ratios, { kind: "at least", bound: 0.95 })];
  },
};

const MONITORED = { monitor: true } as const;
