import { parseCameraUri } from "../camera/camera_uri.ts";

/** Whether a camera's URI means a drawn world, which knows the truth about its frames. */
export function isDrawnWorld(uri: string): boolean {
  try {
    return parseCameraUri(uri).scheme === "synthetic";
  } catch {
    return uri.startsWith("synthetic:"); // Whoever opens it says what is wrong with it.
  }
}

/** A camera's URI, or the path of a folder of pictures, as it may be printed: without a password. */
export function labelOfSource(uri: string): string {
  try {
    return parseCameraUri(uri).label;
  } catch {
    return "the source"; // Whoever opens it says what is wrong with it.
  }
}
