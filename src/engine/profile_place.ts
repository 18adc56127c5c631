import { FoveaError } from "../core/errors.ts";

/**
 * Refuses to let ONNX Runtime write a profile where this process may not write: native code would
 * not ask.
 *
 * @param prefix Path and beginning of the file's name; the library adds a date.
 * @throws {FoveaError} `ENGINE_OPTION`.
 */
export async function checkProfilePlace(prefix: string): Promise<void> {
  const slash = prefix.lastIndexOf("/");
  const folder = slash < 0 ? "." : prefix.slice(0, slash + 1);
  const { state } = await Deno.permissions.query({ name: "write", path: folder });
  if (state !== "granted") {
    throw new FoveaError("ENGINE_OPTION", `Cannot write a profile to ${folder}: not allowed`, {
      hint: `Add --allow-write=${folder}`,
    });
  }
  const info = await Deno.stat(folder).catch(() => null);
  if (info?.isDirectory !== true) {
    throw new FoveaError("ENGINE_OPTION", `Cannot write a profile to ${folder}: no such folder`, {
      hint: "Give a path in a folder that exists",
    });
  }
}
