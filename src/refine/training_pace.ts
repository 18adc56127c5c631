const WAKE = 0;
const SHARE = 1;
const WHOLE = 1_000;
/** Rests shorter than this are saved up: waking a thread takes its time too. */
const REST_MIN_MS = 0.5;
/** Longest rest at a time, so that a pace that changes is soon felt. */
const REST_MAX_MS = 1_000;

/**
 * How much of its time a training may compute, told from one thread to another: `1` means all of it,
 * `0.25` that it rests three times as long as it computes, `0` that it holds on.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { TrainingPace } from "@fovea/fovea/refine";
 *
 * const pace = new TrainingPace();
 * pace.share = 0.25;
 * assertEquals(new TrainingPace(pace.memory).share, 0.25);
 * ```
 */
export class TrainingPace {
  /** What both threads look at. */
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array<SharedArrayBuffer>;

  /** Begins with all of the time, or looks at the memory of another one. */
  constructor(memory?: SharedArrayBuffer) {
    this.memory = memory ?? new SharedArrayBuffer(8);
    this.#words = new Int32Array(this.memory);
    if (memory === undefined) this.#words[SHARE] = WHOLE;
  }

  /** The share, 0–1, to a thousandth. */
  get share(): number {
    return Atomics.load(this.#words, SHARE) / WHOLE;
  }

  /** Changes the share. @throws {RangeError} If it is not within 0–1. */
  set share(share: number) {
    if (!(share >= 0 && share <= 1)) throw new RangeError(`Cannot train at a pace of ${share}`);
    // A share above 0 never rounds to holding on.
    const permille = share === 0 ? 0 : Math.max(1, Math.round(WHOLE * share));
    if (Atomics.exchange(this.#words, SHARE, permille) !== permille) this.wake();
  }

  /** Ends the rest that a training takes now. */
  wake(): void {
    Atomics.add(this.#words, WAKE, 1);
    Atomics.notify(this.#words, WAKE);
  }

  /**
   * Blocks the calling thread for so long, or until somebody wakes it.
   *
   * @param seen What {@linkcode TrainingPace.turn} gave before the decision to rest.
   */
  rest(restMs: number, seen: number): void {
    Atomics.wait(this.#words, WAKE, seen, restMs);
  }

  /** Changes whenever a rest is ended. */
  get turn(): number {
    return Atomics.load(this.#words, WAKE);
  }
}

/** Keeps a training to its pace, on the thread that trains. */
export class PaceKeeper {
  readonly #pace: TrainingPace;
  readonly #nowMs: () => number;
  readonly #isOver: () => boolean;
  #sinceMs: number;
  #owedMs = 0;

  /**
   * Begins now.
   *
   * @param nowMs A monotonic clock.
   * @param isOver Whether nobody wants the training any more, so that it need not rest.
   */
  constructor(pace: TrainingPace, nowMs: () => number, isOver: () => boolean) {
    this.#pace = pace;
    this.#nowMs = nowMs;
    this.#isOver = isOver;
    this.#sinceMs = nowMs();
  }

  /** Time that went by until now was not computing. */
  resume(): void {
    this.#sinceMs = this.#nowMs();
  }

  /** Rests as long as what was computed since the last call asks for. */
  keep(): void {
    const pace = this.#pace;
    const workedMs = this.#nowMs() - this.#sinceMs;
    const { share } = pace;
    if (share === 1) this.#owedMs = 0;
    else if (share > 0) this.#owedMs += workedMs * (1 - share) / share;
    while (!this.#isOver()) {
      const { turn } = pace;
      const now = pace.share;
      if (now === 1) this.#owedMs = 0;
      if (now > 0 && this.#owedMs < REST_MIN_MS) break;
      const fromMs = this.#nowMs();
      pace.rest(now === 0 ? REST_MAX_MS : Math.min(this.#owedMs, REST_MAX_MS), turn);
      if (now > 0) this.#owedMs = Math.max(0, this.#owedMs - (this.#nowMs() - fromMs));
    }
    this.#sinceMs = this.#nowMs();
  }
}
