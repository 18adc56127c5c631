// What is used of yauzl, which ships no types.
import type { Readable } from "node:stream";

/** One file or folder in an archive. */
export interface Entry {
  /** Its path, without a leading `/` and without `..`; a folder's ends with `/`. */
  readonly fileName: string;
  /** Its length in bytes, unpacked. */
  readonly uncompressedSize: number;
  /** Checksum of its bytes, unpacked, as the archive states it; nobody has compared it. */
  readonly crc32: number;
}

/** An open archive. */
export interface ZipFile {
  /** Its entries in order; the file is closed when they end or are left. */
  eachEntry(): AsyncIterable<Entry>;
  /** The bytes of one entry, unpacked; a wrong length is an error. */
  openReadStreamPromise(entry: Entry): Promise<Readable>;
}

/** Opens an archive. */
export function openPromise(path: string): Promise<ZipFile>;
