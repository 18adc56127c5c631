// Builds the fake ONNX Runtime with the compiler of this machine.
import header from "../../golden/ort_api_header.json" with { type: "json" };

/** Functions of the real header that the fake leaves out. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  "GetTensorMutableData",
  "GetTensorTypeAndShape",
  "ReleaseTensorTypeAndShapeInfo",
  "GetBoundOutputValues",
]);

/** Whether this machine can build C++, for tests that skip where it cannot. */
export function hasCompiler(): boolean {
  try {
    return new Deno.Command("g++", { args: ["--version"], stdout: "null" }).outputSync().success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Registers a test that needs a C++ compiler; where there is none, its name says so. */
export function testWithCompiler(name: string, fn: () => void | Promise<void>): void {
  const found = hasCompiler();
  Deno.test({ name: found ? name : `${name} [skipped: no g++]`, ignore: !found, fn });
}

/** Compiles a C++ source into a shared library. */
export function compileLibrary(source: string, library: string, includes: string): void {
  const { success, stderr } = new Deno.Command("g++", {
    args: ["-std=c++17", "-O0", "-Wall", "-shared", "-fPIC", "-fvisibility=hidden"]
      .concat(`-I${includes}`, "-o", library, source),
    stderr: "piped",
  }).outputSync();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

const CONTROLS = {
  fake_reset: { parameters: [], result: "void" },
  fake_version: { parameters: ["buffer", "u32"], result: "void" },
  fake_fail: { parameters: ["buffer", "i32", "buffer"], result: "void" },
  fake_log: { parameters: [], result: "pointer" },
  fake_live: { parameters: [], result: "i32" },
} as const;

/** A fake library in a folder of its own, and what steers it. */
export class FakeOnnxRuntime implements Disposable {
  /** Where it lies. */
  readonly path: string;
  /** The folder it lies in. */
  readonly folder: string;
  /** Names of the functions it has. */
  readonly functions: readonly string[] = Object.keys(header.functions).filter((name) =>
    !LEFT_OUT.has(name)
  );
  readonly #library: Deno.DynamicLibrary<typeof CONTROLS>;

  /** Builds and opens it. */
  constructor() {
    this.folder = Deno.makeTempDirSync({ prefix: "fovea-fake-" });
    this.path = `${this.folder}/libonnxruntime.so`;
    Deno.writeTextFileSync(`${this.folder}/ort_slots.h`, slotsHeader());
    const source = new URL("./fake_onnxruntime.cc", import.meta.url);
    compileLibrary(decodeURIComponent(source.pathname), this.path, this.folder);
    this.#library = Deno.dlopen(this.path, CONTROLS);
  }

  /** Forgets what happened and what was scripted. */
  reset(): void {
    this.#library.symbols.fake_reset();
  }

  /** What it says it is, and the newest API it gives out. */
  setVersion(version: string, newestApi: number): void {
    this.#library.symbols.fake_version(cString(version), newestApi);
  }

  /** Makes a function fail from now on. */
  fail(name: string, code: number, message: string): void {
    this.#library.symbols.fake_fail(cString(name), code, cString(message));
  }

  /** The calls so far, one a line. */
  get log(): string[] {
    const text = this.#library.symbols.fake_log();
    return Deno.UnsafePointerView.getCString(text!).split("\n").filter((line) => line !== "");
  }

  /** How many objects were handed out and not given back. */
  get live(): number {
    return this.#library.symbols.fake_live();
  }

  /** Puts a provider's library beside it, an empty one, so that it can be opened. */
  addProvider(name: "shared" | "cuda" | "tensorrt"): void {
    const source = `${this.folder}/empty.cc`;
    Deno.writeTextFileSync(source, "");
    compileLibrary(source, `${this.folder}/libonnxruntime_providers_${name}.so`, this.folder);
  }

  [Symbol.dispose](): void {
    this.#library.close();
    Deno.removeSync(this.folder, { recursive: true });
  }
}

function slotsHeader(): string {
  const functions = Object.entries(header.functions).filter(([name]) => !LEFT_OUT.has(name));
  const slots = functions.map(([name, { slot }]) => `#define SLOT_${name} ${slot}`);
  const list = functions.map(([name]) => `  PLACE(${name})`).join(" \\\n");
  return `${slots.join("\n")}\n#define FAKE_FUNCTIONS(PLACE) \\\n${list}\n`;
}

function cString(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${text}\0`);
}
