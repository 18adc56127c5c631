import type { Health, MonitorAlarm } from "../core/monitor_report.ts";

/** Something that is worth a line in a log; plain data. */
export type MonitorEvent =
  | {
    readonly kind: "calibrated";
    /** The frame it happened at. */
    readonly seq: number;
    /** Frames that the calibration rests on. */
    readonly frames: number;
    /** Threshold of S1 in standard deviations. */
    readonly s1Threshold: number;
    /** Threshold of S2 in standard deviations. */
    readonly s2Threshold: number;
  }
  | {
    readonly kind: "alarm";
    readonly seq: number;
    /** The alarm. */
    readonly alarm: MonitorAlarm;
  }
  | {
    readonly kind: "health";
    readonly seq: number;
    /** What it was. */
    readonly from: Health;
    /** What it is now. */
    readonly to: Health;
    /** Why. */
    readonly why: string | null;
  };
