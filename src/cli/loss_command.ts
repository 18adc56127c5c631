import { type Command, Option } from "commander";
import { FoveaError } from "../core/errors.ts";
import {
  FOCAL_CONVENTION_NAMES,
  FOCAL_CONVENTIONS,
  type FocalConventionName,
} from "../losses/focal_convention.ts";
import { sigmoidFocal, type SigmoidFocalOptions } from "../losses/sigmoid_focal.ts";
import {
  type NumberRange,
  parseChoice,
  parseList,
  parseNumber,
  wrongValue,
} from "./parse_value.ts";
import type { CommandHost } from "./program.ts";

/** The flags of `fovea loss` as the parser leaves them; what is not given is the convention's. */
interface LossFlags {
  readonly logits?: readonly number[];
  readonly targets?: readonly number[];
  readonly gamma?: number;
  /** The parser would make an empty text of `null`. */
  readonly alpha?: number | "none";
  readonly convention: FocalConventionName;
  readonly reduction?: "sum" | "mean" | "none";
  readonly json?: true;
}

const REDUCTIONS = ["sum", "mean", "none"] as const;
/** Their sum is still a number, however many there are. */
const LOGIT: NumberRange = { min: -1e30, max: 1e30 };
const TARGET: NumberRange = { min: 0, max: 1 };
const GAMMA: NumberRange = { min: 0, max: 1000 };
const ALPHA: NumberRange = { min: -1e30, max: 1 };

/** Adds `fovea loss` to the program. */
export function addLossCommand(program: Command, host: CommandHost): void {
  program.command("loss")
    .summary("compute a sigmoid focal loss, to compare it with another program's")
    .description(
      "Computes the sigmoid focal loss of logits, one column of them, in the convention of a " +
        "library. With --gamma 0 --alpha none it is binary cross-entropy.",
    )
    .usage("--logits <list> --targets <list> [options]")
    .addOption(
      new Option("--logits <list>", "raw scores, separated by commas; needed")
        .argParser((text: string) => parseNumbers("--logits", text, LOGIT)),
    )
    .addOption(
      new Option("--targets <list>", "one for each logit, 0 to 1; needed")
        .argParser((text: string) => parseNumbers("--targets", text, TARGET)),
    )
    .addOption(
      new Option("--gamma <number>", "focusing parameter, from 0 (default: the convention's)")
        .argParser((text: string) => parseNumber("--gamma", text, GAMMA)),
    )
    .addOption(
      new Option("--alpha <number>", "weight of positives, or none (default: the convention's)")
        .argParser((text: string) => parseAlpha(text)),
    )
    .addOption(
      new Option("--convention <name>", FOCAL_CONVENTION_NAMES.join(", "))
        .argParser((text: string) => parseChoice("--convention", text, FOCAL_CONVENTION_NAMES))
        .default("ultralytics"),
    )
    .addOption(
      new Option("--reduction <name>", `${REDUCTIONS.join(", ")} (default: the convention's)`)
        .argParser((text: string) => parseChoice("--reduction", text, REDUCTIONS)),
    )
    .option("--json", 'print {"value": …}, a list without reduction')
    .addHelpText(
      "after",
      `
${describeConventions()}

Examples:
  deno task fovea loss --gamma 1.5 --logits 0.8,-1.5,0.1 --targets 1,0,1
  deno task fovea loss --gamma 0 --alpha none --logits 0.8,-1.5,0.1 --targets 1,0,1`,
    )
    .action(async (flags: LossFlags) => {
      const value = computeLoss(flags);
      await host.terminal.writeOut(flags.json ? `${JSON.stringify({ value })}\n` : print(value));
    });
}

/** The reduced loss, or the loss of each logit. */
function computeLoss(flags: LossFlags): number | number[] {
  const { logits, targets, gamma, alpha, convention } = flags;
  if (logits === undefined) throw notGiven("--logits", "--logits 0.8,-1.5,0.1");
  if (targets === undefined) throw notGiven("--targets", "--targets 1,0,1");
  if (logits.length !== targets.length) {
    throw new FoveaError(
      "USAGE",
      `Cannot compute the loss: ${logits.length} logits, but ${targets.length} targets`,
      { hint: "Give one target for each logit" },
    );
  }
  if (convention === "mmdet" && typeof alpha === "number" && alpha < 0) {
    throw wrongValue("--alpha", "a number from 0 to 1 in the convention mmdet", String(alpha));
  }
  const reduction = flags.reduction ?? FOCAL_CONVENTIONS[convention].reduction;
  const options: SigmoidFocalOptions = {
    convention,
    reduction,
    ...(gamma === undefined ? {} : { gamma }),
    ...(alpha === undefined ? {} : { alpha: alpha === "none" ? null : alpha }),
  };
  const { value, loss } = sigmoidFocal(logits, targets, options);
  return reduction === "none" ? [...loss] : value;
}

function parseNumbers(flag: string, text: string, range: NumberRange): number[] {
  return parseList(flag, text).map((item) => parseNumber(flag, item, range));
}

function parseAlpha(text: string): number | "none" {
  if (text.trim() === "none") return "none";
  try {
    return parseNumber("--alpha", text, ALPHA);
  } catch {
    throw wrongValue("--alpha", "a number up to 1, or none", text);
  }
}

function notGiven(flag: string, example: string): FoveaError {
  return new FoveaError("USAGE", `Cannot compute the loss: ${flag} is not given`, {
    hint: `For example ${example}`,
  });
}

function describeConventions(): string {
  const lines = FOCAL_CONVENTION_NAMES.map((name) => {
    const { gamma, alpha, reduction } = FOCAL_CONVENTIONS[name];
    const how = reduction === "row-mean-sum" ? "mean of columns, summed" : reduction;
    return `  ${name.padEnd(12)} gamma ${gamma}, alpha ${alpha}, reduction: ${how}`;
  });
  return ["Conventions:", ...lines].join("\n");
}

function print(value: number | readonly number[]): string {
  return [value].flat().map((loss) => `${formatLoss(loss)}\n`).join("");
}

/** Six digits after the point, or six that matter where the number is very small or large. */
function formatLoss(loss: number): string {
  const size = Math.abs(loss);
  return size === 0 || (size >= 1e-3 && size < 1e6) ? loss.toFixed(6) : loss.toExponential(6);
}
