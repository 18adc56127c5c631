import type { NativeHandle } from "./native_handle.ts";
import type { OrtEnvironment } from "./ort_environment.ts";
import { makeRunOptions } from "./ort_run_options.ts";
import { PosixTimer } from "./posix_timer.ts";

/**
 * Ends a run that takes too long: a timer of the system sets the terminate flag of the run's
 * options from a native thread while this thread waits inside the run. ONNX Runtime looks at the
 * flag between two operations, so a single operation is never cut short.
 */
export class OrtRunWatchdog implements Disposable {
  readonly #environment: OrtEnvironment;
  /** Time for one run in milliseconds. */
  readonly timeoutMs: number;
  readonly #isAsync: boolean;
  #runOptions: NativeHandle;
  #timer: PosixTimer;

  /**
   * @param timeoutMs Time for one run in milliseconds, more than 0.
   * @param isAsync Whether runs return without waiting for the device; its time is not watched then.
   * @throws {FoveaError} `ENGINE_OPTION` if this system has no timers.
   */
  constructor(environment: OrtEnvironment, timeoutMs: number, isAsync = false) {
    this.#environment = environment;
    this.timeoutMs = timeoutMs;
    this.#isAsync = isAsync;
    this.#runOptions = this.#makeRunOptions();
    try {
      this.#timer = this.#makeTimer();
    } catch (error) {
      this.#runOptions[Symbol.dispose]();
      throw error;
    }
  }

  /** What the run is to be started with. */
  get runOptions(): Deno.PointerObject {
    return this.#runOptions.pointer;
  }

  /** Whether the time of the run is over. */
  get expired(): boolean {
    return this.#timer.expired;
  }

  /** Starts the time of a run. */
  start(): void {
    this.#timer.arm();
  }

  /**
   * Stops the time of a run; returns whether it was over. The next run gets options of its own
   * then, because the flag of these may still be set a moment later.
   *
   * @param terminated Whether the run ended because of the flag. If it did, the options can be
   * freed; if the run just made it, the timer's thread may still write to them, and they stay.
   */
  stop(terminated: boolean): boolean {
    if (!this.#timer.disarm()) return false;
    this.#timer[Symbol.dispose]();
    if (terminated) this.#runOptions[Symbol.dispose]();
    else this.#runOptions.abandon();
    this.#runOptions = this.#makeRunOptions();
    this.#timer = this.#makeTimer();
    return true;
  }

  /** Ends the timer and frees the options. */
  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
    this.#runOptions[Symbol.dispose]();
  }

  #makeRunOptions(): NativeHandle {
    return makeRunOptions(this.#environment, this.#isAsync);
  }

  #makeTimer(): PosixTimer {
    const terminate = this.#environment.library.addressOf("RunOptionsSetTerminate");
    return new PosixTimer(this.timeoutMs, terminate, this.runOptions);
  }
}
