import type { TruthSource } from "../../core/frame_truth.ts";
import type { FrameResult } from "../../core/result.ts";
import { RunStats, type RunSummary } from "../../pipeline/run_stats.ts";
import { matchTruth } from "./match_truth.ts";
import type { Scene, ScenePlan } from "./scene_plan.ts";

/** Results that the rate of the moment is measured over. */
const RATE_RESULTS = 64;
/** Time of the stream that one step of the history stands for, in milliseconds. */
const STEP_MS = 1000;
/** Steps of the history that are kept. */
const STEPS_MAX = 120;

/** What was counted of one class. */
export interface ClassTally {
  /** Detections in the last frame. */
  readonly now: number;
  /** Objects in the last frame; `null` where nobody knows. */
  readonly there: number | null;
  /** Detections a frame since the scene began. */
  readonly mean: number;
  /** Share of the objects that was found since the scene began; `null` where nobody knows. */
  readonly foundShare: number | null;
}

/** What was counted while the source was as it is. */
export interface SceneTally {
  /** What it is like. */
  readonly scene: Scene;
  /** Its first and its last frame so far. */
  readonly fromSeq: number;
  readonly toSeq: number;
  /** Detections a frame. */
  readonly detections: number;
  /** Objects a frame, the share that was found, and false alarms a frame, where they are known. */
  readonly truth: {
    readonly objects: number;
    readonly foundShare: number | null;
    readonly falseAlarms: number;
  } | null;
}

/** The last alarm of a monitor. */
export interface AlarmTally {
  /** Alarms so far. */
  readonly count: number;
  /** The frame that raised the last one. */
  readonly seq: number;
  /** What it says. */
  readonly message: string;
}

/** Everything there is to show at one moment. */
export interface LiveSnapshot {
  /** The last result; `null` before the first. */
  readonly last: FrameResult | null;
  /** The last alarm; `null` where none was raised, or no monitor runs. */
  readonly alarm: AlarmTally | null;
  /** Results a second over the last of them; `null` before there are two. */
  readonly fps: number | null;
  /** Sums and quantiles of the whole run. */
  readonly summary: RunSummary;
  /** Frames of the source that are behind. */
  readonly position: number;
  /** Classes that occurred, by their index. */
  readonly classes: readonly (ClassTally & { readonly name: string })[];
  /** All classes together. */
  readonly all: ClassTally;
  /** Scenes in their order; one where nothing is known about the source. */
  readonly scenes: readonly SceneTally[];
  /** Detections a frame in each second of the stream, oldest first. */
  readonly history: readonly number[];
}

/** Sums of one scene. */
interface SceneSums {
  readonly scene: Scene;
  readonly fromSeq: number;
  toSeq: number;
  frames: number;
  falseAlarms: number;
  readonly classes: Map<string, ClassSums>;
}

interface ClassSums {
  detections: number;
  there: number;
  found: number;
}

/** Counts what a run sees, in memory that does not grow with the run. */
export class LiveTally {
  readonly #plan: ScenePlan;
  readonly #truth: TruthSource | null;
  readonly #startMs: number;
  readonly #stats = new RunStats();
  readonly #arrivalsMs: number[] = [];
  readonly #indexOf = new Map<string, number>();
  readonly #scenes: SceneSums[] = [];
  readonly #history: number[] = [];
  readonly #now = new Map<string, number>();
  #there: ReadonlyMap<string, number> = new Map();
  #step = { index: -1, frames: 0, detections: 0 };
  #last: FrameResult | null = null;
  #alarm: AlarmTally | null = null;
  #position = 0;

  /**
   * Begins to count at `nowMs`.
   *
   * @param truth What knows what is in the frames; `null` where nothing does.
   */
  constructor(plan: ScenePlan, truth: TruthSource | null, nowMs: number) {
    this.#plan = plan;
    this.#truth = truth;
    this.#startMs = nowMs;
    truth?.classNames.forEach((name, index) => this.#indexOf.set(name, index));
  }

  /** Counts a result; returns the scene that begins with it, if one does. */
  add(result: FrameResult, nowMs: number): Scene | null {
    const { kind, seq, detections, monitor } = result;
    const delivered = this.#stats.frames;
    this.#stats.add(result);
    this.#last = result;
    if (monitor !== null && monitor.alarm !== null) {
      const { message } = monitor.alarm;
      this.#alarm = { count: (this.#alarm?.count ?? 0) + 1, seq, message };
    }
    if (kind !== "frame") return null;
    this.#position = Math.max(this.#position, seq + 1);
    this.#arrivalsMs.push(nowMs);
    if (this.#arrivalsMs.length > RATE_RESULTS) this.#arrivalsMs.shift();
    const before = this.#scenes.at(-1)?.scene ?? null;
    const scene = this.#plan.at(seq, delivered, before);
    if (scene !== before) {
      this.#scenes.push(
        { scene, fromSeq: seq, toSeq: seq, frames: 0, falseAlarms: 0, classes: new Map() },
      );
    }
    this.#countInto(this.#scenes.at(-1)!, result);
    this.#countStep(result.ptsMs, detections.length);
    return scene === before ? null : scene;
  }

  /** Everything there is to show. */
  snapshot(nowMs: number): LiveSnapshot {
    const scene = this.#scenes.at(-1);
    const frames = scene?.frames ?? 0;
    const names = [...this.#indexOf].sort(([, a], [, b]) => a - b).map(([name]) => name);
    const nowOf = (name: string): number => this.#now.get(name) ?? 0;
    const thereOf = (name: string): number => this.#there.get(name) ?? 0;
    const step = this.#step;
    return {
      last: this.#last,
      alarm: this.#alarm,
      fps: this.#rate(),
      summary: this.#stats.summary(nowMs - this.#startMs),
      position: this.#position,
      classes: names.map((name) => ({
        name,
        ...this.#tally(nowOf(name), thereOf(name), scene?.classes.get(name) ?? NOTHING, frames),
      })),
      all: this.#tally(sum(names, nowOf), sum(names, thereOf), sumsOf(scene), frames),
      scenes: this.#scenes.map((one) => this.#describe(one)),
      history: step.frames === 0
        ? [...this.#history]
        : [...this.#history, step.detections / step.frames],
    };
  }

  #countInto(scene: SceneSums, { seq, detections }: FrameResult): void {
    scene.toSeq = seq;
    scene.frames++;
    this.#now.clear();
    for (const { className, classIndex } of detections) {
      if (!this.#indexOf.has(className)) this.#indexOf.set(className, classIndex);
      this.#now.set(className, (this.#now.get(className) ?? 0) + 1);
    }
    for (const [name, count] of this.#now) classOf(scene, name).detections += count;
    if (this.#truth === null) return;
    const { there, found, falseAlarms } = matchTruth(detections, this.#truth.at(seq));
    this.#there = there;
    for (const [name, count] of there) classOf(scene, name).there += count;
    for (const [name, count] of found) classOf(scene, name).found += count;
    scene.falseAlarms += falseAlarms;
  }

  /** Closes the step of the history that is over, if one is. */
  #countStep(ptsMs: number, detections: number): void {
    const index = Math.floor(ptsMs / STEP_MS);
    if (index !== this.#step.index) {
      if (this.#step.frames > 0) this.#history.push(this.#step.detections / this.#step.frames);
      if (this.#history.length > STEPS_MAX) this.#history.shift();
      this.#step = { index, frames: 0, detections: 0 };
    }
    this.#step.frames++;
    this.#step.detections += detections;
  }

  #rate(): number | null {
    const [first, last] = [this.#arrivalsMs[0], this.#arrivalsMs.at(-1)];
    if (first === undefined || last === undefined || last <= first) return null;
    return 1000 * (this.#arrivalsMs.length - 1) / (last - first);
  }

  #tally(now: number, there: number, sums: ClassSums, frames: number): ClassTally {
    const isKnown = this.#truth !== null;
    return {
      now,
      there: isKnown ? there : null,
      mean: frames === 0 ? 0 : sums.detections / frames,
      foundShare: isKnown && sums.there > 0 ? sums.found / sums.there : null,
    };
  }

  #describe(sums: SceneSums): SceneTally {
    const { scene, fromSeq, toSeq, frames, falseAlarms } = sums;
    const { detections, there, found } = sumsOf(sums);
    return {
      scene,
      fromSeq,
      toSeq,
      detections: detections / frames,
      truth: this.#truth === null ? null : {
        objects: there / frames,
        foundShare: there === 0 ? null : found / there,
        falseAlarms: falseAlarms / frames,
      },
    };
  }
}

const NOTHING: ClassSums = { detections: 0, there: 0, found: 0 };

function classOf({ classes }: SceneSums, name: string): ClassSums {
  let sums = classes.get(name);
  if (sums === undefined) classes.set(name, sums = { ...NOTHING });
  return sums;
}

function sumsOf(scene: SceneSums | undefined): ClassSums {
  const all = { ...NOTHING };
  for (const { detections, there, found } of scene?.classes.values() ?? []) {
    all.detections += detections;
    all.there += there;
    all.found += found;
  }
  return all;
}

function sum(names: readonly string[], valueOf: (name: string) => number): number {
  return names.reduce((total, name) => total + valueOf(name), 0);
}
