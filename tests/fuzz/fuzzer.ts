/** A source of random input that finds out what a part does with it. Throws when it is wrong. */
export interface Fuzzer {
  /** Its name on the command line. */
  readonly name: string;
  /**
   * Tries `runs` random inputs; throws an `Error` that says which input did what.
   *
   * @param random The only source of chance: the same seed gives the same inputs.
   */
  run(random: Random, runs: number): Promise<void> | void;
}

/**
 * Random numbers that depend on nothing but a seed.
 * Source: Steele and Vigna, "SplitMix", in its 32-bit form.
 */
export class Random {
  #state: number;

  /** Starts from `seed`, of which the low 32 bits count. */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 to 2³² − 1. */
  word(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }

  /** A number from 0 to below 1. */
  unit(): number {
    return this.word() / 2 ** 32;
  }

  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number {
    return min + Math.floor(this.unit() * (max - min + 1));
  }

  /** True in one of `odds` cases. */
  chance(odds: number): boolean {
    return this.int(1, odds) === 1;
  }

  /** One of the items. */
  pick<Item>(items: readonly [Item, ...Item[]] | readonly Item[]): Item {
    const item = items[this.int(0, items.length - 1)];
    if (item === undefined) throw new RangeError("Cannot pick from nothing");
    return item;
  }

  /** Fresh random bytes. */
  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.word() & 255);
  }

  /** A number as they come in real tensors and in broken ones. */
  float(): number {
    switch (this.int(0, 9)) {
      case 0:
        return this.pick([NaN, Infinity, -Infinity]);
      case 1:
        return this.pick([0, -0, 1, -1, 1e-45, -1e-38, 3.4e38, -3.4e38, 2 ** 24]);
      case 2:
        return (this.unit() - 0.5) * 10 ** this.int(-10, 30);
      default:
        return this.unit() * this.pick([1, 1, 10, 1000]);
    }
  }

  /** Printable text with an occasional character that parsers trip over. */
  text(lengthMax: number): string {
    return Array.from(
      { length: this.int(0, lengthMax) },
      () =>
        this.chance(6)
          ? this.pick(["\0", "\n", "\u{1f4f7}", "ß", "\ud800", "%", "\\", '"', "'"])
          : String.fromCharCode(this.int(32, 126)),
    ).join("");
  }
}

/** Shows a value in an error, shortly. */
export function showShortly(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length <= 200 ? text : `${text.slice(0, 200)}… (${text.length} characters)`;
}
