/**
 * Pictures made worse in exactly defined ways, to prove what a detector does in bad weather.
 *
 * @module
 */
export {
  type Degradation,
  DEGRADATION_KINDS,
  DEGRADATION_SEVERITIES,
  type DegradationKind,
  type DegradationSeverity,
  formatDegradation,
  FROM_FRAME_MAX,
  parseDegradation,
  parseDegradations,
} from "./degradation.ts";
export { Degrader, type DegraderOptions } from "./degrader.ts";
export { degradeBoxes } from "./degrade_boxes.ts";
