// Runs fuzzers by name.
//
//   deno run -A tests/fuzz/main.ts <name|smoke|canary> [--seed N] [--runs N]
//
// `smoke` runs all of them briefly from a fixed seed. `canary` plants a fault into a function of its
// own and into what each fuzzer tries, and exits with 0 only if all are found. Everything else exits with 1 if a fault is found and prints the seed that shows
// it again.
//
// deno-lint-ignore-file no-console -- it is a command
import { fuzzer as canary } from "./fuzz_canary.ts";
import { type Fuzzer, Random } from "./fuzzer.ts";

/** What a fuzzer's module exports. */
interface FuzzerModule {
  readonly fuzzer: Fuzzer;
  /** The same fuzzer on something with a fault that it must find. */
  readonly planted?: Fuzzer;
}

/** Every fuzzer by name; a new one needs only its line. */
const MODULES: Readonly<Record<string, () => Promise<FuzzerModule>>> = {
  adapters: () => import("./fuzz_adapters.ts"),
  "camera-uri": () => import("./fuzz_camera_uri.ts"),
  coco: () => import("./fuzz_coco.ts"),
  heads: () => import("./fuzz_heads.ts"),
  onnx: () => import("./fuzz_onnx.ts"),
};

const SMOKE_SEED = 20_260_101;
const SMOKE_RUNS = 300;
const RUNS_DEFAULT = 20_000;
const CANARY_RUNS = 1_000;

/** What the command line asks for. */
interface Request {
  readonly name: string;
  readonly seed: number;
  readonly runs: number | null;
}

function parse(args: readonly string[]): Request | null {
  const [name, ...rest] = args;
  let seed = SMOKE_SEED;
  let runs: number | null = null;
  for (let i = 0; i < rest.length; i += 2) {
    const value = Number(rest[i + 1]);
    if (!Number.isInteger(value) || value < 0) return null;
    if (rest[i] === "--seed") seed = value;
    else if (rest[i] === "--runs") runs = value;
    else return null;
  }
  return name === undefined ? null : { name, seed, runs };
}

async function runOne(fuzzer: Fuzzer, seed: number, runs: number): Promise<boolean> {
  const startedMs = performance.now();
  try {
    await fuzzer.run(new Random(seed), runs);
  } catch (error) {
    console.error(`${fuzzer.name}: fault found; repeat it with --seed ${seed} --runs ${runs}`);
    console.error(error);
    return false;
  }
  const seconds = (performance.now() - startedMs) / 1000;
  console.log(
    `${fuzzer.name}: ${runs} runs from seed ${seed} in ${seconds.toFixed(1)} s, no fault`,
  );
  return true;
}

/** Whether every planted fault is found. */
async function runCanaries(seed: number, runs: number): Promise<boolean> {
  const modules = await Promise.all(Object.values(MODULES).map((load) => load()));
  const planted = [canary, ...modules.flatMap((module) => module.planted ?? [])];
  let missed = 0;
  for (const fuzzer of planted) {
    const quiet = await runOne(fuzzer, seed, runs);
    console.log(`canary in ${fuzzer.name}: ${quiet ? "NOT found" : "found, as it must be"}`);
    if (quiet) missed++;
  }
  return missed === 0;
}

async function main(args: readonly string[]): Promise<number> {
  const request = parse(args);
  const names = Object.keys(MODULES);
  if (request === null) {
    console.error(
      `Usage: main.ts <${[...names, "smoke", "canary"].join("|")}> [--seed N] [--runs N]`,
    );
    return 2;
  }
  const { name, seed, runs } = request;
  if (name === "canary") return await runCanaries(seed, runs ?? CANARY_RUNS) ? 0 : 1;
  const wanted = name === "smoke" ? names : names.filter((other) => other === name);
  if (wanted.length === 0) {
    console.error(`There is no fuzzer "${name}"; there are ${names.join(", ")}`);
    return 2;
  }
  let faults = 0;
  for (const one of wanted) {
    const { fuzzer } = await MODULES[one]!();
    const count = runs ?? (name === "smoke" ? SMOKE_RUNS : RUNS_DEFAULT);
    if (!(await runOne(fuzzer, seed, count))) faults++;
  }
  return faults === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
