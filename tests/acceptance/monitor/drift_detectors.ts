import { Adwin, type DriftDetector, Kswin, PageHinkley } from "@fovea/fovea/monitor";
import { type Figure, figureOf } from "../../../bench/figure.ts";
import { driftsOf } from "../../conformance/drift_cases.ts";
import golden from "../../golden/drift_golden.json" with { type: "json" };
import type { Target } from "./target.ts";

const { documented } = golden;

/** Detectors with River's defaults, and where River says drift on the stream that it documents. */
const CASES: readonly (readonly [string, DriftDetector, readonly number[]])[] = [
  ["ADWIN", new Adwin({ delta: 0.002, every: 32, sideMin: 5 }), documented.drifts.adwin],
  [
    "Page–Hinkley",
    new PageHinkley({ warmup: 30, slack: 0.005, threshold: 50 }),
    documented.drifts["page-hinkley"],
  ],
  [
    "KSWIN",
    new Kswin({ alpha: 0.0001, window: 100, recent: 30, seed: 1 }),
    documented.drifts.kswin,
  ],
];

/** The drift detectors say drift where River does. */
export const driftDetectors: Target<readonly []> = {
  name: "river",
  needs: [],
  measure(): Promise<readonly Figure[]> {
    const stream = [...documented.values].map(Number);
    const figures = CASES.map(([name, detector, wanted]) => {
      const found = driftsOf(detector, stream);
      const isSame = JSON.stringify(found) === JSON.stringify(wanted);
      const what = `${name} on River's stream: drift at ${found}, River at ${wanted}`;
      return figureOf(`river.${name}`, what, "same", [isSame ? 1 : 0], {
        kind: "at least",
        bound: 1,
      });
    });
    return Promise.resolve(figures);
  },
};
