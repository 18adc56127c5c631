import type { HeadWeights } from "../../core/head_weights.ts";
import { BACK_TRACKING_STEPS, betweenHeads } from "../../refine/back_tracking.ts";
import { NEW_CLASS_RECIPE, newClassJob } from "../../refine/grow_head.ts";
import type { Trainer, TrainingJob, TrainingLoss } from "../../refine/trainer.ts";
import { DEFAULT_RECIPE, type TrainingRecipe } from "../../refine/training_recipe.ts";
import type { TrainingRows } from "../../refine/training_rows.ts";
import type { RefinableDetector } from "./walk_frames.ts";

/** A class that a detector did not know. */
export interface NewClass {
  /** Its index. */
  readonly index: number;
  /** Where learning it begins. */
  readonly start: HeadWeights;
  /** Hash of the head that is served without it. */
  readonly base: string;
}

/**
 * How heads are refined by default: {@linkcode DEFAULT_RECIPE} with twice the steps. On drifted and
 * unusual clips F1 on later frames is then the same or better (YOLOv8n, cars from above: 0.90 after
 * 120 steps, 0.83 after 60; YOLOX-nano, bottles: 0.73 and 0.69, 0.72 and 0.70, 0.78 and 0.80), and no
 * more is forgotten.
 */
export const REFINING_RECIPE: TrainingRecipe = Object.freeze({ ...DEFAULT_RECIPE, steps: 120 });

/**
 * How they are refined where nothing is replayed: the pull to the trusted weights is ten times as
 * strong, since it is the only thing that keeps what was known.
 */
export const LONE_RECIPE: TrainingRecipe = Object.freeze({ ...REFINING_RECIPE, pull: 3 });

/**
 * How much replayed rows count as background of a new class, the first that the gate accepts: other
 * pictures may hold what is new under another name, so they count little unless the new class is then
 * seen in them. With cars from above learnt anew from three boxes AP50 is 0.96, 0.93 and 0.73.
 */
const NEW_CLASS_REPLAY: readonly number[] = [0.03, 0.1, 1];

/** What is to be learnt. */
export interface Lesson {
  readonly target: RefinableDetector;
  readonly rows: TrainingRows;
  readonly replay: TrainingRows | null;
  /** Classes that learn. */
  readonly classes: readonly number[];
  readonly newClass: NewClass | null;
  /** How; `null` for what suits. */
  readonly recipe: TrainingRecipe | null;
}

/** A head that may become the served one. */
export interface Candidate {
  /** The head. */
  readonly head: HeadWeights;
  /** How far it goes from the served to the trained head, 0–1. */
  readonly tau: number;
  /** How it was trained. */
  readonly recipe: TrainingRecipe;
  /** The loss before each training step and after the last. */
  readonly losses: readonly TrainingLoss[];
}

/**
 * Trains heads to choose among, the boldest first: steps on the way to a trained head, or for a class
 * that is new heads that are held back more and more by what is replayed.
 *
 * @param onStep Is told the steps done and all steps.
 */
export async function trainCandidates(
  trainer: Trainer,
  lesson: Lesson,
  signal: AbortSignal | undefined,
  onStep: (done: number, total: number) => void,
): Promise<Candidate[]> {
  const { target: { served }, replay } = lesson;
  const weights = replay === null ? [1] : NEW_CLASS_REPLAY;
  const jobs = lesson.newClass === null
    ? [knownJob(lesson)]
    : weights.map((weight) => newJob(lesson, lesson.newClass!, weight));
  const total = jobs.reduce((sum, { recipe }) => sum + recipe.steps, 0);
  const version = served.version + 1;
  const candidates: Candidate[] = [];
  let before = 0;
  for (const job of jobs) {
    const { recipe } = job;
    const { values, losses } = await trainer.train(job, {
      ...(signal === undefined ? {} : { signal }),
      onStep: (done) => onStep(before + done, total),
    });
    before += recipe.steps;
    const trained = served.withValues(values, version);
    // Half of a class that is new is none.
    for (const tau of lesson.newClass === null ? BACK_TRACKING_STEPS : [1]) {
      candidates.push({ head: betweenHeads(served, trained, tau, version), tau, recipe, losses });
    }
  }
  return candidates;
}

function knownJob(
  { target: { layout, served }, rows, replay, classes, recipe }: Lesson,
): TrainingJob {
  return {
    layout,
    start: served,
    reference: served,
    rows,
    replay,
    classes,
    objectness: replay !== null,
    recipe: recipe ?? (replay === null ? LONE_RECIPE : REFINING_RECIPE),
  };
}

function newJob(
  { target: { layout }, rows, replay, recipe }: Lesson,
  { start }: NewClass,
  replayWeight: number,
): TrainingJob {
  const lighter = replay === null
    ? null
    : { ...replay, weight: replay.weight.map((weight) => replayWeight * weight) };
  return newClassJob({
    grown: { head: start, layout },
    count: 1,
    rows,
    replay: lighter,
    recipe: { ...(recipe ?? NEW_CLASS_RECIPE), replayWeight },
  });
}
