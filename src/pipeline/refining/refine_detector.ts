import { FoveaError } from "../../core/errors.ts";
import type { HeadWeights } from "../../core/head_weights.ts";
import { chooseStep } from "../../refine/back_tracking.ts";
import { judgeHead } from "../../refine/gate.ts";
import type { GateDecision, JudgedStep } from "../../refine/gate_evidence.ts";
import { DEFAULT_GATE_RULES, type GateRules } from "../../refine/gate_rules.ts";
import { HeadScorer } from "../../refine/head_scorer.ts";
import type { JudgedEvent } from "../../refine/ledger_event.ts";
import type { Trainer, TrainingLoss } from "../../refine/trainer.ts";
import type { TrainingRecipe } from "../../refine/training_recipe.ts";
import { joinRows, type TrainingRows } from "../../refine/training_rows.ts";
import type { Detector } from "../loaded_detector.ts";
import type { FrameSet } from "./frame_set.ts";
import { judgeHoldOut } from "./judge_holdout.ts";
import { type GatherContext, type GatheredRows, gatherRowsOf } from "./learnt_rows.ts";
import { type Candidate, type NewClass, trainCandidates } from "./train_candidates.ts";
import { checkRefinable } from "./walk_frames.ts";

/** Frames that a head is made and judged with; each is opened when it is needed. */
export interface RefineFrames {
  /** Labelled frames to learn from. */
  readonly learn: FrameSet;
  /** Labelled frames of the same condition, later in time; without them nothing can be accepted. */
  readonly drifted: FrameSet | null;
  /** Frames whose answers are to stay: pictures of all kinds, clean frames of the camera. */
  readonly replay: readonly FrameSet[];
  /** Frames of the camera as it was before, not replayed. */
  readonly clean: FrameSet | null;
  /** Pictures of all kinds, not replayed. */
  readonly bank: FrameSet | null;
}

/** How a head is refined. */
export interface RefineOptions {
  /** Trains; the caller disposes it. */
  readonly trainer: Trainer;
  /** How; `REFINING_RECIPE`, or `LONE_RECIPE` where nothing is replayed. */
  readonly recipe?: TrainingRecipe;
  /** What the head has to reach; {@linkcode DEFAULT_GATE_RULES}. */
  readonly rules?: GateRules;
  /** A class that the detector did not know and that alone learns, see {@linkcode growDetector}. */
  readonly newClass?: NewClass;
  /** Ends it early; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Is told how far it is. */
  readonly onProgress?: (progress: RefineProgress) => void;
}

/** How far a refinement is. */
export interface RefineProgress {
  /** What is done now. */
  readonly stage: "looking" | "training" | "judging";
  /** Frames or steps done. */
  readonly done: number;
  /** Frames or steps in all. */
  readonly total: number;
}

/** A head that was judged, with how it was made. */
export interface RefinedStep extends JudgedStep, Candidate {}

/** A head that was trained and judged; nothing is served or kept yet. */
export interface Refinement {
  /** The head that the decision is about. */
  readonly head: HeadWeights;
  /** How far it goes from the served to the trained head, 0–1. */
  readonly tau: number;
  /** What the gate decided. */
  readonly decision: GateDecision;
  /** Every step that was judged. */
  readonly steps: readonly RefinedStep[];
  /** What a ledger keeps about it. */
  readonly judged: Omit<JudgedEvent, "kind" | "version" | "head">;
  /** The loss before each training step and after the last. */
  readonly losses: readonly TrainingLoss[];
  /** What it took, in milliseconds. */
  readonly timesMs: {
    readonly looking: number;
    readonly training: number;
    readonly judging: number;
  };
}

/**
 * Refines a detector's head from labelled frames and judges it on others. Pictures are looked at once
 * each; nothing of the detector changes.
 *
 * Where something is replayed, the labelled classes learn, the classes that the detector took labelled
 * objects for, and the objectness. Where nothing is, only the labelled classes do: all others, and
 * the objectness that they share, stay bit for bit.
 *
 * @throws {FoveaError} `HEAD_UNSUPPORTED`, `ANNOTATIONS_INVALID` if there is nothing to learn from,
 * `TRAINING_FAILED`, and what cameras and detector throw.
 *
 * @example Two parts of a labelled clip
 * ```ts ignore
 * await using detector = await loadDetector("yolo.onnx", { head: true });
 * await using trainer = await openTrainer();
 * const part = (uri: string): FrameSet => {
 *   const open = () => openCamera(uri);
 *   return { source: uri, frames: 6, open, labels, labelledBy: "operator", judged: null };
 * };
 * const learn = part("early.mp4");
 * const frames = { learn, drifted: part("late.mp4"), replay: [], clean: null, bank: null };
 * const { decision, head } = await refineDetector(detector, frames, { trainer });
 * if (decision.status === "accepted") await detector.adoptHead(head);
 * ```
 */
export async function refineDetector(
  detector: Detector,
  frames: RefineFrames,
  options: RefineOptions,
): Promise<Refinement> {
  const target = checkRefinable(detector);
  const { served, layout } = target;
  const { trainer, signal, rules = DEFAULT_GATE_RULES, newClass = null } = options;
  const report = options.onProgress ?? ignore;
  const scorer = new HeadScorer(detector.spec, layout);
  const startedMs = performance.now();
  const looking = countStage("looking", [frames.learn, ...frames.replay], report);
  const context: GatherContext = { target, scorer, signal, onFrame: looking };
  const learnt = await gatherRowsOf(frames.learn, "learnt", context);
  const rows = checkLearnt(learnt, frames.learn);
  const replayed: GatheredRows[] = [];
  for (const set of frames.replay) replayed.push(await gatherRowsOf(set, "replayed", context));
  const replay = joinAll(replayed);
  const classes = newClass === null ? chooseClasses(learnt, replay !== null) : [newClass.index];
  const lookedMs = performance.now();
  const lesson = { target, rows, replay, classes, newClass, recipe: options.recipe ?? null };
  const candidates = await trainCandidates(trainer, lesson, signal, (done, total) => {
    report({ stage: "training", done, total });
  });
  const trainedMs = performance.now();
  const judged = await judgeSteps(frames, candidates, [learnt, ...replayed], rules, {
    ...context,
    onFrame: countStage("judging", [frames.drifted, frames.clean, frames.bank], report),
  });
  const { head, tau, decision, recipe, losses } = chooseStep(judged.steps);
  return {
    head,
    tau,
    decision,
    steps: judged.steps,
    judged: {
      base: newClass?.base ?? served.hash,
      tau,
      decision,
      rules,
      evidence: [learnt.record, ...replayed.map(({ record }) => record), ...judged.records],
      recipe,
      trainer: trainer.name,
      classes: classes.map((index) => served.classNames[index]!),
    },
    losses,
    timesMs: {
      looking: lookedMs - startedMs,
      training: trainedMs - lookedMs,
      judging: performance.now() - trainedMs,
    },
  };
}

function chooseClasses({ labelled, confused }: GatheredRows, isReplayed: boolean): number[] {
  if (!isReplayed) return [...labelled];
  return [...labelled, ...confused].sort((a, b) => a - b);
}

function checkLearnt({ rows, record }: GatheredRows, { source }: FrameSet): TrainingRows {
  if (rows !== null && rows.target.some((classIndex) => classIndex >= 0)) return rows;
  throw new FoveaError(
    "ANNOTATIONS_INVALID",
    `Cannot learn from ${source}: ${record.frames} frames with ${record.targets} labelled objects, ` +
      "none of which is seen whole",
    { hint: "Label objects that do not touch the border of the picture" },
  );
}

function joinAll(list: readonly GatheredRows[]): TrainingRows | null {
  const rows = list.map((one) => one.rows).filter((one) => one !== null);
  return rows.length === 0 ? null : joinRows(rows);
}

async function judgeSteps(
  frames: RefineFrames,
  candidates: readonly Candidate[],
  seen: readonly GatheredRows[],
  rules: GateRules,
  context: GatherContext,
) {
  const learnt = new Set(seen.flatMap((one) => [...one.frames]));
  const heads = candidates.map(({ head }) => head);
  const judge = async (role: "drifted" | "clean" | "bank", set: FrameSet | null) =>
    set === null ? null : await judgeHoldOut(set, role, heads, learnt, context);
  const drifted = await judge("drifted", frames.drifted);
  const clean = await judge("clean", frames.clean);
  const bank = await judge("bank", frames.bank);
  const steps = candidates.map((candidate, i): RefinedStep => {
    const evidence = {
      drifted: drifted?.holdOuts[i] ?? null,
      clean: clean?.holdOuts[i] ?? null,
      bank: bank?.holdOuts[i] ?? null,
    };
    return { ...candidate, decision: judgeHead(evidence, candidate.head.classNames, rules) };
  });
  const records = [drifted, clean, bank].flatMap((one) => one === null ? [] : [one.record]);
  return { steps, records };
}

/** Counts the frames of a stage over all of its sets. */
function countStage(
  stage: RefineProgress["stage"],
  sets: readonly (FrameSet | null)[],
  report: (progress: RefineProgress) => void,
): () => void {
  const total = sets.reduce((sum, set) => sum + (set?.frames ?? 0), 0);
  let done = 0;
  return () => report({ stage, done: ++done, total });
}

function ignore(): void {}
