import { type MachineFinding, optionalFinding } from "./doctor_finding.ts";

/** What `deno run` has to be given for a kind of source, besides what a source of files needs. */
const USES: readonly { readonly use: string; readonly flags: readonly string[] }[] = [
  { use: "files", flags: ["--allow-read", "--allow-env=AV_FROM_SOURCE", "--allow-ffi"] },
  { use: "also network cameras", flags: ["--allow-net"] },
  { use: "also csi: and gst: cameras", flags: ["--allow-run=gst-launch-1.0"] },
  { use: "also outputs", flags: ["--allow-write"] },
];

/** Tells the exact flags that each kind of source needs. */
export function listFlags(): MachineFinding {
  const parts = USES.map(({ use, flags }) => `${use}: ${flags.join(" ")}`);
  return optionalFinding("flags", "ok", parts.join("; "));
}
