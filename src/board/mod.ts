/**
 * What machine this is, and how it is: for Jetson boards above all, without root.
 *
 * @module
 */
export { type Board, detectBoard } from "./detect_board.ts";
export { type L4tRelease, parseL4tPackage, parseTegraRelease } from "./l4t_release.ts";
export {
  openTelemetry,
  Telemetry,
  type TelemetryOptions,
  type TelemetrySample,
} from "./telemetry.ts";
export { type CoreLoad, parseTegrastats, type TegrastatsLine } from "./tegrastats.ts";
export { fastestMode, parsePowerMode, type PowerMode } from "./power_mode.ts";
export { type ClockReading, isLocked } from "./clocks.ts";
export type { MemoryReading } from "./memory.ts";
export type { PowerRail } from "./power_rails.ts";
export type { Temperature } from "./thermal_zones.ts";
export type { SystemFilesOptions } from "../native/system_files.ts";
