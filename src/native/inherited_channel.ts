import { type Libc, openLibc } from "./libc.ts";

// Numbers of Linux, the same on x86-64 and arm64.
const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_CLOEXEC = 0o2000000;
const F_DUPFD = 0;
const SHUT_RDWR = 2;
const MSG_WAITALL = 0x100;

/** Descriptors below this one are standard input, output and error. */
const FIRST_FREE_DESCRIPTOR = 3;

/**
 * A channel whose writing end the next child process inherits, apart from its standard output.
 *
 * Libraries of a child print to standard output whatever they like; on a channel of its own, data
 * stay data. Open it, start the child with {@linkcode childDescriptor} in its arguments, and call
 * {@linkcode closeChildEnd} at once, so that no other child holds it open.
 */
export class InheritedChannel implements Disposable {
  /** The number of the writing end, here and in children that are started now. */
  readonly childDescriptor: number;
  readonly #libc: Libc;
  readonly #own: number;
  #childEndIsOpen = true;
  #isReceiving = false;
  #isDisposed = false;

  /**
   * Opens both ends.
   *
   * @throws {Deno.errors.NotCapable} Without permission for native code.
   * @throws {Deno.errors.NotSupported} On other systems than Linux, or if the process has no
   * descriptors left.
   */
  constructor() {
    this.#libc = openLibc();
    try {
      [this.#own, this.childDescriptor] = openPair(this.#libc);
    } catch (error) {
      this.#libc.close();
      throw error;
    }
  }

  /** Leaves the writing end to the children that were started; a second call does nothing. */
  closeChildEnd(): void {
    if (!this.#childEndIsOpen) return;
    this.#childEndIsOpen = false;
    this.#libc.symbols.close(this.childDescriptor);
  }

  /**
   * Fills `into` with the next bytes and resolves with how many came: less only when the writing
   * end is closed. Waits on a thread of its own, without copying; give it an `ArrayBuffer` of its
   * own where it is small, since small arrays may move.
   *
   * @throws {TypeError} If the last call has not settled, or after disposing.
   */
  async receive(into: Uint8Array<ArrayBuffer>): Promise<number> {
    if (this.#isReceiving) throw new TypeError("Cannot receive twice at once");
    if (this.#isDisposed) throw new TypeError("Cannot receive: the channel is disposed");
    this.#isReceiving = true;
    try {
      let filled = 0;
      // Less than asked for comes at the end, and also where a signal interrupts the call.
      while (filled < into.length) {
        const rest = filled === 0 ? into : into.subarray(filled);
        const { recv } = this.#libc.symbols;
        const received = Number(await recv(this.#own, rest, BigInt(rest.length), MSG_WAITALL));
        if (received <= 0) break;
        filled += received;
      }
      return filled;
    } finally {
      this.#isReceiving = false;
    }
  }

  /** Ends the channel from this side: what is being received ends with what came so far. */
  shutdown(): void {
    if (!this.#isDisposed) this.#libc.symbols.shutdown(this.#own, SHUT_RDWR);
  }

  /**
   * Closes both ends.
   *
   * @throws {TypeError} If something is being received; its descriptor may not be closed then.
   */
  [Symbol.dispose](): void {
    if (this.#isReceiving) throw new TypeError("Cannot dispose a channel that is receiving");
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.closeChildEnd();
    this.#libc.symbols.close(this.#own);
    this.#libc.close();
  }
}

/**
 * Two connected ends: ours, closed in children, and one that children inherit. The system's own
 * buffer between them (some 200 KiB) stays in the processor's cache; bigger ones were slower.
 */
function openPair({ symbols }: Libc): [own: number, child: number] {
  const ends = new Int32Array(2);
  if (symbols.socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) !== 0) {
    throw new Deno.errors.NotSupported("the process can open no more channels");
  }
  const [own, other] = [ends[0]!, ends[1]!];
  const child = symbols.fcntl(other, F_DUPFD, FIRST_FREE_DESCRIPTOR);
  symbols.close(other);
  if (child < 0) {
    symbols.close(own);
    throw new Deno.errors.NotSupported("the process can open no more channels");
  }
  return [own, child];
}
