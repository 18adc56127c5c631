// Each rule is shown a bad sample, so that no rule can pass by seeing nothing.
import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  checkGlobals,
  checkIgnores,
  checkLength,
  checkName,
  checkShape,
  checkWords,
} from "./file_rules.ts";
import { checkImports, findUnreachable } from "./import_rules.ts";
import { readSyntax } from "./syntax.ts";

/** Runs the import rule on one line of one file. */
function importFaults(path: string, text: string): string[] {
  return checkImports(path, readSyntax(path, text));
}

/** Runs the globals rule on one line of one file. */
function globalFaults(path: string, text: string): string[] {
  return checkGlobals(path, readSyntax(path, text));
}

/** Runs the shape rule on the text of one file. */
function shapeFaults(path: string, text: string): string[] {
  return checkShape(path, text, readSyntax(path, text));
}

const FORBIDDEN_IMPORTS: readonly [path: string, text: string, reason: RegExp][] = [
  ["src/core/a.ts", `import { b } from "../native/b.ts";`, /may import nothing/],
  ["src/core/a.ts", `import type { B } from "../camera/b.ts";`, /may import nothing/],
  ["src/core/a.ts", `let b: import("../camera/b.ts").B;`, /may import nothing/],
  ["src/onnx/a.ts", `import { b } from "../track/b.ts";`, /src\/onnx may import core/],
  ["src/native/a.ts", `export * from "../engine/b.ts";`, /src\/native may import/],
  ["src/camera/a.ts", `await import("../preprocess/b.ts");`, /src\/camera may import/],
  ["src/sink/a.ts", `export { b } from "../camera/b.ts";`, /src\/sink may import/],
  ["src/engine/a.ts", `import "../detector/b.ts";`, /src\/engine may import/],
  ["src/detector/a.ts", `import { b } from "../engine/b.ts";`, /src\/detector may import/],
  ["src/detector/a.ts", `import { b } from "../camera/b.ts";`, /src\/detector may import/],
  ["src/monitor/a.ts", `import { b } from "../refine/b.ts";`, /src\/monitor may import/],
  ["src/pipeline/a.ts", `import { b } from "../cli/b.ts";`, /src\/pipeline may import/],
  ["src/other/a.ts", `import { b } from "../core/b.ts";`, /not in the import table/],
  ["mod.ts", `export { b } from "./src/cli/b.ts";`, /nothing imports the CLI/],
  ["src/pipeline/a.ts", `import { b } from "./compose.ts";`, /only mod\.ts, src\/cli\/ may/],
  ["mod.ts", `import "./src/pipeline/perception_worker.ts";`, /only a worker's URL may/],
  ["src/engine/a.ts", `import { b } from "../../kernels/reference/b.ts";`, /only src\/native/],
  ["kernels/reference/a.ts", `import { b } from "../../src/native/b.ts";`, /src\/core only/],
  ["src/camera/a.ts", `import { b } from "../../tests/b.ts";`, /not shipped/],
  ["src/pipeline/a.ts", `new URL("../../models/tiny/a.onnx", import.meta.url);`, /not shipped/],
  ["src/pipeline/a.ts", `import "../../models/a.onnx";`, /not shipped/],
  ["src/camera/a.ts", `import { b } from "../../mod.ts";`, /a source imports sources only/],
  ["src/camera/a.ts", `import { b } from "@fovea/fovea";`, /not in the table/],
  ["src/camera/a.ts", `import { b } from "commander";`, /only cli may/],
  ["src/engine/a.ts", `import * as ort from "onnxruntime-node";`, /opens a native library/],
  ["src/camera/a.ts", `import { b } from "node-av/api";`, /opens a native library/],
  ["src/core/a.ts", `import type { B } from "node-av";`, /only camera, sink/],
];

for (const [path, text, reason] of FORBIDDEN_IMPORTS) {
  Deno.test(`checkImports() refuses ${text} in ${path}`, () => {
    const faults = importFaults(path, text);
    assertEquals(faults.length, 1);
    assertMatch(faults[0]!, reason);
  });
}

const ALLOWED_IMPORTS: readonly [path: string, text: string][] = [
  ["src/camera/a.ts", `import { b } from "../native/b.ts";`],
  ["src/camera/a.ts", `import type { B } from "node-av"; await import("node-av");`],
  ["src/camera/a.ts", `import { AV_PIX_FMT_NV12 } from "node-av/constants";`],
  ["src/detector/a.ts", `import { b } from "../preprocess/b.ts";`],
  ["src/native/a.ts", `import { b } from "../../kernels/reference/b.ts";`],
  ["src/pipeline/a.ts", `new Worker(new URL("./perception_worker.ts", import.meta.url));`],
  ["src/pipeline/a.ts", `new URL("../../models/a.onnx", import.meta.url);`],
  ["src/cli/run.ts", `import { b } from "../pipeline/compose.ts";`],
];

for (const [path, text] of ALLOWED_IMPORTS) {
  Deno.test(`checkImports() allows ${text} in ${path}`, () => {
    assertEquals(importFaults(path, text), []);
  });
}

const FORBIDDEN_GLOBALS: readonly [path: string, text: string][] = [
  ["src/engine/a.ts", `Deno.dlopen("x", {});`],
  ["src/engine/a.ts", `new Deno.UnsafePointerView(p);`],
  ["src/engine/a.ts", `const { dlopen } = Deno;`],
  ["src/engine/a.ts", `globalThis.Deno.dlopen("x", {});`],
  ["src/camera/a.ts", `new WebAssembly.Memory({ initial: 1 });`],
  ["src/camera/a.ts", `console.log(1);`],
  ["src/core/a.ts", `Deno.readTextFileSync("x");`],
  ["src/core/a.ts", `const now = Date.now();`],
  ["src/core/a.ts", `const now = new Date();`],
  ["src/losses/a.ts", `performance.now();`],
  ["src/world/a.ts", `Math.sin(1);`],
  ["src/world/a.ts", `Math.random();`],
  ["src/world/scene/a.ts", `const { exp } = Math;`],
  ["src/world/a.ts", `const square = x ** 2;`],
  ["src/track/a.ts", `Math.random();`],
  ["src/onnx/a.ts", `setTimeout(f, 1);`],
  ["src/evaluate/a.ts", `fetch("x");`],
  ["src/core/a.ts", `new WebAssembly.Memory({ initial: 1 });`],
  ["kernels/reference/a.ts", `Deno.cwd();`],
  ["src/camera/a_test.ts", `await new Promise((wake) => setTimeout(wake, 10));`],
  ["tests/e2e/support.ts", `setInterval(f, 10);`],
];

for (const [path, text] of FORBIDDEN_GLOBALS) {
  Deno.test(`checkGlobals() refuses ${text} in ${path}`, () => {
    assertEquals(globalFaults(path, text).length, 1);
  });
}

const ALLOWED_GLOBALS: readonly [path: string, text: string][] = [
  ["src/core/a.ts", `let memory: WebAssembly.Memory;`],
  ["src/core/a.ts", `Math.max(1, 2);`],
  ["src/track/a.ts", `Math.exp(1) ** 2;`],
  ["src/world/a.ts", `Math.sqrt(Math.max(1, Math.imul(2, 3)));`],
  ["src/core/a.ts", `export function f(r: { performance: number }) { return r.performance; }`],
  ["src/core/a.ts", `let open: typeof Deno.dlopen;`],
  ["src/native/a.ts", `Deno.dlopen("x", {}); new WebAssembly.Memory({ initial: 1 });`],
  ["src/cli/a.ts", `console.log(1);`],
  ["src/camera/a.ts", `Deno.cwd();`],
];

for (const [path, text] of ALLOWED_GLOBALS) {
  Deno.test(`checkGlobals() allows ${text} in ${path}`, () => {
    assertEquals(globalFaults(path, text), []);
  });
}

Deno.test("checkShape() refuses a default export", () => {
  assertMatch(shapeFaults("src/core/a.ts", "export default 1;\n")[0]!, /default export/);
});

Deno.test("checkShape() refuses an arrow function at the top level, not inside a function", () => {
  assertMatch(shapeFaults("src/core/a.ts", "export const f = () => 1;\n")[0]!, /arrow/);
  assertEquals(shapeFaults("src/core/a.ts", "function f() { const g = () => 1; }\n"), []);
});

Deno.test("checkShape() refuses a function over the limit and accepts one at it", () => {
  const body = "  let x = 1;\n";
  const methods = (n: number) => `class A {\nm() {\n${body.repeat(n)}}\n}\n`;
  assertEquals(shapeFaults("src/core/a.ts", methods(68)), []);
  assertMatch(shapeFaults("src/core/a.ts", methods(69))[0]!, /over 70 lines: m/);
});

Deno.test("checkShape() refuses what runs on import", () => {
  assertMatch(shapeFaults("src/core/a.ts", "start();\n")[0]!, /effect on import: start/);
  assertMatch(shapeFaults("src/core/a.ts", "const a = await f();\n")[0]!, /effect on import/);
  assertEquals(shapeFaults("tests/fuzz/main.ts", "start();\n"), []);
  assertEquals(shapeFaults("src/cli/main.ts", "if (import.meta.main) start();\n"), []);
  assertEquals(shapeFaults("src/pipeline/perception_worker.ts", "self.onmessage = f;\n"), []);
});

Deno.test("checkLength() refuses 301 lines and accepts 300", () => {
  assertEquals(checkLength("a.ts", "\n".repeat(300)), []);
  assertEquals(checkLength("a.ts", "\n".repeat(301)).length, 1);
});

Deno.test("checkName() refuses vague and camelCase file names", () => {
  for (const path of ["src/core/utils.ts", "src/types.ts", "helpers.ts", "src/core/myFile.ts"]) {
    assertEquals(checkName(path).length, 1, path);
  }
  assertEquals(checkName("src/core/pixel_format.ts"), []);
});

Deno.test("checkWords() refuses open ends, paths of one machine and issue numbers", () => {
  const samples = ["TO" + "DO: later", "see /ho" + "me/me/x", "iss" + "ue 12", "#" + "12"];
  for (const text of samples) assertEquals(checkWords("a.ts", `// ${text}\n`).length, 1, text);
  assertEquals(checkWords("a.ts", "this.#pool, an InferenceSession, /dev/video0, todos"), []);
});

Deno.test("checkIgnores() refuses a check switched off without a name", () => {
  for (const text of ["// @ts-ignore", "// @ts-nocheck", "// deno-lint-ignore"]) {
    assertEquals(checkIgnores("a.ts", readSyntax("a.ts", `${text}\nf();`)).length, 1, text);
  }
  const named = readSyntax("a.ts", "// deno-lint-ignore no-console\nf();");
  assertEquals(checkIgnores("a.ts", named), []);
});

Deno.test("findUnreachable() names what no root imports", () => {
  const graph = new Map([["a", ["b"]], ["b", ["a"]], ["c", ["b"]]]);
  assertEquals(findUnreachable(graph, ["a"]), ["c"]);
});

Deno.test("readSyntax() throws on a file that does not parse", () => {
  assertThrows(() => readSyntax("a.ts", "function {"));
});
