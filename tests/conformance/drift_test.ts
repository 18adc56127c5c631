import { Adwin, Cusum, EwmaChart, Kswin, PageHinkley } from "../../src/monitor/mod.ts";
import { runDriftCases } from "./drift_cases.ts";

runDriftCases("CUSUM", () => new Cusum());
runDriftCases("CUSUM, both ways", () => new Cusum({ direction: "both", threshold: 25 }));
runDriftCases("EWMA chart", () => new EwmaChart());
runDriftCases("EWMA chart, both ways", () => new EwmaChart({ direction: "both", weight: 0.05 }));
runDriftCases("Page-Hinkley", () => new PageHinkley({ slack: 0.1, threshold: 10 }));
runDriftCases(
  "Page-Hinkley, both ways",
  () => new PageHinkley({ slack: 0.1, threshold: 10, direction: "both" }),
);
runDriftCases("ADWIN", () => new Adwin());
runDriftCases("ADWIN, rises only", () => new Adwin({ direction: "rise", every: 8 }));
runDriftCases("KSWIN", () => new Kswin({ alpha: 1e-6 }), [{
  reason: "a ramp that takes longer than the window looks the same at both of its ends",
  cases: ["finds a slow ramp"],
}]);
