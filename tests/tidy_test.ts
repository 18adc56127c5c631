// The rules of the house, checked on every file of the repository. That each rule can fail is
// shown in tidy/rules_test.ts.
import { assertEquals, assertGreater } from "@std/assert";
import {
  checkGlobals,
  checkIgnores,
  checkLength,
  checkName,
  checkShape,
  checkWords,
  FILE_BYTES_MAX,
} from "./tidy/file_rules.ts";
import { checkImports, findUnreachable, resolveSpecifier } from "./tidy/import_rules.ts";
import { isTest, listSourceFiles, type SourceFile } from "./tidy/source_tree.ts";
import { readSyntax, type SyntaxFacts } from "./tidy/syntax.ts";

const ROOT = new URL("../", import.meta.url);

/** Files that may be longer than the limit, each with its reason. */
const LONG_FILES: Readonly<Record<string, string>> = {};

/** Files that may be bigger than the limit, each with its reason. */
const BIG_FILES: Readonly<Record<string, string>> = {
  "models/fovea-street.onnx": "the detector that comes with fovea",
};

const files = listSourceFiles(ROOT);
const texts = files.filter((file): file is SourceFile & { text: string } => file.text !== null);
/** AssemblyScript puts decorators on functions, which TypeScript does not parse. */
const sources = texts.filter(({ path }) => path.endsWith(".ts") && !isAssemblyScript(path));
const facts = new Map<string, SyntaxFacts>(
  sources.map(({ path, text }) => [path, readSyntax(path, text)]),
);
const shipped = sources.filter(({ path }) =>
  /^(mod\.ts$|src\/|kernels\/reference\/)/.test(path) && !isTest(path)
);

function isAssemblyScript(path: string): boolean {
  return path.startsWith("kernels/wasm/");
}

Deno.test("the tree holds the sources that the rules are about", () => {
  assertGreater(shipped.length, 10);
});

Deno.test("imports run one way, and packages stay in their folders", () => {
  assertEquals(shipped.flatMap(({ path }) => checkImports(path, facts.get(path)!)), []);
});

Deno.test("examples use the public names only", () => {
  const examples = sources.filter(({ path }) => path.startsWith("examples/"));
  const faults = examples.flatMap(({ path }) =>
    facts.get(path)!.imports
      .filter(({ kind, specifier }) =>
        kind !== "url" && !/^(@fovea\/fovea|node-av)/.test(specifier)
      )
      .map(({ specifier }) => `${path}: imports ${specifier}`)
  );
  assertEquals(faults, []);
});

Deno.test("pure folders are pure, native calls stay in src/native, tests do not sleep", () => {
  assertEquals(sources.flatMap(({ path }) => checkGlobals(path, facts.get(path)!)), []);
});

Deno.test("files and functions are short, nothing runs on import", () => {
  const faults = sources
    .filter(({ path }) => LONG_FILES[path] === undefined)
    .flatMap(({ path, text }) => checkShape(path, text, facts.get(path)!));
  assertEquals(faults, []);
});

Deno.test("AssemblyScript files are short", () => {
  const faults = texts
    .filter(({ path }) => isAssemblyScript(path) && LONG_FILES[path] === undefined)
    .flatMap(({ path, text }) => checkLength(path, text));
  assertEquals(faults, []);
});

Deno.test("exceptions from the limits are still needed", () => {
  const lengthOf = new Map(texts.map(({ path, text }) => [path, checkLength(path, text).length]));
  const bytesOf = new Map(files.map(({ path, bytes }) => [path, bytes]));
  assertEquals(Object.keys(LONG_FILES).filter((path) => !lengthOf.get(path)), []);
  assertEquals(
    Object.keys(BIG_FILES).filter((path) => (bytesOf.get(path) ?? 0) <= FILE_BYTES_MAX),
    [],
  );
});

Deno.test("file names say what is inside", () => {
  assertEquals(files.flatMap(({ path }) => checkName(path)), []);
});

Deno.test("no big file is committed", () => {
  const big = files.filter(({ path, bytes }) => bytes > FILE_BYTES_MAX && !BIG_FILES[path]);
  assertEquals(big.map(({ path, bytes }) => `${path}: ${bytes} bytes`), []);
});

Deno.test("no open ends, and nothing that only means something in one place", () => {
  assertEquals(texts.flatMap(({ path, text }) => checkWords(path, text)), []);
});

Deno.test("no check is switched off wholesale", () => {
  assertEquals(sources.flatMap(({ path }) => checkIgnores(path, facts.get(path)!)), []);
});

Deno.test("every source is reached from an export, the CLI or a worker", () => {
  const graph = new Map(shipped.map(({ path }) => [path, targetsOf(path)]));
  const roots = [...exportedPaths(), "src/cli/main.ts"];
  assertEquals(findUnreachable(graph, roots), []);
});

Deno.test("every export of deno.json exists", () => {
  assertEquals(exportedPaths().filter((path) => !facts.has(path)), []);
});

Deno.test("no test is left focused or switched off without a reason", () => {
  const faults = sources.filter(({ path }) => isTest(path)).flatMap(({ path, text }) =>
    text.split("\n").flatMap((line, index) =>
      /Deno\.test\.(only|ignore)\(|\bonly: true/.test(line) ? [`${path}:${index + 1}: ${line}`] : []
    )
  );
  assertEquals(faults.filter((fault) => !fault.startsWith("tests/tidy_test.ts")), []);
});

function targetsOf(path: string): string[] {
  return facts.get(path)!.imports.flatMap(({ specifier }) => {
    const target = resolveSpecifier(path, specifier);
    return target === null ? [] : [target];
  });
}

function exportedPaths(): string[] {
  const config = JSON.parse(Deno.readTextFileSync(new URL("deno.json", ROOT))) as {
    exports: Record<string, string>;
  };
  return Object.values(config.exports).map((path) => path.replace(/^\.\//, ""));
}
