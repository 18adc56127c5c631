import type { FrameResult, StageTimings } from "../core/result.ts";
import { STAGES } from "../core/result.ts";
import { LatencyHistogram, type Quantiles } from "./latency_histogram.ts";

/** What a run amounted to. */
export interface RunSummary {
  /** Pictures that gave a result. */
  readonly frames: number;
  /** Wall time of the loop in seconds, from the first request for a picture to the last result. */
  readonly seconds: number;
  /** Pictures per second of wall time; 0 where no time passed. */
  readonly fps: number;
  /** Time per stage of one picture, in milliseconds. */
  readonly stagesMs: Readonly<Record<keyof StageTimings, Quantiles>>;
  /** Age of a picture when its result was finished, in milliseconds. */
  readonly ageMs: Quantiles;
  /** Pictures lost to load or to the source. */
  readonly dropped: number;
  /** How often the source was reconnected. */
  readonly reconnects: number;
  /** Results that told a change of state instead of a picture. */
  readonly stateChanges: number;
  /** Detections in all results together. */
  readonly detections: number;
  /** Objects that got an id; 0 where no tracker ran. */
  readonly tracks: number;
  /** Candidates left out because they were NaN or infinite. */
  readonly nonFinite: number;
}

/**
 * Adds up results of a run in constant memory, however long it lasts.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { RunStats } from "@fovea/fovea";
 *
 * const stats = new RunStats();
 * assertEquals(stats.summary(2_000).frames, 0);
 * assertEquals(stats.summary(2_000).stagesMs.total.p99, null);
 * ```
 */
export class RunStats {
  readonly #stages = new Map(STAGES.map((stage) => [stage, new LatencyHistogram()]));
  readonly #age = new LatencyHistogram();
  #frames = 0;
  #dropped = 0;
  #reconnects = 0;
  #stateChanges = 0;
  #detections = 0;
  #tracks = 0;
  #greatestId = 0;
  #nonFinite = 0;

  /** Pictures that gave a result so far. */
  get frames(): number {
    return this.#frames;
  }

  /** Pictures lost so far. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Detections in all results so far. */
  get detections(): number {
    return this.#detections;
  }

  /**
   * Counts one result; results come in the order they were made.
   *
   * @throws {RangeError} If one of its times is negative, NaN or infinite.
   */
  add(result: FrameResult): void {
    this.#dropped = result.dropped;
    this.#reconnects = result.epoch;
    if (result.kind === "state") {
      this.#stateChanges++;
      return;
    }
    for (const [stage, histogram] of this.#stages) histogram.add(result.timingsMs[stage]);
    this.#age.add(result.ageMs);
    this.#frames++;
    this.#detections += result.detections.length;
    this.#nonFinite += result.nonFinite;
    this.#countTracks(result);
  }

  /** New ids are greater than all before, so the greatest one tells which are new. */
  #countTracks({ tracks }: FrameResult): void {
    const before = this.#greatestId;
    for (const { trackId } of tracks) {
      if (trackId > before) this.#tracks++;
      this.#greatestId = Math.max(this.#greatestId, trackId);
    }
  }

  /** The sums and quantiles so far; `elapsedMs` is the wall time they took. */
  summary(elapsedMs: number): RunSummary {
    const seconds = elapsedMs / 1000;
    const stages = [...this.#stages].map(([stage, times]) => [stage, times.quantiles()] as const);
    return {
      frames: this.#frames,
      seconds,
      fps: seconds > 0 ? this.#frames / seconds : 0,
      // The keys are exactly the stages: the map was made from the list of all of them.
      stagesMs: Object.fromEntries(stages) as Record<keyof StageTimings, Quantiles>,
      ageMs: this.#age.quantiles(),
      dropped: this.#dropped,
      reconnects: this.#reconnects,
      stateChanges: this.#stateChanges,
      detections: this.#detections,
      tracks: this.#tracks,
      nonFinite: this.#nonFinite,
    };
  }
}
