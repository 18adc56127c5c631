import { folderOf } from "./import_rules.ts";
import { isTest } from "./source_tree.ts";
import type { PlaceFact, SyntaxFacts } from "./syntax.ts";

/** Most lines a TypeScript file may have. */
export const FILE_LINES_MAX = 300;
/** Most lines a function may have, its signature included. */
export const FUNCTION_LINES_MAX = 70;
/** Most bytes a committed file may have. */
export const FILE_BYTES_MAX = 1_000_000;

const NATIVE_ONLY = /^(Deno(\.dlopen|\.Unsafe\w*)?|WebAssembly(\.\w+)?)$/;
const IMPURE =
  /^(Deno|Date|performance|crypto|console|process|fetch|setTimeout|setInterval|Worker)\b|^Math\.random$/;
/** What IEEE 754 does not define to the last bit, so that machines may differ. */
const INEXACT =
  /^(\*\*|Math|Math\.(?!(abs|ceil|clz32|floor|fround|imul|max|min|round|sign|sqrt|trunc)$)\w+)$/;
/** Folders whose results are the same bits on every machine. */
const EXACT_FOLDERS = new Set(["world"]);
const TIMERS = /^(setTimeout|setInterval)$/;
const PURE_FOLDERS = new Set([
  "core",
  "report",
  "losses",
  "onnx",
  "track",
  "evaluate",
  "world",
  "degrade",
]);
const VAGUE_NAMES = /(^|\/)(utils?|types?|helpers?|common|misc|shared_types)\.ts$/;
const OPEN_ENDS = new RegExp(
  `\\b(${["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"].join("|")})\\b`,
);
/** Paths of one machine and numbers of one tracker mean nothing to a reader elsewhere. */
const PRIVATE_WORDS = /(^|[\s"'`(])\/(work|root|home|tmp)\/|\b(issue|PR) ?#?\d+|(^|\s)#\d+\b/;

/** Lists the globals that the folder of a file may not use; empty where it obeys. */
export function checkGlobals(path: string, facts: SyntaxFacts): string[] {
  const folder = folderOf(path);
  const pure = path.startsWith("kernels/reference/") ||
    (folder !== null && PURE_FOLDERS.has(folder));
  return facts.globals.flatMap(({ name, line }) => {
    const reason = isTest(path) || path.startsWith("tests/")
      ? (TIMERS.test(name) ? "tests do not sleep; use ManualClock or an event" : null)
      : folder !== null && EXACT_FOLDERS.has(folder) && INEXACT.test(name)
      ? "its last bits differ between machines; src/world/exact_math.ts has a function"
      : bannedBecause(name, folder, pure);
    return reason === null ? [] : [`${path}:${line}: uses ${name}: ${reason}`];
  });
}

function bannedBecause(name: string, folder: string | null, pure: boolean): string | null {
  if (pure) return IMPURE.test(name) || NATIVE_ONLY.test(name) ? "this folder is pure" : null;
  if (folder === null) return null;
  if (folder !== "native" && NATIVE_ONLY.test(name)) return "only src/native may";
  if (folder !== "cli" && name.startsWith("console")) return "only the CLI prints";
  return null;
}

/** Lists the faults in a file's shape: length, exports, arrows, effects on import. */
export function checkShape(path: string, text: string, facts: SyntaxFacts): string[] {
  const faults: string[] = [...checkLength(path, text)];
  function addAll(places: readonly PlaceFact[], what: string): void {
    for (const { name, line } of places) faults.push(`${path}:${line}: ${what}: ${name}`);
  }
  const long = facts.functions.filter(({ lines }) => lines > FUNCTION_LINES_MAX);
  // A suite that is run for every implementation is a list of tests, however long.
  const isSuite = isTest(path) || path.endsWith("_cases.ts");
  if (!isSuite) addAll(long, `a function over ${FUNCTION_LINES_MAX} lines`);
  addAll(facts.defaultExports, "a default export");
  addAll(facts.topLevelArrows, "an arrow function at the top level");
  if (mustNotAct(path)) addAll(facts.effects, "an effect on import");
  return faults;
}

/** Shipped modules do nothing on import, except the entries of workers, which nobody imports. */
function mustNotAct(path: string): boolean {
  return path.startsWith("src/") && !isTest(path) && !path.endsWith("_worker.ts");
}

/** Lists the faults in a file's length. */
export function checkLength(path: string, text: string): string[] {
  const lines = text.split("\n").length - 1;
  return lines > FILE_LINES_MAX ? [`${path}: ${lines} lines, at most ${FILE_LINES_MAX}`] : [];
}

/** Lists the faults in a file's name. */
export function checkName(path: string): string[] {
  const faults: string[] = [];
  if (VAGUE_NAMES.test(path)) faults.push(`${path}: a name for the idea or no file`);
  const name = path.split("/").at(-1)!;
  if (name.endsWith(".ts") && !/^[a-z0-9_]+(\.d)?\.ts$/.test(name)) {
    faults.push(`${path}: file names are snake_case`);
  }
  return faults;
}

/** Lists open ends and words that only mean something in one place. */
export function checkWords(path: string, text: string): string[] {
  const faults: string[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (OPEN_ENDS.test(line)) faults.push(`${path}:${index + 1}: an open end: ${line.trim()}`);
    if (PRIVATE_WORDS.test(line)) {
      faults.push(`${path}:${index + 1}: means nothing elsewhere: ${line.trim()}`);
    }
  }
  return faults;
}

/** Lists checks of the compiler and the linter that are switched off without a reason. */
export function checkIgnores(path: string, facts: SyntaxFacts): string[] {
  return facts.comments.flatMap(({ name, line }) => {
    const bare = /^\s*deno-lint-ignore(-file)?\s*$/.test(name);
    return /@ts-(ignore|nocheck)/.test(name) || bare
      ? [`${path}:${line}: switches a check off: ${name.trim()}`]
      : [];
  });
}
