import { ByteTracker } from "../../src/track/byte_tracker.ts";
import { runTrackerCases } from "./tracker_cases.ts";

runTrackerCases("ByteTracker", () => new ByteTracker());
runTrackerCases(
  "ByteTracker that looks at boxes only",
  () => new ByteTracker({ classes: "ignore", confirmHits: 1, bufferMs: 3000 }),
);
runTrackerCases(
  "ByteTracker within classes",
  () => new ByteTracker({ classes: "require", confirmHits: 3, bufferFrames: 30 }),
);
