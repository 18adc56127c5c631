import type { SyntaxFacts } from "./syntax.ts";

const PURE = ["core", "report", "losses", "onnx", "track", "evaluate", "world", "degrade"];
const BASE = [...PURE, "native", "storage"];
const PARTS = [...BASE, "board", "camera", "preprocess", "engine", "sink"];
const LOOP = [...PARTS, "detector", "monitor", "refine"];

/**
 * Which folders of `src` each folder may import, itself aside. Imports run one way only; folders
 * on one level do not know each other.
 */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  losses: ["core"],
  onnx: ["core"],
  track: ["core"],
  report: ["core"],
  evaluate: ["core", "report"],
  world: ["core"],
  degrade: ["core"],
  native: PURE,
  storage: ["core"],
  board: BASE,
  camera: [...BASE, "board"],
  preprocess: BASE,
  engine: BASE,
  sink: BASE,
  detector: [...BASE, "preprocess"],
  monitor: [...BASE, "preprocess", "detector"],
  refine: [...BASE, "preprocess", "detector"],
  pipeline: LOOP,
  serve: [...LOOP, "pipeline"],
  fleet: [...LOOP, "pipeline"],
  cli: [...LOOP, "pipeline", "serve", "fleet"],
};

/** Which folders of `src` may use a package from outside. */
export const PACKAGE_FOLDERS: Readonly<Record<string, readonly string[]>> = {
  "@bufbuild/protobuf": ["onnx"],
  "@tensorflow/tfjs-backend-cpu": ["refine"],
  "@tensorflow/tfjs-core": ["refine"],
  "onnx-buf": ["onnx"],
  "onnxruntime-node": ["engine"],
  "node-av": ["camera", "sink", "cli"],
  "commander": ["cli"],
  "valibot": ["core", "onnx", "camera", "detector", "monitor", "refine", "pipeline", "cli"],
};

/** Packages that open a native library while they are imported: only `await import()` them. */
const OPENS_ON_IMPORT = /^(node-av(?!\/constants$)|onnxruntime-node)(\/|$)/;

/** Files that put all parts together, and who may import them (`tests` and `bench` always may). */
export const COMPOSITION_ROOTS: Readonly<Record<string, readonly string[]>> = {
  "src/pipeline/compose.ts": ["mod.ts", "src/cli/"],
  "src/pipeline/perception_worker.ts": [],
};

/** Folders whose files are never shipped; nothing shipped imports them. */
const NOT_SHIPPED = ["tests/", "bench/", "examples/", "models/", "tools/", "docs/"];
/** Models that are shipped, all the same. */
const SHIPPED_MODEL = /^models\/[\w-]+\.onnx$/;

/** Lists the imports of one shipped file that break the table; empty where it obeys. */
export function checkImports(path: string, facts: SyntaxFacts): string[] {
  const faults: string[] = [];
  for (const fact of facts.imports) {
    const { specifier, kind, line } = fact;
    const target = resolveSpecifier(path, specifier);
    const fault = target === null
      ? checkPackage(path, specifier, kind)
      : checkPath(path, target, kind);
    if (fault !== null) faults.push(`${path}:${line}: imports ${specifier}: ${fault}`);
  }
  return faults;
}

/** The repository path a relative specifier means, or `null` for a package. */
export function resolveSpecifier(path: string, specifier: string): string | null {
  if (!specifier.startsWith(".")) return null;
  return new URL(specifier, `file:///${path}`).pathname.slice(1);
}

/** `src/camera/uri.ts` -> `camera`; `null` outside `src`. */
export function folderOf(path: string): string | null {
  return /^src\/([^/]+)\//.exec(path)?.[1] ?? null;
}

function checkPath(path: string, target: string, kind: string): string | null {
  if (kind === "url" && SHIPPED_MODEL.test(target)) return null;
  if (NOT_SHIPPED.some((folder) => target.startsWith(folder))) return "it is not shipped";
  const importers = COMPOSITION_ROOTS[target];
  if (importers !== undefined && kind !== "url" && !importers.some((p) => path.startsWith(p))) {
    return `only ${importers.join(", ") || "a worker's URL"} may`;
  }
  if (path.startsWith("kernels/reference/")) {
    const allowed = target.startsWith("kernels/reference/") || folderOf(target) === "core";
    return allowed ? null : "references import src/core only";
  }
  const from = folderOf(path);
  if (from === null) return target.startsWith("src/cli/") ? "nothing imports the CLI" : null;
  if (target.startsWith("kernels/")) {
    return from === "native" ? null : "only src/native touches the kernels";
  }
  const to = folderOf(target);
  if (to === null) return "a source imports sources only";
  if (to === from) return null;
  const allowed = MAY_IMPORT[from];
  if (allowed === undefined) return `src/${from} is not in the import table`;
  return allowed.includes(to) ? null : `src/${from} may import ${allowed.join(", ") || "nothing"}`;
}

function checkPackage(path: string, specifier: string, kind: string): string | null {
  if (specifier.startsWith("node:")) return null;
  const name = /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
  if (kind === "static" && OPENS_ON_IMPORT.test(specifier)) {
    return "it opens a native library on import; use await import()";
  }
  const from = folderOf(path);
  if (from === null) return "this file imports sources only";
  const folders = PACKAGE_FOLDERS[name];
  if (folders === undefined) return "this package is not in the table";
  return folders.includes(from) ? null : `only ${folders.join(", ")} may`;
}

/** Lists the files that no root reaches; `graph` maps a path to what it imports. */
export function findUnreachable(
  graph: ReadonlyMap<string, readonly string[]>,
  roots: readonly string[],
): string[] {
  const seen = new Set<string>();
  const queue = [...roots];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    queue.push(...(graph.get(path) ?? []));
  }
  return [...graph.keys()].filter((path) => !seen.has(path));
}
