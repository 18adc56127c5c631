import type { Calibration } from "./calibration.ts";

/** A calibration with what it belongs to; plain data. */
export interface StoredCalibration {
  readonly modelSha256: string;
  readonly camera: string;
  readonly calibration: Calibration;
}
