import { clipDrifts } from "./clip_drifts.ts";
import { driftDetectors } from "./drift_detectors.ts";
import { labelledLoss } from "./labelled_loss.ts";
import { loopShare } from "./loop_share.ts";
import { memory } from "./memory.ts";
import { replay } from "./replay.ts";
import { stageCost } from "./stage_cost.ts";
import { streetDrifts, streetQuiet } from "./street_drifts.ts";
import type { Target } from "./target.ts";

/** All targets of the monitor, one file each; a new one is added here. */
export const TARGETS = [
  labelledLoss,
  clipDrifts,
  driftDetectors,
  stageCost,
  loopShare,
  memory,
  replay,
  streetDrifts,
  streetQuiet,
] as readonly Target[];
