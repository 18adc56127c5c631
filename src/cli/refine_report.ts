import type { Detector } from "../pipeline/loaded_detector.ts";
import type { Refinement } from "../pipeline/refining/refine_detector.ts";
import type { GateCheck } from "../refine/gate_evidence.ts";
import { formatTable, wrap } from "./text_table.ts";

/** What came of a refinement. */
export interface RefineOutcome {
  /** The model. */
  readonly model: Detector["model"];
  /** The head and what was decided about it. */
  readonly refinement: Refinement;
  /** Sentences for people. */
  readonly notes: readonly string[];
  /** Folder of heads; `null` where nothing is kept. */
  readonly out: string | null;
  /** Version in that folder; `null` where the head was rejected or nothing is kept. */
  readonly version: number | null;
}

/** The decision as JSON. */
export function refineReport({ model, refinement, notes, out, version }: RefineOutcome) {
  const { head, tau, decision, judged, steps, losses, timesMs } = refinement;
  const { evidence, recipe, rules, trainer, classes } = judged;
  return {
    model: { path: model.name, sha256: model.sha256 },
    status: decision.status,
    repaired: decision.repaired,
    why: decision.why,
    checks: decision.checks,
    tau,
    steps: steps.map(({ tau, decision: { status, repaired } }) => ({ tau, status, repaired })),
    classes,
    evidence,
    recipe,
    rules,
    trainer,
    losses: { before: losses[0]!, after: losses.at(-1)! },
    head: { sha256: head.hash, classNames: head.classNames.length },
    out,
    version,
    served: version !== null && decision.status === "accepted",
    notes,
    timesMs,
  };
}

const STATUS_WORDS = {
  accepted: "accepted",
  proposal: "a proposal: not proven, an operator decides",
  rejected: "rejected",
} as const;

/** The decision for people. */
export function formatRefinement(outcome: RefineOutcome, columns: number): string {
  const { refinement: { tau, decision, judged, timesMs } } = outcome;
  const learnt = judged.evidence.filter(({ role }) => role === "learnt");
  const replayed = judged.evidence.filter(({ role }) => role === "replayed");
  const sum = (list: typeof learnt, key: "frames" | "targets" | "rows"): number =>
    list.reduce((total, one) => total + one[key], 0);
  const way = tau === 1 ? "" : `, ${100 * tau} % of the way from the served head`;
  const sentences = [
    `learnt ${judged.classes.join(", ")} from ${sum(learnt, "targets")} objects in ` +
    `${sum(learnt, "frames")} frames (${sum(learnt, "rows")} rows), ` +
    `${sum(replayed, "frames")} frames replayed (${sum(replayed, "rows")} rows), ` +
    `by ${judged.trainer} in ${seconds(timesMs.training)}; looking took ` +
    `${seconds(timesMs.looking)}, judging ${seconds(timesMs.judging)}`,
    `the head is ${STATUS_WORDS[decision.status]}${way}`,
    ...(decision.repaired === null ? [] : [
      decision.repaired ? "the detector is repaired here" : "the detector is NOT repaired here",
    ]),
    ...decision.why.map((why) => `- ${why}`),
    ...outcome.notes.map((note) => `note: ${note}`),
    ...endOf(outcome),
  ];
  const table = formatTable("check", decision.checks.map(nameCheck), [
    { title: "before", value: ({ before }) => figure(before) },
    { title: "after", value: ({ after }) => figure(after) },
    { title: "limit", value: ({ limit }) => figure(limit) },
    { title: "holds", value: ({ holds }) => holds === null ? "?" : holds ? "yes" : "NO" },
  ], { columns, nameCharsMin: 16, columnChars: 9 });
  const [first, second, ...more] = sentences.map((sentence) => wrap(sentence, columns - 1));
  return [...first!, ...second!, "", ...table, "", ...more.flat(), ""].join("\n");
}

function nameCheck(check: GateCheck): GateCheck & { readonly name: string } {
  const { what, className } = check;
  return { ...check, name: className === null ? what : `${what}, ${className}` };
}

function endOf({ out, version, refinement: { decision } }: RefineOutcome): string[] {
  if (out === null) return ["nothing is kept: add --out heads/NAME to keep the head"];
  if (version === null) return [`${out}: the decision is in its ledger, what is served stays`];
  if (decision.status === "accepted") {
    return [`${out}: version ${version} is served by --head ${out}`];
  }
  return [
    `${out}: version ${version} is kept and not served; ` +
    `fovea heads promote ${out} ${version} serves it`,
  ];
}

function figure(value: number | null): string {
  if (value === null) return "-";
  return Number.isInteger(value) && value > 1 ? String(value) : value.toFixed(3);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
