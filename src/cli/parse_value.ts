import { FoveaError } from "../core/errors.ts";

/** What a number on the command line may be. */
export interface NumberRange {
  /** Smallest value allowed. */
  readonly min: number;
  /** Largest value allowed. */
  readonly max: number;
  /** Whether only whole numbers are allowed. */
  readonly whole?: boolean;
}

const DECIMAL = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

/**
 * Reads a decimal number given to `flag`.
 *
 * @throws {FoveaError} `USAGE` if it is none or out of range.
 */
export function parseNumber(flag: string, text: string, range: NumberRange): number {
  const value = DECIMAL.test(text.trim()) ? Number(text) : NaN;
  const fits = value >= range.min && value <= range.max;
  if (fits && (range.whole !== true || Number.isInteger(value))) return value;
  const kind = range.whole === true ? "a whole number" : "a number";
  throw wrongValue(flag, `${kind} from ${range.min} to ${range.max}`, text);
}

/**
 * Reads a text given to `flag`.
 *
 * @throws {FoveaError} `USAGE` if it is empty or is the next flag.
 */
export function parseText(flag: string, text: string): string {
  const value = text.trim();
  if (value === "" || value.startsWith("--")) throw wrongValue(flag, "a value", text);
  return value;
}

/**
 * Reads a comma-separated list given to `flag`; blanks around items do not count.
 *
 * @throws {FoveaError} `USAGE` if an item is empty.
 */
export function parseList(flag: string, text: string): string[] {
  const items = parseText(flag, text).split(",").map((item) => item.trim());
  if (items.includes("")) throw wrongValue(flag, "items separated by single commas", text);
  return items;
}

/**
 * Reads a comma-separated list given to `flag` in which nothing stands twice.
 *
 * @throws {FoveaError} `USAGE` if an item is empty or stands twice.
 */
export function parseSet(flag: string, text: string): string[] {
  const items = parseList(flag, text);
  if (new Set(items).size < items.length) throw wrongValue(flag, "every item once", text);
  return items;
}

/**
 * Reads a word given to `flag` that must be one of `choices`.
 *
 * @throws {FoveaError} `USAGE` if it is none of them.
 */
export function parseChoice<const Choice extends string>(
  flag: string,
  text: string,
  choices: readonly Choice[],
): Choice {
  const found = choices.find((choice) => choice === text.trim());
  if (found === undefined) throw wrongValue(flag, listChoices(choices), text);
  return found;
}

/**
 * Reads a picture size given to `flag`: `640x480`, or `640` for a square.
 *
 * @throws {FoveaError} `USAGE` if it is none or a side is not within 1–16384.
 */
export function parseSize(flag: string, text: string): { width: number; height: number } {
  const sides = text.trim().toLowerCase().split("x");
  if (sides.length > 2 || sides.some((side) => !/^\d{1,5}$/.test(side))) {
    throw wrongValue(flag, "WIDTHxHEIGHT in pixels, for example 640x480", text);
  }
  const width = Number(sides[0]);
  const height = Number(sides[1] ?? sides[0]);
  for (const side of [width, height]) {
    if (side < 1 || side > 16_384) throw wrongValue(flag, "sides from 1 to 16384 pixels", text);
  }
  return { width, height };
}

/** The error for a flag whose value is not what it takes. */
export function wrongValue(flag: string, expected: string, found: string): FoveaError {
  return new FoveaError("USAGE", `Cannot use ${flag}: expected ${expected}, found "${found}"`);
}

function listChoices(choices: readonly string[]): string {
  return choices.length === 1 ? choices[0]! : `one of ${choices.join(", ")}`;
}
