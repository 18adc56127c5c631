import type { Detector } from "../pipeline/loaded_detector.ts";
import type { RunSummary } from "../pipeline/run_stats.ts";

/** Why a run came to its end. */
export type RunEnd = "finished" | "interrupted" | "output closed" | "failed";

/** What `--stats` writes: the run's sums, what ran, and how it compares with the bare model. */
export interface StatsReport extends RunSummary {
  /** The engine that really ran. */
  readonly engine: string;
  /** The library behind it, with its version and where it was found. */
  readonly library: string;
  /** The execution provider that really ran. */
  readonly provider: string;
  /** Why each provider that was preferred to it did not run. */
  readonly missedProviders: readonly string[];
  /** Path of the model. */
  readonly model: string;
  /** SHA-256 of the model file. */
  readonly modelSha256: string;
  /** The camera, passwords left out; `null` where it was not opened. */
  readonly source: string | null;
  /**
   * Median time of the bare model on the same workers and threads in this process, in
   * milliseconds: the mean of {@linkcode StatsReport.modelMsSamples}; `null` where the run was ended
   * before it was measured.
   */
  readonly modelMs: number | null;
  /** That median taken before the run and, where it was not interrupted, after it. */
  readonly modelMsSamples: readonly number[];
  /**
   * Frames per second over what the bare model gives on the same workers: 1 means that everything
   * else is hidden behind the model. `null` where {@linkcode StatsReport.modelMs} is.
   */
  readonly shareOfModel: number | null;
  /** Frames inferred at the same time. */
  readonly workers: number;
  /** Threads inside one inference. */
  readonly threads: number;
  /** What loading the detector took, in milliseconds. */
  readonly loadMs: number;
  /** Time from the start of the command to the first result, in milliseconds; `null` for none. */
  readonly firstResultMs: number | null;
  /** Why the run ended. */
  readonly ended: RunEnd;
}

/** What a {@linkcode StatsReport} is made of besides the sums. */
export interface RunFacts {
  readonly detector: Pick<
    Detector,
    "engine" | "library" | "provider" | "missedProviders" | "model" | "workers" | "loadMs"
  >;
  readonly threads: number;
  readonly source: string | null;
  readonly modelMsSamples: readonly number[];
  readonly firstResultMs: number | null;
  readonly ended: RunEnd;
}

/** Puts the report together. */
export function makeStatsReport(summary: RunSummary, facts: RunFacts): StatsReport {
  const { detector, modelMsSamples } = facts;
  const modelMs = modelMsSamples.length === 0
    ? null
    : modelMsSamples.reduce((sum, ms) => sum + ms, 0) / modelMsSamples.length;
  return {
    ...summary,
    engine: detector.engine,
    library: detector.library,
    provider: detector.provider,
    missedProviders: detector.missedProviders,
    model: detector.model.name,
    modelSha256: detector.model.sha256,
    source: facts.source,
    modelMs,
    modelMsSamples,
    shareOfModel: modelMs === null ? null : (summary.fps * modelMs) / 1000 / detector.workers,
    workers: detector.workers,
    threads: facts.threads,
    loadMs: detector.loadMs,
    firstResultMs: facts.firstResultMs,
    ended: facts.ended,
  };
}

/** One line for people at the end of a run. */
export function describeSummary(summary: RunSummary): string {
  const { p50, p99 } = summary.stagesMs.total;
  const times = p50 === null || p99 === null
    ? ""
    : `; ${p50.toFixed(1)} ms a frame, p99 ${p99.toFixed(1)} ms`;
  const tracks = summary.tracks === 0 ? "" : `, ${count(summary.tracks, "track")}`;
  return `${count(summary.frames, "frame")} in ${summary.seconds.toFixed(1)} s, ` +
    `${summary.fps.toFixed(1)} per second, ${summary.dropped} dropped, ` +
    `${count(summary.detections, "detection")}${tracks}${times}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
