import { openTelemetry, type Telemetry } from "../board/telemetry.ts";
import { FoveaError } from "../core/errors.ts";
import type { Clock } from "../core/clock.ts";
import type { FrameResult } from "../core/result.ts";
import { systemClock } from "../native/system_clock.ts";
import {
  type BoardReading,
  TrainingGovernor,
  type TrainingGovernorOptions,
  type TrainingRestraint,
} from "../refine/training_governor.ts";
import type { TrainingPace } from "../refine/training_pace.ts";

/** How a training beside a running loop is governed. */
export interface GovernTrainingOptions extends TrainingGovernorOptions {
  /** What tells how the board is; the sensors of this machine by default, where they can be read. */
  readonly telemetry?: { sample(): BoardReading } | null;
  /** The clock; the system's by default. */
  readonly clock?: Clock;
}

/** How often the sensors are read, in milliseconds. */
const BOARD_EVERY_MS = 1_000;

/**
 * Keeps a training out of the way of a running loop: tell it every result, and when a training
 * begins and ends. See {@linkcode TrainingGovernor} for the rules.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { governTraining } from "@fovea/fovea";
 * import { TrainingPace } from "@fovea/fovea/refine";
 *
 * const pace = new TrainingPace(); // a trainer's: `trainer.pace`
 * using governed = governTraining(pace, { telemetry: null });
 * governed.begin(); // then `governed.observe(result)` for every result of the loop
 * assertEquals([pace.share, governed.restraint], [1, null]);
 * governed.end();
 * ```
 */
export class GovernedTraining implements Disposable {
  readonly #governor: TrainingGovernor;
  readonly #telemetry: { sample(): BoardReading } | null;
  readonly #own: Telemetry | null;
  readonly #clock: Clock;
  #boardMs = -Infinity;

  /** Made by {@linkcode governTraining}. */
  constructor(
    governor: TrainingGovernor,
    telemetry: { sample(): BoardReading } | null,
    own: Telemetry | null,
    clock: Clock,
  ) {
    this.#governor = governor;
    this.#telemetry = telemetry;
    this.#own = own;
    this.#clock = clock;
  }

  /** Whether heat and power can be read here. */
  get seesBoard(): boolean {
    return this.#telemetry !== null;
  }

  /** What holds training back now. */
  get restraint(): TrainingRestraint {
    return this.#governor.restraint;
  }

  /** Tells that a training begins. */
  begin(): void {
    this.#boardMs = -Infinity;
    this.#readBoard();
    this.#governor.begin();
  }

  /** Tells that no training is under way any more. */
  end(): void {
    this.#governor.end();
  }

  /** Tells a result of the loop; reads the board's sensors once a second. */
  observe(result: FrameResult): void {
    if (result.kind === "frame") this.#governor.observeFrame(result.timingsMs.total);
    this.#readBoard();
  }

  /** Closes the sensors, and lets training go at full pace. */
  [Symbol.dispose](): void {
    this.#governor.observeBoard({ temperatures: [], boardMilliwatts: null });
    this.#governor.end();
    this.#own?.[Symbol.dispose]();
  }

  #readBoard(): void {
    const nowMs = this.#clock.nowMs();
    if (this.#telemetry === null || nowMs - this.#boardMs < BOARD_EVERY_MS) return;
    this.#boardMs = nowMs;
    this.#governor.observeBoard(this.#telemetry.sample());
  }
}

/**
 * Governs a trainer's pace by the results of a running loop and by the sensors of the machine.
 * Dispose the result with `using`.
 *
 * @param pace The `pace` of a trainer from `openTrainer`.
 * @throws {RangeError} If an option is out of range.
 */
export function governTraining(
  pace: TrainingPace,
  options: GovernTrainingOptions = {},
): GovernedTraining {
  const { telemetry, clock = systemClock, ...rest } = options;
  const governor = new TrainingGovernor(pace, rest);
  if (telemetry !== undefined) return new GovernedTraining(governor, telemetry, null, clock);
  const own = openSensors();
  return new GovernedTraining(governor, own, own, clock);
}

/** The machine's sensors; `null` where they cannot be read, which `seesBoard` tells. */
function openSensors(): Telemetry | null {
  try {
    return openTelemetry();
  } catch (error) {
    if (error instanceof FoveaError && error.code === "TELEMETRY_UNAVAILABLE") return null;
    throw error;
  }
}
