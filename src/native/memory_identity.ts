const PAGE_BYTES = 65_536;

/**
 * Tells whether a buffer is a view of one shared wasm memory.
 *
 * Growing a shared memory gives it a new `SharedArrayBuffer`; older ones stay valid and show the
 * same bytes, but are other objects. So a buffer seen for the first time is put to the test: a
 * random word is written through the memory and looked for through the buffer. The answer is
 * remembered.
 */
export class MemoryIdentity {
  readonly #memory: WebAssembly.Memory;
  readonly #known = new WeakSet<object>();
  #newest: ArrayBufferLike | null = null;

  /** Watches over `memory`, whose first page must hold nothing that others change meanwhile. */
  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
  }

  /** Whether `buffer` shows the bytes of the memory, now or as it was before it grew. */
  has(buffer: ArrayBufferLike): boolean {
    if (buffer === this.#newest || this.#known.has(buffer)) return true;
    if (buffer !== this.#memory.buffer as ArrayBufferLike && !this.#shows(buffer)) return false;
    this.#known.add(buffer);
    this.#newest = buffer;
    return true;
  }

  /** @throws {TypeError} If `buffer`, which holds `what`, does not show the memory. */
  check(buffer: ArrayBufferLike, what: string): void {
    if (!this.has(buffer)) {
      throw new TypeError(`Cannot use ${what}: it does not lie in the kernels' shared memory`);
    }
  }

  #shows(buffer: ArrayBufferLike): boolean {
    if (!(buffer instanceof SharedArrayBuffer) || buffer.byteLength < PAGE_BYTES) return false;
    const random = crypto.getRandomValues(new Int32Array(2));
    const index = Math.abs(random[0]! % (PAGE_BYTES / 4));
    const own = new Int32Array(this.#memory.buffer as ArrayBufferLike);
    const before = Atomics.exchange(own, index, random[1]!);
    const same = Atomics.load(new Int32Array(buffer, 0, PAGE_BYTES / 4), index) === random[1];
    Atomics.store(own, index, before);
    return same;
  }
}
