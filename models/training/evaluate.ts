// Judges a detector of synthetic:street on streets it was not trained on, in clear weather and in
// every bad one, and prints the tables of the model card.
//
//   deno run -A models/training/evaluate.ts [--model FILE] [--out FOLDER] [--severities LIST] [--keep] [--json FILE]
//
// Every figure is what `fovea world` and `fovea eval` give; models/training/README.md has the
// commands for one street by hand.
//
// deno-lint-ignore-file no-console -- it is a command
import { parseArgs } from "node:util";
import { DEGRADATION_KINDS } from "../../src/degrade/mod.ts";
import { WEATHER_KINDS } from "../../src/world/mod.ts";
import { drawHeldOut, findHeldOut, HELD_OUT_SEED_MIN, type HeldOutFrames } from "./held_out.ts";
import { runFovea } from "./run_fovea.ts";
import { type Figures, formatTables, type Row } from "./score_tables.ts";

const USAGE = `evaluate.ts [options]
  --model FILE      the detector; models/fovea-street.onnx
  --out FOLDER      where the streets are drawn; out/held_out
  --streets N       how many streets; 10
  --frames N        frames of each, two seconds apart; 20
  --json FILE       write all figures there too
  --severities LIST of bad weather, besides clear weather; 1,2,3,4
  --keep            leave what was drawn in --out, and judge by what is there already
  --help            print this`;

interface Settings {
  readonly model: string;
  readonly out: string;
  readonly streets: number;
  readonly framesEach: number;
  readonly json: string | null;
  readonly severities: readonly number[];
  readonly keep: boolean;
}

async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    console.log(USAGE);
    return 0;
  }
  let settings: Settings;
  try {
    settings = readSettings(args);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  const rows = await evaluateAll(settings);
  console.log(formatTables(rows));
  if (settings.json !== null) {
    await Deno.writeTextFile(settings.json, `${JSON.stringify(rows, null, 2)}\n`);
  }
  return 0;
}

function readSettings(args: readonly string[]): Settings {
  const { values } = parseArgs({
    args: [...args],
    options: {
      model: { type: "string", default: "models/fovea-street.onnx" },
      out: { type: "string", default: "out/held_out" },
      streets: { type: "string", default: "10" },
      frames: { type: "string", default: "20" },
      json: { type: "string" },
      severities: { type: "string", default: "1,2,3,4" },
      keep: { type: "boolean", default: false },
    },
  });
  return {
    model: values.model,
    out: values.out,
    streets: count("--streets", values.streets),
    framesEach: count("--frames", values.frames),
    json: values.json ?? null,
    severities: readSeverities(values.severities),
    keep: values.keep,
  };
}

function readSeverities(text: string): number[] {
  if (!/^[1-4](,[1-4])*$/.test(text)) {
    throw new Error(`Cannot use --severities ${text}: use some of 1,2,3,4`);
  }
  return [...new Set(text.split(",").map(Number))];
}

function count(flag: string, text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new Error(`Cannot use ${flag} ${text}: use 1 to 9999`);
  return Number(text);
}

/** One row for clear weather, each bad weather and each degradation of the clear frames. */
async function evaluateAll(settings: Settings): Promise<Row[]> {
  const { severities } = settings;
  const weathers = WEATHER_KINDS.flatMap((kind) => severities.map((s) => `${kind}:${s}`));
  const degradations = DEGRADATION_KINDS.flatMap((kind) => severities.map((s) => `${kind}:${s}`));
  const total = 1 + weathers.length + degradations.length;
  const rows: Row[] = [];
  const add = async (
    group: Row["group"],
    condition: string,
    frames: HeldOutFrames,
    degrade: readonly string[],
  ): Promise<void> => {
    const figures = await evaluate(settings.model, frames, degrade);
    rows.push({ group, condition, figures });
    console.error(`${rows.length} of ${total}: ${condition} AP50 ${figures.AP50?.toFixed(3)}`);
  };
  const clear = await draw(settings, null);
  await add("clear", "clear", clear, []);
  for (const kind of degradations) await add("degrade", kind, clear, ["--degrade", kind]);
  if (!settings.keep) await Deno.remove(clear.images, { recursive: true });
  for (const weather of weathers) {
    const frames = await draw(settings, weather);
    await add("weather", weather, frames, []);
    if (!settings.keep) await Deno.remove(frames.images, { recursive: true });
  }
  return rows;
}

async function draw(
  { out, streets, framesEach, keep }: Settings,
  weather: string | null,
): Promise<HeldOutFrames> {
  const folder = `${out}/${weather?.replace(":", "_") ?? "clear"}`;
  const plan = { streets, framesEach, weather };
  const there = keep ? await findHeldOut(plan, folder) : null;
  if (there !== null) return there;
  const last = HELD_OUT_SEED_MIN + streets - 1;
  console.error(`drawing streets ${HELD_OUT_SEED_MIN} to ${last}, ${weather ?? "clear"}`);
  return await drawHeldOut(plan, folder);
}

/** What `fovea eval --json` prints, as far as the tables need it. */
interface EvalReport {
  readonly metrics: Readonly<Record<"AP" | "AP50" | "APs" | "APm" | "APl", number | null>>;
  readonly perClass: Readonly<Record<string, ClassReport>>;
  readonly f1: {
    readonly precision: number | null;
    readonly recall: number | null;
    readonly f1: number | null;
  };
}

interface ClassReport {
  readonly AP50: number | null;
  readonly AP: number | null;
  readonly f1: number | null;
  readonly truths: number;
}

async function evaluate(
  model: string,
  { images, annotations }: HeldOutFrames,
  more: readonly string[],
): Promise<Figures> {
  const where = ["--model", model, "--images", images, "--annotations", annotations];
  const text = await runFovea(["eval", ...where, ...more, "--json"]);
  const { metrics, perClass, f1 }: EvalReport = JSON.parse(text);
  const { AP50, AP, APs, APm, APl } = metrics;
  const { precision, recall } = f1;
  return {
    AP50,
    AP,
    APs,
    APm,
    APl,
    precision,
    recall,
    f1: f1.f1,
    classes: Object.entries(perClass).map(([name, one]) => ({
      name,
      AP50: one.AP50,
      AP: one.AP,
      f1: one.f1,
      truths: one.truths,
    })),
  };
}

if (import.meta.main) Deno.exit(await main(Deno.args));
