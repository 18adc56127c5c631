/// <reference lib="deno.worker" />
// A perception worker on a machine with TensorRT, as far as its lane can tell. Models really run on
// the processor; how they are damaged, and what building does, is in the query of its URL.
import { FoveaError } from "../../src/core/errors.ts";
import { loadEngine } from "../../src/engine/load_engine.ts";
import { serveRequests } from "../../src/pipeline/serve_requests.ts";
import { type Damage, DamagedEngine } from "./damaged_engine.ts";

declare const self: DedicatedWorkerGlobalScope;

/** The folder of the only engine that is ever built. */
const ENGINE_NAME = "orin-sm87_trt100300_ort1.23.0_fp32_0123456789abcdef";

const MISSING = "Cannot use TensorRT: libnvinfer.so.10 is missing";

const query = new URL(self.location.href).searchParams;
const damage = (query.get("damage") ?? "none") as Damage;
/** A file that is locked as long as building, or a run of a hanging picture, lasts. */
const gate = query.get("gate");
/** A file with a line for every build. */
const log = query.get("log");

serveRequests(self, {
  locateEngine: async ({ tensorrt: { cacheFolder } }) => {
    if (query.has("missing")) {
      throw new FoveaError(
        "ENGINE_UNAVAILABLE",
        "Cannot use TensorRT: libnvinfer.so.10 is missing",
      );
    }
    if (cacheFolder === undefined) return { name: null, isBuilt: false };
    return { name: ENGINE_NAME, isBuilt: await exists(`${cacheFolder}/${ENGINE_NAME}/a.engine`) };
  },
  loadEngine: async (name, model, options, stream) => {
    const providers = [...options.providers ?? ["cpu"]];
    const missed: string[] = [];
    if (providers[0] === "tensorrt" && query.has("missing") && options.fallback === true) {
      missed.push(`tensorrt: ${MISSING}`);
      providers.shift();
    }
    const [provider] = providers as [string];
    if (provider === "tensorrt") build(options.tensorrt?.cacheFolder);
    const { fallback: _, tensorrt: _tensorrt, cuda: _cuda, ...others } = options;
    const engine = await loadEngine(name, model, { ...others, providers: ["cpu"] }, stream);
    const hanging = query.has("hang") ? gate : null;
    const wrong = provider === "tensorrt" ? damage : "none";
    return new DamagedEngine(engine, provider, missed, wrong, hanging);
  },
});

/** Builds an engine as TensorRT does: half of it is there for quite a while. */
function build(cacheFolder: string | undefined): void {
  if (query.has("missing")) {
    throw new FoveaError("ENGINE_UNAVAILABLE", MISSING);
  }
  const folder = cacheFolder && `${cacheFolder}/${ENGINE_NAME}`;
  if (folder !== undefined && existsSync(`${folder}/a.engine`)) return;
  if (log !== null) Deno.writeTextFileSync(log, "built\n", { append: true });
  if (folder !== undefined) Deno.writeTextFileSync(`${folder}/a.engine`, "half");
  if (gate !== null && !query.has("hang")) {
    using file = Deno.openSync(gate, { write: true });
    file.lockSync(true);
  }
  if (query.has("fails")) {
    throw new FoveaError("ENGINE_FAILED", "Cannot load the model: TensorRT found no tactic");
  }
  if (folder === undefined) return;
  Deno.writeTextFileSync(`${folder}/a.engine`, "whole");
  Deno.writeTextFileSync(`${folder}/a.timing`, "timings");
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

function existsSync(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
