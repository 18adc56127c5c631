import { degradeCamera, loadDetector, openCamera, perceive } from "@fovea/fovea";
import { type Figure, figureOf } from "../../../bench/figure.ts";
import type { Degradation } from "../../../src/degrade/degradation.ts";
import type { Calibration } from "../../../src/monitor/calibration.ts";
import { DriftWatch } from "../../../src/monitor/drift_watch.ts";
import { Monitor } from "../../../src/monitor/monitor.ts";
import type { Target } from "./target.ts";

const POLICY = "every:6";
/** Frame on which the picture changes; all before it are the warm-up. */
const ONSET = 90;
const DRIFTS: readonly Degradation[] = [
  { kind: "blur", severity: 3, fromFrame: ONSET },
  { kind: "dark", severity: 3, fromFrame: ONSET },
  { kind: "dirt", severity: 3, fromFrame: ONSET },
  { kind: "geom", severity: 2, fromFrame: ONSET },
  { kind: "jpeg", severity: 2, fromFrame: ONSET },
  { kind: "noise", severity: 3, fromFrame: ONSET },
];
/** Frames of the clean clip that stay together when it is played again, and frames played. */
const BLOCK = 25;
const PLAYED = 24_000;
/** Frames an hour at ten a second. */
const HOUR_FRAMES = 36_000;

/** Signals of one frame. */
interface Values {
  readonly s1: number;
  readonly s2: number;
}

/** Harmful changes of a real clip are found soon, and the clean clip is no change. */
export const clipDrifts: Target<readonly [string, string]> = {
  name: "clip",
  needs: ["media/bottle-detection.mp4", "models/yolox_nano_416x416.onnx"],
  async measure([clip, model]): Promise<readonly Figure[]> {
    await using detector = await loadDetector(model);
    const delays: number[] = [];
    for (const drift of DRIFTS) {
      await using plain = await openCamera(clip, { policy: POLICY });
      await using camera = degradeCamera(plain, [drift]);
      let [frame, delay] = [0, Infinity];
      for await (
        const { monitor } of perceive(camera, detector, { monitor: { warmUpFrames: 88 } })
      ) {
        if (monitor!.alarm !== null && frame < ONSET) throw new Error(`alarm on frame ${frame}`);
        if (monitor!.alarm !== null) delay = Math.min(delay, frame - ONSET + 1);
        frame++;
      }
      delays.push(delay);
    }
    await using camera = await openCamera(clip, { policy: POLICY });
    const { sha256 } = detector.model;
    const source = { modelSha256: sha256, camera: "clip", classNames: detector.spec.classNames };
    const monitor = new Monitor({ ...source, fps: 10 }, { warmUpFrames: 190, hardExamples: 0 });
    const values: Values[] = [];
    for await (const { monitor: report } of perceive(camera, detector, { monitor })) {
      values.push({ s1: report!.s1!, s2: report!.s2! });
    }
    const { calibration } = monitor.calibration!;
    return [
      figureOf(
        "clip.found",
        `frames until ${DRIFTS.length} harmful changes are found`,
        "frames",
        delays,
        {
          kind: "at most",
          bound: 15,
        },
      ),
      figureOf("clip.latest", "the latest of them", "frames", [Math.max(...delays)], {
        kind: "at most",
        bound: 15,
      }),
      figureOf(
        "clip.false",
        "alarms an hour at ten clean frames a second, block bootstrap",
        "alarms",
        [countAlarms(calibration, values) / PLAYED * HOUR_FRAMES],
        { kind: "at most", bound: 20 },
      ),
    ];
  },
};

/** Alarms over the clean clip played again in blocks, by a generator with a fixed seed. */
function countAlarms(calibration: Calibration, values: readonly Values[]): number {
  const watch = new DriftWatch({ ...calibration, background: null });
  let [seed, alarms] = [1, 0];
  for (let seq = 0; seq < PLAYED;) {
    seed = (Math.imul(seed, 48_271) >>> 0) % 0x7fffffff;
    const start = seed % (values.length - BLOCK + 1);
    for (const { s1, s2 } of values.slice(start, start + BLOCK)) {
      if (watch.observe(seq++, { s1, s2, background: null }).alarm !== null) alarms++;
    }
  }
  return alarms;
}
