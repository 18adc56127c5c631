import { type NumberRange, parseChoice, parseNumber, parseSet, parseText } from "./parse_value.ts";

/** A parser of a number given to `flag`. */
export function number(flag: string, range: NumberRange): (value: string) => number {
  return (value) => parseNumber(flag, value, range);
}

/** A parser of a text given to `flag`. */
export function text(flag: string): (value: string) => string {
  return (value) => parseText(flag, value);
}

/** A parser of a list given to `flag` in which nothing stands twice. */
export function list(flag: string): (value: string) => string[] {
  return (value) => parseSet(flag, value);
}

/** A parser of one of some words given to `flag`. */
export function choice<const Choice extends string>(
  flag: string,
  choices: readonly Choice[],
): (value: string) => Choice {
  return (value) => parseChoice(flag, value, choices);
}

/** A parser that collects the texts given to a `flag` that may be repeated. */
export function append(flag: string): (value: string, before: readonly string[]) => string[] {
  return (value, before) => [...before, parseText(flag, value)];
}
