import type { SystemFiles } from "../native/system_files.ts";
import { type MachineFinding, optionalFinding } from "./doctor_finding.ts";

const FOLDER = "/sys/class/video4linux";

/** Tells which sensors the kernel sees on the ribbon connectors of a Jetson. */
export function checkCsiSensors(files: SystemFiles): MachineFinding {
  const names = files.list(FOLDER)
    .map((device) => files.readText(`${FOLDER}/${device}/name`)?.trim() ?? "");
  // The capture unit gives each sensor a device of this name.
  const sensors = names.flatMap((name) => /^vi-output, (.+)$/.exec(name)?.[1] ?? []);
  return sensors.length > 0
    ? optionalFinding("csi cameras", "ok", sensors.map((name, i) => `csi:${i} ${name}`).join("; "))
    : optionalFinding(
      "csi cameras",
      "ok",
      "the kernel sees no sensor",
      "If one is plugged in, check its ribbon cable and choose its overlay: sudo /opt/nvidia/jetson-io/jetson-io.py",
    );
}
