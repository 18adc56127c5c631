/** Where and why a text stops being JSON. */
export interface JsonFault {
  /** The value that cannot be read, as `annotations[17].bbox`; empty for the whole text. */
  readonly place: string;
  /** Line of the first wrong character, from 1. */
  readonly line: number;
  /** Column of the first wrong character, from 1. */
  readonly column: number;
  /** What stands there. */
  readonly reason: string;
}

/** What may follow where a scanner stands. */
type Expected = "value" | "value or end" | "key" | "key or end" | "comma or end" | "nothing";

/** An array or object that is open at the scanner's place. */
interface Level {
  readonly isArray: boolean;
  /** Which element of an array. */
  index: number;
  /** Which member of an object. */
  key: string;
}

/** Deepest place that is told whole; deeper ones without their beginning. */
const LEVELS_TOLD_MAX = 8;
const BLANKS = /[ \t\r\n]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4})/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const WORD = /[-+\w.]+/y;

/**
 * Finds out where a text that `JSON.parse` refuses goes wrong, in the words of its content:
 * `JSON.parse` itself tells a position at best. `null` if the text is JSON.
 *
 * Source: RFC 8259, "The JavaScript Object Notation (JSON) Data Interchange Format".
 */
export function findJsonFault(text: string): JsonFault | null {
  return new JsonScanner(text).scan();
}

class JsonScanner {
  readonly #text: string;
  readonly #levels: Level[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  scan(): JsonFault | null {
    let expected: Expected = "value";
    for (;;) {
      this.#skip(BLANKS);
      if (expected === "nothing") {
        return this.#at === this.#text.length ? null : this.#fault("text goes on after the end");
      }
      const next = this.#step(expected);
      if (next === null) return this.#fault(this.#describe());
      expected = next;
    }
  }

  /** Reads one token; returns what may follow, or `null` if the token may not stand here. */
  #step(expected: Expected): Expected | null {
    const level = this.#levels.at(-1);
    const char = this.#text[this.#at];
    if (level !== undefined && char === (level.isArray ? "]" : "}")) {
      if (expected !== "comma or end" && !expected.endsWith(" or end")) return null;
      this.#at++;
      this.#levels.pop();
      return this.#afterValue();
    }
    if (expected === "comma or end") {
      if (char !== ",") return null;
      this.#at++;
      level!.index++;
      return level!.isArray ? "value" : "key";
    }
    if (expected === "key" || expected === "key or end") return this.#readKey(level!);
    if (char === "[" || char === "{") {
      this.#at++;
      this.#levels.push({ isArray: char === "[", index: 0, key: "" });
      return char === "[" ? "value or end" : "key or end";
    }
    const isRead = char === '"' ? this.#skipString() : this.#skip(SCALAR) > 0;
    return isRead ? this.#afterValue() : null;
  }

  #readKey(level: Level): Expected | null {
    const start = this.#at;
    if (!this.#skipString()) return null;
    level.key = this.#text.slice(start + 1, this.#at - 1);
    this.#skip(BLANKS);
    if (this.#text[this.#at] !== ":") return null;
    this.#at++;
    return "value";
  }

  #afterValue(): Expected {
    return this.#levels.length === 0 ? "nothing" : "comma or end";
  }

  /** Moves past a string; `false` where none stands there or it is broken. */
  #skipString(): boolean {
    if (this.#text[this.#at] !== '"') return false;
    // Not one regular expression: its way back would need memory for every character.
    let at = this.#at + 1;
    for (; at < this.#text.length; at++) {
      const char = this.#text[at]!;
      if (char === '"') {
        this.#at = at + 1;
        return true;
      }
      if (char < " ") break;
      if (char !== "\\") continue;
      ESCAPE.lastIndex = at;
      if (!ESCAPE.test(this.#text)) break;
      at = ESCAPE.lastIndex - 1;
    }
    this.#at = at;
    return false;
  }

  /** Moves past a match and returns its length. */
  #skip(pattern: RegExp): number {
    pattern.lastIndex = this.#at;
    const length = pattern.exec(this.#text)?.[0].length ?? 0;
    this.#at += length;
    return length;
  }

  #describe(): string {
    if (this.#at >= this.#text.length) return "the text ends too early";
    WORD.lastIndex = this.#at;
    const word = WORD.exec(this.#text)?.[0] ?? this.#text[this.#at]!;
    const shown = word.length > 20 ? `${word.slice(0, 20)}…` : word;
    return `${JSON.stringify(shown)} cannot stand there`;
  }

  #fault(reason: string): JsonFault {
    let line = 1;
    let lineStart = 0;
    for (let end = this.#lineEnd(0); end >= 0; end = this.#lineEnd(lineStart)) {
      line++;
      lineStart = end + 1;
    }
    const told = this.#levels.slice(-LEVELS_TOLD_MAX);
    const isWhole = told.length === this.#levels.length;
    const place = told
      .map(({ isArray, index, key }, i) =>
        isArray ? `[${index}]` : isWhole && i === 0 ? key : `.${key}`
      )
      .join("");
    return { place: isWhole ? place : `…${place}`, line, column: this.#at - lineStart + 1, reason };
  }

  /** Where the line that `from` is in ends, if that is before the scanner; else -1. */
  #lineEnd(from: number): number {
    const end = this.#text.indexOf("\n", from);
    return end < this.#at ? end : -1;
  }
}
