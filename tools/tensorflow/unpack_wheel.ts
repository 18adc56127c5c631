import { createWriteStream } from "node:fs";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import zlib from "node:zlib";
// @ts-types="./yauzl.d.ts"
import * as yauzl from "yauzl";
import { FoveaError } from "../../src/core/errors.ts";

/**
 * What a binding needs of a wheel: the two libraries, the headers of the C interface with what they
 * include, and what says how it was built. The other headers are ten thousand files.
 */
const WANTED = new RegExp(
  "^tensorflow/(libtensorflow_(cc|framework)\\.so\\.2" +
    "|python/platform/build_info\\.py" +
    "|include/(tensorflow|tsl|xla)/(.*/)?(c|platform)/.*\\.h)$",
);

/** How unpacking is watched. */
export interface UnpackOptions {
  /** Is called with each file's path inside the wheel and its length in bytes. */
  readonly onFile?: (name: string, bytes: number) => void;
  /** Ends unpacking; what was written stays. */
  readonly signal?: AbortSignal;
}

/**
 * Unpacks what a binding needs of a wheel.
 *
 * @param path The wheel.
 * @param into An existing folder.
 * @returns The folder `tensorflow`, which lacks what the wheel lacks.
 * @throws {FoveaError} `TENSORFLOW_BUILD` if it is not a wheel or damaged.
 */
export async function unpackWheel(
  path: string,
  into: string,
  { onFile, signal }: UnpackOptions = {},
): Promise<string> {
  try {
    const archive = await yauzl.openPromise(path);
    for await (const entry of archive.eachEntry()) {
      if (!WANTED.test(entry.fileName)) continue;
      onFile?.(entry.fileName, entry.uncompressedSize);
      const target = `${into}/${entry.fileName}`;
      await Deno.mkdir(dirname(target), { recursive: true });
      await pipeline(
        await archive.openReadStreamPromise(entry),
        (chunks: AsyncIterable<Uint8Array>) => checked(chunks, entry),
        createWriteStream(target),
        signal === undefined ? {} : { signal },
      );
    }
  } catch (cause) {
    signal?.throwIfAborted();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FoveaError("TENSORFLOW_BUILD", `Cannot unpack ${path}: ${reason}`, {
      cause,
      hint: "Download the wheel again; unpacking takes about 900 MB of disk",
    });
  }
  return `${into}/tensorflow`;
}

/** Passes bytes on and fails at their end if they are not those that were packed. */
async function* checked(
  chunks: AsyncIterable<Uint8Array>,
  { fileName, crc32 }: yauzl.Entry,
): AsyncGenerator<Uint8Array> {
  let sum = 0;
  for await (const chunk of chunks) {
    sum = zlib.crc32(chunk, sum);
    yield chunk;
  }
  if (sum !== crc32) throw new Error(`${fileName} is damaged`);
}
