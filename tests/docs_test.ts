// The documents for people are checked against what they speak of, so that they stay true.
import { assertEquals, assertGreater, assertMatch } from "@std/assert";

const ROOT = new URL("../", import.meta.url);
const DOCUMENTS = [
  "README.md",
  "ARCHITECTURE.md",
  "SECURITY.md",
  "CHANGELOG.md",
  "bench/README.md",
  "examples/README.md",
  "docs/jetson.md",
  "docs/monitoring.md",
  "docs/refining.md",
  "docs/tensorflow.md",
];

function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT));
}

function exists(path: string): boolean {
  try {
    Deno.statSync(new URL(path, ROOT));
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Every match of the first group of `pattern` in every document, with the document's name. */
function findAll(pattern: RegExp): { document: string; found: string }[] {
  return DOCUMENTS.flatMap((document) =>
    [...read(document).matchAll(pattern)].map((match) => ({ document, found: match[1]! }))
  );
}

Deno.test("links in documents lead to files", () => {
  const dead = findAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g).filter(({ document, found }) =>
    !exists(new URL(found, `file:///${document}`).pathname.slice(1))
  );
  assertEquals(dead, []);
});

Deno.test("files and folders named in documents exist", () => {
  const named = findAll(/`((?:src|kernels|models|bench|tests|examples|docs)\/[\w./-]*[\w/])`/g)
    .filter(({ found }) => !found.includes("results"));
  assertGreater(named.length, 10);
  assertEquals(named.filter(({ found }) => !exists(found)), []);
});

Deno.test("tasks named in documents exist", () => {
  const { tasks } = JSON.parse(read("deno.json")) as { tasks: Record<string, unknown> };
  const named = findAll(/(?:deno(?:@[\d.]+)?) task ([a-z:]+)/g);
  assertGreater(named.length, 5);
  assertEquals(named.filter(({ found }) => !(found in tasks)), []);
});

Deno.test("README explains every error code", () => {
  const source = read("src/core/errors.ts");
  const union = /export type FoveaErrorCode =([^;]+);/.exec(source)![1]!;
  const codes = [...union.matchAll(/"(\w+)"/g)].map((match) => match[1]!);
  assertGreater(codes.length, 10);
  const readme = read("README.md");
  assertEquals(codes.filter((code) => !readme.includes(`\`${code}\``)), []);
});

for (const command of ["run", "monitor", "eval"]) {
  Deno.test(`README explains every flag of fovea ${command}`, async () => {
    const help = await readHelp(command);
    const flags = [...help.matchAll(/^ +(?:-\w, )?(--[a-z-]+)/gm)];
    assertGreater(flags.length, 20);
    const readme = read("README.md");
    const missing = flags.map((match) => match[1]!).filter((flag) => !readme.includes(flag));
    assertEquals(missing, []);
  });
}

/** What `fovea <command> --help` says; of the program itself for an empty name. */
async function readHelp(command: string): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-read", "src/cli/main.ts", ...command.split(" "), "--help"]
      .filter((word) => word !== ""),
    cwd: ROOT,
  }).output();
  return new TextDecoder().decode(stdout);
}

Deno.test("commands in documents use commands and flags that exist", async () => {
  const lines = findAll(/^```sh\n([^`]+)```/gm).flatMap(({ document, found }) =>
    found.replaceAll(/\\\n\s*/g, "").split("\n")
      .map((line) => ({
        document,
        words: /task fovea(?::gstreamer)? (heads \w+|\w+)(.*)$/.exec(line) ?? [],
      }))
      .filter(({ words }) => words.length > 0)
  );
  assertGreater(lines.length, 20);
  const program = await readHelp("");
  const helps = new Map<string, string>();
  for (const { document, words: [, command, rest] } of lines) {
    if (!helps.has(command!)) helps.set(command!, await readHelp(command!));
    assertMatch(program, new RegExp(`^  ${command!.split(" ")[0]} `, "m"), document);
    for (const [, flag] of rest!.matchAll(/ (--[a-z-]+)/g)) {
      assertMatch(
        helps.get(command!)!,
        new RegExp(`${flag}\\b`),
        `${document}: ${command} ${flag}`,
      );
    }
  }
});

Deno.test("README explains every field of a result", () => {
  const source = read("src/core/result.ts");
  const fields = /export interface FrameResult \{([\s\S]+?)\n\}/.exec(source)![1]!;
  const names = [...fields.matchAll(/readonly (\w+):/g)].map((match) => match[1]!);
  assertGreater(names.length, 10);
  const readme = read("README.md");
  assertEquals(names.filter((name) => !readme.includes(`\`${name}\``)), []);
});

Deno.test("README shows the examples as they are", () => {
  const shown = [
    ...read("README.md").matchAll(/<!-- (examples\/\S+) -->\n```ts[^\n]*\n([^`]*)```/g),
  ];
  assertGreater(shown.length, 0);
  for (const [, path, code] of shown) {
    const file = read(path!).replace(/^(\/\/[^\n]*\n)+/, "");
    assertEquals(code, file.trimStart(), path);
  }
});
