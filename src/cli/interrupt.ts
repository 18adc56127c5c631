import { endProcess } from "../native/end_process.ts";
import { EXIT_CODE } from "./exit_code.ts";

const SIGNALS: readonly (readonly [Deno.Signal, number])[] = [
  ["SIGINT", EXIT_CODE.interrupted],
  ["SIGTERM", EXIT_CODE.terminated],
];

/**
 * Turns Ctrl-C and a request to terminate into an abort, so that files can be finished. The second
 * one ends the process at once, in case finishing hangs. Listens until it is disposed.
 */
export class Interrupt implements Disposable {
  readonly #controller = new AbortController();
  readonly #listeners: (readonly [Deno.Signal, () => void])[] = [];
  #exitCode: number | null = null;

  /** Starts listening. */
  constructor() {
    for (const [signal, exitCode] of SIGNALS) {
      if (signal === "SIGTERM" && Deno.build.os === "windows") continue;
      const listener = (): void => this.#hear(exitCode);
      Deno.addSignalListener(signal, listener);
      this.#listeners.push([signal, listener]);
    }
  }

  /** Aborted at the first signal. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The exit code of the signal that came, or `null` while none did. */
  get exitCode(): number | null {
    return this.#exitCode;
  }

  [Symbol.dispose](): void {
    for (const [signal, listener] of this.#listeners.splice(0)) {
      Deno.removeSignalListener(signal, listener);
    }
  }

  #hear(exitCode: number): void {
    if (this.#exitCode !== null) endProcess(exitCode);
    this.#exitCode = exitCode;
    this.#controller.abort();
  }
}
