import { degradeCamera, loadDetector, openCamera, perceive } from "@fovea/fovea";
import { type Figure, figureOf } from "../../../bench/figure.ts";
import { readLabels } from "../../../src/cli/monitor_labels.ts";
import { boxIou } from "../../../src/core/box_overlap.ts";
import type { Degradation } from "../../../src/degrade/degradation.ts";
import { DEGRADATION_KINDS } from "../../../src/degrade/degradation.ts";
import type { FrameTargets } from "../../../src/monitor/target_box.ts";
import type { Target } from "./target.ts";

const POLICY = "every:6";
/** Frames that a loss and a share of errors are taken over. */
const WINDOW = 25;
/** Score from which a detection counts, for F1. */
const SCORE_MIN = 0.3;
/** IoU from which a detection is the one of a target, and that excuses one on an ignored place. */
const MATCH_IOU = 0.5;
const EXCUSED_IOU = 0.3;

/** Sums over the frames of a window. */
interface Window {
  targets: number;
  focal: number;
  crossEntropy: number;
  hits: number;
  claims: number;
}

/** The measured loss follows the true error over clean and degraded streams, better than CE. */
export const labelledLoss: Target<readonly [string, string, string]> = {
  name: "labels",
  needs: [
    "media/bottle-detection.mp4",
    "models/yolox_nano_416x416.onnx",
    "media/truth/bottle-detection.coco.json",
  ],
  async measure([clip, model, labels]): Promise<readonly Figure[]> {
    await using detector = await loadDetector(model, { confidence: SCORE_MIN });
    const windows: Window[] = [];
    for (const degrade of conditions()) {
      await using plain = await openCamera(clip, { policy: POLICY });
      await using camera = degrade === null ? plain : degradeCamera(plain, [degrade]);
      const request = { labels, degrade: degrade === null ? [] : [degrade], policy: POLICY };
      const { source } = await readLabels(request, camera, detector.spec.classNames);
      const monitor = { labels: source, hardExamples: 0 };
      let [window, frames] = [emptyWindow(), 0];
      for await (const result of perceive(camera, detector, { monitor })) {
        const { monitor: report, seq } = result;
        if (report?.evidence !== "measured") throw new Error(`frame ${seq} has no labels`);
        const weight = Math.max(1, report.targets);
        window.targets += report.targets;
        window.focal += report.focalLoss * weight;
        window.crossEntropy += report.crossEntropy * weight;
        const { hits, claims } = countHits(result.detections, source.get(seq)!);
        window.hits += hits;
        window.claims += claims;
        if (++frames % WINDOW !== 0) continue;
        windows.push(window);
        window = emptyWindow();
      }
    }
    return describe(windows.filter(({ targets }) => targets > 0));
  },
};

function describe(windows: readonly Window[]): Figure[] {
  const errors = windows.map(({ hits, claims, targets }) => 1 - 2 * hits / (claims + targets));
  const follow = (pick: (window: Window) => number) =>
    spearman(windows.map((window) => pick(window) / window.targets), errors);
  const focal = follow((window) => window.focal);
  const crossEntropy = follow((window) => window.crossEntropy);
  const what = `object-level loss of ${windows.length} windows with 1 − F1, Spearman`;
  const bound = { kind: "at least", bound: 0.85 } as const;
  return [
    figureOf("labels.focal", `${what}, focal γ = 2`, "", [focal], bound),
    figureOf("labels.gain", "focal − cross-entropy, Spearman", "", [focal - crossEntropy], {
      kind: "at least",
      bound: 0,
    }),
  ];
}

/** Clean, and all kinds of degradation in the severities that hurt. */
function conditions(): (Degradation | null)[] {
  const degraded = DEGRADATION_KINDS.flatMap((kind) =>
    ([2, 3, 4] as const).map((severity): Degradation => ({ kind, severity }))
  );
  return [null, ...degraded];
}

function emptyWindow(): Window {
  return { targets: 0, focal: 0, crossEntropy: 0, hits: 0, claims: 0 };
}

type Box = readonly [number, number, number, number];

/** Detections that are right, and all that count, best first and one to one. */
function countHits(
  detections: readonly { readonly classIndex: number; readonly xyxyPx: Box }[],
  { targets, ignored }: FrameTargets,
): { hits: number; claims: number } {
  const free = new Set(targets);
  let [hits, claims] = [0, 0];
  for (const { classIndex, xyxyPx } of detections) {
    const overlap = (box: Box) => boxIou(box, 0, xyxyPx, 0);
    const [best] = [...free]
      .filter((target) => target.classIndex === classIndex && overlap(target.xyxyPx) >= MATCH_IOU)
      .sort((a, b) => overlap(b.xyxyPx) - overlap(a.xyxyPx));
    if (best === undefined && ignored.some((box) => overlap(box) > EXCUSED_IOU)) continue;
    claims++;
    if (best === undefined) continue;
    hits++;
    free.delete(best);
  }
  return { hits, claims };
}

/** Spearman's rank correlation; equal values share the mean of their ranks. */
export function spearman(a: readonly number[], b: readonly number[]): number {
  const [x, y] = [ranksOf(a), ranksOf(b)];
  const mean = (a.length - 1) / 2;
  let [xy, xx, yy] = [0, 0, 0];
  for (const [i, rank] of x.entries()) {
    const [dx, dy] = [rank - mean, y[i]! - mean];
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return xy / Math.sqrt(xx * yy);
}

function ranksOf(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((i, j) => values[i]! - values[j]!);
  const ranks = new Array<number>(values.length);
  for (let start = 0; start < order.length;) {
    let end = start;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let i = start; i < end; i++) ranks[order[i]!] = (start + end - 1) / 2;
    start = end;
  }
  return ranks;
}
