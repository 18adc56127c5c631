import { toCString } from "./c_string.ts";
import type { NativeHandle } from "./native_handle.ts";
import type { OrtEnvironment } from "./ort_environment.ts";
import type { FailureReport } from "./ort_status.ts";

/** Makes a run return as soon as its work was given to the stream. */
const NO_WAITING = "disable_synchronize_execution_providers";

const MAKING: FailureReport = { code: "ENGINE_FAILED", what: "Cannot make run options" };

/**
 * Makes an `OrtRunOptions`; the caller owns it.
 *
 * @param isAsync Whether the run returns without waiting for the device.
 * @throws {FoveaError} `ENGINE_FAILED` with ONNX Runtime's own text.
 */
export function makeRunOptions(environment: OrtEnvironment, isAsync: boolean): NativeHandle {
  const { api } = environment;
  const options = environment.make(
    "OrtRunOptions",
    (out) => api.CreateRunOptions(out),
    api.ReleaseRunOptions,
    MAKING,
  );
  if (!isAsync) return options;
  try {
    const status = api.AddRunConfigEntry(options.pointer, toCString(NO_WAITING), toCString("1"));
    environment.check(status, MAKING);
    return options;
  } catch (error) {
    options[Symbol.dispose]();
    throw error;
  }
}
