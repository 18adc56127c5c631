// deno-lint-ignore-file no-console
// What refining must reach, on real clips and pictures: prints a target and a figure a line and ends
// with 1 if one is missed. `deno task accept:refine`, or with names of parts: cars drift trainers controls
// classes adversaries.
import { sharedPath } from "../../support/shared.ts";
import { type AcceptanceRow, formatRows, rowOf } from "./acceptance_row.ts";
import { runTrials, type TrialFiles } from "./adversarial_trials.ts";
import {
  type AcceptanceFiles,
  carCases,
  driftCases,
  newClassCases,
  shareOutPictures,
  trainerCases,
} from "./cli_cases.ts";
import { controlCases } from "./control_cases.ts";

/** Trials with bad evidence. */
const TRIALS = 200;

async function adversaryCases({ shared }: AcceptanceFiles): Promise<AcceptanceRow[]> {
  const files: TrialFiles = {
    model: `${shared}/models/yolox_nano_416x416.onnx`,
    video: `${shared}/media/bottle-detection.mp4`,
    truth: `${shared}/media/truth/bottle-detection.coco.json`,
    images: `${shared}/coco64/images`,
    instances: `${shared}/coco64/instances.json`,
  };
  const rows = await runTrials(files, { trials: TRIALS, every: 1 });
  for (const { how, trials, accepted, refused, worstFall } of rows) {
    console.error(
      `${how}: ${trials} trials, ${refused} refused, ${accepted} accepted, ` +
        `largest fall of F1 ${worstFall.toFixed(3)}`,
    );
  }
  const attacks = rows.slice(0, -2);
  const [honest, fooled] = rows.slice(-2);
  const sum = (key: "trials" | "harmful"): number =>
    attacks.reduce((total, row) => total + row[key], 0);
  return [
    rowOf("bad evidence: trials", sum("trials"), { least: TRIALS }, 0),
    rowOf("bad evidence: harmful heads that are accepted", sum("harmful"), { most: 0 }, 0),
    rowOf("honest evidence: accepted", honest!.accepted, { least: 1 }, 0),
    rowOf("a gate that is fed its own labels: harmful", fooled!.harmful, { least: 1 }, 0),
  ];
}

const PARTS: Readonly<Record<string, (files: AcceptanceFiles) => Promise<AcceptanceRow[]>>> = {
  cars: carCases,
  drift: driftCases,
  trainers: trainerCases,
  controls: controlCases,
  classes: newClassCases,
  adversaries: adversaryCases,
};

async function main(asked: readonly string[]): Promise<number> {
  const shared = sharedPath(".");
  if (shared === null) {
    console.error("skipped: no shared/ beside the repository");
    return 0;
  }
  const scratch = await Deno.makeTempDir({ prefix: "fovea-accept-" });
  const rows: AcceptanceRow[] = [];
  try {
    await shareOutPictures({ shared, scratch });
    for (const [name, cases] of Object.entries(PARTS)) {
      if (asked.length > 0 && !asked.includes(name)) continue;
      const done = await cases({ shared, scratch });
      console.log(formatRows(done));
      rows.push(...done);
    }
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
  const missed = rows.filter(({ pass }) => !pass).length;
  console.log(`${rows.length - missed} of ${rows.length} targets reached`);
  return missed === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
