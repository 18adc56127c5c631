import { readSources, sha256 } from "../build.ts";
import { layoutAssertions, readDeclarations } from "../parameter_layout.ts";

const HOST = new URL("./", import.meta.url);
const OUT = new URL("../../../out/cuda/", import.meta.url);

/**
 * Contraction stays off, as on the device; instrumented code is compiled without inlining tricks
 * that hide where it is.
 */
const FLAGS: readonly string[] = [
  "-std=c++17",
  "-ffp-contract=off",
  "-DFOVEA_HOST",
  "-Wall",
  "-Wextra",
  "-Werror",
  // What only nvcc knows, and what a kernel's file offers to the others.
  "-Wno-unknown-pragmas",
  "-Wno-unused-function",
];

/** What can be built from the kernels for a processor. */
export type HostProgram = "emulator" | "thread-sanitizer" | "address-sanitizer";

const PROGRAMS: Readonly<
  Record<HostProgram, { readonly source: string; readonly flags: readonly string[] }>
> = {
  "emulator": {
    source: "emulator.cpp",
    flags: [
      ...["-O2", "-fPIC", "-shared", "-fvisibility=hidden"],
      "-Wl,-soname,libfovea_cuda_emulator.so",
    ],
  },
  "thread-sanitizer": {
    source: "replay.cpp",
    flags: ["-O1", "-g", "-fsanitize=thread", "-pthread", "-DSORT_TILE=64"],
  },
  "address-sanitizer": {
    source: "replay.cpp",
    flags: [
      ...["-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-pthread"],
      "-DSORT_TILE=64",
    ],
  },
};

/** Why nothing can be built here; `null` where it can. */
export function findHostCompilerFault(): string | null {
  try {
    const { success } = new Deno.Command("g++", { args: ["--version"], stdout: "null" })
      .outputSync();
    return success ? null : "g++ does not run";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "no g++";
    throw error;
  }
}

/**
 * Builds a program from the kernels, unless it was built from the same sources before, and returns
 * its path.
 *
 * @throws {Error} With the compiler's text if it does not compile.
 */
export async function buildHostProgram(program: HostProgram): Promise<string> {
  const { source, flags } = PROGRAMS[program];
  const kernels = await readSources();
  const assertions = layoutAssertions(readDeclarations([...kernels.values()]));
  const parts = [program, ...FLAGS, ...flags, assertions, ...kernels.values()];
  for (const text of await readHostSources()) parts.push(text);
  const folder = new URL(`${(await sha256(JSON.stringify(parts))).slice(0, 16)}/`, OUT);
  const path = new URL(program === "emulator" ? "libfovea_cuda_emulator.so" : program, folder);
  if (await exists(path)) return path.pathname;
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(new URL("layout_assertions.h", folder), assertions);
  const made = `${path.pathname}.${crypto.randomUUID()}`;
  const { success, stderr } = await new Deno.Command("g++", {
    args: [...FLAGS, ...flags, `-I${folder.pathname}`, "-I..", "-o", made, source],
    cwd: HOST,
  }).output();
  if (!success) {
    throw new Error(`Cannot compile ${source}: ${new TextDecoder().decode(stderr)}`);
  }
  await Deno.rename(made, path);
  return path.pathname;
}

async function readHostSources(): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(HOST)) {
    if (/\.(h|cpp)$/.test(entry.name)) names.push(entry.name);
  }
  return await Promise.all(names.sort().map((name) => Deno.readTextFile(new URL(name, HOST))));
}

async function exists(path: URL): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
