import type { Clock } from "../core/clock.ts";
import { FoveaError } from "../core/errors.ts";
import type { HeadWeights } from "../core/head_weights.ts";
import { type Agreement, AgreementTally } from "../evaluate/agreement.ts";
import type { TensorRtOptions } from "../engine/provider_options.ts";
import { gateRule, gateThresholds, OBJECTS_MIN, PICTURES_MIN } from "./accuracy_gate.ts";
import { buildEngine } from "./build_engine.ts";
import { CalibrationFrames, type CalibrationLimits } from "./calibration_frames.ts";
import type { TensorRtEvent } from "./detector_event.ts";
import type { AsideCache, EngineFolder, EngineRecord } from "./engine_folder.ts";
import { judgeEngine, type Judgement } from "./judge_engine.ts";
import type { Lane } from "./lane.ts";
import type { LaneSet } from "./lane_set.ts";
import type { LoadReply, LoadRequest } from "./protocol.ts";
import type { WorkerLane } from "./worker_lane.ts";

/** What TensorRT shall take over. */
export interface UpgradeJob {
  /** Number of workers. */
  readonly workers: number;
  /** Makes worker number `worker`. */
  readonly makeLane: (worker: number) => WorkerLane;
  /** What a worker is loaded with to run on TensorRT, with engines in this cache. */
  readonly makeRequest: (worker: number, cacheFolder: string | null) => LoadRequest;
  /** TensorRT's options. */
  readonly tensorrt: TensorRtOptions;
  /** Where the engine is kept; `null` where it is not. */
  readonly folder: EngineFolder | null;
  /** Where it is built; `null` where it is there. */
  readonly aside: AsideCache | null;
  /** Size of the model, in bytes. */
  readonly modelBytes: number;
  /** What building may take, in milliseconds; `null` where nothing is known. */
  readonly estimateMs: number | null;
  /** Lowest score that is reported. */
  readonly confidence: number;
  /** Which pictures are kept to judge by. */
  readonly calibration: Partial<CalibrationLimits>;
  /** Where time comes from. */
  readonly clock: Clock;
  /** Is told what happens. */
  readonly tell: (event: TensorRtEvent) => void;
}

/** The detector whose provider is to change. */
export interface UpgradeHost {
  /** The head that is served now; `null` where none is exposed. */
  head(): HeadWeights | null;
  /**
   * Lets other lanes serve from the next picture on.
   *
   * @param loaded The head that all of them have.
   */
  serve(lanes: readonly Lane[], reply: LoadReply, loaded: HeadWeights | null): Promise<void>;
}

/** A worker that runs on TensorRT and does not serve yet. */
interface Candidate {
  readonly lane: WorkerLane;
  readonly reply: LoadReply;
  /** The head that it has. */
  head: HeadWeights | null;
}

/**
 * Builds TensorRT's engine, compares it with the provider that serves and lets it take over, or
 * not, all beside the stream: in workers of their own, which take the place of those that serve
 * between two pictures.
 */
export class ProviderUpgrade {
  readonly #job: UpgradeJob;
  readonly #lanes: LaneSet;
  readonly #host: UpgradeHost;
  readonly #calibration: CalibrationFrames;
  readonly #stop = new AbortController();
  /** Workers that do not serve; freed at the end. */
  #own: WorkerLane[] = [];
  /** Those of them that are loaded. */
  readonly #candidates: Candidate[] = [];
  /** Resolves when nothing is left to do; never rejects. */
  readonly done: Promise<void>;

  /** Begins at once. */
  constructor(job: UpgradeJob, lanes: LaneSet, host: UpgradeHost) {
    this.#job = job;
    this.#lanes = lanes;
    this.#host = host;
    this.#calibration = new CalibrationFrames(job.calibration);
    lanes.sampler = this.#calibration;
    this.done = this.#run();
  }

  /** Ends it, whatever it does, and waits until nothing is left of it. */
  async cancel(): Promise<void> {
    this.#stop.abort();
    for (const lane of this.#own) lane.abandon();
    await this.done;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    try {
      const buildMs = await this.#build();
      await this.#judgeAndServe(buildMs);
    } catch (cause) {
      if (signal.aborted) return;
      const error = FoveaError.from(cause, "ENGINE_FAILED", "Cannot change to TensorRT");
      this.#job.tell({ kind: "tensorrt-failed", error });
    } finally {
      this.#lanes.sampler = null;
      await Promise.allSettled(this.#own.map((lane) => lane[Symbol.asyncDispose]()));
      this.#calibration[Symbol.dispose]();
      await this.#job.aside?.[Symbol.asyncDispose]();
    }
  }

  async #build(): Promise<number | null> {
    const { aside, folder, clock, modelBytes, estimateMs } = this.#job;
    if (aside === null || folder === null) {
      this.#tellJudging(new AgreementTally(gateRule(1)).agreement);
      return null;
    }
    const job = {
      aside,
      clock,
      makeLane: () => this.#job.makeLane(0),
      modelBytes,
      makeRequest: (cacheFolder: string) => this.#job.makeRequest(0, cacheFolder),
      estimateMs,
      tell: this.#job.tell,
    };
    return await buildEngine(job, this.#stop.signal);
  }

  async #judgeAndServe(buildMs: number | null): Promise<void> {
    const first = await this.#load(0);
    const { figures, reason } = await this.#judge(first);
    const recordFault = await this.#record(buildMs, { accepted: reason === null, reason, figures });
    if (reason !== null) {
      const folder = this.#job.folder?.path ?? null;
      this.#job.tell({ kind: "tensorrt-refused", reason, figures, folder, recordFault });
      return;
    }
    for (let worker = 1; worker < this.#job.workers; worker++) await this.#load(worker);
    // One after the other, so that none has an older one than the first.
    for (const candidate of this.#candidates) await this.#giveHead(candidate);
    this.#stop.signal.throwIfAborted();
    const lanes = this.#candidates.map(({ lane }) => lane);
    await this.#host.serve(lanes, first.reply, first.head);
    this.#own = [];
    this.#job.tell({ kind: "tensorrt-ready", figures, buildMs, recordFault });
  }

  async #load(worker: number): Promise<Candidate> {
    const { makeLane, makeRequest } = this.#job;
    this.#stop.signal.throwIfAborted();
    const lane = makeLane(worker);
    const head = this.#host.head();
    this.#own.push(lane);
    const reply = await lane.load(makeRequest(worker, null));
    const candidate = { lane, reply, head };
    this.#candidates.push(candidate);
    return candidate;
  }

  async #judge(candidate: Candidate): Promise<Judgement> {
    const { tensorrt, confidence } = this.#job;
    const calibration = this.#calibration;
    const job = {
      lane: candidate.lane,
      calibration,
      confidence,
      thresholds: gateThresholds(tensorrt),
      giveHead: () => this.#giveHead(candidate),
      onProgress: (figures: Agreement) => this.#tellJudging(figures),
    };
    const judgement = await judgeEngine(job, this.#stop.signal);
    await candidate.lane.detach(calibration.arena);
    return judgement;
  }

  #tellJudging(figures: Agreement): void {
    const needed = { picturesMin: PICTURES_MIN, objectsMin: OBJECTS_MIN };
    this.#job.tell({ kind: "tensorrt-judging", figures, ...needed });
  }

  /** Lets a candidate have the head that is served now, and tells its version. */
  async #giveHead(candidate: Candidate): Promise<number> {
    for (let head = this.#host.head(); head !== candidate.head; head = this.#host.head()) {
      const { version } = head!;
      await candidate.lane.stageHead({ version, packed: head!.packed() });
      await candidate.lane.commitHead();
      candidate.head = head;
    }
    return candidate.head?.version ?? 0;
  }

  /** Remembers what came of an engine; returns why that fails. */
  async #record(
    buildMs: number | null,
    verdict: NonNullable<EngineRecord["verdict"]>,
  ): Promise<FoveaError | null> {
    const { folder, modelBytes } = this.#job;
    if (folder === null) return null;
    try {
      const known = await folder.readRecord();
      const tookMs = buildMs ?? known?.buildMs ?? null;
      await folder.writeRecord({ format: 1, modelBytes, buildMs: tookMs, verdict });
      return null;
    } catch (error) {
      return FoveaError.from(error, "SINK_WRITE", `Cannot write to ${folder.path}`);
    }
  }
}
