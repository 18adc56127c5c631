import { FoveaError } from "../core/errors.ts";

/** Says in our words why a path cannot be read. */
export function explainAccess(cause: unknown, label: string): FoveaError {
  if (cause instanceof FoveaError) return cause;
  if (cause instanceof Deno.errors.NotFound) {
    return new FoveaError("CAMERA_OPEN", `Cannot open ${label}: there is no such file or folder`, {
      cause,
    });
  }
  if (cause instanceof Deno.errors.NotCapable) {
    return new FoveaError("CAMERA_OPEN", `Cannot open ${label}: read access is not allowed`, {
      cause,
      // Some devices want more than the permission to read them.
      hint: /--allow-all/.test(cause.message)
        ? "Run with --allow-all, or give an ordinary file"
        : `Run with --allow-read=${label}`,
    });
  }
  return FoveaError.from(cause, "CAMERA_OPEN", `Cannot open ${label}`);
}
