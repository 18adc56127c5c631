import { Option } from "commander";
import { type Degradation, DEGRADATION_KINDS, parseDegradations } from "../degrade/degradation.ts";
import { parseText } from "./parse_value.ts";

const FLAG = "--degrade";

/**
 * The flag that makes pictures worse, for every command that reads a source: it may be repeated,
 * each time with one degradation or several separated by commas, and leaves all of them in order.
 */
export function makeDegradeOption(): Option {
  return new Option(
    `${FLAG} <kind:1-4@frame>`,
    `make pictures worse, from a delivered frame on: ${DEGRADATION_KINDS.join(", ")}; ` +
      "for example fog:3@150; may be repeated",
  )
    .argParser((text: string, before: readonly Degradation[]) => [
      ...before,
      ...parseDegradations(parseText(FLAG, text)),
    ])
    .default([], "nothing");
}
