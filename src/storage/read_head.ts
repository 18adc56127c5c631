import { FoveaError } from "../core/errors.ts";
import { readHead } from "../core/head_file.ts";
import type { HeadWeights } from "../core/head_weights.ts";

/** Most bytes of a head file. */
const HEAD_BYTES_MAX = 2 ** 29;

/**
 * Reads a head from a file.
 *
 * @param advise What to do about an error, by its cause.
 * @throws {FoveaError} `HEAD_INVALID` if there is no such file, it cannot be read, or it holds no
 * head.
 */
export async function readHeadAt(
  path: string | URL,
  advise: (cause: unknown) => string,
): Promise<HeadWeights> {
  try {
    const { size } = await Deno.stat(path);
    if (size > HEAD_BYTES_MAX) throw new Error(`${size} bytes are too many for a head`);
    return readHead(await Deno.readFile(path));
  } catch (cause) {
    const reason = cause instanceof Deno.errors.NotFound
      ? "there is no such file"
      : cause instanceof Error
      ? cause.message.replace(/^Cannot read the head: /, "")
      : String(cause);
    const hint = advise(cause);
    throw new FoveaError("HEAD_INVALID", `Cannot read head ${path}: ${reason}`, { cause, hint });
  }
}
