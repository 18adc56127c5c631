/**
 * A text as C reads it: UTF-8 with a zero at its end.
 *
 * @throws {TypeError} If the text holds a zero, where C would stop reading.
 */
export function toCString(text: string): Uint8Array<ArrayBuffer> {
  if (text.includes("\0")) {
    throw new TypeError(`Cannot pass ${JSON.stringify(text)} to native code: it holds a zero`);
  }
  return new TextEncoder().encode(`${text}\0`);
}

/** The text at an address, up to its zero; an empty one at `null`. */
export function readCString(pointer: Deno.PointerValue): string {
  return pointer === null ? "" : Deno.UnsafePointerView.getCString(pointer);
}

/** Reads an array of `count` texts, a `char**`. */
export function readCStrings(pointer: Deno.PointerValue, count: number): string[] {
  if (pointer === null) return [];
  const view = new Deno.UnsafePointerView(pointer);
  return Array.from({ length: count }, (_, i) => readCString(view.getPointer(8 * i)));
}

/**
 * Texts as C takes them in an array, a `char**`. Addresses and characters share one block of
 * memory, so that whoever holds the addresses holds all of it.
 */
export class CStringArray {
  /** The addresses, 8 bytes each. */
  readonly addresses: BigUint64Array<ArrayBuffer>;
  /** How many texts there are. */
  readonly count: number;

  /** Copies the texts. */
  constructor(texts: readonly string[]) {
    const parts = texts.map(toCString);
    const bytes = parts.reduce((sum, part) => sum + part.length, 0);
    let offset = 8 * texts.length;
    // An ArrayBuffer of its own: small typed arrays may lie on the heap, where things move.
    const block = new ArrayBuffer(Math.max(8, offset + bytes));
    const start = Deno.UnsafePointer.value(Deno.UnsafePointer.of(block));
    this.addresses = new BigUint64Array(block, 0, texts.length);
    this.count = texts.length;
    for (const [i, part] of parts.entries()) {
      new Uint8Array(block).set(part, offset);
      this.addresses[i] = start + BigInt(offset);
      offset += part.length;
    }
  }
}
