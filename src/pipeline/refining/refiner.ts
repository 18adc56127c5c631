import { FoveaError } from "../../core/errors.ts";
import type { HeadWeights } from "../../core/head_weights.ts";
import type { Health } from "../../core/monitor_report.ts";
import type { FrameResult } from "../../core/result.ts";
import type { FrameTap } from "../../core/tap.ts";
import type { LabelSource } from "../../monitor/monitor_options.ts";
import type { FrameTargets } from "../../monitor/target_box.ts";
import type { HeadStore } from "../../refine/head_store.ts";
import type { ThreadTrainer } from "../../refine/open_trainer.ts";
import { type GovernedTraining, governTraining } from "../govern_training.ts";
import type { Detector } from "../loaded_detector.ts";
import type { TapOptions } from "../tap_options.ts";
import { LiveEvidence, type LiveNeeds } from "./live_evidence.ts";
import { Probation } from "./probation.ts";
import { refineDetector } from "./refine_detector.ts";
import type { RefineEvent } from "./refine_event.ts";
import { checkRefinable, type RefinableDetector } from "./walk_frames.ts";

/** How a running detector is refined. */
export interface RefinerOptions {
  /** `propose` keeps what the gate accepts for an operator; `auto` serves it at once. */
  readonly mode: "propose" | "auto";
  /** Where heads and decisions are kept; the caller disposes it. */
  readonly store: HeadStore;
  /** Trains, on a thread of its own; the caller disposes it. */
  readonly trainer: ThreadTrainer;
  /** Labels that are there from the start, by `seq`. */
  readonly labels?: LabelSource | null;
  /** Classes that are looked for while labelling, by index; all by default. */
  readonly judged?: ReadonlySet<number> | null;
  /** Frames between two that are looked at closely, whole, from 1; 15. */
  readonly every?: number;
  /** Labelled frames that a refinement takes; 6 to learn from and 3 later ones that judge. */
  readonly needs?: LiveNeeds;
  /** Frames after a change in which it is taken back if the live loss rises; 300. */
  readonly probationFrames?: number;
  /** Where the frames come from, for the ledger. */
  readonly source?: string;
  /** Is told what happens. */
  readonly onEvent?: (event: RefineEvent) => void;
}

/** Health in which the present condition is learnt. */
const UNWELL: readonly Health[] = ["drifting", "degraded"];

/**
 * Refines a detector while it runs: collects labelled frames while the monitor says that it does
 * badly, trains aside, lets the gate judge on later frames, and in `auto` changes the head between two
 * frames and takes it back if the live loss rises. Give it to `perceive` as `refine`, with a monitor.
 *
 * Only labels of people make a head be served. Where nobody labels, tracks make one proposal while a
 * condition lasts. Frames are held as features, never as pictures.
 *
 * @example
 * ```ts ignore
 * await using store = await HeadStore.open("heads/yard", { model: detector.model.sha256 });
 * await using trainer = await openTrainer();
 * const refiner = new Refiner(detector, { mode: "auto", store, trainer });
 * for await (const result of perceive(camera, detector, { monitor: true, refine: refiner })) {
 *   const targets = askOperator(result);
 *   if (targets !== null) refiner.label(result.seq, targets);
 * }
 * ```
 */
export class Refiner {
  /** What the loop has to tap. */
  readonly tap: TapOptions;
  readonly #detector: Detector;
  readonly #target: RefinableDetector;
  readonly #options: RefinerOptions;
  readonly #evidence: LiveEvidence;
  readonly #probation: Probation;
  readonly #governor: GovernedTraining;
  readonly #every: number;
  #health: Health = "warming";
  #working: Promise<void> | null = null;
  #lastLabelled = -Infinity;
  #lastTapped = -Infinity;
  #finished = false;
  #seq = 0;

  /**
   * Prepares for a detector that was loaded with `head` and serves what the store serves.
   *
   * @throws {FoveaError} `HEAD_UNSUPPORTED`, `HEAD_MISMATCH` if the store belongs to another model.
   * @throws {RangeError} If an option is out of range.
   */
  constructor(detector: Detector, options: RefinerOptions) {
    const { every = 15, needs = { learn: 6, judge: 3 }, store } = options;
    const counts = [every, needs.learn, needs.judge];
    if (!counts.every((count) => Number.isSafeInteger(count) && count >= 1)) {
      throw new RangeError(`Cannot refine with every ${every} and ${JSON.stringify(needs)}`);
    }
    if (store.model !== detector.model.sha256) {
      throw new FoveaError("HEAD_MISMATCH", "Cannot refine: the heads belong to another model", {
        hint: "Use another folder for the heads of this model",
      });
    }
    this.#detector = detector;
    this.#target = checkRefinable(detector);
    this.#options = options;
    this.#every = every;
    this.#evidence = new LiveEvidence(needs);
    this.#probation = new Probation(options.probationFrames ?? 300);
    this.#governor = governTraining(options.trainer.pace);
    const rows = Int32Array.from({ length: this.#target.grid.rows }, (_, row) => row);
    this.tap = {
      select: ({ seq }) => this.#isWanted(seq) ? { rows } : null,
      onTap: (tap, result) => this.#take(tap, result),
    };
  }

  /**
   * Says what a frame holds. It is learnt from if the frame is still held, which it is for a few
   * seconds if it was one of those that are looked at closely.
   *
   * @returns Whether it is used.
   */
  label(seq: number, targets: FrameTargets): boolean {
    const tap = this.#evidence.find(seq);
    if (tap === null || !UNWELL.includes(this.#health)) return false;
    this.#evidence.addLabelled(tap, targets);
    return true;
  }

  /** Whether a head is being trained or judged right now. */
  get isRefining(): boolean {
    return this.#working !== null;
  }

  /** Whether it was made for a detector. */
  isFor(detector: Detector): boolean {
    return detector === this.#detector;
  }

  /** Takes the next result, before it goes anywhere. */
  async observe(result: FrameResult): Promise<void> {
    if (result.kind !== "frame" || result.monitor === null || this.#finished) return;
    const { seq, monitor, headVersion } = result;
    this.#seq = seq;
    this.#governor.observe(result);
    const isWell = !UNWELL.includes(monitor.health);
    if (isWell && monitor.health === "healthy") this.#evidence.forgetLabelled();
    this.#health = monitor.health;
    // Results that were begun before a change belong to the head before it.
    if (this.#probation.isOn && headVersion !== this.#detector.head?.version) return;
    const verdict = this.#probation.observe(monitor);
    if (verdict !== null) {
      this.#probation.end();
      if (verdict.isWorse) await this.#takeBack(verdict.why).catch((error) => this.#fail(error));
    }
    if (this.#working !== null || this.#probation.isOn) return;
    const { isEnough, isTrackedEnough } = this.#evidence;
    if (!isEnough && !isTrackedEnough) return;
    this.#working = this.#refine(isEnough ? "operator" : "consensus")
      .finally(() => this.#working = null);
  }

  /** Waits for what is under way and lets go of the machine's sensors; nothing is refined after it. */
  async finish(): Promise<void> {
    await this.#working;
    if (this.#finished) return;
    this.#finished = true;
    this.#governor[Symbol.dispose]();
  }

  #isWanted(seq: number): boolean {
    const isLabelled = this.#options.labels?.get(seq) !== undefined;
    const isDue = seq - this.#lastTapped >= this.#every;
    if (!isDue && !(isLabelled && seq - this.#lastLabelled >= this.#every)) return false;
    this.#lastTapped = seq;
    if (isLabelled) this.#lastLabelled = seq;
    return true;
  }

  #take(tap: FrameTap, result: FrameResult): void {
    if (tap.headVersion !== this.#detector.head?.version) return;
    this.#evidence.hold(tap);
    const targets = this.#options.labels?.get(tap.seq);
    if (UNWELL.includes(this.#health)) {
      const known = targets ?? trackedTargets(result);
      if (known.targets.length === 0) return;
      if (targets === undefined) this.#evidence.addTracked(tap, known);
      else this.#evidence.addLabelled(tap, known);
    } else if (this.#health === "healthy" || this.#health === "warming") {
      this.#evidence.addClean(tap);
    }
  }

  async #refine(labelledBy: "operator" | "consensus"): Promise<void> {
    const { store, trainer, mode, source = "the camera", judged = null } = this.#options;
    const frames = this.#evidence.frames(source, judged, labelledBy);
    this.#governor.begin();
    try {
      const refinement = await refineDetector(this.#detector, frames, { trainer });
      const { head, judged: facts, decision, tau } = refinement;
      const version = await store.keep(head, facts);
      const { status, repaired, why } = decision;
      this.#tell({ kind: "refined", seq: this.#seq, status, repaired, version, tau, why });
      if (mode === "auto" && status === "accepted" && version !== null) {
        await this.#serve(head.withVersion(version), version, why.join("; "));
      } else this.#done(labelledBy);
    } catch (error) {
      this.#done(labelledBy);
      this.#fail(error);
    } finally {
      this.#governor.end();
    }
  }

  #done(labelledBy: "operator" | "consensus"): void {
    if (labelledBy === "operator") this.#evidence.waitForMore();
    else this.#evidence.endTracked();
  }

  async #serve(head: HeadWeights, version: number, why: string): Promise<void> {
    const { store } = this.#options;
    const { version: from } = store.served;
    await store.promote(version, { who: "the gate", why });
    try {
      const { swapMs } = await this.#detector.adoptHead(head);
      this.#evidence.clear();
      this.#probation.begin();
      this.#tell({ kind: "head-served", seq: this.#seq, from, version, swapMs });
    } catch (error) {
      await store.rollBack({ who: "the detector", why: "it could not serve the head" });
      throw error;
    }
  }

  async #takeBack(why: string): Promise<void> {
    const { store } = this.#options;
    const { version: from } = store.served;
    const { version, head } = await store.rollBack({ who: "the probation", why });
    const { swapMs } = await this.#detector.adoptHead(head ?? this.#detector.shippedHead!);
    this.#evidence.clear();
    this.#tell({ kind: "head-taken-back", seq: this.#seq, from, version, swapMs, why });
  }

  /** The loop goes on, with the head that it has. */
  #fail(error: unknown): void {
    const { code, message } = FoveaError.from(error, "TRAINING_FAILED", "Cannot refine");
    this.#tell({ kind: "refine-failed", seq: this.#seq, code, message });
  }

  #tell(event: RefineEvent): void {
    this.#options.onEvent?.(event);
  }
}

/** Pictures that a track was found in before it is believed. */
const TRACK_HITS_MIN = 3;

/** What tracks say about a frame: weaker detections are places about which nothing is claimed. */
function trackedTargets({ tracks, detections }: FrameResult): FrameTargets {
  const sure = tracks.filter(({ hits }) => hits >= TRACK_HITS_MIN);
  const ids = new Set(sure.map(({ trackId }) => trackId));
  return {
    targets: sure.map(({ classIndex, xyxyPx }) => ({ classIndex, xyxyPx })),
    ignored: detections.filter(({ trackId }) => trackId === undefined || !ids.has(trackId))
      .map(({ xyxyPx }) => xyxyPx),
  };
}
