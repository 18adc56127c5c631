import type { Codec } from "node-av/lib";
import { FoveaError, type FoveaErrorCode } from "../core/errors.ts";

/** FFmpeg in this process: the low-level part of `node-av`, and its constants. */
export interface AvLibrary {
  /** Contexts, packets, frames. */
  readonly lib: typeof import("node-av/lib");
  /** FFmpeg's constants by their names. */
  readonly constants: typeof import("node-av/constants");
}

let loading: Promise<AvLibrary> | null = null;

/**
 * Opens the video library, once per isolate, and silences its own log: what goes wrong is reported
 * as errors here.
 *
 * @throws {FoveaError} `SINK_OPEN` if this machine has no build of it.
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
    throw new FoveaError("SINK_OPEN", `Cannot load the video library node-av: ${reason}`, {
      cause,
      hint:
        "Give --allow-ffi, --allow-read and --allow-env; node-av must have a build for this machine",
    });
  }
}

/**
 * Returns the code of a call that worked.
 *
 * @param what What was tried, for the message: `Cannot <what>: <FFmpeg's words>`.
 * @throws {FoveaError} With `code`, if FFmpeg returned an error.
 */
export function checkAv(
  av: AvLibrary,
  status: number,
  code: FoveaErrorCode,
  what: string,
): number {
  if (status >= 0) return status;
  const words = av.lib.FFmpegError.strerror(status);
  const full = av.lib.FFmpegError.AVERROR(av.lib.PosixError.ENOSPC) === status;
  throw new FoveaError(code, `Cannot ${what}: ${words}`, full ? { hint: HINT_DISK_FULL } : {});
}

/** What to do about a full disk. */
export const HINT_DISK_FULL = "Free some space or write to another disk";

/** The first of these encoders that this build has, or `null`. */
export function findEncoder(av: AvLibrary, names: readonly string[]): Codec | null {
  for (const name of names) {
    // The library lists names of encoders it may be built with; any other is not found.
    const codec = av.lib.Codec.findEncoderByName(name as Parameters<FindByName>[0]);
    if (codec !== null) return codec;
  }
  return null;
}

type FindByName = typeof Codec.findEncoderByName;
