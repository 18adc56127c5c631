import type { DetectorSpec } from "../core/detector_spec.ts";

/** The output of a specification that plays `role`. @throws {TypeError} If there is none. */
export function outputName(spec: DetectorSpec, role: string): string {
  const name = spec.outputs[role];
  if (name === undefined) throw missing(spec, `output "${role}"`);
  return name;
}

/** A number among a specification's options. @throws {TypeError} If it is no number. */
export function numberOption(spec: DetectorSpec, key: string): number {
  const value = spec.options[key];
  if (typeof value !== "number") throw missing(spec, `number "${key}"`);
  return value;
}

/** A list of numbers among a specification's options. @throws {TypeError} If it is none. */
export function numbersOption(spec: DetectorSpec, key: string): readonly number[] {
  const value = spec.options[key];
  if (typeof value !== "object") throw missing(spec, `list "${key}"`);
  return value;
}

/** A word among a specification's options. @throws {TypeError} If it is none of `allowed`. */
export function wordOption<const Word extends string>(
  spec: DetectorSpec,
  key: string,
  allowed: readonly Word[],
): Word {
  const value = spec.options[key];
  const word = allowed.find((candidate) => candidate === value);
  if (word === undefined) throw missing(spec, `option "${key}", one of ${allowed.join(", ")}`);
  return word;
}

function missing(spec: DetectorSpec, what: string): TypeError {
  return new TypeError(`Cannot decode ${spec.family}: the specification has no ${what}`);
}
