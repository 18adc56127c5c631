import type { HeadFolder } from "../refine/head_folder.ts";
import type { HeadSummary } from "../refine/head_history.ts";
import { wrap } from "./text_table.ts";

/** Every version in a line, for people. */
export function formatHeadList(folder: HeadFolder, columns: number): string {
  const { fault, model, served } = folder;
  const heads = folder.list();
  return [
    `${folder.folder}: heads of the model with SHA-256 ${model.slice(0, 12)}…`,
    line(0, served.version === 0, "the head in the model file"),
    ...heads.map((one) => line(one.version, one.isServed, describe(one)).slice(0, columns - 1)),
    ...(fault === null ? [] : [`the ledger is damaged at line ${fault.line}: ${fault.why}`]),
  ].join("\n");
}

function line(version: number, isServed: boolean, text: string): string {
  return `${isServed ? "*" : " "} ${String(version).padStart(3)}  ${text}`;
}

function describe({ at, status, judged: { decision, classes } }: HeadSummary): string {
  const f1 = decision.checks.find(({ what }) => what === "drifted F1");
  const gain = f1 === undefined || f1.before === null || f1.after === null
    ? ""
    : `  F1 ${f1.before.toFixed(2)} to ${f1.after.toFixed(2)}`;
  return `${status.padEnd(8)}  ${at.slice(0, 19)}Z  ${classes.join(", ")}${gain}`;
}

/** One version with everything that is known about it, for people. */
export function formatHeadSummary(summary: HeadSummary, columns: number): string {
  const { version, head, status, at, isServed, judged } = summary;
  const { decision, evidence, recipe, trainer, tau, classes } = judged;
  return [
    `version ${version}: ${status}${isServed ? ", served" : ""}, judged ${at}`,
    `  head ${head}`,
    `  learnt ${classes.join(", ")} by ${trainer}, ${recipe.steps} steps, tau ${tau}`,
    ...evidence.map(({ role, labels, frames, targets, rows, source }) =>
      `  ${role}: ${frames} frames, ${targets} objects, ${rows} rows, labels by ${labels}, ${source}`
    ),
    ...decision.why.map((why) => `  - ${why}`),
  ].flatMap((sentence) => wrap(sentence, columns - 1)).join("\n");
}
