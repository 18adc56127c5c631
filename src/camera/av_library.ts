import { FoveaError } from "../core/errors.ts";

/** FFmpeg in this process: the low-level part of `node-av`, and its constants. */
export interface AvLibrary {
  /** Contexts, packets, frames. */
  readonly lib: typeof import("node-av/lib");
  /** FFmpeg's constants by their names. */
  readonly constants: typeof import("node-av/constants");
}

let loading: Promise<AvLibrary> | null = null;

/**
 * Opens the video library, once per isolate, and silences its own log: it writes to standard error
 * what is reported as errors and counts here.
 *
 * @throws {FoveaError} `CAMERA_OPEN` if this machine has no build of it.
 */
export function loadAvLibrary(): Promise<AvLibrary> {
  loading ??= importLibrary();
  return loading;
}

async function importLibrary(): Promise<AvLibrary> {
  try {
    // Both open the native library while they are imported.
    const lib = await import("node-av/lib");
    const constants = await import("node-av/constants");
    lib.Log.setLevel(constants.AV_LOG_QUIET);
    return { lib, constants };
  } catch (cause) {
    loading = null;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FoveaError("CAMERA_OPEN", `Cannot load the video library node-av: ${reason}`, {
      cause,
      hint:
        "Give --allow-ffi, --allow-read and --allow-env; node-av must have a build for this machine",
    });
  }
}

/** FFmpeg's own words for an error code. */
export function describeAvError(av: AvLibrary, code: number): string {
  return av.lib.FFmpegError.strerror(code);
}
