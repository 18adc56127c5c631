/** Room for one address that C writes, an out-parameter of type `T**`. */
export class OutPointer {
  /** What is passed to C. */
  readonly bytes: BigUint64Array<ArrayBuffer> = new BigUint64Array(1);

  /** The address that C wrote. */
  get pointer(): Deno.PointerValue {
    return Deno.UnsafePointer.create(this.bytes[0]!);
  }

  /**
   * The address that C wrote, where it always writes one.
   *
   * @throws {TypeError} If it is null.
   */
  take(): Deno.PointerObject {
    const { pointer } = this;
    if (pointer === null) throw new TypeError("Cannot use an address from native code: it is null");
    return pointer;
  }
}

/** Room for one `size_t` that C writes. */
export class OutSize {
  /** What is passed to C. */
  readonly bytes: BigUint64Array<ArrayBuffer> = new BigUint64Array(1);

  /** The number that C wrote. */
  get value(): number {
    return Number(this.bytes[0]!);
  }
}
