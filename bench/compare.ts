// deno-lint-ignore-file no-console
/*
 * Measures fovea against the bare model, against a plain Deno script and against its own limits,
 * prints the ratios, and writes them as JSON.
 *
 *   deno task compare [--only engine,loop,head,…] [--rounds N] [--baseline] [--json]
 *
 * The measures are engine, loop, head, refine, clip, hd, street, memory and start; all of them by default.
 *
 * Results go to bench/results/; with --baseline to bench/baselines/<device>.json.
 * FOVEA_BENCH=small does just enough work to show that every bench runs.
 */
import { parseArgs } from "node:util";
import { type BenchInputs, benchInputs } from "./bench_inputs.ts";
import { type BenchSize, benchSize } from "./bench_size.ts";
import { type Figure, formatFigures, formatQuantiles } from "./figure.ts";
import { describeMachine, type Machine } from "./machine.ts";
import { measureEngine } from "./measure_engine.ts";
import { measureHead } from "./measure_head.ts";
import { measureLoop } from "./measure_loop.ts";
import { measureMemory } from "./measure_memory.ts";
import { measurePeer } from "./measure_peer.ts";
import { measureRefine } from "./measure_refine.ts";
import { measureStart } from "./measure_start.ts";

type Measure = (inputs: BenchInputs, size: BenchSize) => Promise<Figure[]>;

const MEASURES: Readonly<Record<string, Measure>> = {
  engine: (inputs, size) => measureEngine(inputs.main, size),
  loop: (inputs, size) => measureLoop(inputs.main, size),
  head: (inputs, size) => measureHead(inputs.main, size),
  refine: (inputs, size) => measureRefine(inputs.main, size),
  clip: (inputs, size) => measurePeer("clip", inputs.main, size.frames, size),
  hd: (inputs, size) => measurePeer("hd", inputs.hd, size.framesHd, size),
  street: (inputs, size) => measurePeer("street", inputs.street, size.framesHd, size),
  memory: (inputs, size) => measureMemory(inputs.long, size),
  start: (inputs, size) => measureStart(inputs.main, size),
};

/** What is written: the figures with everything needed to read them later. */
interface Report {
  readonly date: string;
  readonly machine: Machine;
  readonly size: "small" | "full";
  /** Whether the inputs are the real ones, so that targets mean something. */
  readonly real: boolean;
  readonly inputs: readonly string[];
  readonly figures: readonly Figure[];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      only: { type: "string", default: Object.keys(MEASURES).join(",") },
      rounds: { type: "string" },
      baseline: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  const named = benchSize();
  const size = values.rounds === undefined ? named : { ...named, rounds: Number(values.rounds) };
  const report = await measure(values.only.split(","), size);
  const judged = report.real && !size.small;
  const path = await write(report, values.baseline && judged);
  if (values.json) console.log(JSON.stringify(report, null, 2));
  else console.log([...formatReport(report, judged), path].join("\n\n"));
}

async function measure(names: readonly string[], size: BenchSize): Promise<Report> {
  const machine = await describeMachine();
  const inputs = await benchInputs(size);
  console.error(`${machine.cpu}, ${machine.cores} cores, ${machine.system}`);
  if (!inputs.real) {
    console.error(
      "The real clip and models are absent: the drawn street and the shipped detector stand in, " +
        "for which no targets are stated",
    );
  }
  const figures: Figure[] = [];
  for (const name of names) {
    const measureOne = MEASURES[name];
    if (measureOne === undefined) {
      throw new Error(`Cannot measure "${name}": use ${Object.keys(MEASURES).join(", ")}`);
    }
    console.error(`measuring ${name} …`);
    figures.push(...await measureOne(inputs, size));
  }
  return {
    date: new Date().toISOString(),
    machine,
    size: size.small ? "small" : "full",
    real: inputs.real,
    inputs: [inputs.main.name, inputs.hd.name, inputs.long.name, inputs.street.name],
    figures,
  };
}

function formatReport({ figures }: Report, judged: boolean): string[] {
  const isQuantile = ({ id }: Figure) => /\.p(50|95|99)$/.test(id);
  const quantiles = figures.filter(isQuantile);
  const table = formatFigures(figures.filter((figure) => !isQuantile(figure)), judged);
  return quantiles.length === 0 ? [table] : [table, formatQuantiles(quantiles)];
}

async function write(report: Report, asBaseline: boolean): Promise<string> {
  const folder = new URL(asBaseline ? "./baselines/" : "./results/", import.meta.url);
  const name = asBaseline ? report.machine.device : report.date.replace(/[:.]/g, "-");
  await Deno.mkdir(folder, { recursive: true });
  const url = new URL(`${name}.json`, folder);
  await Deno.writeTextFile(url, `${JSON.stringify(report, null, 2)}\n`);
  return url.pathname;
}

await main();
