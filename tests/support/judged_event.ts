import { HeadWeights } from "../../src/core/head_weights.ts";
import type { GateStatus } from "../../src/refine/gate_evidence.ts";
import { DEFAULT_GATE_RULES } from "../../src/refine/gate_rules.ts";
import type { JudgedEvent } from "../../src/refine/ledger_event.ts";
import { DEFAULT_RECIPE } from "../../src/refine/training_recipe.ts";

/** The model that {@linkcode smallHead} belongs to. */
export const SMALL_MODEL = "a".repeat(64);

/** A head of one class and two channels. */
export function smallHead(bias: number, model = SMALL_MODEL): HeadWeights {
  return new HeadWeights({
    model,
    version: 1,
    classNames: ["car"],
    layers: [{ name: "head.cls.0", rows: 1, channels: 2, classRows: [0], objectnessRows: [] }],
    values: [{ weight: new Float32Array([1, 2]), bias: new Float32Array([bias]) }],
  });
}

/** What a ledger keeps about a judged head. */
export function judgedAs(status: GateStatus): Omit<JudgedEvent, "kind" | "version" | "head"> {
  return {
    base: "b".repeat(64),
    tau: 1,
    decision: { status, repaired: null, checks: [], why: ["because"] },
    rules: DEFAULT_GATE_RULES,
    evidence: [],
    recipe: DEFAULT_RECIPE,
    trainer: "stand-in",
    classes: ["car"],
  };
}
