import { FoveaError } from "../core/errors.ts";
import { writeHead } from "../core/head_file.ts";
import type { HeadWeights } from "../core/head_weights.ts";
import { readHeadAt } from "../storage/read_head.ts";
import { writeAside } from "./write_aside.ts";

/**
 * Reads a head from a file.
 *
 * @throws {FoveaError} `HEAD_INVALID` if there is no such file, it cannot be read, or it holds no
 * head.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { HeadWeights, readHeadFile, writeHeadFile } from "@fovea/fovea";
 *
 * const head = new HeadWeights({
 *   model: "0".repeat(64),
 *   classNames: ["car"],
 *   layers: [{ name: "head.cls.0", rows: 1, channels: 2, classRows: [0], objectnessRows: [] }],
 *   values: [{ weight: new Float32Array([1, 2]), bias: new Float32Array([3]) }],
 * });
 * const path = await Deno.makeTempFile();
 * await writeHeadFile(path, head);
 * assertEquals((await readHeadFile(path)).hash, head.hash);
 * await Deno.remove(path);
 * ```
 */
export async function readHeadFile(path: string | URL): Promise<HeadWeights> {
  return await readHeadAt(path, (cause) => {
    return cause instanceof FoveaError && cause.hint !== null
      ? cause.hint
      : "Give the path of a head file that this program may read";
  });
}

/**
 * Writes a head into a file, beside its place and then renamed.
 *
 * @throws {FoveaError} `SINK_WRITE`.
 */
export async function writeHeadFile(path: string, head: HeadWeights): Promise<void> {
  await writeAside(path, writeHead(head));
}
