/// <reference lib="deno.unstable" />
// Deno.lint, which gives the syntax tree, is typed there; `deno test` has it without a flag.
import { lineAt } from "./source_tree.ts";

/** One module that a file asks for. */
export interface ImportFact {
  /** The specifier as written. */
  readonly specifier: string;
  /** How it is asked for: `url` is `new URL(specifier, import.meta.url)`. */
  readonly kind: "type" | "static" | "dynamic" | "url";
  /** Line from 1. */
  readonly line: number;
}

/** One place in a file. */
export interface PlaceFact {
  /** What stands there. */
  readonly name: string;
  /** Line from 1. */
  readonly line: number;
}

/** One function with its length. */
export interface FunctionFact extends PlaceFact {
  /** Lines from its first to its last character. */
  readonly lines: number;
}

/** What the rules need to know about a file, read from its syntax tree. */
export interface SyntaxFacts {
  /** Everything it imports or re-exports. */
  readonly imports: readonly ImportFact[];
  /** Uses of watched globals as values: `Deno.dlopen`, `Math.random`, `setTimeout`; and of `**`. */
  readonly globals: readonly PlaceFact[];
  /** Every function, method and accessor with a body. */
  readonly functions: readonly FunctionFact[];
  /** Default exports. */
  readonly defaultExports: readonly PlaceFact[];
  /** Arrow functions bound to a name at the top level. */
  readonly topLevelArrows: readonly PlaceFact[];
  /** Statements at the top level that run on import. */
  readonly effects: readonly PlaceFact[];
  /** Comments, without their marks. */
  readonly comments: readonly PlaceFact[];
}

/** Globals whose use a rule may restrict. */
const WATCHED = new Set(
  ("Deno WebAssembly Date performance Math crypto console Atomics fetch setTimeout setInterval " +
    "Worker process").split(" "),
);

/** Parents of an identifier that only name something and use nothing. */
const NAMING_PARENTS = new Set([
  "ImportSpecifier",
  "ImportDefaultSpecifier",
  "ImportNamespaceSpecifier",
  "ExportSpecifier",
  "TSQualifiedName",
  "TSTypeReference",
  "TSTypeQuery",
  "TSModuleDeclaration",
  "TSPropertySignature",
  "TSMethodSignature",
  "TSInterfaceHeritage",
  "TSClassImplements",
  "LabeledStatement",
]);

/** Parents whose `key` is a name, not a use. */
const KEYED_PARENTS = new Set([
  "Property",
  "PropertyDefinition",
  "MethodDefinition",
  "AccessorProperty",
  "TSEnumMember",
]);

type Writable = { -readonly [K in keyof SyntaxFacts]: SyntaxFacts[K][number][] };

/**
 * Reads the facts out of a TypeScript file with Deno's own parser.
 *
 * @throws {SyntaxError} If the file does not parse.
 */
export function readSyntax(path: string, text: string): SyntaxFacts {
  const facts: Writable = {
    imports: [],
    globals: [],
    functions: [],
    defaultExports: [],
    topLevelArrows: [],
    effects: [],
    comments: [],
  };
  const plugin: Deno.lint.Plugin = {
    name: "facts",
    rules: { facts: { create: (context) => visitor(context, text, facts) } },
  };
  Deno.lint.runPlugin(plugin, path, text);
  return facts;
}

function visitor(
  context: Deno.lint.RuleContext,
  text: string,
  facts: Writable,
): Deno.lint.LintVisitor {
  return {
    ...importVisitor(text, facts),
    ...functionVisitor(text, facts),
    BinaryExpression: (node) => {
      if (node.operator === "**") {
        facts.globals.push({ name: "**", line: lineAt(text, node.range[0]) });
      }
    },
    Identifier: (node) => {
      const name = usedGlobal(node);
      if (name !== null) facts.globals.push({ name, line: lineAt(text, node.range[0]) });
    },
    Program: (node) => {
      for (const statement of node.body) readTopLevel(statement, text, facts);
      for (const comment of context.sourceCode.getAllComments()) {
        facts.comments.push({ name: comment.value, line: lineAt(text, comment.range[0]) });
      }
    },
  };
}

function importVisitor(text: string, facts: Writable): Deno.lint.LintVisitor {
  function add(node: Deno.lint.Node, specifier: unknown, kind: ImportFact["kind"]): void {
    if (typeof specifier !== "string") return;
    facts.imports.push({ specifier, kind, line: lineAt(text, node.range[0]) });
  }
  return {
    ImportDeclaration: (node) => {
      const typed = node.importKind === "type" || (node.specifiers.length > 0 &&
        node.specifiers.every((s) => s.type === "ImportSpecifier" && s.importKind === "type"));
      add(node, node.source.value, typed ? "type" : "static");
    },
    ExportNamedDeclaration: (node) => {
      if (node.source === null) return;
      const typed = node.exportKind === "type" ||
        (node.specifiers.length > 0 && node.specifiers.every((s) => s.exportKind === "type"));
      add(node, node.source.value, typed ? "type" : "static");
    },
    ExportAllDeclaration: (node) =>
      add(node, node.source.value, node.exportKind === "type" ? "type" : "static"),
    ImportExpression: (node) => add(node, literalOf(node.source), "dynamic"),
    TSImportType: (node) => add(node, literalOf(node.argument), "type"),
    NewExpression: (node) => {
      if (node.callee.type !== "Identifier" || node.callee.name !== "URL") return;
      const [specifier, base] = node.arguments;
      const relative = base?.type === "MemberExpression" && base.object.type === "MetaProperty";
      if (relative && specifier !== undefined) add(node, literalOf(specifier), "url");
    },
  };
}

function functionVisitor(text: string, facts: Writable): Deno.lint.LintVisitor {
  function add(node: Deno.lint.Node, name: string): void {
    const line = lineAt(text, node.range[0]);
    facts.functions.push({ name, line, lines: lineAt(text, node.range[1]) - line + 1 });
  }
  return {
    FunctionDeclaration: (node) => add(node, node.id?.name ?? "function"),
    FunctionExpression: (node) => add(node, node.id?.name ?? methodName(node) ?? "function"),
    ArrowFunctionExpression: (node) => add(node, "arrow function"),
    ExportDefaultDeclaration: (node) => {
      facts.defaultExports.push({ name: "default", line: lineAt(text, node.range[0]) });
    },
  };
}

/** Name of the method whose body `node` is, or `null`. */
function methodName(node: Deno.lint.Node): string | null {
  const parent = parentOf(node);
  if (parent?.type !== "MethodDefinition") return null;
  const key = parent.key as { name?: string };
  return key.name ?? null;
}

/** Text of a string literal, bare or as a literal type. */
function literalOf(node: unknown): unknown {
  const inner = node as { type?: string; value?: unknown; literal?: { value?: unknown } };
  return inner.type === "TSLiteralType" ? inner.literal?.value : inner.value;
}

function readTopLevel(statement: Deno.lint.Node, text: string, facts: Writable): void {
  const line = lineAt(text, statement.range[0]);
  const inner = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
  if (inner?.type === "VariableDeclaration") {
    for (const { id, init } of inner.declarations) {
      const name = id.type === "Identifier" ? id.name : "pattern";
      if (init?.type === "ArrowFunctionExpression") facts.topLevelArrows.push({ name, line });
      if (init?.type === "AwaitExpression") facts.effects.push({ name: "await", line });
    }
  }
  const runs = ["ExpressionStatement", "IfStatement", "ForStatement", "ForOfStatement"];
  const head = text.slice(...statement.range).split("\n", 1)[0]!;
  if (runs.includes(statement.type) && !head.startsWith("if (import.meta.main)")) {
    facts.effects.push({ name: head, line });
  }
}

/** `Deno.dlopen`, `setTimeout`, … where `node` uses a watched global as a value, else `null`. */
function usedGlobal(node: Deno.lint.Identifier): string | null {
  const parent = parentOf(node);
  if (parent === null || NAMING_PARENTS.has(parent.type)) return null;
  if (KEYED_PARENTS.has(parent.type) && isKeyOf(node, parent)) return null;
  if (parent.type === "MemberExpression" && !parent.computed && same(parent.property, node)) {
    const isOfGlobal = parent.object.type === "Identifier" && parent.object.name === "globalThis";
    return isOfGlobal && WATCHED.has(node.name) ? withMember(node.name, parent) : null;
  }
  return WATCHED.has(node.name) ? withMember(node.name, node) : null;
}

/** Adds the property that is read from `node`, where one is. */
function withMember(name: string, node: Deno.lint.Node): string {
  const parent = parentOf(node);
  if (parent?.type !== "MemberExpression" || !same(parent.object, node)) return name;
  return parent.property.type === "Identifier" && !parent.computed
    ? `${name}.${parent.property.name}`
    : name;
}

function isKeyOf(node: Deno.lint.Node, parent: Deno.lint.Node): boolean {
  const keyed = parent as unknown as {
    key: Deno.lint.Node;
    computed?: boolean;
    shorthand?: boolean;
  };
  return keyed.computed !== true && keyed.shorthand !== true && same(keyed.key, node);
}

function parentOf(node: Deno.lint.Node): Deno.lint.Node | null {
  return (node as { parent?: Deno.lint.Node }).parent ?? null;
}

function same(a: Deno.lint.Node, b: Deno.lint.Node): boolean {
  return a.type === b.type && a.range[0] === b.range[0] && a.range[1] === b.range[1];
}
