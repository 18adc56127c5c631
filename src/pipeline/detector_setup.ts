import type { Clock } from "../core/clock.ts";
import { CONFIDENCE_DEFAULT } from "../core/detector_spec.ts";
import type { FoveaError } from "../core/errors.ts";
import type { HeadWeights } from "../core/head_weights.ts";
import type { SpecOverrides } from "../detector/overrides.ts";
import type { CheckedEngineOptions } from "../engine/engine_options.ts";
import { systemClock } from "../native/system_clock.ts";
import type { ResolveOptions } from "../detector/resolve_spec.ts";
import type { CalibrationLimits } from "./calibration_frames.ts";
import type { DetectorEvent } from "./detector_event.ts";
import type { CheckedDetectorOptions } from "./detector_options.ts";
import type { HeadOptions } from "./head_options.ts";
import { type ModelFile, readModelFile } from "./model_file.ts";
import { type PreparedHead, prepareHead } from "./prepare_head.ts";
import type { ExposedRequest, LoadRequest } from "./protocol.ts";
import { WorkerLane } from "./worker_lane.ts";

/** What a detector is loaded on; a test brings its own. */
export interface DetectorHost {
  /** The program of a worker; `null` for the perception worker. */
  readonly workerEntry: URL | null;
  /** Where time comes from. */
  readonly clock: Clock;
  /** Which pictures are kept to judge an engine by. */
  readonly calibration: Partial<CalibrationLimits>;
}

/** This machine. */
export const THIS_HOST: DetectorHost = {
  workerEntry: null,
  clock: systemClock,
  calibration: {},
};

/** Time that a run has, after its deadline, to end by itself before its worker counts as hung. */
const GRACE_MS = 1_000;

/** What the workers of a detector are made of and loaded with, as often as there are new ones. */
export class DetectorSetup {
  readonly host: DetectorHost;
  readonly file: ModelFile;
  readonly options: CheckedDetectorOptions;
  readonly prepared: PreparedHead | null;
  /** The head that the next worker is loaded with; `null` where none is exposed. */
  head: () => HeadWeights | null;
  readonly #resolve: ResolveOptions;

  private constructor(
    host: DetectorHost,
    file: ModelFile,
    options: CheckedDetectorOptions,
    prepared: PreparedHead | null,
  ) {
    this.host = host;
    this.file = file;
    this.options = options;
    this.prepared = prepared;
    this.head = () => prepared?.served ?? null;
    const { overrides, head } = options;
    this.#resolve = { overrides: nameClasses(overrides, head), manifest: file.manifest };
  }

  /**
   * Reads the model and exposes its head, where that is asked for.
   *
   * @throws {FoveaError} What reading a model and exposing a head throws.
   */
  static async read(
    host: DetectorHost,
    model: string | URL | Uint8Array,
    options: CheckedDetectorOptions,
  ): Promise<DetectorSetup> {
    const file = await readModelFile(model);
    const { overrides, head } = options;
    const resolve = { overrides, manifest: file.manifest };
    const prepared = head === null ? null : await prepareHead(file, resolve, head);
    return new DetectorSetup(host, file, options, prepared);
  }

  /** Lowest score to report. */
  get confidence(): number {
    return this.options.confidence ?? this.file.manifest?.confidence ?? CONFIDENCE_DEFAULT;
  }

  /** The model that is really run. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.prepared === null
      ? this.file.bytes
      : this.prepared.exposed.bytes as Uint8Array<ArrayBuffer>;
  }

  /**
   * Starts a worker.
   *
   * @param makeRequest What the next one is loaded with, should this one hang.
   */
  makeLane(makeRequest: () => LoadRequest): WorkerLane {
    const { workerEntry, clock } = this.host;
    const { runTimeoutMs } = this.options.engineOptions;
    const guard = runTimeoutMs === 0 ? null : {
      limitMs: runTimeoutMs + GRACE_MS,
      clock,
      reload: makeRequest,
      head: () => this.head(),
      tell: (error: FoveaError) => this.tell({ kind: "worker-replaced", error }),
    };
    return new WorkerLane(workerEntry ?? undefined, guard);
  }

  /** What worker number `worker` is loaded with; the bytes are its own. */
  makeRequest(engineOptions: CheckedEngineOptions, worker: number): LoadRequest {
    const { engine, decode, classes, workers } = this.options;
    return {
      engine,
      engineOptions: ownProfile(engineOptions, workers, worker),
      resolve: this.#resolve,
      decode,
      classes,
      model: this.file.bytes.slice(),
      head: this.#exposedRequest(),
    };
  }

  /** Passes an event on. What its receiver throws is an error of the program, as in any callback. */
  tell(event: DetectorEvent): void {
    try {
      this.options.onEvent(event);
    } catch (error) {
      reportError(error);
    }
  }

  #exposedRequest(): ExposedRequest | null {
    const head = this.head();
    if (this.prepared === null || head === null) return null;
    const { bytes, layout, inputs } = this.prepared.exposed;
    const { version } = head;
    return { model: bytes.slice(), layout, inputs, version, packed: head.packed() };
  }
}

/** Several workers that start in one second would write one file. */
function ownProfile(
  options: CheckedEngineOptions,
  workers: number,
  worker: number,
): CheckedEngineOptions {
  const { profilePrefix } = options;
  if (profilePrefix === null || workers === 1) return options;
  return { ...options, profilePrefix: `${profilePrefix}_worker${worker}` };
}

/** A head to begin with says what its classes are called. */
function nameClasses(
  overrides: SpecOverrides | null,
  head: HeadOptions | null,
): SpecOverrides | null {
  const classNames = head?.weights?.classNames;
  return classNames === undefined ? overrides : { ...overrides, classNames };
}
