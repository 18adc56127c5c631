/** A value written as a Python literal or JSON. */
export type Literal =
  | null
  | boolean
  | number
  | string
  | readonly Literal[]
  | ReadonlyMap<string, Literal>;

/** Deepest nesting and longest text that is read. */
const DEPTH_MAX = 8;
const LENGTH_MAX = 1_000_000;

const WORDS: ReadonlyMap<string, Literal> = new Map<string, Literal>([
  ["None", null],
  ["null", null],
  ["True", true],
  ["true", true],
  ["False", false],
  ["false", false],
]);

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["n", "\n"],
  ["t", "\t"],
  ["r", "\r"],
  ["b", "\b"],
  ["f", "\f"],
]);

/**
 * Reads a Python literal (dict, list, tuple, string, number, `None`, `True`, `False`) or JSON, as
 * exporters put them into a model's metadata. Keys of dicts become strings.
 *
 * @returns The value, or `undefined` where the text is none, is longer than a million characters or
 * nested deeper than 8 levels.
 */
export function parsePythonLiteral(text: string): Literal | undefined {
  if (text.length > LENGTH_MAX) return undefined;
  const reader = new LiteralReader(text);
  const value = reader.readValue(0);
  return value !== undefined && reader.atEnd() ? value : undefined;
}

class LiteralReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  atEnd(): boolean {
    this.#skipSpace();
    return this.#at === this.#text.length;
  }

  readValue(depth: number): Literal | undefined {
    if (depth > DEPTH_MAX) return undefined;
    this.#skipSpace();
    const first = this.#text[this.#at];
    if (first === "{") return this.#readDict(depth);
    if (first === "[") return this.#readList("]", depth);
    if (first === "(") return this.#readList(")", depth);
    if (first === "'" || first === '"') return this.#readString(first);
    return this.#readWord();
  }

  #skipSpace(): void {
    while (/\s/.test(this.#text[this.#at] ?? "")) this.#at++;
  }

  /** Steps over `wanted` if it comes next. */
  #take(wanted: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== wanted) return false;
    this.#at++;
    return true;
  }

  #readDict(depth: number): Literal | undefined {
    const entries = new Map<string, Literal>();
    this.#at++;
    while (!this.#take("}")) {
      const key = this.readValue(depth + 1);
      if (key === undefined || typeof key === "object" || !this.#take(":")) return undefined;
      const value = this.readValue(depth + 1);
      if (value === undefined) return undefined;
      entries.set(String(key), value);
      if (this.#take(",")) continue;
      return this.#take("}") ? entries : undefined;
    }
    return entries;
  }

  #readList(end: "]" | ")", depth: number): Literal | undefined {
    const items: Literal[] = [];
    this.#at++;
    while (!this.#take(end)) {
      const item = this.readValue(depth + 1);
      if (item === undefined) return undefined;
      items.push(item);
      if (this.#take(",")) continue;
      return this.#take(end) ? items : undefined;
    }
    return items;
  }

  #readString(quote: string): string | undefined {
    let value = "";
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      const char = this.#text[this.#at]!;
      if (char === quote) {
        this.#at++;
        return value;
      }
      value += char === "\\" ? this.#readEscape() : char;
    }
    return undefined;
  }

  /** The character an escape stands for; leaves the reader on its last character. */
  #readEscape(): string {
    const kind = this.#text[++this.#at] ?? "";
    const digits = kind === "x" ? 2 : kind === "u" ? 4 : 0;
    if (digits === 0) return ESCAPES.get(kind) ?? kind;
    const code = Number.parseInt(this.#text.slice(this.#at + 1, this.#at + 1 + digits), 16);
    this.#at += digits;
    return Number.isNaN(code) ? "" : String.fromCharCode(code);
  }

  #readWord(): Literal | undefined {
    const word = /^[^\s,:\]})]+/.exec(this.#text.slice(this.#at, this.#at + 40))?.[0];
    if (word === undefined) return undefined;
    this.#at += word.length;
    if (WORDS.has(word)) return WORDS.get(word);
    return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(word) ? Number(word) : undefined;
  }
}
