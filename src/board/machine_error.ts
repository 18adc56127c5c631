import { FoveaError } from "../core/errors.ts";

/** Says in our words why the machine cannot be looked at. */
export function explainUnreadable(cause: unknown, what: string): FoveaError {
  if (cause instanceof Deno.errors.NotCapable) {
    return new FoveaError("TELEMETRY_UNAVAILABLE", `Cannot ${what}: native code is not allowed`, {
      cause,
      hint: "Run with --allow-ffi, without a path: system files are read through the C library",
    });
  }
  return FoveaError.from(cause, "TELEMETRY_UNAVAILABLE", `Cannot ${what}`);
}
