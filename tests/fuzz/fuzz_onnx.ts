import { FoveaError } from "../../src/core/errors.ts";
import { createAdapter } from "../../src/detector/adapter.ts";
import { parseManifest } from "../../src/detector/manifest.ts";
import { parsePythonLiteral } from "../../src/detector/python_literal.ts";
import { planProbe, resolveSpec } from "../../src/detector/resolve_spec.ts";
import { readModel } from "../../src/onnx/read_model.ts";
import type { Fuzzer, Random } from "./fuzzer.ts";
import { restructureModel } from "./restructure_model.ts";
import { RECIPES } from "../../models/tiny/build.ts";

const ALLOWED: ReadonlySet<string> = new Set([
  "MODEL_INVALID",
  "MODEL_UNSUPPORTED",
  "MANIFEST_INVALID",
  "USAGE",
]);

/** Longest time one damaged file may take; none is near it. */
const BUDGET_MS = 2_000;

/** What reads a model; another one can be tried. */
type Read = typeof readModel;

/** Damages whole models and reads them: a typed error or a sound answer, and soon. */
export const fuzzer: Fuzzer = makeFuzzer(readModel);

/** The same with a fault: where a weight lacks data, the reader runs over its end. */
export const planted: Fuzzer = makeFuzzer((bytes) => {
  try {
    return readModel(bytes);
  } catch (error) {
    if (!(error instanceof FoveaError && /weight .* bytes/.test(error.message))) throw error;
    throw new RangeError("Offset is outside the bounds of the DataView");
  }
});

function makeFuzzer(read: Read): Fuzzer {
  return {
    name: "onnx",
    run(random: Random, runs: number): void {
      const models = Object.values(RECIPES).map((make) => make());
      for (let run = 0; run < runs; run++) {
        const whole = random.pick(models);
        const bytes = random.chance(2) ? damage(whole, random) : restructureModel(whole, random);
        const startedMs = performance.now();
        expectTyped(() => inspect(read, bytes), `run ${run}`);
        const tookMs = performance.now() - startedMs;
        if (tookMs > BUDGET_MS) throw new Error(`run ${run} took ${tookMs} ms`);
        expectTyped(() => parseManifest(randomManifest(random)), `manifest of run ${run}`);
        parsePythonLiteral(randomLiteral(random, 0));
      }
    },
  };
}

function inspect(read: Read, bytes: Uint8Array): void {
  const model = read(bytes);
  for (const name of model.initializers.keys()) model.constant(name);
  planProbe(model);
  const spec = resolveSpec(model);
  createAdapter(spec);
  if (spec.classNames.length < 1) throw new Error("a specification without classes");
  if (!(spec.input.width >= 1 && spec.input.height >= 1)) throw new Error("an input without size");
}

/** Runs `action` and lets only the errors through that a user is meant to see. */
function expectTyped(action: () => void, what: string): void {
  try {
    action();
  } catch (error) {
    if (error instanceof FoveaError && ALLOWED.has(error.code) && error.message !== "") return;
    throw new Error(`${what}: ${error instanceof Error ? error.stack : String(error)}`);
  }
}

function damage(whole: Uint8Array, random: Random): Uint8Array {
  const bytes = whole.slice();
  switch (random.int(0, 5)) {
    case 0:
      return bytes.subarray(0, random.int(0, bytes.length));
    case 1:
      return random.bytes(random.int(0, 300));
    case 2: {
      const from = random.int(0, bytes.length - 1);
      return Uint8Array.from([
        ...bytes.subarray(0, from),
        ...bytes.subarray(from + random.int(1, 40)),
      ]);
    }
    case 3: {
      const from = random.int(0, bytes.length - 1);
      bytes.copyWithin(random.int(0, bytes.length - 1), from, from + random.int(1, 60));
      return bytes;
    }
    default:
      for (let flips = random.int(1, 8); flips > 0; flips--) {
        const at = random.int(0, bytes.length - 1);
        bytes[at] = random.chance(2) ? random.word() & 255 : bytes[at]! ^ (1 << random.int(0, 7));
      }
      return bytes;
  }
}

function randomManifest(random: Random): string {
  if (random.chance(4)) return random.text(80);
  const keys = ["name", "sha256", "family", "input", "classes", "options", "license", "x"];
  const entries = Array.from(
    { length: random.int(0, 4) },
    () => [random.pick(keys), value(random, 0)],
  );
  return JSON.stringify(Object.fromEntries(entries));
}

function value(random: Random, depth: number): unknown {
  if (depth < 3 && random.chance(3)) {
    const keys = [
      "width",
      "height",
      "scaling",
      "scale",
      "bias",
      "letterbox",
      "mode",
      "strides",
      "y",
    ];
    const entries = Array.from({ length: random.int(0, 3) }, () => [
      random.pick(keys),
      value(random, depth + 1),
    ]);
    return Object.fromEntries(entries);
  }
  return random.pick([
    null,
    true,
    random.int(-10, 5000),
    random.text(12),
    [random.int(0, 64), random.text(4)],
    "0-1",
    "yolox",
    ["red", "blue"],
  ]);
}

function randomLiteral(random: Random, depth: number): string {
  if (depth < 12 && random.chance(2)) {
    const parts = Array.from({ length: random.int(0, 3) }, () => randomLiteral(random, depth + 1));
    return random.pick([
      `[${parts.join(",")}]`,
      `(${parts.join(",")},)`,
      `{${parts.map((part) => `${random.int(0, 9)}: ${part}`).join(", ")}}`,
    ]);
  }
  return random.pick(["1", "'a'", '"b', "None", "True", "1e5", "[", "}", random.text(6)]);
}
