import { toCString } from "./c_string.ts";
import type { NativeHandle } from "./native_handle.ts";
import type { OrtEnvironment } from "./ort_environment.ts";
import type { FailureReport } from "./ort_status.ts";

const LOG_FATAL = 4;
const SEQUENTIAL = 0;

/** How far the graph may be rewritten. */
export type OrtGraphOptimization = "disabled" | "basic" | "extended" | "layout" | "all";

/** `GraphOptimizationLevel` by name. */
export const ORT_GRAPH_OPTIMIZATION: Readonly<Record<OrtGraphOptimization, number>> = {
  disabled: 0,
  basic: 1,
  extended: 2,
  layout: 3,
  all: 99,
};

/** How a session is to be made; needed until it is made. */
export class OrtSessionOptions implements Disposable {
  readonly #environment: OrtEnvironment;
  readonly #handle: NativeHandle;

  /** Starts from the library's defaults: one run after the other, nothing logged. */
  constructor(environment: OrtEnvironment) {
    this.#environment = environment;
    const { api } = environment;
    this.#handle = environment.make(
      "OrtSessionOptions",
      (out) => api.CreateSessionOptions(out),
      api.ReleaseSessionOptions,
      refusal("Cannot make session options"),
    );
    try {
      this.#set("execution mode", api.SetSessionExecutionMode(this.pointer, SEQUENTIAL));
      this.#set("log level", api.SetSessionLogSeverityLevel(this.pointer, LOG_FATAL));
    } catch (error) {
      this.#handle[Symbol.dispose]();
      throw error;
    }
  }

  /** The native object. */
  get pointer(): Deno.PointerObject {
    return this.#handle.pointer;
  }

  /** Threads inside one run. */
  setThreads(threads: number): void {
    const { api } = this.#environment;
    this.#set("threads", api.SetIntraOpNumThreads(this.pointer, threads));
    this.#set("threads", api.SetInterOpNumThreads(this.pointer, 1));
  }

  /** How far the graph may be rewritten; older libraries do not know `layout`. */
  setGraphOptimization(level: OrtGraphOptimization): void {
    const { api } = this.#environment;
    const code = ORT_GRAPH_OPTIMIZATION[level];
    const status = api.SetSessionGraphOptimizationLevel(this.pointer, code);
    this.#set(`graph optimisation "${level}"`, status);
  }

  /** One entry of the session configuration, by ONNX Runtime's own key. */
  setConfig(key: string, value: string): void {
    const status = this.#environment.api.AddSessionConfigEntry(
      this.pointer,
      toCString(key),
      toCString(value),
    );
    this.#set(`session configuration "${key}"`, status);
  }

  /** Writes a profile to `<prefix>_<date>.json` when profiling ends. */
  enableProfiling(prefix: string): void {
    const { api } = this.#environment;
    this.#set("profiling", api.EnableProfiling(this.pointer, toCString(prefix)));
  }

  /** Frees the options; sessions made with them stay. */
  [Symbol.dispose](): void {
    this.#handle[Symbol.dispose]();
  }

  #set(what: string, status: Deno.PointerValue): void {
    const { version } = this.#environment.library;
    this.#environment.check(status, refusal(`Cannot set ${what} in ONNX Runtime ${version}`));
  }
}

function refusal(what: string): FailureReport {
  return { code: "ENGINE_OPTION", what };
}
