import { type Command, Option } from "commander";
import { list } from "./option_parsers.ts";

/** Flags that name the layers of a head, as the parser leaves them. */
export interface HeadLayerFlags {
  readonly classLayers?: readonly string[];
  readonly objectnessLayers?: readonly string[];
}

/** Adds the flags to a command. */
export function addHeadLayerOptions(command: Command): void {
  const group = "Head (in place of what is found):";
  for (const what of ["class", "objectness"]) {
    const flag = `--${what}-layers`;
    command.addOption(
      new Option(`${flag} <names>`, `names of the ${what} layers, separated by commas`)
        .argParser(list(flag)).helpGroup(group),
    );
  }
}

/** The layers that were named, without what was not. */
export function readHeadLayers({ classLayers, objectnessLayers }: HeadLayerFlags): HeadLayerFlags {
  return {
    ...(classLayers === undefined ? {} : { classLayers }),
    ...(objectnessLayers === undefined ? {} : { objectnessLayers }),
  };
}
