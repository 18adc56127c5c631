import { FoveaError } from "../../../src/core/errors.ts";
import type { HeadWeights } from "../../../src/core/head_weights.ts";
import type { FrameTap } from "../../../src/core/tap.ts";
import { parseDegradations } from "../../../src/degrade/degradation.ts";
import { readLabelBook } from "../../../src/cli/label_book.ts";
import { findLabelled, makeSet, pairBook } from "../../../src/cli/refine_frames.ts";
import { loadDetector } from "../../../src/pipeline/load_detector.ts";
import type { Detector } from "../../../src/pipeline/loaded_detector.ts";
import { type FrameSet, targetsOf } from "../../../src/pipeline/refining/frame_set.ts";
import { judgeFrame, listBoxes } from "../../../src/pipeline/refining/judge_frame.ts";
import {
  refineDetector,
  type RefineFrames,
} from "../../../src/pipeline/refining/refine_detector.ts";
import { checkRefinable, tapFrames } from "../../../src/pipeline/refining/walk_frames.ts";
import { BuiltinTrainer } from "../../../src/refine/builtin_trainer.ts";
import { sumOutcomes } from "../../../src/refine/frame_outcome.ts";
import { HeadScorer } from "../../../src/refine/head_scorer.ts";
import { ADVERSARIES, type Adversary, spoil } from "./adversary.ts";

/** Most that the true F1 of frames that nobody used may fall. */
const HARM_F1 = 0.03;

/** Where the real material lies. */
export interface TrialFiles {
  readonly model: string;
  readonly video: string;
  readonly truth: string;
  readonly images: string;
  readonly instances: string;
}

/** What came of one kind of bad evidence. */
export interface TrialRow {
  readonly how: Adversary | "honest labels" | "judged by its own labels";
  readonly trials: number;
  /** Heads that the gate accepted. */
  readonly accepted: number;
  /** Heads that training refused. */
  readonly refused: number;
  /** Accepted heads that are worse on frames that nobody used. */
  readonly harmful: number;
  /** The largest true fall of F1 among accepted heads. */
  readonly worstFall: number;
}

/** How much is looked at: fewer frames and trials for a quick look. */
export interface TrialSize {
  readonly trials: number;
  /** Every how many of the pictures of all kinds. */
  readonly every: number;
}

/** Real taps of a detector under drift, every set tapped once. */
export class TrialBench implements AsyncDisposable {
  readonly #detector: Detector;
  readonly #trainer: BuiltinTrainer;
  readonly #frames: RefineFrames;
  readonly #learnTaps: readonly FrameTap[];
  /** Frames that neither training nor the gate sees. */
  readonly #keptBack: readonly FrameSet[];

  private constructor(
    detector: Detector,
    trainer: BuiltinTrainer,
    frames: RefineFrames,
    learnTaps: readonly FrameTap[],
    keptBack: readonly FrameSet[],
  ) {
    this.#detector = detector;
    this.#trainer = trainer;
    this.#frames = frames;
    this.#learnTaps = learnTaps;
    this.#keptBack = keptBack;
  }

  /** Loads the detector and taps all frames. */
  static async open(files: TrialFiles, every: number): Promise<TrialBench> {
    await using stack = new AsyncDisposableStack();
    const detector = stack.use(await loadDetector(files.model, { head: true }));
    const trainer = stack.use(await BuiltinTrainer.create());
    const target = checkRefinable(detector);
    const { classNames } = detector.spec;
    const tapped = async (set: FrameSet): Promise<FrameSet> => {
      return { ...set, open: await tapFrames(target, set) };
    };
    const labels = await readLabelBook(files.truth, classNames);
    const book = { labels, classes: pairBook(labels, classNames) };
    const source = { kind: "video", uri: files.video } as const;
    const cast = parseDegradations("cast:4");
    const part = async (frames: readonly number[], degrade = cast): Promise<FrameSet> => {
      const pictures = await findLabelled(source, labels, new Set(frames));
      return await tapped(makeSet({ source, pictures, degrade, book }));
    };
    const others = await readLabelBook(files.instances, classNames);
    const all = { kind: "images", folder: files.images } as const;
    const images = (await findLabelled(all, others, null)).filter((_, i) => i % every === 0);
    const otherBook = { labels: others, classes: pairBook(others, classNames) };
    const third = async (which: number, isLabelled: boolean): Promise<FrameSet> => {
      const pictures = images.filter((_, i) => i % 3 === which);
      const some = { source: all, pictures, degrade: [], book: isLabelled ? otherBook : null };
      return await tapped(makeSet(some));
    };
    const learn = await part([37, 111, 186, 260, 334, 409]);
    const frames = {
      learn,
      drifted: await part([450, 480, 510, 540, 560, 580]),
      replay: [await third(0, false)],
      clean: await part([450, 480, 510, 540, 560, 580], []),
      bank: await third(1, true),
    };
    const later = [660, 720, 780, 840, 900, 960, 1020, 1080, 1140];
    const keptBack = [await part(later), await part(later, []), await third(2, true)];
    stack.move();
    return new TrialBench(detector, trainer, frames, learn.open as FrameTap[], keptBack);
  }

  /** Trials of one kind of bad evidence, judged by honest labels. */
  async attack(how: Adversary, trials: number, seed: number): Promise<TrialRow> {
    const count = { accepted: 0, refused: 0, harmful: 0, worstFall: 0 };
    for (let i = 0; i < trials; i++) {
      const { length } = this.#detector.spec.classNames;
      const learn = spoil(this.#frames.learn, this.#learnTaps, how, length, seed + i);
      await this.#try({ ...this.#frames, learn }, count);
    }
    return { how, trials, ...count };
  }

  /** The honest labels: the gate must be able to accept. */
  async honest(): Promise<TrialRow> {
    const count = { accepted: 0, refused: 0, harmful: 0, worstFall: 0 };
    await this.#try(this.#frames, count);
    return { how: "honest labels", trials: 1, ...count };
  }

  /** Wrong labels that judge as well as teach: a gate that is fed them must be fooled. */
  async fooled(seed: number): Promise<TrialRow> {
    const count = { accepted: 0, refused: 0, harmful: 0, worstFall: 0 };
    const { length } = this.#detector.spec.classNames;
    const { drifted } = this.#frames;
    const wrong = (set: FrameSet) => {
      const taps = set.open as readonly FrameTap[];
      return { ...spoil(set, taps, "other class", length, seed), labelledBy: "operator" } as const;
    };
    const frames = { ...this.#frames, learn: wrong(this.#frames.learn), drifted: wrong(drifted!) };
    await this.#try({ ...frames, clean: null, bank: null }, count);
    return { how: "judged by its own labels", trials: 1, ...count };
  }

  async #try(
    frames: RefineFrames,
    count: { accepted: number; refused: number; harmful: number; worstFall: number },
  ): Promise<void> {
    try {
      const { head, decision } = await refineDetector(this.#detector, frames, {
        trainer: this.#trainer,
      });
      if (decision.status !== "accepted") return;
      count.accepted++;
      const fall = this.#trueFall(head);
      count.worstFall = Math.max(count.worstFall, fall);
      if (fall > HARM_F1) count.harmful++;
    } catch (error) {
      if (!(error instanceof FoveaError)) throw error;
      if (error.code !== "TRAINING_FAILED" && error.code !== "ANNOTATIONS_INVALID") throw error;
      count.refused++;
    }
  }

  /** The largest fall of F1 over the sets that nobody used. */
  #trueFall(head: HeadWeights): number {
    const { served, layout } = checkRefinable(this.#detector);
    const scorer = new HeadScorer(this.#detector.spec, layout);
    return Math.max(...this.#keptBack.map((set) => {
      const f1 = [served, head].map((one) => {
        const outcomes = (set.open as readonly FrameTap[]).map((tap) => {
          const found = listBoxes(scorer.detect(tap, served, one));
          return judgeFrame(`${tap.seq}`, found, targetsOf(set, tap, found)!, set.judged);
        });
        return sumOutcomes(outcomes, null).f1 ?? 0;
      });
      return f1[0]! - f1[1]!;
    }));
  }

  /** Ends the detector and the trainer. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#trainer[Symbol.asyncDispose]();
    await this.#detector[Symbol.asyncDispose]();
  }
}

/** Every kind of bad evidence, and both controls. */
export async function runTrials(
  files: TrialFiles,
  { trials, every }: TrialSize,
): Promise<TrialRow[]> {
  await using bench = await TrialBench.open(files, every);
  const rows: TrialRow[] = [];
  const each = Math.ceil(trials / ADVERSARIES.length);
  for (const [i, how] of ADVERSARIES.entries()) {
    rows.push(await bench.attack(how, Math.min(each, trials - i * each), 1000 * i));
  }
  rows.push(await bench.honest(), await bench.fooled(7));
  return rows;
}
