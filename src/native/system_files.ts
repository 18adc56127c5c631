import { readCString, toCString } from "./c_string.ts";
import { type Libc, openLibc } from "./libc.ts";

/** `O_RDONLY | O_CLOEXEC | O_NONBLOCK`: a path that leads to a pipe must not keep us waiting. */
const OPEN_FLAGS = 0o2004000;
/** Where the name stands in a `struct dirent`, on 64-bit Linux. */
const DIRENT_NAME_OFFSET = 19;
/** Most bytes read of one file, unless asked for more. */
const FILE_BYTES_MAX = 65_536;
/** Most names listed of one folder. */
const NAMES_MAX = 4096;

/** Where {@linkcode SystemFiles} looks. */
export interface SystemFilesOptions {
  /**
   * A folder that stands for the root of the machine, for tests and for what a container mounts
   * elsewhere; `""` by default, the machine itself.
   */
  readonly root?: string;
}

/**
 * Reads small files of the system, such as those under `/sys`, `/proc` and `/etc`.
 *
 * Deno refuses to read `/proc` and `/sys` without `--allow-all`; the C library does not, so this
 * needs permission for native code (`--allow-ffi` without a path) and no other. What is missing or
 * may not be read gives `null`: sensors come and go with the power of their part of the chip.
 */
export class SystemFiles implements Disposable {
  readonly #root: string;
  readonly #libc: Libc;
  readonly #chunk = new Uint8Array(FILE_BYTES_MAX);

  /**
   * Opens the C library; dispose it.
   *
   * @throws {Deno.errors.NotCapable} Without permission for native code.
   * @throws {Deno.errors.NotSupported} On other systems than Linux.
   */
  constructor(options: SystemFilesOptions = {}) {
    this.#root = (options.root ?? "").replace(/\/+$/, "");
    this.#libc = openLibc();
  }

  /**
   * The text of a file with an absolute path, up to `bytesMax` bytes; `null` if there is none or
   * it cannot be read. Bytes that are not UTF-8 become U+FFFD.
   */
  readText(path: string, bytesMax = FILE_BYTES_MAX): string | null {
    const { open, close } = this.#libc.symbols;
    const fd = open(toCString(this.#root + path), OPEN_FLAGS);
    if (fd < 0) return null;
    try {
      return this.#readAll(fd, bytesMax);
    } finally {
      close(fd);
    }
  }

  /** The number that a file holds, as sensors tell theirs; `null` if there is none. */
  readNumber(path: string): number | null {
    const text = this.readText(path)?.trim() ?? "";
    return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : null;
  }

  /** The names in a folder, sorted, without `.` and `..`; empty if there is none. */
  list(path: string): string[] {
    const { opendir, readdir, closedir } = this.#libc.symbols;
    const folder = opendir(toCString(this.#root + path));
    if (folder === null) return [];
    const names: string[] = [];
    try {
      for (let entry = readdir(folder); entry !== null; entry = readdir(folder)) {
        const name = readCString(Deno.UnsafePointer.offset(entry, DIRENT_NAME_OFFSET));
        if (name !== "." && name !== "..") names.push(name);
        if (names.length >= NAMES_MAX) break;
      }
    } finally {
      closedir(folder);
    }
    return names.sort();
  }

  /** Closes the C library. */
  [Symbol.dispose](): void {
    this.#libc.close();
  }

  #readAll(fd: number, bytesMax: number): string | null {
    const decoder = new TextDecoder();
    let text = "";
    for (let left = bytesMax; left > 0;) {
      const wanted = Math.min(left, this.#chunk.length);
      const read = Number(this.#libc.symbols.read(fd, this.#chunk, BigInt(wanted)));
      if (read < 0) return null;
      if (read === 0) break;
      text += decoder.decode(this.#chunk.subarray(0, read), { stream: true });
      left -= read;
    }
    return text + decoder.decode();
  }
}
