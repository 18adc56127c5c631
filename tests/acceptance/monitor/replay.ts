import { degradeCamera, loadDetector, openCamera, perceive } from "@fovea/fovea";
import { type Figure, figureOf } from "../../../bench/figure.ts";
import type { Target } from "./target.ts";

const CLIPS = 2;

/** The same clip gives the same reports, byte for byte, with one worker and with two. */
export const replay: Target<readonly [string, string]> = {
  name: "replay",
  needs: ["media/bottle-detection.mp4", "models/yolox_nano_416x416.onnx"],
  async measure([clip, model]): Promise<readonly Figure[]> {
    const texts = new Set<string>();
    let alarms = 0;
    for (const workers of [1, 2]) {
      await using detector = await loadDetector(model, { workers });
      for (let run = 0; run < CLIPS; run++) {
        await using plain = await openCamera(clip, { policy: "every:6" });
        await using camera = degradeCamera(plain, [{ kind: "dark", severity: 3, fromFrame: 90 }]);
        const lines: string[] = [];
        const monitor = { warmUpFrames: 90 };
        for await (const { seq, monitor: report } of perceive(camera, detector, { monitor })) {
          lines.push(JSON.stringify([seq, report]));
          if (report!.alarm !== null) alarms++;
        }
        texts.add(lines.join("\n"));
      }
    }
    const what = `different replays of a clip, of ${2 * CLIPS} with ${alarms} alarms in all`;
    return [figureOf("replay", what, "texts", [texts.size], { kind: "at most", bound: 1 })];
  },
};
