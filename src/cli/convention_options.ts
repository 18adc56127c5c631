import { type Command, Option } from "commander";
import type { DetectorFamily } from "../core/detector_spec.ts";
import type { LetterboxRule } from "../core/input_spec.ts";
import {
  checkOverrides,
  FAMILIES,
  type FamilyOptions,
  type Scaling,
  type SpecOverrides,
} from "../detector/overrides.ts";
import { readClassNames } from "./class_names.ts";
import { parseChoice, parseNumber, parseSize, parseText, wrongValue } from "./parse_value.ts";

/** Flags that correct what fovea finds out about a model, as the parser leaves them. */
export interface ConventionFlags {
  readonly family?: DetectorFamily;
  readonly imgsz?: { readonly width: number; readonly height: number };
  readonly channels?: "rgb" | "bgr";
  readonly scale?: Scaling;
  readonly letterbox?: Partial<LetterboxRule>;
  readonly pad?: number;
  readonly names?: string;
  readonly familyOption?: FamilyOptions;
}

/** Adds the flags to a command. */
export function addConventionOptions(command: Command): void {
  for (const option of makeOptions()) {
    command.addOption(
      option.helpGroup("Model conventions (they correct what inspect finds out):"),
    );
  }
}

function makeOptions(): Option[] {
  return [
    new Option("--family <name>", FAMILIES.join(", "))
      .argParser((text: string) => parseChoice("--family", text, FAMILIES)),
    new Option("--imgsz <size>", "size of the picture input, WIDTHxHEIGHT")
      .argParser((text: string) => parseSize("--imgsz", text)),
    new Option("--channels <order>", "order of the colour channels: rgb or bgr")
      .argParser((text: string) => parseChoice("--channels", text, ["rgb", "bgr"])),
    new Option("--scale <how>", "pixel values: 0-1, 0-255, imagenet, or FACTOR:SUMMAND")
      .argParser(parseScaling),
    new Option("--letterbox <how>", "how pictures are fitted in: center, topleft or stretch")
      .argParser(parseLetterbox),
    new Option("--pad <value>", "value of the padding, 0 to 255")
      .argParser((text: string) => parseNumber("--pad", text, { min: 0, max: 255 })),
    new Option("--names <list>", "class names: a,b,c or a file with one name a line")
      .argParser((text: string) => parseText("--names", text)),
    new Option("--family-option <key=value>", "a fact of the family, see inspect; may be repeated")
      .argParser(parseFamilyOption),
  ];
}

/**
 * Reads how pixels become numbers: a name, or `FACTOR:SUMMAND` for `pixel * FACTOR + SUMMAND`,
 * each one number or three separated by commas.
 *
 * @throws {FoveaError} `USAGE` for anything else.
 */
export function parseScaling(text: string): Scaling {
  const value = text.trim();
  if (value === "0-1" || value === "0-255" || value === "imagenet") return value;
  const [scale, bias, ...more] = value.split(":").map((part) => part.split(",").map(Number));
  const fits = (list: number[] | undefined): list is number[] =>
    (list?.length === 1 || list?.length === 3) && list.every(Number.isFinite);
  if (!fits(scale) || !fits(bias) || more.length > 0 || /(^|[:,])\s*($|[:,])/.test(value)) {
    throw wrongValue("--scale", "0-1, 0-255, imagenet or FACTOR:SUMMAND", text);
  }
  return { scale: perChannel(scale), bias: perChannel(bias) };
}

/**
 * Reads how pictures are fitted in.
 *
 * @throws {FoveaError} `USAGE` for anything but `center`, `topleft` and `stretch`.
 */
export function parseLetterbox(text: string): Partial<LetterboxRule> {
  const how = parseChoice("--letterbox", text, ["center", "topleft", "stretch"]);
  return how === "stretch" ? { mode: "stretch" } : { mode: "letterbox", anchor: how };
}

/**
 * Adds one `key=value` to facts of a family; values are numbers, lists of numbers, or words.
 *
 * @throws {FoveaError} `USAGE` if there is no `=`, or the key or the value is not known.
 */
export function parseFamilyOption(text: string, before: FamilyOptions = {}): FamilyOptions {
  const [, key, value] = /^\s*(\w+)\s*=\s*(.+?)\s*$/.exec(text) ?? [];
  if (key === undefined || value === undefined) {
    throw wrongValue("--family-option", "KEY=VALUE, for example strides=8,16,32", text);
  }
  const numbers = value.split(",").map(Number);
  const parsed = !numbers.every(Number.isFinite)
    ? value
    : key === "strides"
    ? numbers
    : numbers[0]!;
  return checkOverrides({ options: { ...before, [key]: parsed } }).options ?? {};
}

/**
 * Puts the flags together.
 *
 * @throws {FoveaError} `USAGE` if the class names cannot be read.
 */
export async function readOverrides(flags: ConventionFlags): Promise<SpecOverrides> {
  const { family, imgsz, channels, scale, letterbox, pad, names, familyOption } = flags;
  const rule = { ...letterbox, ...(pad === undefined ? {} : { padValue: pad }) };
  return checkOverrides({
    ...(family === undefined ? {} : { family }),
    ...(imgsz ?? {}),
    ...(channels === undefined ? {} : { channels }),
    ...(scale === undefined ? {} : { scaling: scale }),
    ...(Object.keys(rule).length === 0 ? {} : { letterbox: rule }),
    ...(names === undefined ? {} : { classNames: await readClassNames(names) }),
    ...(familyOption === undefined ? {} : { options: familyOption }),
  });
}

function perChannel(values: readonly number[]): number | readonly [number, number, number] {
  const [first, second, third] = values;
  return second === undefined || third === undefined ? first! : [first!, second, third];
}
